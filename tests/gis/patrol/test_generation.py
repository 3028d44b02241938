"""Rounds made from plans: when, how many, the same however often, and never over the heads of a walking team."""

from __future__ import annotations

import datetime as dt

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import Conflict, InvalidInput, NotFound
from gis.patrol import generation, planning, round_desk, seasons, walking
from gis.patrol.plans import EVERY_DAY, PlanDraft, Rhythm, Season, Window, slots
from gis.patrol.seasons import LevelDraft, SeasonDraft
from gis.zone import local_today


def tomorrow() -> dt.date:
    return local_today() + dt.timedelta(days=1)


MORNING = Window(dt.time(7, 30), dt.time(10))
NIGHT = Window(dt.time(22), dt.time(2))


def rhythm(**more) -> Rhythm:
    return Rhythm(
        **{
            "weekdays": EVERY_DAY,
            "rounds": 1,
            "per": "day",
            "windows": (MORNING,),
            "valid_from": local_today(),
        }
        | more
    )


def draft(**more) -> PlanDraft:
    values = {"name": "计划", "team_id": 1, "rhythm": rhythm(valid_from=tomorrow()), "check_points": (1, 2)}
    return PlanDraft(**values | more)


@pytest.fixture
def owner(world):
    """A transaction of the job runner's role, kept."""
    connection = psycopg2.connect(
        world.url,
        options="-c search_path=app,public -c timezone=Asia/Shanghai",
        cursor_factory=psycopg2.extras.NamedTupleCursor,
    )
    connection.cursor().execute("SET ROLE gis_migrator")
    yield connection
    connection.close()


@pytest.fixture
def rows(owner):
    def ask(statement: str, *values):
        owner.rollback()
        cursor = owner.cursor(cursor_factory=psycopg2.extensions.cursor)
        cursor.execute("SET ROLE gis_migrator;" + statement, values or None)
        return cursor.fetchall()

    return ask


weekdays = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))


@settings(max_examples=200, deadline=None)
@given(weekdays, st.integers(1, 10), st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)))
def test_a_week_has_as_many_rounds_as_wanted_spread_evenly(days, number, first):
    monday = first - dt.timedelta(days=first.weekday())
    weekly = rhythm(weekdays=days, rounds=number, per="week", valid_from=dt.date(2020, 1, 1))
    made = [slot.on_date for slot in slots(weekly, monday, 7)]
    assert len(made) == number
    assert {day.isoweekday() for day in made} <= set(days)
    counts = [sum(1 for day in made if day.isoweekday() == weekday) for weekday in days]
    assert max(counts) - min(counts) <= 1


@settings(max_examples=200, deadline=None)
@given(
    st.dates(dt.date(2023, 1, 1), dt.date(2029, 1, 1)),
    st.dates(dt.date(2023, 1, 1), dt.date(2023, 12, 31)),
    st.dates(dt.date(2023, 1, 1), dt.date(2023, 12, 31)),
)
def test_a_season_holds_the_days_between_its_ends_also_over_the_new_year(day, first, last):
    season = Season(f"{first:%m-%d}", f"{last:%m-%d}")
    walked = first
    inside = {f"{walked:%m-%d}"}
    while f"{walked:%m-%d}" != f"{last:%m-%d}":
        walked += dt.timedelta(days=1)
        inside.add(f"{walked:%m-%d}")
    if f"{day:%m-%d}" != "02-29":
        assert season.holds(day) == (f"{day:%m-%d}" in inside)


def test_windows_are_taken_in_turn_and_may_end_after_midnight():
    made = list(slots(rhythm(rounds=3, windows=(MORNING, NIGHT)), local_today(), 1))
    assert [(slot.number, slot.planned_from.time()) for slot in made] == [
        (1, dt.time(7, 30)),
        (2, dt.time(22)),
        (3, dt.time(7, 30)),
    ]
    assert made[1].planned_to - made[1].planned_from == dt.timedelta(hours=4)


def test_validity_ends_on_its_last_day():
    made = [
        slot.on_date for slot in slots(rhythm(valid_from=tomorrow(), valid_to=tomorrow()), local_today(), 7)
    ]
    assert made == [tomorrow()]


OWN = "SELECT patrol_round_id, on_date, number, state FROM app.patrol_round WHERE patrol_plan_id = %s ORDER BY 2, 3"


def test_saved_plan_has_its_rounds_at_once_and_doing_it_again_changes_nothing(world, owner, rows):
    plan_id = planning.save_plan(world.db, world.actor("petra"), draft())
    made = rows(OWN, plan_id)
    assert [(on_date, state) for _, on_date, _, state in made] == [
        (local_today() + dt.timedelta(days=ahead), "planned") for ahead in range(1, 7)
    ]
    points = rows(
        "SELECT position, check_point_id, radius_m, dwell_s FROM app.patrol_round_point WHERE patrol_round_id = %s"
        " ORDER BY 1",
        made[0][0],
    )
    assert points == [(1, 1, 40.0, 60), (2, 2, 40.0, 60)]
    owner.rollback()
    owner.cursor().execute("SET ROLE gis_migrator")
    generation.plan_rounds(owner)
    owner.commit()
    assert generation.plan_rounds(owner) == 0
    assert rows(OWN, plan_id) == made


def test_planned_rounds_follow_a_changed_plan_and_keep_their_keys(world, rows):
    petra = world.actor("petra")
    plan_id = planning.save_plan(world.db, petra, draft())
    before = rows(OWN, plan_id)
    later = rhythm(valid_from=tomorrow(), windows=(Window(dt.time(15), dt.time(17)),))
    planning.save_plan(world.db, petra, draft(rhythm=later, check_points=(3, 1)), plan_id=plan_id)
    assert rows(OWN, plan_id) == before
    first = before[0][0]
    assert rows(
        "SELECT (planned_from AT TIME ZONE 'Asia/Shanghai')::time FROM app.patrol_round WHERE patrol_round_id = %s",
        first,
    ) == [(dt.time(15),)]
    points = "SELECT check_point_id FROM app.patrol_round_point WHERE patrol_round_id = %s ORDER BY position"
    assert rows(points, first) == [(3,), (1,)]


def test_started_rounds_stay_while_those_of_a_withdrawn_plan_vanish(world, rows):
    petra, pat = world.actor("petra"), world.actor("pat")
    plan_id = planning.save_plan(world.db, petra, draft())
    started, *others = [row[0] for row in rows(OWN, plan_id)]
    now = dt.datetime.now(dt.UTC).isoformat()
    event = {
        "client_id": "7e0a0e52-3c51-4c1d-9f53-0a8ad7f4f001",
        "kind": "start",
        "device_at": now,
        "sequence": 1,
    }
    assert walking.log_events(world.db, pat, started, [event])[0].outcome == "created"
    planning.save_plan(world.db, petra, draft(is_active=False, check_points=(2,)), plan_id=plan_id)
    states = {row[0]: row[3] for row in rows(OWN, plan_id)}
    assert states == {started: "started", **dict.fromkeys(others, "withdrawn")}
    assert len(rows("SELECT 1 FROM app.patrol_round_point WHERE patrol_round_id = %s", started)) == 2
    seen = round_desk.rounds_of_days(world.db, petra, local_today(), local_today() + dt.timedelta(days=7))
    assert {row.patrol_round_id for row in seen.rows} & {started, *others} == {started}
    with pytest.raises(NotFound):
        round_desk.show_round(world.db, petra, others[0])
    planning.save_plan(world.db, petra, draft(), plan_id=plan_id)
    assert {row[0]: row[3] for row in rows(OWN, plan_id)} == {
        started: "started",
        **dict.fromkeys(others, "planned"),
    }


def test_a_phone_that_was_offline_brings_a_withdrawn_round_back(world, rows):
    petra = world.actor("petra")
    plan_id = planning.save_plan(world.db, petra, draft())
    round_id = rows(OWN, plan_id)[0][0]
    planning.save_plan(world.db, petra, draft(is_active=False), plan_id=plan_id)
    now = dt.datetime.now(dt.UTC).isoformat()
    event = {
        "client_id": "7e0a0e52-3c51-4c1d-9f53-0a8ad7f4f002",
        "kind": "start",
        "device_at": now,
        "sequence": 1,
    }
    walking.log_events(world.db, world.actor("pat"), round_id, [event])
    assert round_desk.show_round(world.db, petra, round_id).row.state == "started"


def test_a_plan_names_only_check_points_its_team_may_see(world):
    petra = world.actor("petra")
    for points in ((1, 4), (999_999,)):
        with pytest.raises(InvalidInput) as refused:
            planning.save_plan(world.db, petra, draft(check_points=points))
        assert refused.value.pointer == "points"
    assert planning.save_plan(world.db, petra, draft(team_id=3, check_points=(6,)))
    with pytest.raises(NotFound):
        planning.save_plan(world.db, petra, draft(), plan_id=999_999)


def test_rounds_of_days_gone_by_are_settled_once(world, owner, rows):
    cursor = owner.cursor()
    made = {}
    for state in ("planned", "started", "paused", "done", "excused"):
        cursor.execute(
            "INSERT INTO app.patrol_round (team_id, planned_from, planned_to, started_at, state)"
            " VALUES (1, now() - interval '30 hours', now() - interval '26 hours', %s, %s) RETURNING patrol_round_id",
            (None if state == "planned" else dt.datetime.now(dt.UTC) - dt.timedelta(hours=30), state),
        )
        made[state] = cursor.fetchone()[0]
    assert generation.settle_rounds(owner) == 3
    assert generation.settle_rounds(owner) == 0
    owner.commit()
    states = dict(
        rows(
            "SELECT patrol_round_id, state FROM app.patrol_round WHERE patrol_round_id = ANY (%s)",
            list(made.values()),
        )
    )
    assert {was: states[key] for was, key in made.items()} == {
        "planned": "missed",
        "started": "partly_done",
        "paused": "partly_done",
        "done": "done",
        "excused": "excused",
    }


def test_a_season_that_changes_takes_the_rounds_of_its_plans_with_it(world, rows):
    petra = world.actor("petra")
    whole_year = SeasonDraft("all", "全年", "all year", "01-01", "12-31", 3000, 60, 10)
    season_id = seasons.create_season(world.db, petra, whole_year)
    season = planning.season_days(world.db, petra, season_id)
    plan_id = planning.save_plan(
        world.db, petra, draft(season_id=season_id, rhythm=rhythm(valid_from=tomorrow(), season=season))
    )
    assert {row[3] for row in rows(OWN, plan_id)} == {"planned"}
    day = local_today() - dt.timedelta(days=60)
    over = SeasonDraft("all", "全年", "all year", f"{day:%m-%d}", f"{day:%m-%d}", 3000, 60, 10)
    seasons.change_season(world.db, petra, season_id, over)
    assert {row[3] for row in rows(OWN, plan_id)} == {"withdrawn"}
    with pytest.raises(Conflict):
        seasons.delete_season(world.db, petra, season_id)


def test_seasons_and_levels_refuse_what_is_none(world):
    petra = world.actor("petra")
    good = {"code": "x", "name_zh": "季", "name_en": "s", "first_day": "06-01", "last_day": "09-30"}
    numbers = {"least_m": 1, "least_minutes": 1, "least_days": 1}
    for wrong in ({"first_day": "02-30"}, {"last_day": "6-1"}, {"code": "A b"}, {"name_en": ""}):
        with pytest.raises(InvalidInput) as refused:
            SeasonDraft(**{**good, **numbers, **wrong})
        assert refused.value.pointer in (*wrong, "name_zh")
    with pytest.raises(NotFound):
        seasons.change_level(world.db, petra, "none", LevelDraft("重点", "key", 3, "day", 4))
    seasons.change_level(world.db, petra, "key", LevelDraft("重点", "key", 3, "day", 4))
    assert planning.choices(world.db, petra, 1).parcels[0].rounds_wanted == 3
    for visits in (-1, 100):
        with pytest.raises(InvalidInput) as refused:
            LevelDraft("重点", "key", 3, "day", visits)
        assert refused.value.pointer == "visits_a_month"
