"""app.live_positions() asked directly, past the service: six roles against rounds that are not theirs."""

from __future__ import annotations

import pytest

from tests import patrols
from tests.security import expected, observe


@pytest.fixture(scope="module")
def rounds(world) -> dict[str, int]:
    """Rounds that pat (team 1) and quinn (who leads team 2, with rex as his guest) walk, and one that is over."""
    pat, quinn, rex = (world.accounts[name] for name in ("pat", "quinn", "rex"))
    made = {
        "west": patrols.begin(world.url, 1, pat),
        "east": patrols.begin(world.url, 2, quinn, rex),
        "over": patrols.begin(world.url, 1, pat, state="done"),
        "not begun": patrols.begin(world.url, 1, pat, state="planned"),
    }
    for name, people in {"west": [pat], "east": [quinn, rex], "over": [pat], "not begun": [pat]}.items():
        for account_id in people:
            patrols.stream(world.url, account_id, made[name], (1, 113.905))
    return made


ALL = {("west", "pat"), ("east", "quinn"), ("east", "rex")}
SEEN = {
    "dan": ALL,
    "petra": ALL,
    "audrey": ALL,
    "pat": {("west", "pat")},
    "quinn": {("east", "quinn"), ("east", "rex")},
    "rex": {("east", "rex")},  # his own, though the round is another team's
    "adam": set(),
}
ASK = (
    "SELECT patrol_round_id || ' ' || account_id FROM app.live_positions(%(rounds)s)"
    " WHERE lon IS NOT NULL AND full_name IS NOT NULL"
)


@pytest.mark.parametrize("name", expected.SIGNED_IN)
def test_whose_position_is_given_to_whom(world, rounds, name):
    told = observe.attempt(world, world.actor(name).identity, ASK, {"rounds": list(rounds.values())})
    if name not in SEEN:
        assert told == expected.DENIED
        return
    assert sorted(told) == sorted(f"{rounds[which]} {world.accounts[who]}" for which, who in SEEN[name])


def test_only_the_rounds_asked_for_are_given(world, rounds):
    for asked in ([], [rounds["west"]], [999_999]):
        told = observe.attempt(world, world.actor("dan").identity, ASK, {"rounds": asked})
        assert len(told) == (asked == [rounds["west"]])


@pytest.mark.parametrize("name", expected.SIGNED_IN)
@pytest.mark.parametrize(
    "call",
    [
        "app.last_position((SELECT r FROM app.patrol_round AS r LIMIT 1), 1)",
        "app.note_watching(ARRAY[1])",
    ],
)
def test_the_pieces_behind_it_are_granted_to_nobody(world, name, call):
    assert observe.attempt(world, world.actor(name).identity, f"SELECT {call}") == expected.DENIED


def test_a_reader_that_may_not_write_leaves_no_trace_and_so_is_shown_nobody(world, rounds):
    actor = world.actor("dan")
    identity = type(actor.identity)(actor.identity.db_role, actor.account_id, read_only=True)
    world.ask("DELETE FROM app.audit_log WHERE action = 'position.watch'")
    assert observe.attempt(world, identity, ASK, {"rounds": [rounds["west"]]}) == expected.DENIED
