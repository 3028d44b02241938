"""Weekly schedules: when they are due, what they ask for, and in whose name."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.analysis import registry
from gis.analysis.runs import schedules, service
from gis.analysis.runs.model import moved, names_of, next_time, period_in
from gis.errors import Forbidden, InvalidInput, NotFound
from gis.zone import ZONE
from tests import analyses
from tests.analyses import WEEK

FIRST, LAST = datetime(2014, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(registry, "ANALYSES", {**registry.ANALYSES, **analyses.HERE})


def ask_due(world) -> int:
    connection = psycopg2.connect(world.url, cursor_factory=psycopg2.extras.NamedTupleCursor)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator; SET search_path = app, public")
        asked = schedules.ask_due(connection)
    connection.close()
    return asked


@given(
    weekday=st.integers(1, 7),
    hour=st.integers(0, 23),
    after=st.datetimes(FIRST, LAST, timezones=st.sampled_from([ZONE, ZoneInfo("UTC")])),
)
def test_the_next_time_is_that_hour_within_a_week(weekday, hour, after):
    at = next_time(weekday, hour, after).astimezone(ZONE)
    assert (at.isoweekday(), at.hour, at.minute, at.second) == (weekday, hour, 0, 0)
    assert 0 < (at - after).total_seconds() <= 7 * 86_400


def test_a_period_is_moved_to_the_days_before_today():
    assert moved({**WEEK, "steps": 2}, ("from_on", "to_on"), 7, date(2026, 3, 9)) == {
        "from_on": "2026-03-02", "to_on": "2026-03-08", "steps": 2,
    }  # fmt: skip
    assert moved(WEEK, ("from_on", "to_on"), None, date(2026, 3, 9)) == WEEK
    assert period_in(names_of(analyses.Period)) == ("from_on", "to_on")
    assert period_in(names_of(analyses.Plain)) is None
    assert period_in(["from", "to", "radius"]) == ("from", "to")


def test_a_due_schedule_asks_once_in_its_makers_name_and_moves_on(world):
    petra = world.actor("petra")
    schedule_id = schedules.create_schedule(world.db, petra, "units", WEEK, last_days=7, weekday=1, hour=6)
    assert ask_due(world) == 0
    world.ask(
        "UPDATE app.analysis_schedule SET next_at = now() - interval '20 days' WHERE analysis_schedule_id = %s",
        schedule_id,
    )
    assert ask_due(world) == 1
    assert ask_due(world) == 0
    ((run_id, account, parameters, today),) = world.ask(
        "SELECT analysis_run_id, account_id, parameters, app.today() FROM app.analysis_run WHERE analysis_schedule_id = %s",
        schedule_id,
    )
    assert account == world.accounts["petra"]
    assert parameters == {**moved(WEEK, ("from_on", "to_on"), 7, today), "steps": 3}
    assert service.show_run(world.db, petra, run_id)[0].schedule_id == schedule_id
    # What the schedule asked for is what a person asks for: one run.
    assert service.ask_run(world.db, petra, "units", parameters).run_id == run_id
    assert world.ask(
        "SELECT next_at > now() FROM app.analysis_schedule WHERE analysis_schedule_id = %s", schedule_id
    ) == [(True,)]


def test_a_paused_schedule_asks_for_nothing_and_missed_times_are_not_made_up_for(world):
    petra = world.actor("petra")
    schedule_id = schedules.create_schedule(world.db, petra, "falls", {}, last_days=None, weekday=2, hour=0)
    schedules.switch_schedule(world.db, petra, schedule_id, is_enabled=False)
    world.ask(
        "UPDATE app.analysis_schedule SET next_at = now() - interval '1 hour' WHERE analysis_schedule_id = %s",
        schedule_id,
    )
    assert ask_due(world) == 0
    schedules.switch_schedule(world.db, petra, schedule_id, is_enabled=True)
    assert ask_due(world) == 0
    (shown,) = [one for one in schedules.list_schedules(world.db, petra) if one.schedule_id == schedule_id]
    assert (shown.is_enabled, shown.weekday, shown.last_days, shown.made_by) == (True, 2, None, "演示petra")
    schedules.delete_schedule(world.db, petra, schedule_id)
    with pytest.raises(NotFound):
        schedules.delete_schedule(world.db, petra, schedule_id)


@pytest.mark.parametrize(
    ("name", "parameters", "times", "pointer"),
    [
        ("units", WEEK, {"last_days": 0, "weekday": 1, "hour": 6}, "last_days"),
        ("units", WEEK, {"last_days": 93, "weekday": 1, "hour": 6}, "last_days"),
        ("falls", {}, {"last_days": 7, "weekday": 1, "hour": 6}, "last_days"),
        ("units", WEEK, {"last_days": 7, "weekday": 8, "hour": 6}, "weekday"),
        ("units", WEEK, {"last_days": 7, "weekday": 1, "hour": 24}, "hour"),
        ("units", {**WEEK, "steps": 0}, {"last_days": 7, "weekday": 1, "hour": 6}, "steps"),
    ],
)  # fmt: skip
def test_what_could_never_run_is_refused_at_once(world, name, parameters, times, pointer):
    with pytest.raises(InvalidInput) as fault:
        schedules.create_schedule(world.db, world.actor("petra"), name, parameters, **times)
    assert fault.value.pointer == pointer


def test_schedules_are_planners_to_make_and_others_to_look_at(world):
    for name in ("dan", "audrey"):
        assert schedules.list_schedules(world.db, world.actor(name))
        with pytest.raises(Forbidden):
            schedules.switch_schedule(world.db, world.actor(name), 1, is_enabled=False)
    for name in ("alice", "pat", "adam"):
        with pytest.raises(Forbidden):
            schedules.list_schedules(world.db, world.actor(name))
