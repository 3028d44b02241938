"""Watching: who is out, seen by whom, where and how long ago; and that watching leaves a trace once an hour."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.errors import Forbidden
from gis.patrol import watching
from gis.patrol.rounds import State
from gis.patrol.watching import WatchQuery, watch_rounds
from tests import patrols

TEAM_1, TEAM_2 = 1, 2


@pytest.fixture
def pat(world) -> int:
    patrols.forget_streams(world.url)
    return world.accounts["pat"]


def watched(world, name: str, round_id: int, **asked) -> watching.WatchedRound | None:
    """One round as somebody watches it."""
    found = watch_rounds(world.db, world.actor(name), WatchQuery(**asked))
    return next((item for item in found if item.row.patrol_round_id == round_id), None)


def the_one(world, round_id: int, name: str = "dan"):
    """The one person of a round."""
    [person] = watched(world, name, round_id).people
    return person


def minutes_ago(person) -> float:
    return (dt.datetime.now(dt.UTC) - person.at).total_seconds() / 60


def trace(world, name: str) -> list[list[int]]:
    """Who was shown to a watcher, row by row of the audit log."""
    return [
        detail["of_accounts"]
        for (detail,) in world.ask(
            "SELECT detail FROM app.audit_log WHERE action = 'position.watch' AND account_id = %s ORDER BY audit_id",
            world.accounts[name],
        )
    ]


def test_the_last_fix_is_told_with_its_age_and_accuracy(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    patrols.stream(world.url, pat, round_id, (9, 113.901), (3, 113.902))
    person = the_one(world, round_id)
    assert (person.full_name, person.source, person.accuracy_m, person.grade) == ("演示pat", "fix", 7, None)
    assert (person.lon, person.lat) == (113.902, 22.755)
    assert 3 <= minutes_ago(person) < 4


def test_whichever_is_newest_of_fix_point_and_visit(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    assert the_one(world, round_id).at is None
    patrols.visit(world.url, round_id, pat, 1, minutes=12, by="manual")
    first = the_one(world, round_id)
    assert (first.source, first.accuracy_m, first.grade) == ("by_hand", 40, "B")
    patrols.visit(world.url, round_id, pat, 2, minutes=9)
    assert the_one(world, round_id).source == "check_point"
    stream_id = patrols.stream(world.url, pat, round_id, (6, 113.903))
    assert the_one(world, round_id).lon == 113.903
    patrols.point(world.url, round_id, pat, 113.904, minutes=4)
    last = the_one(world, round_id)
    assert (last.source, last.lon, last.accuracy_m, last.grade) == ("point", 113.904, 12, "B")
    patrols.walk_on(world.url, stream_id, 113.905, minutes=1)
    assert (the_one(world, round_id).source, the_one(world, round_id).lon) == ("fix", 113.905)


def test_positions_are_shown_to_the_person_the_leader_and_the_desks_alone(world, pat):
    quinn, rex = world.accounts["quinn"], world.accounts["rex"]
    west = patrols.begin(world.url, TEAM_1, pat, quinn)
    east = patrols.begin(world.url, TEAM_2, quinn, rex)
    for account_id, round_id in ((pat, west), (quinn, west), (quinn, east), (rex, east)):
        patrols.stream(world.url, account_id, round_id, (1, 113.905))

    def shown(name: str) -> set[tuple[int, int]]:
        return {
            (item.row.patrol_round_id, person.account_id)
            for item in watch_rounds(world.db, world.actor(name), WatchQuery())
            for person in item.people
            if person.at is not None and item.row.patrol_round_id in (west, east)
        }

    both = {(west, pat), (west, quinn), (east, quinn), (east, rex)}
    assert {name: shown(name) for name in ("dan", "petra", "audrey", "adam", "pat", "quinn", "rex")} == {
        "dan": both,
        "petra": both,
        "audrey": both,
        "adam": set(),
        "pat": {(west, pat)},  # who leads nobody sees nobody else
        "quinn": {(east, quinn), (east, rex)},
        "rex": set(),  # the round is another team's
    }
    with pytest.raises(Forbidden):
        watch_rounds(world.db, world.actor("alice"), WatchQuery())
    # Who is out is told all the same: names to the desks and to the leader.
    assert {p.full_name for p in watched(world, "adam", east).people} == {"演示quinn", "演示rex"}
    assert {p.full_name for p in watched(world, "quinn", east).people} == {"演示quinn", "演示rex"}
    assert {p.full_name for p in watched(world, "pat", west).people} == {"演示pat", None}


@pytest.mark.parametrize("ended", ["done", "partly_done", "excused"])
def test_who_has_ended_is_no_longer_shown(world, pat, ended):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    patrols.stream(world.url, pat, round_id, (1, 113.905))
    assert the_one(world, round_id).at is not None
    world.ask("UPDATE app.patrol_round SET state = %s WHERE patrol_round_id = %s", ended, round_id)
    after = watched(world, "dan", round_id)
    assert (after.row.state, after.people) == (ended, ())


def test_a_round_that_nobody_ended_is_over_at_midnight(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    patrols.stream(world.url, pat, round_id, (1, 113.905))
    world.ask(
        "UPDATE app.patrol_round SET planned_from = now() - interval '30 hours',"
        " planned_to = now() - interval '25 hours' WHERE patrol_round_id = %s",
        round_id,
    )
    assert watched(world, "dan", round_id) is None


def test_nobody_is_followed_in_a_pause(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    stream_id = patrols.stream(world.url, pat, round_id, (20, 113.901))
    world.ask(
        "UPDATE app.patrol_round SET state = 'paused', paused_at = now() - interval '15 minutes'"
        " WHERE patrol_round_id = %s",
        round_id,
    )
    patrols.walk_on(world.url, stream_id, 113.909, minutes=2)
    assert the_one(world, round_id).lon == 113.901
    # What one logs in a pause one wants to be seen.
    patrols.point(world.url, round_id, pat, 113.908, minutes=1)
    assert the_one(world, round_id).lon == 113.908


def test_a_tracker_that_knows_of_no_round_counts_from_the_start_to_the_end_of_the_window(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat, minutes=60)
    stream_id = patrols.stream(world.url, pat, None, (70, 113.901), source="owntracks")
    assert the_one(world, round_id).at is None
    patrols.walk_on(world.url, stream_id, 113.902, minutes=3)
    patrols.walk_on(world.url, stream_id, 113.903, minutes=1)
    assert the_one(world, round_id).lon == 113.903
    world.ask(
        "UPDATE app.patrol_round SET planned_to = now() - interval '2 minutes' WHERE patrol_round_id = %s",
        round_id,
    )
    assert the_one(world, round_id).lon == 113.902


def test_a_fix_that_comes_late_does_not_take_the_place_of_a_newer_one(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    patrols.stream(world.url, pat, None, (5, 113.902), (9, 113.901), source="traccar")
    assert the_one(world, round_id).lon == 113.902


def test_a_clock_that_goes_ahead_makes_nobody_younger_than_the_reception(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    patrols.stream(world.url, pat, round_id, (-600, 113.901))
    world.ask("UPDATE app.patrol_fix SET received_at = now() - interval '8 minutes' WHERE lon = 113.901")
    assert 8 <= minutes_ago(the_one(world, round_id)) < 9


def test_positions_of_an_imported_file_are_none_of_now(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    patrols.stream(world.url, pat, None, (1, 113.901), source="file")
    assert the_one(world, round_id).at is None


def test_overdue_rounds_come_first_and_have_a_place(world, pat):
    [(round_id,)] = world.ask(
        "INSERT INTO app.patrol_round (team_id, planned_from, planned_to, state)"
        " VALUES (1, now() - interval '31 minutes', now() + interval '2 hours', 'planned') RETURNING patrol_round_id"
    )
    world.ask(
        "INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s)"
        " VALUES (%s, 1, 3, 40, 60), (%s, 2, 1, 40, 60)",
        round_id, round_id,
    )  # fmt: skip
    under_way = patrols.begin(world.url, TEAM_1, pat)
    found = watch_rounds(world.db, world.actor("dan"), WatchQuery())
    states = [item.row.state for item in found]
    assert states[0] == "overdue" and states == sorted(states, key=lambda state: state != "overdue")
    late = watched(world, "dan", round_id)
    assert (late.row.lon, late.row.lat) == pytest.approx((113.925, 22.755))
    assert (late.row.visited, late.row.points, late.people) == (0, 2, ())
    assert watched(world, "dan", under_way).row.lon is None
    assert watched(world, "quinn", round_id) is None  # another team's


def test_filters(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat, state="paused")
    world.ask("UPDATE app.patrol_round SET community_id = 1 WHERE patrol_round_id = %s", round_id)
    assert watched(world, "dan", round_id, community="440306007001", team="T1", state=State.PAUSED)
    for other in ({"community": "440306007002"}, {"team": "T2"}, {"state": State.STARTED}, {"team": "T1'"}):
        assert watched(world, "dan", round_id, **other) is None
    choices = watching.watch_choices(world.db, world.actor("pat"))
    assert [team.code for team in choices.teams] == ["T1"]
    assert [place.code for place in choices.communities] == ["440306007001", "440306007002"]


def test_findings_of_a_round_for_those_who_may_open_them(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat)
    client_id = patrols.point(world.url, round_id, pat, 113.905, minutes=3, kind="L2")
    [(incident_id,)] = world.ask(
        "INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, geom, violation,"
        " patrol_point_client_id) SELECT gen_random_uuid(), 'SR0102', 'x', now(), now(), geom, 'L2', client_id"
        " FROM app.patrol_point WHERE client_id = %s RETURNING incident_id",
        client_id,
    )
    for name in ("dan", "petra", "adam"):
        assert [f.incident_id for f in watched(world, name, round_id).findings] == [incident_id]
    assert watched(world, "pat", round_id).findings == ()


def test_watching_leaves_one_row_for_each_person_shown_in_an_hour(world, pat):
    world.ask("UPDATE app.patrol_round SET state = 'done' WHERE state IN ('started', 'paused')")
    world.ask("UPDATE app.audit_log SET at = at - interval '2 hours' WHERE action = 'position.watch'")
    before = {name: len(trace(world, name)) for name in ("dan", "pat", "adam")}

    def new(name: str) -> list[list[int]]:
        watch_rounds(world.db, world.actor(name), WatchQuery())
        return trace(world, name)[before[name] :]

    quinn = world.accounts["quinn"]
    first = patrols.begin(world.url, TEAM_1, pat)
    assert new("dan") == []  # nobody has been seen yet
    patrols.stream(world.url, pat, first, (1, 113.905))
    assert new("dan") == [[pat]]
    assert new("dan") == [[pat]]
    second = patrols.begin(world.url, TEAM_2, quinn)
    patrols.stream(world.url, quinn, second, (1, 113.945))
    assert new("dan") == [[pat], [quinn]]
    assert new("pat") == []  # oneself
    assert new("adam") == []  # who is shown nobody
    world.ask("UPDATE app.audit_log SET at = at - interval '1 hour' WHERE action = 'position.watch'")
    assert new("dan") == [[pat], [quinn], sorted([pat, quinn])]


def test_a_round_that_began_before_midnight_stays_on_the_board_to_its_end(world, pat):
    round_id = patrols.begin(world.url, TEAM_1, pat, minutes=25 * 60)
    assert watched(world, "dan", round_id)
    world.ask("UPDATE app.patrol_round SET state = 'done' WHERE patrol_round_id = %s", round_id)
    assert watched(world, "dan", round_id).row.state == "done"
    world.ask(
        "UPDATE app.patrol_round SET planned_to = now() - interval '61 minutes' WHERE patrol_round_id = %s",
        round_id,
    )
    assert watched(world, "dan", round_id) is None
