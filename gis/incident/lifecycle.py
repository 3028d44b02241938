"""The states of an incident, the steps between them and who may take each. Rules only, no I/O.

    reported > accepted > filed > dispatched > handling > handled > checking > closed > archived

Before filing a case may be rejected, while it is open it may be voided, a check may send it back to rework.
Whoever handled a case never closes it: that somebody else looks is what the check is for. A violation found
on patrol is closed when a patrol has seen on site that it is gone, or with a reason why nobody can get there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gis.errors import Conflict, InvalidInput
from gis.people.model import Actor, Permission, Role


class State(StrEnum):
    """Where an incident stands."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    CHECKING = "checking"
    REWORK = "rework"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    VOIDED = "voided"


class Part(StrEnum):
    """What somebody is to one incident; a person may be more than one thing."""

    REPORTER = "reporter"
    OFFICER = "officer"
    DISPATCHER = "dispatcher"


SHORTEST_WAIVER = 10
OPEN = frozenset(State) - {State.CLOSED, State.ARCHIVED, State.REJECTED, State.VOIDED}

_DESK = frozenset({Part.DISPATCHER})
_STEPS: dict[tuple[State, State], frozenset[Part]] = {
    (State.REPORTED, State.ACCEPTED): _DESK,
    (State.REPORTED, State.REJECTED): _DESK,
    (State.ACCEPTED, State.FILED): _DESK,
    (State.ACCEPTED, State.REJECTED): _DESK,
    (State.FILED, State.DISPATCHED): _DESK,
    (State.DISPATCHED, State.HANDLING): _DESK,
    (State.HANDLING, State.HANDLED): frozenset({Part.OFFICER, Part.DISPATCHER}),
    (State.HANDLING, State.DISPATCHED): _DESK,  # given back: somebody else is sent
    (State.HANDLED, State.CHECKING): _DESK,
    (State.CHECKING, State.CLOSED): _DESK,
    (State.CHECKING, State.REWORK): _DESK,
    (State.REWORK, State.DISPATCHED): _DESK,
    (State.CLOSED, State.ARCHIVED): _DESK,
    **{(state, State.VOIDED): _DESK for state in OPEN},
    (State.REPORTED, State.VOIDED): frozenset({Part.REPORTER, Part.DISPATCHER}),
}
STEPS: Mapping[tuple[State, State], frozenset[Part]] = MappingProxyType(_STEPS)
"""Every step there is: (from, to) and who may take it."""


def parts_of(actor: Actor, *, is_mine: bool, is_own_cell: bool) -> frozenset[Part]:
    """What the actor is to an incident.

    Parameters
    ----------
    is_mine : whether the actor reported it.
    is_own_cell : whether it lies in a cell the actor answers for today.
    """
    parts = set()
    if is_mine and actor.may(Permission.REPORT_INCIDENT):  # the role may have changed since
        parts.add(Part.REPORTER)
    if is_own_cell and actor.role is Role.OFFICER:
        parts.add(Part.OFFICER)
    if actor.role is Role.DISPATCHER:
        parts.add(Part.DISPATCHER)
    return frozenset(parts)


def next_states(
    state: State, parts: frozenset[Part], *, has_handled: bool, needs_recheck: bool = False
) -> tuple[State, ...]:
    """States the actor may bring an incident to, in the order of the states."""
    return tuple(
        to
        for to in State
        if STEPS.get((state, to), frozenset()) & parts
        and not (to is State.CLOSED and (has_handled or needs_recheck))
    )


def check_step(
    state: State,
    to: State,
    parts: frozenset[Part],
    *,
    has_handled: bool,
    needs_recheck: bool = False,
) -> None:
    """Refuse a step that does not exist or is not this actor's.

    Parameters
    ----------
    has_handled : whether the actor reported it as handled.
    needs_recheck : whether it is a finding that nobody has seen to be gone since it was handled.

    Raises
    ------
    Conflict
        ``no-such-step``, ``not-your-step``, ``own-work`` or ``no-recheck``.
    """
    allowed = STEPS.get((state, to))
    if allowed is None:
        raise Conflict("There is no such step from the state it is in.", code="no-such-step")
    if not allowed & parts:
        raise Conflict("This step is not yours to take.", code="not-your-step")
    if to is State.CLOSED and has_handled:
        raise Conflict("Whoever handled an incident cannot close it.", code="own-work")
    if to is State.CLOSED and needs_recheck:
        raise Conflict(
            "A violation is closed once a patrol has seen on site that it is gone.", code="no-recheck"
        )


def check_waiver(reason: str, *, is_finding: bool) -> None:
    """Refuse to close without a re-check what is no finding, or without a reason that says something.

    Raises
    ------
    Conflict
        ``not-a-finding``.
    InvalidInput
        The reason is too short.
    """
    if not is_finding:
        raise Conflict("Only a violation found on patrol is re-checked on site.", code="not-a-finding")
    if len(reason) < SHORTEST_WAIVER:
        raise InvalidInput("Say in a sentence why nobody can get there.", pointer="reason", code="too-short")


def check_edit(state: State, parts: frozenset[Part], *, is_move: bool) -> None:
    """Refuse a change of what an incident says.

    Reporters correct their report until it is accepted, dispatchers any open incident; nobody moves one
    once it is accepted, because the place decides who deals with it.

    Raises
    ------
    Conflict
        ``not-editable``.
    """
    if state is State.REPORTED and parts & {Part.REPORTER, Part.DISPATCHER}:
        return
    if is_move:
        raise Conflict("An incident stays where it is once it is accepted.", code="not-editable")
    if state not in OPEN or Part.DISPATCHER not in parts:
        raise Conflict("What this incident says is not yours to change any more.", code="not-editable")
