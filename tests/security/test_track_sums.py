"""Sums of tracks: who is told which, who is refused, and what a sum never tells."""

from __future__ import annotations

import pytest

from tests.gis.patrol.walked import DAY, walk
from tests.security import expected, observe

NOBODY = ("alice", "bob", "adam")
TEAM_OF = {"pat": 1, "quinn": 2, "rex": 3}


@pytest.fixture(scope="module", autouse=True)
def walks(world):
    """A walk of each team's person, all across the same ground."""
    for name, team in TEAM_OF.items():
        walk(world, name, team=team, west=113.90, east=113.96)
    walk(world, "quinn", team=1, begins="10:00", west=113.90, east=113.96)


def ask(world, name: str, statement: str, **values):
    return observe.attempt(world, world.actor(name).identity, statement, {"day": DAY, **values})


@pytest.mark.parametrize("team", [1, 2, 3])
def test_a_team_is_summed_for_itself_and_for_those_who_see_all_tracks(world, team):
    found = {
        name: ask(world, name, "SELECT tracks FROM app.walked(%(team)s, %(day)s, %(day)s)", team=team)
        for name in expected.SIGNED_IN
    }
    whole = [1, 1] if team == 1 else [1]
    assert found == {
        **dict.fromkeys(NOBODY, expected.DENIED),
        **{name: whole if own == team else [] for name, own in TEAM_OF.items()},
        **dict.fromkeys(("dan", "petra", "audrey"), whole),
    }


def test_a_parcel_is_summed_over_own_walks_or_over_all(world):
    found = {
        name: ask(world, name, "SELECT team_id FROM app.walked_on(1, %(day)s)") for name in expected.SIGNED_IN
    }
    assert {name: rows if rows == expected.DENIED else sorted(rows) for name, rows in found.items()} == {
        **dict.fromkeys(NOBODY, expected.DENIED),
        **{name: [team] for name, team in TEAM_OF.items()},
        **{name: [1, 2, 3] for name in ("dan", "petra", "audrey")},
    }


@pytest.mark.parametrize("team", [1, 2, 3])
def test_single_people_are_summed_for_themselves_their_leader_and_the_auditor(world, team):
    found = {
        name: ask(world, name, "SELECT account_id FROM app.walked_by(%(team)s, %(day)s)", team=team)
        for name in expected.SIGNED_IN
    }
    people = {1: ["pat", "quinn"], 2: ["quinn"], 3: ["rex"]}[team]
    told = {name: {name} & set(people) for name in TEAM_OF}
    if team == 2:
        told["quinn"] = set(people)  # who leads it
    told["audrey"] = set(people)
    ids = {name: {world.accounts[who] for who in whose} for name, whose in told.items()}
    assert {name: rows if rows == expected.DENIED else set(rows) for name, rows in found.items()} == {
        **dict.fromkeys((*NOBODY, "dan", "petra"), expected.DENIED),
        **ids,
    }


def test_reading_single_people_leaves_a_trace_only_where_somebody_else_is_told(world):
    for name in ("pat", "rex", "quinn", "audrey"):
        with world.db.transaction(world.actor(name).identity) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM app.walked_by(1, %s)", (DAY,))
    assert world.ask("SELECT account_id FROM app.audit_log WHERE action = 'track.sums'") == [
        (world.accounts["audrey"],)
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM app.counted_tracks(%(day)s, %(day)s)",
        "SELECT 1 FROM app.team_walks(1, %(day)s, %(day)s)",
    ],
)
def test_what_the_sums_are_made_of_is_granted_to_nobody(world, statement):
    assert {ask(world, name, statement) for name in expected.SIGNED_IN} == {expected.DENIED}


@pytest.mark.parametrize("function", ["walked(integer, date, date)", "walked_on(integer, date)"])
def test_sums_name_neither_people_nor_places(world, function):
    [(columns,)] = world.ask(
        f"SELECT array_agg(n) FROM (SELECT unnest(proargnames) AS n FROM pg_proc WHERE oid = 'app.{function}'::regprocedure) AS c"
    )
    assert not {"account_id", "full_name", "geom", "lon", "lat"} & set(columns)
