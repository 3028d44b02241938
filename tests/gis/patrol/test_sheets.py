"""Day sheets, months and the calendar of rounds, from real rows."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.calendar.model import Month
from gis.errors import Forbidden, InvalidInput, NotFound
from gis.patrol import sheets
from tests.gis.findings.cases import NO_PARCEL, PARCEL_1, finding, log
from tests.gis.patrol.walked import AREA_EAST, DAY, round_of, walk

MARCH = Month(2026, 3)
NEXT = DAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clean(world):
    """Each test begins without what the one before walked."""
    yield
    for table in ("round_excuse", "patrol_round_point"):
        world.ask(f"DELETE FROM app.{table} WHERE patrol_round_id > 6")
    world.ask("DELETE FROM app.patrol_track WHERE account_id IS NOT NULL")
    world.ask("DELETE FROM app.patrol_round WHERE patrol_round_id > 6")


def team_day(world, name: str = "dan", team: int = 1, day: dt.date = DAY, **more):
    return sheets.team_day(world.db, world.actor(name), team, day, **more)


def figures(effort) -> tuple[int, int, float, float]:
    return effort.people, effort.sum.tracks, effort.sum.metres, effort.sum.minutes


def test_a_day_shows_rounds_with_points_visited_and_missed_and_what_was_walked(world):
    first = round_of(world)
    second = round_of(world, state="missed", visited=(), begins="14:00")
    metres = walk(world, "pat", minutes=30, round_id=first)
    found = team_day(world)
    assert [each.row.patrol_round_id for each in found.rounds] == [first, second]
    assert [each.row.state for each in found.rounds] == ["partly_done", "missed"]
    assert [(p.visited_at is not None, p.visited_by, p.grade) for p in found.rounds[0].points] == [
        (True, "pass", "B"),
        (False, None, None),
    ]
    assert (found.visited, found.points) == (1, 4)
    assert found.states == {"partly_done": 1, "missed": 1}
    assert figures(found.rounds[0].effort) == (1, 1, pytest.approx(metres), 30)
    assert figures(found.effort) == (1, 1, pytest.approx(metres), 30)
    assert found.rounds[1].effort is None and found.loose is None


def test_without_a_track_there_is_none_instead_of_zero(world):
    round_of(world)
    found = team_day(world)
    assert (found.effort, found.judgement.best, found.judgement.is_valid) == (None, None, False)


def test_a_track_in_no_round_counts_for_the_day_alone(world):
    round_id = round_of(world)
    metres = walk(world, "pat", minutes=20)
    found = team_day(world)
    assert found.rounds[0].row.patrol_round_id == round_id and found.rounds[0].effort is None
    assert figures(found.loose) == figures(found.effort) == (1, 1, pytest.approx(metres), 20)


def test_a_track_belongs_to_the_day_it_began_on_in_the_district(world):
    walk(world, "pat", begins="23:50", minutes=30)
    assert team_day(world).effort.sum.minutes == 30
    assert team_day(world, day=NEXT).effort is None
    walk(world, "pat", begins="00:10", minutes=15, day=NEXT)
    assert team_day(world, day=NEXT).effort.sum.minutes == 15


def test_only_what_lies_in_the_own_area_counts_for_a_valid_day(world):
    half = walk(world, "pat", west=AREA_EAST - 0.01, east=AREA_EAST + 0.01, minutes=80)
    best = team_day(world).judgement.best
    assert best.metres == pytest.approx(half / 2, rel=1e-3)
    assert best.minutes == pytest.approx(40, rel=1e-3)
    assert team_day(world).effort.sum.metres == pytest.approx(half)


def test_a_day_wholly_outside_the_own_area_is_not_valid(world):
    walk(world, "pat", west=113.931, east=113.959, minutes=120)
    judged = team_day(world).judgement
    assert (judged.best.metres, judged.best.minutes, judged.is_valid) == (0, 0, False)


def test_an_area_holds_on_the_days_it_was_the_teams(world):
    world.ask("UPDATE app.team_area SET valid_to = %s WHERE team_id = 1", DAY)
    try:
        walk(world, "pat")
        walk(world, "pat", day=NEXT)
        assert team_day(world).judgement.best.metres > 1000
        assert team_day(world, day=NEXT).judgement.best.metres == 0
    finally:
        world.ask("UPDATE app.team_area SET valid_to = NULL WHERE team_id = 1")


def test_an_area_of_a_community_and_a_parcel_in_it_counts_once(world):
    world.ask("INSERT INTO app.team_area (team_id, parcel_id, valid_from) VALUES (1, 1, '2014-01-01')")
    try:
        metres = walk(world, "pat")
        assert team_day(world).judgement.best.metres == pytest.approx(metres)
    finally:
        world.ask("DELETE FROM app.team_area WHERE team_id = 1 AND parcel_id = 1")


def test_two_walks_of_one_person_add_up_and_two_people_do_not(world):
    one = walk(world, "pat", east=113.92, minutes=40)
    walk(world, "quinn", east=113.92, minutes=40)
    found = team_day(world)
    assert figures(found.effort) == (2, 2, pytest.approx(2 * one), 80)
    assert not found.judgement.is_valid and found.judgement.best.metres == pytest.approx(one)
    walk(world, "pat", begins="14:00", east=113.92, minutes=40)
    judged = team_day(world).judgement
    assert judged.is_valid
    assert (judged.best.metres, judged.best.minutes) == (pytest.approx(2 * one), 80)


def test_two_devices_of_one_person_on_the_same_way_count_once(world):
    round_id = round_of(world)
    short = walk(world, "pat", minutes=60, round_id=round_id)
    long = walk(world, "pat", begins="08:10", east=113.915, minutes=70)
    found = team_day(world)
    assert figures(found.effort) == (1, 1, pytest.approx(long), 70)
    assert found.judgement.best.metres == pytest.approx(long)
    # The round keeps the track that was made for it.
    assert figures(found.rounds[0].effort) == (1, 1, pytest.approx(short), 60)


def test_a_second_device_in_the_same_round_counts_once_there_too(world):
    round_id = round_of(world)
    walk(world, "pat", minutes=60, round_id=round_id)
    long = walk(world, "pat", begins="08:10", east=113.915, minutes=70, round_id=round_id)
    assert figures(team_day(world).rounds[0].effort) == (1, 1, pytest.approx(long), 70)


def test_walks_that_hardly_overlap_both_count(world):
    one = walk(world, "pat", minutes=60)
    two = walk(world, "pat", begins="08:40", east=113.915, minutes=60)
    assert team_day(world).effort.sum.metres == pytest.approx(one + two)


def test_a_track_without_minutes_is_told_as_such(world):
    walk(world, "pat", east=113.929, minutes=None)
    found = team_day(world)
    assert (found.effort.sum.untimed, found.effort.sum.minutes) == (1, 0)
    assert found.judgement.lacks_minutes and not found.judgement.is_valid


def test_a_stand_ins_track_counts_for_the_team_of_its_round(world):
    round_id = round_of(world)
    walk(world, "rex", team=3, round_id=round_id)
    assert team_day(world).effort.people == 1
    assert team_day(world, team=3).effort is None


def test_everybody_who_may_look_is_told_the_same_figures(world):
    metres = walk(world, "pat")
    for name in ("pat", "dan", "petra", "audrey"):
        assert team_day(world, name).effort.sum.metres == pytest.approx(metres), name
    found = team_day(world, "adam")
    assert (found.sees_tracks, found.effort, found.judgement.best) == (False, None, None)
    with pytest.raises(NotFound):
        team_day(world, "quinn")
    with pytest.raises(Forbidden):
        team_day(world, "alice")


def test_findings_stand_with_the_state_of_their_case(world):
    incident_id = finding(world, place=PARCEL_1, note="铁皮棚")
    log(world, place=NO_PARCEL, kind="OK")
    [(day,)] = world.ask(
        "SELECT (occurred_at AT TIME ZONE 'Asia/Shanghai')::date FROM app.incident WHERE incident_id = %s",
        incident_id,
    )
    for name in ("pat", "dan", "adam"):
        found = [f for f in team_day(world, name, day=day).findings if f.incident_id == incident_id]
        assert [(f.state, f.note, f.parcel_name) for f in found] == [("reported", "铁皮棚", "地块1")], name
    on_parcel = sheets.parcel_day(world.db, world.actor("dan"), 1, day).findings
    assert incident_id in [f.incident_id for f in on_parcel]
    elsewhere = sheets.parcel_day(world.db, world.actor("dan"), 2, day).findings
    assert incident_id not in [f.incident_id for f in elsewhere]


def test_a_parcel_shows_the_rounds_that_come_there_and_its_own_points(world):
    named = round_of(world, parcel=1, points=(1,), visited=(1,))
    passing = round_of(world, parcel=None, points=(2, 1), visited=(2,), begins="10:00")
    round_of(world, parcel=2, points=(2,), begins="14:00")
    # The parcel lies between 113.903 and 113.907.
    walk(world, "pat", west=113.90, east=113.91, minutes=50, round_id=named)
    walk(world, "quinn", west=113.905, east=113.91, minutes=20, team=2)
    found = sheets.parcel_day(world.db, world.actor("dan"), 1, DAY)
    assert [each.row.patrol_round_id for each in found.rounds] == [named, passing]
    assert [[p.check_point_id for p in each.points] for each in found.rounds] == [[1], [1]]
    assert (found.visited, found.points) == (1, 2)
    on_parcel = found.rounds[0].effort.sum
    assert on_parcel.metres == pytest.approx(0.004 * 102_700, rel=5e-3)
    assert on_parcel.minutes == pytest.approx(20, rel=1e-3)
    assert [(row.team_id, row.patrol_round_id) for row in found.walked] == [(1, named), (2, None)]
    assert found.effort.sum.minutes == pytest.approx(28, rel=1e-3)
    own = sheets.parcel_day(world.db, world.actor("pat"), 1, DAY)
    assert [row.team_id for row in own.walked] == [1]
    with pytest.raises(NotFound):
        sheets.parcel_day(world.db, world.actor("pat"), 4, DAY)


def test_excuses_stand_on_the_sheet(world):
    round_id = round_of(world, state="missed")
    world.ask(
        "INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by) VALUES (%s, '台风', %s)",
        round_id,
        world.accounts["pat"],
    )
    [excuse] = team_day(world, "pat").rounds[0].excuses
    assert (excuse.reason, excuse.decision) == ("台风", None)


def test_single_people_are_told_to_the_person_the_leader_and_the_auditor_with_a_trace(world):
    walk(world, "pat", minutes=30)
    walk(world, "rex", minutes=40, team=1)

    def told(name: str, team: int = 1) -> list[tuple[int, float]] | None:
        people = team_day(world, name, team, with_people=True).people
        return None if people is None else sorted((p.account_id, p.minutes) for p in people)

    def trace() -> list[tuple]:
        return world.ask(
            "SELECT account_id, db_role, subject, detail FROM app.audit_log WHERE action = 'track.sums' ORDER BY audit_id"
        )

    pat, rex = world.accounts["pat"], world.accounts["rex"]
    assert team_day(world, "pat").people is None
    assert told("pat") == [(pat, 30)]
    assert (told("dan"), told("petra"), told("adam")) == (None, None, None)
    assert trace() == []
    world.ask("UPDATE app.team_member SET is_leader = true WHERE account_id = %s", pat)
    assert told("pat") == [(pat, 30), (rex, 40)]
    world.ask("UPDATE app.team_member SET is_leader = false WHERE account_id = %s", pat)
    assert told("audrey") == [(pat, 30), (rex, 40)]
    day = DAY.isoformat()
    assert trace() == [
        (pat, "gis_patrol", "1", {"on": day, "of_accounts": [rex]}),
        (world.accounts["audrey"], "gis_auditor", "1", {"on": day, "of_accounts": [pat, rex]}),
    ]
    assert {p.full_name for p in team_day(world, "audrey", with_people=True).people} == {"演示pat", "演示rex"}


def test_a_month_counts_valid_days_and_says_why_others_do_not(world):
    long = {"west": 113.90, "east": 113.9295, "minutes": 70}
    walk(world, "pat", **long, day=dt.date(2026, 3, 3))
    walk(world, "pat", **long, day=dt.date(2026, 3, 5))
    walk(world, "pat", **{**long, "minutes": 45}, day=dt.date(2026, 3, 6))
    round_of(world, day=dt.date(2026, 3, 5))
    round_of(world, day=dt.date(2026, 3, 5), state="done", begins="14:00")
    found = sheets.team_month(world.db, world.actor("pat"), 1, MARCH)
    assert len(found.days) == 31
    assert [day.day.day for day in found.days if day.judgement.is_valid] == [3, 5]
    assert (found.valid, found.wanted) == (2, 20)
    sixth = found.days[5].judgement
    assert (sixth.lacks_metres, sixth.lacks_minutes, round(sixth.best.minutes)) == (False, True, 45)
    assert found.days[0].effort is None and found.days[0].judgement.best is None
    fifth = found.days[4].calendar
    assert fifth.states == {"partly_done": 1, "done": 1} and (fifth.visited, fifth.points) == (2, 4)
    assert found.minutes == 185


def test_days_to_come_are_not_judged(world):
    [(today,)] = world.ask("SELECT app.today()")
    coming = Month(today.year + 1, 1)
    found = sheets.team_month(world.db, world.actor("dan"), 1, coming)
    assert [day.judgement for day in found.days] == [None] * 31


def test_visits_to_parcels_are_rounds_that_saw_one_of_their_points(world):
    for day, visited in ((3, (1,)), (4, (1, 2)), (5, (2,)), (6, ())):
        round_of(world, day=dt.date(2026, 3, day), visited=visited)
    round_of(world, team=2, day=dt.date(2026, 3, 9), visited=(1,))
    world.ask("UPDATE app.parcel SET level = 'ordinary' WHERE parcel_id = 2")
    world.ask("UPDATE app.check_point SET parcel_id = NULL WHERE check_point_id = 3")
    try:
        found = sheets.team_month(world.db, world.actor("pat"), 1, MARCH)
        assert {(s.row.parcel_id, s.row.visits, s.row.wanted, s.is_enough) for s in found.sites} == {
            (1, 2, 3, False),
            (2, 2, 2, True),
            (3, 0, 3, None),
        }
    finally:
        world.ask("UPDATE app.parcel SET level = 'key' WHERE parcel_id = 2")
        world.ask("UPDATE app.check_point SET parcel_id = 3 WHERE check_point_id = 3")


def test_the_calendar_counts_rounds_by_state_and_marks_holidays(world):
    october = Month(2026, 10)
    round_of(world, day=dt.date(2026, 10, 2), state="done", visited=(1, 2))
    round_of(world, day=dt.date(2026, 10, 2), state="missed", visited=(), begins="14:00")
    round_of(world, day=dt.date(2026, 10, 2), state="withdrawn", begins="16:00")
    round_of(world, team=2, day=dt.date(2026, 10, 3), state="done", points=(4,), visited=(4,))

    def shown(name: str, team: int | None = None):
        return sheets.round_calendar(world.db, world.actor(name), october, team)

    days = {day.day.day: day for day in shown("dan").days}
    assert list(days[2].states.items()) == [("done", 1), ("missed", 1)]
    assert (days[2].visited, days[2].points) == (2, 4)
    assert days[2].holiday.name_zh and not days[2].is_worked
    assert days[3].rounds == 1 and days[4].rounds == 0
    assert shown("dan", 1).days[2].rounds == 0
    assert [day.rounds for day in shown("pat").days[:4]] == [0, 2, 0, 0]
    assert [t.team_id for t in shown("pat").teams] == [1]
    with pytest.raises(NotFound):
        shown("pat", 2)
    with pytest.raises(Forbidden):
        shown("alice")


@pytest.mark.parametrize(("year", "number"), [(1999, 12), (2101, 1), (2026, 0), (2026, 13)])
def test_there_are_months_of_this_century_only(year, number):
    with pytest.raises(InvalidInput):
        Month(year, number)


def test_missing_places_are_not_found(world):
    with pytest.raises(NotFound):
        team_day(world, team=999)
    with pytest.raises(NotFound):
        sheets.parcel_day(world.db, world.actor("dan"), 999, DAY)
    with pytest.raises(NotFound):
        sheets.team_month(world.db, world.actor("dan"), 999, MARCH)


def test_the_choice_names_own_teams_and_the_parcels_of_the_day(world):
    round_of(world, parcel=None, points=(2,))
    found = sheets.choices(world.db, world.actor("pat"), DAY)
    assert ([t.team_id for t in found.teams], [p.parcel_id for p in found.parcels]) == ([1], [2])
