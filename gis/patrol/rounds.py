"""The states of a round and what the events of its team make of it. Rules only, no I/O.

    planned (ready, overdue) > started <> paused > done | partly_done
    planned > missed, and from missed or partly_done > excused

`ready`, `overdue` and `missed` come with time alone: `app.round_state()` in SQL is their one definition, and
settles a round at the midnight after its window. What a team did is always worked out from all of a round's
events, so that one that arrives late or in the wrong order, or after the round was settled, puts it right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType
from typing import Any
from uuid import UUID


class State(StrEnum):
    """Where a round stands; `ready` and `overdue` are never stored, `withdrawn` never shown."""

    PLANNED = "planned"
    READY = "ready"
    OVERDUE = "overdue"
    STARTED = "started"
    PAUSED = "paused"
    DONE = "done"
    PARTLY_DONE = "partly_done"
    MISSED = "missed"
    EXCUSED = "excused"
    WITHDRAWN = "withdrawn"


SHOWN_STATES = tuple(state for state in State if state is not State.WITHDRAWN)
"""Those a reader meets: what its plan took back is out of sight."""


class Kind(StrEnum):
    """What a phone tells of a round."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    VISIT = "visit"


class Way(StrEnum):
    """How a check point was visited."""

    PASS = "pass"  # noqa: S105 - one passes by
    QR = "qr"
    MANUAL = "manual"


GRADES = ("A", "B", "C", "D")

_WALKING = frozenset({State.STARTED, State.PAUSED})
_STEPS: dict[tuple[State, Kind], State] = {
    (State.PLANNED, Kind.START): State.STARTED,
    (State.PLANNED, Kind.VISIT): State.STARTED,  # its start is still on some phone
    (State.PLANNED, Kind.RESUME): State.STARTED,
    (State.PLANNED, Kind.PAUSE): State.PAUSED,
    (State.STARTED, Kind.PAUSE): State.PAUSED,
    (State.PAUSED, Kind.RESUME): State.STARTED,
    (State.PAUSED, Kind.START): State.STARTED,
    (State.PAUSED, Kind.VISIT): State.PAUSED,
    (State.PLANNED, Kind.END): State.PARTLY_DONE,
    (State.STARTED, Kind.END): State.PARTLY_DONE,
    (State.PAUSED, Kind.END): State.PARTLY_DONE,
    (State.PARTLY_DONE, Kind.RESUME): State.STARTED,  # ended too early
    (State.PARTLY_DONE, Kind.START): State.STARTED,
}
STEPS: Mapping[tuple[State, Kind], State] = MappingProxyType(_STEPS)
"""Every step an event can make; another one is kept and changes nothing. All points visited is `done`."""

EXCUSABLE = frozenset({State.PLANNED, State.READY, State.OVERDUE, State.MISSED, State.PARTLY_DONE})
"""States in which a team may ask for a round to be excused."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a phone told, as stored: `at` is its clock put right by its offset."""

    kind: Kind
    at: datetime
    sequence: int
    account_id: int = 0
    device_id: UUID | None = None
    check_point_id: int | None = None
    visited_by: Way | None = None
    dwell_s: int | None = None
    record_id: UUID | None = None
    grade: str | None = None

    def is_visit_of(self, dwell_s: int) -> bool:
        """Whether it counts as a visit where one has to stay that long: passing by needs the stay."""
        return self.visited_by is not Way.PASS or (self.dwell_s or 0) >= dwell_s


@dataclass(frozen=True, slots=True)
class Point:
    """A check point of a round, as planned."""

    check_point_id: int
    dwell_s: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a check point: the first visit, or only how long somebody stayed."""

    check_point_id: int
    dwell_s_done: int | None = None
    first: Event | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What a round's events make of it."""

    state: State
    started_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    visits: tuple[Visit, ...]


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events in the order they happened.

    Those of one phone by its sequence, whatever its clock did meanwhile; between phones by time, where a
    phone's clock that ran backwards counts as having stood still.
    """
    placed: list[tuple[datetime, str, int, Event]] = []
    by_phone = sorted(events, key=lambda event: (_phone(event), event.sequence, event.at))
    for phone, told in groupby(by_phone, key=_phone):
        latest: datetime | None = None
        for number, event in enumerate(told):
            latest = event.at if latest is None or event.at > latest else latest
            placed.append((latest, phone, number, event))
    placed.sort(key=lambda item: item[:3])
    return [_at(event, when) for when, _, _, event in placed]


def course_of(events: Iterable[Event], points: Sequence[Point], *, is_excused: bool = False) -> Course:
    """Work out a round from all its events.

    Parameters
    ----------
    events : in any order.
    is_excused : whether an excuse was granted; it covers what was not done, and hides nothing that was.
    """
    told = in_order(events)
    state = State.PLANNED
    started_at = paused_at = ended_at = None
    for event in told:
        after = STEPS.get((state, event.kind), state)
        if after is not state:
            started_at = started_at or event.at
            paused_at = event.at if after is State.PAUSED else None
            ended_at = event.at if after is State.PARTLY_DONE else None
        state = after
    visits = tuple(visit_of(point, told) for point in points)
    # A round without check points is done once it has ended.
    is_done = state is not State.PLANNED and (bool(points) or state not in _WALKING)
    if is_done and all(visit.first for visit in visits):
        state = State.DONE
    elif is_excused and state in (State.PLANNED, State.PARTLY_DONE):
        state = State.EXCUSED
    return Course(state, started_at, paused_at if state is State.PAUSED else None, ended_at, visits)


def visit_of(point: Point, told: Sequence[Event]) -> Visit:
    """What ordered events tell of one check point."""
    here = [event for event in told if event.check_point_id == point.check_point_id]
    stays = [event.dwell_s for event in here if event.dwell_s is not None]
    first = next((event for event in here if event.is_visit_of(point.dwell_s)), None)
    return Visit(point.check_point_id, max(stays, default=None), first)


def _phone(event: Event) -> str:
    return f"{event.account_id}/{event.device_id or ''}"


def _at(event: Event, when: datetime) -> Event:
    if event.at == when:
        return event
    values: dict[str, Any] = {name: getattr(event, name) for name in event.__slots__}
    return Event(**{**values, "at": when})
