"""The table of steps, written by hand a second time: every state to every state for every part."""

from __future__ import annotations

from itertools import product

import pytest

from gis.errors import Conflict, InvalidInput
from gis.incident.lifecycle import (
    OPEN,
    SHORTEST_WAIVER,
    Part,
    State,
    check_edit,
    check_step,
    check_waiver,
    next_states,
    parts_of,
)
from gis.people.model import Actor, Role

DESK = """
reported accepted rejected voided
accepted filed rejected voided
filed dispatched voided
dispatched handling voided
handling handled dispatched voided
handled checking voided
checking closed rework voided
rework dispatched voided
closed archived
"""
BY_PART = {
    Part.DISPATCHER: {(line.split()[0], to) for line in DESK.strip().splitlines() for to in line.split()[1:]},
    Part.OFFICER: {("handling", "handled")},
    Part.REPORTER: {("reported", "voided")},
}


@pytest.mark.parametrize(("state", "to", "part"), list(product(State, State, Part)))
def test_every_step(state, to, part):
    allowed = (state, to) in BY_PART[part]
    assert (to in next_states(state, frozenset({part}), has_handled=False)) is allowed
    if allowed:
        check_step(state, to, frozenset({part}), has_handled=False)
        return
    with pytest.raises(Conflict) as refused:
        check_step(state, to, frozenset({part}), has_handled=False)
    exists = any((state, to) in steps for steps in BY_PART.values())
    assert refused.value.code == ("not-your-step" if exists else "no-such-step")


def test_nobody_else_takes_any_step():
    assert not [state for state in State if next_states(state, frozenset(), has_handled=False)]


def test_whoever_handled_it_may_send_it_back_but_never_close_it():
    desk = frozenset({Part.DISPATCHER})
    assert State.CLOSED in next_states(State.CHECKING, desk, has_handled=False)
    assert State.CLOSED not in next_states(State.CHECKING, desk, has_handled=True)
    assert State.REWORK in next_states(State.CHECKING, desk, has_handled=True)
    with pytest.raises(Conflict) as refused:
        check_step(State.CHECKING, State.CLOSED, desk, has_handled=True)
    assert refused.value.code == "own-work"


@pytest.mark.parametrize(("state", "to"), [(state, to) for state in State for to in State])
def test_a_finding_nobody_saw_gone_takes_every_step_but_the_close(state, to):
    desk = frozenset({Part.DISPATCHER})
    allowed = (state, to) in BY_PART[Part.DISPATCHER] and to is not State.CLOSED
    assert (to in next_states(state, desk, has_handled=False, needs_recheck=True)) is allowed
    if allowed:
        check_step(state, to, desk, has_handled=False, needs_recheck=True)
    elif (state, to) == (State.CHECKING, State.CLOSED):
        with pytest.raises(Conflict) as refused:
            check_step(state, to, desk, has_handled=False, needs_recheck=True)
        assert refused.value.code == "no-recheck"


def test_a_waiver_needs_a_finding_and_a_sentence():
    check_waiver("x" * SHORTEST_WAIVER, is_finding=True)
    with pytest.raises(InvalidInput):
        check_waiver("x" * (SHORTEST_WAIVER - 1), is_finding=True)
    with pytest.raises(Conflict):
        check_waiver("x" * SHORTEST_WAIVER, is_finding=False)


def test_what_an_actor_is_to_an_incident():
    def parts(role, **relation):
        return parts_of(Actor(1, role), **{"is_mine": False, "is_own_cell": False, **relation})

    assert parts(Role.OFFICER, is_own_cell=True) == {Part.OFFICER}
    assert parts(Role.OFFICER, is_mine=True) == {Part.REPORTER}
    assert parts(Role.PATROL, is_mine=True, is_own_cell=True) == {Part.REPORTER}
    assert parts(Role.DISPATCHER, is_mine=True) == {Part.REPORTER, Part.DISPATCHER}
    assert parts(Role.PLANNER, is_own_cell=True, is_mine=True) == frozenset()


@pytest.mark.parametrize(("state", "part", "is_move"), list(product(State, Part, (False, True))))
def test_who_may_change_what_it_says(state, part, is_move):
    while_reported = state is State.REPORTED and part in (Part.REPORTER, Part.DISPATCHER)
    while_open = part is Part.DISPATCHER and state in OPEN and not is_move
    if while_reported or while_open:
        check_edit(state, frozenset({part}), is_move=is_move)
    else:
        with pytest.raises(Conflict):
            check_edit(state, frozenset({part}), is_move=is_move)
