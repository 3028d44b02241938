"""The monthly record of rounds: what it asks for and what it holds. Rules only, no I/O.

Every round has five parts: its plan, its record, its non-conformities, the corrections and the verification.
Rows of the parts are plain tuples, for a month of a district holds a hundred thousand of them. They hold
codes and numbers of accounts, no words and no names of people, so that the same data has the same hash in
every language.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from gis.calendar.model import Month


class Part(StrEnum):
    """The five parts of a round, in their order."""

    PLAN = "plan"
    RECORD = "record"
    NON_CONFORMITY = "non_conformity"
    CORRECTION = "correction"
    VERIFICATION = "verification"


class Fault(StrEnum):
    """Kinds of non-conformities; `judging.py` says when each holds."""

    ROUND_MISSED = "round_missed"
    LATE_START = "late_start"
    POINT_MISSED = "point_missed"
    STAY_TOO_SHORT = "stay_too_short"
    LOW_GRADE = "low_grade"
    WRONG_CLOCK = "wrong_clock"
    CLOCK_SET_BACK = "clock_set_back"
    RECORD_REFUSED = "record_refused"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Form:
    """What a record is made into, and how many rounds that may hold."""

    name: str
    most: int


WORKBOOK = Form("xlsx", 3_000)
"""A district of 28 teams with three rounds a day has 2,604 in a month."""
PAPER = Form("pdf", 100)
"""A team with three rounds a day has 93 in a month."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which record: a month, and of one team; None for all teams."""

    month: Month
    team_id: int | None = None


class Entry(NamedTuple):
    """What was told of a round: an event, a visit, a logged point or a photo; columns as in store.sql.

    Positions are WGS84 degrees. `counts` tells of a visit whether it is the one that counts.
    """

    patrol_round_id: int
    kind: str
    what: str
    at: datetime
    device_at: datetime | None
    clock_offset_s: int | None
    received_at: datetime | None
    account_id: int | None
    device: str | None
    place_code: str | None
    place_name: str | None
    stay_s: int | None
    counts: bool | None
    grade: str | None
    accuracy_m: float | None
    lon: float | None
    lat: float | None
    note: str
    sequence: int | None
    revision: int | None
    of_record: str | None
    sha256: str | None
    client_id: str | None


class NonConformity(NamedTuple):
    """What was not as planned, or not as it should be on the land.

    `amount`: minutes of a late start, seconds of a stay, the largest error of a clock in seconds.
    """

    patrol_round_id: int
    number: int
    kind: Fault
    what: str
    reference: str
    times: int
    amount: int | None
    at: datetime | None
    note: str


class Correction(NamedTuple):
    """What was done about it; columns as in store.sql. `what` is a step, a state, a revision or a code."""

    patrol_round_id: int
    kind: str
    reference: str
    what: str
    account_id: int | None
    at: datetime | None
    due_at: datetime | None
    outcome: str
    note: str


class Verification(NamedTuple):
    """Who looked whether it is right now; columns as in store.sql."""

    patrol_round_id: int
    kind: str
    reference: str
    outcome: str
    account_id: int | None
    at: datetime | None
    independence: str
    client_id: str | None
    note: str


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """One round with its five parts; `plan` and `points` are rows of store.sql."""

    plan: Any
    points: Sequence[Any]
    entries: Sequence[Entry]
    faults: Sequence[NonConformity]
    corrections: Sequence[Correction]
    verifications: Sequence[Verification]

    @property
    def canonical(self) -> bytes:
        """The content as one line of JSON: arrays in the order of the columns, times in UTC."""
        content = [
            self.plan,
            self.points,
            self.entries,
            self.faults,
            self.corrections,
            self.verifications,
        ]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return text.encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Names:
    """Names of people by account, as far as the reader may know, and kinds of points by code."""

    people: Mapping[int, str]
    kinds: Mapping[str, Any]


@dataclass
class Digest:
    """SHA-256 over a heading and the canonical lines of rounds, in their order, and what they hold."""

    heading: Sequence[Any]
    states: dict[str, int] = field(default_factory=dict)
    rows: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(Part, 0))

    def __post_init__(self) -> None:
        heading = json.dumps(list(self.heading), ensure_ascii=False, separators=(",", ":"), default=_plain)
        self._sha256 = hashlib.sha256(heading.encode() + b"\n")

    def add(self, record: RoundRecord) -> None:
        """Take the next round in."""
        self._sha256.update(record.canonical)
        self.states[record.plan.state] = self.states.get(record.plan.state, 0) + 1
        for part, rows in {
            Part.PLAN: record.points,
            Part.RECORD: record.entries,
            Part.NON_CONFORMITY: record.faults,
            Part.CORRECTION: record.corrections,
            Part.VERIFICATION: record.verifications,
        }.items():
            self.rows[part] += len(rows)

    @property
    def rounds(self) -> int:
        """How many were taken in."""
        return sum(self.states.values())

    @property
    def sha256(self) -> str:
        """Of all that was taken in so far, in hexadecimal digits."""
        return self._sha256.hexdigest()


def month_before(day: date) -> Month:
    """The month before a day's."""
    last = day.replace(day=1) - timedelta(days=1)
    return Month(last.year, last.month)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
