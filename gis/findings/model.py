"""What becomes of a violation that a patrol has logged. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID, uuid5

from gis.errors import InvalidInput

MAX_DAYS = 366
MAX_SOURCE = 200
RECHECK_RADIUS_M = 50
"""How near an all-clear must be to count as a re-check; app.recheck_of() holds the same number."""

_OF_POINTS = UUID("5a0f9c0e-3b1d-5b58-9a53-6f2d6f1a1c14")
"""Namespace of incidents that patrol points become."""


class Step(StrEnum):
    """The steps of the legal clock, in the order they are usually due."""

    STOP_NOTICE = "stop_notice"
    CORRECTION = "correction"
    INVESTIGATION = "investigation"


class Clock(StrEnum):
    """Where a step stands, as app.deadline_state() tells it."""

    OVERDUE = "overdue"
    DUE = "due"
    RUNNING = "running"
    DONE_LATE = "done_late"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a step may take after a violation of a kind is found, from a day on.

    Raises
    ------
    InvalidInput
        With `pointer` naming the field.
    """

    kind: str
    step: Step
    days: int
    in_working_days: bool
    valid_from: date
    source: str

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MAX_DAYS:
            raise InvalidInput("The days are from 1 to 366.", pointer="days", code="out-of-range")
        if not self.source:
            raise InvalidInput("Say which rule this follows.", pointer="source", code="missing")
        if len(self.source) > MAX_SOURCE:
            raise InvalidInput("This text is too long.", pointer="source", code="too-long")


class LoggedPoint(Protocol):
    """What is needed of a patrol point that was just stored."""

    @property
    def client_id(self) -> UUID:
        """The id its phone made."""

    @property
    def kind(self) -> str:
        """Code of app.violation_kind."""

    @property
    def note(self) -> str:
        """What the person wrote, or nothing."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One step of a finding's legal clock; `by` is the name of who ticked it off, for those who may know."""

    step: Step
    due_at: datetime
    clock: Clock
    days: int
    in_working_days: bool
    done_at: datetime | None = None
    by: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding and its clock. `row` holds the columns of the incident and the names of its places."""

    row: Any
    deadlines: tuple[Deadline, ...]

    @property
    def worst(self) -> Clock | None:
        """The most pressing of its clocks; None where none ever ran."""
        present = {deadline.clock for deadline in self.deadlines}
        return next((clock for clock in Clock if clock in present), None)


@dataclass(frozen=True, slots=True)
class FindingQuery:
    """Which findings: None is any. `team` is the code of a team that answers for the place today."""

    is_open: bool | None = True
    kind: str | None = None
    community: str | None = None
    team: str | None = None


def incident_client_id(point: UUID) -> UUID:
    """The client id of the incident that a patrol point becomes: always the same one."""
    return uuid5(_OF_POINTS, str(point))


def describe(note: str, name_zh: str, name_en: str, locale: str) -> str:
    """What the incident says: the note, or a plain sentence in the reporter's language."""
    if note:
        return note
    return f"{name_en} found on patrol." if locale.startswith("en") else f"巡查发现{name_zh}。"


class Follow(StrEnum):
    """What becomes of an incident when its finder revises the patrol point it came from."""

    STAYS = "stays"
    AGREES = "agrees"
    KIND = "kind"
    VOIDED = "voided"
    RESTORED = "restored"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an incident stands when its finder revises the point.

    Attributes
    ----------
    finder_kind : what the finder has said since, where that is not `violation`.
    is_untouched : nobody has accepted it or ticked off a step.
    is_withdrawn : it is void since the finder revised the point, and nobody has taken a step with it since.
    """

    violation: str
    finder_kind: str | None
    is_untouched: bool
    is_withdrawn: bool


def follow(standing: Standing, kind: str, *, is_violation: bool) -> Follow:
    """Say how an incident follows the newest revision of its point.

    An untouched one becomes what the finder says now; one that somebody has taken up is only flagged, for the
    dispatcher to decide. What the finder has withdrawn comes back when the finder says violation again.
    """
    if standing.is_withdrawn:
        return Follow.RESTORED if is_violation else Follow.STAYS
    if kind == standing.violation:
        return Follow.STAYS if standing.finder_kind is None else Follow.AGREES
    if standing.is_untouched:
        return Follow.KIND if is_violation else Follow.VOIDED
    return Follow.STAYS if kind == standing.finder_kind else Follow.FLAGGED


def revision_note(outcome: Follow, locale: str) -> str:
    """What the course of an incident says of a revision, in the finder's language."""
    is_voided = outcome is Follow.VOIDED
    if locale.startswith("en"):
        return (
            "Revised by the finder: no violation."
            if is_voided
            else "Revised by the finder: a violation after all."
        )
    return "发现人更正：没有违法行为。" if is_voided else "发现人再次更正：确有违法行为。"


def by_incident(rows: Sequence[Any]) -> dict[int, tuple[Deadline, ...]]:
    """Deadlines of each incident, in the order of the rows."""
    found: dict[int, list[Deadline]] = {}
    for row in rows:
        deadline = Deadline(
            Step(row.step), row.due_at, Clock(row.clock), row.days, row.in_working_days, row.done_at,
            row.by, row.note,
        )  # fmt: skip
        found.setdefault(row.incident_id, []).append(deadline)
    return {incident_id: tuple(deadlines) for incident_id, deadlines in found.items()}
