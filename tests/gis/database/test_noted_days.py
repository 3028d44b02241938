"""Days of walking that is written are noted once for a statement, by all tables alike."""

from __future__ import annotations

from datetime import date

import pytest

POINT = "ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326)"
TRACK = (
    "INSERT INTO app.patrol_track (client_id, source, at, started_at, ended_at, length_m, fixes, is_outside, geom)"
    " SELECT gen_random_uuid(), 'demo', b, b, e, 1, 2, true,"
    " ST_SetSRID(ST_GeomFromText('MULTILINESTRING((113.901 22.755,113.902 22.755))'), 4326)"
    " FROM (SELECT %s::timestamptz AS b, %s::timestamptz AS e) AS v"
)
FIXES = (
    "INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, lon, lat)"
    " SELECT '00000000-0000-4000-8000-000000000001', n, t, t, 113.905, 22.755"
    " FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS v (t, n)"
)
POINTS = (
    "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, is_outside, geom)"
    f" SELECT gen_random_uuid(), sha256('y'), 'OK', 'phone', t, t, true, {POINT} FROM unnest(%s::timestamptz[]) AS t"
)


@pytest.fixture
def noted(world):
    """Run a statement; the days it notes, each as often as it was noted."""

    def act(statement: str, *values: object) -> list[date]:
        world.ask("DELETE FROM app.patrol_change")
        world.ask(statement, *values)
        return [day for (day,) in world.ask("SELECT on_day FROM app.patrol_change ORDER BY 1")]

    return act


def days(*numbers: int) -> list[date]:
    return [date(2013, 3, number) for number in numbers]


def test_fixes_after_midnight_in_the_district_touch_the_day_before_too(noted):
    assert noted(FIXES, ["2013-03-05 00:09:59+08", "2013-03-05 00:09+08"]) == days(4, 5)
    assert noted(FIXES, ["2013-03-05 00:10+08", "2013-03-05 23:59:59+08"]) == days(5)
    assert noted(
        FIXES, [f"2013-03-07 {hour:02}:00+08" for hour in range(1, 24)] + ["2013-03-09 12:00+08"]
    ) == days(7, 9)


def test_points_touch_their_day_alone_and_both_days_when_they_move(noted):
    assert noted(POINTS, ["2013-03-10 00:00+08", "2013-03-10 23:59+08"]) == days(10)
    moved = "UPDATE app.patrol_point SET at = at + interval '2 days' WHERE at >= '2013-03-10 00:00+08' AND at < '2013-03-11 00:00+08'"
    assert noted(moved) == days(10, 12)
    assert noted(
        "DELETE FROM app.patrol_point WHERE at BETWEEN '2013-03-12 00:00+08' AND '2013-03-13 00:00+08'"
    ) == days(12)
    assert noted("DELETE FROM app.patrol_point WHERE at = '2013-03-12 00:00+08'") == []


def test_tracks_touch_every_day_they_last_but_no_more_than_a_week(noted):
    assert noted(TRACK, "2013-03-14 23:00+08", "2013-03-16 01:00+08") == days(14, 15, 16)
    assert noted(TRACK, "2013-03-18 12:00+08", None) == days(18)
    assert noted(TRACK, "2013-03-20 12:00+08", "2013-04-20 12:00+08") == days(*range(20, 28))
    assert noted("DELETE FROM app.patrol_track WHERE started_at = '2013-03-14 23:00+08'") == days(14, 15, 16)


def test_visits_touch_their_day_and_open_points_none(noted):
    visit = "UPDATE app.patrol_round_point SET (visited_at, visited_by) = (%s, %s) WHERE patrol_round_id = 1"
    assert noted(visit, "2013-03-29 23:59+08", "qr") == days(29)
    assert noted(visit, "2013-03-30 00:00+08", "qr") == days(29, 30)
    assert noted(visit, None, None) == days(30)
    assert noted("UPDATE app.patrol_round_point SET dwell_s = 61 WHERE patrol_round_id = 2") == []


def test_only_the_thinning_job_leaves_days_as_they_are(world, noted):
    delete = "DELETE FROM app.patrol_fix WHERE at < '2013-04-01 00:00+08'"
    assert noted(FIXES, ["2013-03-05 12:00+08"]) == days(5)
    assert noted(f"SELECT set_config('app.keeps_line', 'on', true); {delete} RETURNING 1") == []
