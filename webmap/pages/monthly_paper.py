"""The monthly record for paper: one block for each round.

A part of a round is one text of many lines: laid out five times as fast as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext

from gis.errors import InvalidInput
from gis.exchange.workbook import local
from gis.monthly.model import Correction, Entry, Fault, Names, NonConformity, RoundRecord, Verification
from webmap.pages.monthly_rows import Rows

_HASH_DIGITS = 16
_MOST_LINES = 5_000
"""Entries of records one PDF holds, about 10 s of work; a month of 60 rounds of 20 points has 2,000."""


class PrintedRounds:
    """Takes rounds as they come and keeps a block of each."""

    def __init__(self) -> None:
        self.blocks: list[dict[str, Any]] = []
        self._rows = Rows()
        self._lines = 0

    def take(self, record: RoundRecord, names: Names) -> None:
        """Make the block of a round. Raises `InvalidInput` when there is more than a PDF holds."""
        self._lines += len(record.entries)
        if self._lines > _MOST_LINES:
            raise InvalidInput(
                "This month has too much in it for paper: take the workbook.",
                pointer="team",
                code="too-many-entries",
            )
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

    def _entry(self, entry: Entry, names: Names) -> str:
        word = self._rows.word
        sha256 = entry.sha256 if entry.kind == "photo" else None
        return _line(
            _time(entry.at),
            [
                _joined([word(entry.kind), self._rows.what(entry.what, names)], " "),
                _joined([entry.place_code, entry.place_name], " "),
                _with(entry.stay_s, "s"),
                entry.grade,
                _with(entry.accuracy_m, "m"),
                gettext("does not count") if entry.counts is False else "",
                _with(entry.clock_offset_s or None, "s", gettext("clock corrected by")),
                self._rows.person(entry.account_id, names),
                entry.note,
                sha256 and f"SHA-256 {sha256[:_HASH_DIGITS]}…",
            ],
        )

    def _fault(self, fault: NonConformity, names: Names) -> str:
        times = f" × {fault.times}" if fault.times != 1 else ""
        return _line(
            f"{fault.number}.",
            [
                f"{self._rows.word(fault.kind)}{times}",
                self._rows.what(fault.what, names),
                fault.reference and f"({fault.reference})",
                _with(fault.amount, "min" if fault.kind is Fault.LATE_START else "s"),
                _time(fault.at),
                fault.note,
            ],
        )

    def _correction(self, made: Correction, names: Names) -> str:
        word = self._rows.word
        return _line(
            _time(made.at),
            [
                _joined([word(made.kind), f"({made.reference})"], " "),
                word(made.what),
                word(made.outcome),
                _joined([gettext("Due"), _time(made.due_at)], " ") if made.due_at else "",
                self._rows.person(made.account_id, names),
                made.note,
            ],
        )

    def _verification(self, made: Verification, names: Names) -> str:
        word = self._rows.word
        return _line(
            _time(made.at),
            [
                _joined([word(made.kind), f"({made.reference})"], " "),
                word(made.outcome),
                self._rows.person(made.account_id, names),
                word(made.independence),
                made.note,
                made.client_id,
            ],
        )


def _line(first: str, parts: Sequence[str | None]) -> str:
    """One line, also where a note has several."""
    return " ".join(f"{first}  {_joined(parts)}".strip().splitlines())


def _point(point: Any) -> str:
    place = _joined([point.code, point.name], " ")
    return f"{point.position}. {place} {point.radius_m:g} m {point.dwell_s} s"


def _time(at: datetime | None) -> str:
    return local(at) if at else ""


def _with(value: float | None, unit: str, before: str = "") -> str:
    return "" if value is None else f"{before} {value:g} {unit}".strip()


def _joined(parts: Sequence[str | None], between: str = " · ") -> str:
    return between.join(part for part in parts if part)
