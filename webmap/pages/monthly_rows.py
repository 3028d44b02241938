"""Rows of the monthly record in the reader's words, for the workbook and the page for paper alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext

from gis.monthly.model import Correction, Entry, Names, NonConformity, Part, RoundRecord, Verification
from webmap.i18n import is_english
from webmap.pages.monthly_words import WORDS

Row = list[Any]
_DEVICE_DIGITS = 8


class Rows:
    """Makes rows of rounds; words are looked up once, for a month has a hundred thousand rows."""

    def __init__(self) -> None:
        self._words = {str(code): str(text) for code, text in WORDS.items()}
        self._account, self._yes, self._no = gettext("account"), gettext("yes"), gettext("no")
        self._orders = {True: gettext("in this order"), False: gettext("in any order")}
        self._in_english = is_english()

    def of(self, record: RoundRecord, names: Names) -> Iterator[tuple[Part, Row]]:
        """Every row of a round with the part it stands in, in the order of its columns."""
        for row in self._plan(record):
            yield Part.PLAN, row
        yield Part.RECORD, self._standing(record.plan, record.points)
        for entry in record.entries:
            yield Part.RECORD, self._entry(entry, names)
        for fault in record.faults:
            yield Part.NON_CONFORMITY, self._fault(fault, names)
        for correction in record.corrections:
            yield Part.CORRECTION, self._correction(correction, names)
        for verification in record.verifications:
            yield Part.VERIFICATION, self._verification(verification, names)

    def word(self, code: str) -> str:
        """The reader's word for a code; the code itself where it has none."""
        return self._words.get(code, code)

    def what(self, code: str, names: Names) -> str:
        """The same, where the code may be one of what patrols log."""
        kind = names.kinds.get(code)
        if kind is None:
            return self.word(code)
        return f"{code} {kind.name_en if self._in_english else kind.name_zh}"

    def person(self, account_id: int | None, names: Names) -> str | None:
        """Name of a person, or the account's number where the reader may not know it."""
        if account_id is None:
            return None
        return names.people.get(account_id) or f"{self._account} {account_id}"

    def _plan(self, record: RoundRecord) -> Iterator[Row]:
        plan = record.plan
        head = [
            plan.patrol_round_id,
            plan.on_date,
            _named(plan.team_code, plan.team_name),
            plan.plan_name,
            plan.number,
            plan.plan_changed_at,
            plan.season_en if self._in_english else plan.season_zh,
            _named(plan.parcel_code, plan.parcel_name),
            plan.planned_from,
            plan.planned_to,
            plan.overdue_after_min,
            self._orders[plan.is_ordered],
        ]
        for point in record.points:
            yield [*head, point.position, point.code, point.name, point.radius_m, point.dwell_s]
        if not record.points:
            yield head

    def _standing(self, plan: Any, points: Any) -> Row:
        visited = sum(1 for point in points if point.visited_at is not None)
        row: Row = [None] * len(Entry._fields)
        row[:5] = [
            plan.patrol_round_id,
            self.word("round"),
            self.word(plan.state),
            plan.started_at,
            plan.ended_at,
        ]
        note = (
            gettext("%(n)s of %(all)s check points visited", n=visited, all=len(points)) if points else None
        )
        return [*row[:18], note]

    def _entry(self, entry: Entry, names: Names) -> Row:
        return [
            entry.patrol_round_id,
            self.word(entry.kind),
            self.what(entry.what, names),
            entry.at,
            None,
            entry.device_at,
            entry.clock_offset_s or None,
            entry.received_at,
            self.person(entry.account_id, names),
            entry.device and entry.device[:_DEVICE_DIGITS],
            entry.place_code,
            entry.place_name,
            entry.stay_s,
            None if entry.counts is None else self._yes if entry.counts else self._no,
            entry.grade,
            _rounded(entry.accuracy_m, 1),
            _rounded(entry.lon, 6),
            _rounded(entry.lat, 6),
            entry.note,
            entry.sequence,
            entry.revision,
            entry.of_record,
            entry.sha256,
            entry.client_id,
        ]

    def _fault(self, fault: NonConformity, names: Names) -> Row:
        return [
            fault.patrol_round_id,
            fault.number,
            self.word(fault.kind),
            self.what(fault.what, names),
            fault.reference,
            fault.times,
            fault.amount,
            fault.at,
            fault.note,
        ]

    def _correction(self, made: Correction, names: Names) -> Row:
        return [
            made.patrol_round_id,
            self.word(made.kind),
            made.reference,
            self.word(made.what),
            self.person(made.account_id, names),
            made.at,
            made.due_at,
            self.word(made.outcome),
            made.note,
        ]

    def _verification(self, made: Verification, names: Names) -> Row:
        return [
            made.patrol_round_id,
            self.word(made.kind),
            made.reference,
            self.word(made.outcome),
            self.person(made.account_id, names),
            made.at,
            self.word(made.independence),
            made.client_id,
            made.note,
        ]


def _named(code: str | None, name: str | None) -> str:
    return " ".join(part for part in (code, name) if part)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
