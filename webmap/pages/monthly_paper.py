"""The monthly record for paper: one block for each round, in lines short enough for a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext

from gis.exchange.workbook import local
from gis.monthly.model import Correction, Entry, Names, NonConformity, RoundRecord, Verification
from webmap.pages.monthly_rows import Rows

Line = list[str]
_HASH_DIGITS = 16


class PrintedRounds:
    """Takes rounds as they come and keeps a block of each."""

    def __init__(self) -> None:
        self.blocks: list[dict[str, Any]] = []
        self._rows = Rows()

    def take(self, record: RoundRecord, names: Names) -> None:
        """Make the block of a round."""
        word = self._rows.word
        self.blocks.append(
            {
                "plan": record.plan,
                "state": word(record.plan.state),
                "points": [_point(point) for point in record.points],
                "record": [self._entry(entry, names) for entry in record.entries],
                "faults": [self._fault(fault, names) for fault in record.faults],
                "corrections": [self._correction(made, names) for made in record.corrections],
                "verifications": [self._verification(made, names) for made in record.verifications],
            }
        )

    def _entry(self, entry: Entry, names: Names) -> Line:
        word = self._rows.word
        counts_not = gettext("does not count") if entry.counts is False else ""
        sha256 = entry.sha256 if entry.kind == "photo" else None
        return [
            _time(entry.at),
            _joined([word(entry.kind), self._rows.what(entry.what, names)], " "),
            _joined([entry.place_code, entry.place_name], " "),
            _joined(
                [
                    _with(entry.stay_s, "s"),
                    entry.grade,
                    _with(entry.accuracy_m, "m"),
                    counts_not,
                    _with(entry.clock_offset_s or None, "s", gettext("clock corrected by")),
                    self._rows.person(entry.account_id, names),
                    entry.note,
                    sha256 and f"SHA-256 {sha256[:_HASH_DIGITS]}…",
                ]
            ),
        ]

    def _fault(self, fault: NonConformity, names: Names) -> Line:
        word = self._rows.word
        count = f"× {fault.times}" if fault.times != 1 else ""
        return [
            str(fault.number),
            _joined([word(fault.kind), count], " "),
            _joined([self._rows.what(fault.what, names), fault.reference]),
            _joined([_with(fault.amount, _unit(fault)), _time(fault.at), fault.note]),
        ]

    def _correction(self, made: Correction, names: Names) -> Line:
        word = self._rows.word
        due = _joined([gettext("Due"), _time(made.due_at)], " ") if made.due_at else ""
        return [
            _time(made.at),
            _joined([word(made.kind), made.reference], " "),
            _joined([word(made.what), word(made.outcome)]),
            _joined([due, self._rows.person(made.account_id, names), made.note]),
        ]

    def _verification(self, made: Verification, names: Names) -> Line:
        word = self._rows.word
        return [
            _time(made.at),
            _joined([word(made.kind), made.reference], " "),
            word(made.outcome),
            _joined(
                [
                    self._rows.person(made.account_id, names),
                    word(made.independence),
                    made.note,
                    made.client_id,
                ]
            ),
        ]


def _point(point: Any) -> str:
    place = _joined([point.code, point.name], " ")
    return f"{point.position}. {place} {point.radius_m:g} m {point.dwell_s} s"


def _unit(fault: NonConformity) -> str:
    return "min" if fault.kind == "late_start" else "s"


def _time(at: datetime | None) -> str:
    return local(at) if at else ""


def _with(value: float | None, unit: str, before: str = "") -> str:
    return "" if value is None else f"{before} {value:g} {unit}".strip()


def _joined(parts: Sequence[str | None], between: str = " · ") -> str:
    return between.join(part for part in parts if part)
