"""Days painted as they change: what comes in late, over midnight, or is taken away again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg2
import pytest
from psycopg2.extras import NamedTupleCursor

from gis.analysis.patrol import keeping
from gis.analysis.patrol.areas import cell_areas
from gis.analysis.patrol.figures import revisits, sampling_s, visits_of, work
from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.loading import load, paint_missing
from gis.analysis.patrol.model import PatrolQuestion
from gis.zone import local_today
from tests.gis.analysis.patrol.walking import point, walk, write

DAY = date(2014, 4, 15)
FIRST = "440306007001001"


def asked(first=DAY, last=None, radius_m=50.0):
    return PatrolQuestion.about(first, last or first, radius_m)


def material_of(world, question, name="petra"):
    with world.db.transaction(world.actor(name).identity, read_only=True) as connection:
        return load(connection, question)


def covered(world, question, name="petra"):
    """Covered m² of the six cells."""
    material = material_of(world, question, name)
    painted = paint_missing(material, question.radius_m)
    return cell_areas(material.places, painted, question.radius_m).covered


@pytest.fixture(autouse=True, scope="module")
def settled(world):
    """What the small world was made with is painted."""
    keeping.paint_waiting(world.url)


def test_walk_covers_its_capsule_once_it_is_painted(world):
    walk(world, "2014-04-15 09:00+08", "2014-04-15 09:10+08")
    assert material_of(world, asked()).waiting == (DAY,)
    assert keeping.paint_waiting(world.url) == 1
    # 2·R·400 m + π·R² = 47,853.98 m², by squares of 2 m: a level edge of 400 m is a tenth of one off.
    assert covered(world, asked()) == pytest.approx([47_853.98, 0, 0, 0, 0, 0], abs=100)
    assert material_of(world, asked()).waiting == ()
    assert keeping.paint_waiting(world.url) == 0


def test_late_points_and_tracks_taken_away_are_painted_again(world):
    day = DAY + timedelta(days=1)
    walk(world, "2014-04-16 09:00+08", "2014-04-16 09:10+08")
    keeping.paint_waiting(world.url)
    before = covered(world, asked(day))
    point(world, "2014-04-16 12:00+08")
    point(world, "2014-04-16 12:05+08", cell=3, accuracy_m=50.5)  # not accurate enough
    keeping.paint_waiting(world.url)
    late = covered(world, asked(day))
    # A lone point covers its disc: π·50² = 7,853.98 m².
    assert late - before == pytest.approx([0, 7_853.98, 0, 0, 0, 0], abs=20)
    write(world, "DELETE FROM app.patrol_track WHERE started_at = '2014-04-16 09:00+08'")
    keeping.paint_waiting(world.url)
    assert covered(world, asked(day)) == pytest.approx([0, late[1], 0, 0, 0, 0])
    write(
        world, "DELETE FROM app.patrol_point WHERE at BETWEEN '2014-04-16 00:00+08' AND '2014-04-17 00:00+08'"
    )
    keeping.paint_waiting(world.url)
    assert world.ask("SELECT count(*) FROM app.patrol_day WHERE on_day = %s", day) == [(0,)]


def test_walk_over_midnight_gives_each_leg_to_the_day_it_began_on(world):
    """From 23:50 to 00:10 in Shanghai, which is one day in UTC: two legs before midnight, two after."""
    walk(world, "2014-04-20 23:50+08", "2014-04-21 00:10+08")
    keeping.paint_waiting(world.url)
    first, second = date(2014, 4, 20), date(2014, 4, 21)
    # Half the way each: 2·R·200 m + π·R².
    for day in (first, second):
        assert covered(world, asked(day))[0] == pytest.approx(27_853.98, abs=100)
    both = material_of(world, asked(first, second))
    done = work(both)
    assert done.metres[:6] == pytest.approx([400, 0, 0, 0, 0, 0], abs=0.1)
    assert done.minutes[:6] == pytest.approx([20, 0, 0, 0, 0, 0], abs=0.01)
    assert covered(world, asked(first, second))[0] == pytest.approx(47_853.98, abs=100)
    # One visit goes over midnight.
    now, before = visits_of(both)
    assert revisits(now, before, len(both.places), both.until_ms).visits[0] == 1
    # The day before in UTC has none of it.
    assert covered(world, asked(date(2014, 4, 19))).sum() == 0


def fixes_along(world, stream, began, seconds, metres, count=20):
    """Fixes of pat's phone along the middle of cell 2, as the upload would store them."""
    write(
        world,
        "INSERT INTO app.track_stream (stream_id, account_id, team_id, device_id, source, next_sequence, started_at,"
        " last_at, tracked_at) VALUES (%(stream)s, %(pat)s, 1, 'x', 'phone', %(n)s, %(at)s::timestamptz,"
        " %(at)s::timestamptz + make_interval(secs => %(s)s * (%(n)s - 1)), %(at)s)",
        {"stream": stream, "pat": world.accounts["pat"], "n": count, "at": began, "s": seconds},
    )
    write(
        world,
        "INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, lon, lat)"
        " SELECT %(stream)s, n, t, t, ST_X(p), ST_Y(p) FROM generate_series(0, %(n)s - 1) AS n"
        " CROSS JOIN LATERAL (SELECT %(at)s::timestamptz + make_interval(secs => %(s)s * n) AS t,"
        "   ST_Transform(ST_Translate(ST_Transform(ST_SetSRID(ST_MakePoint(113.9125, 22.755), 4326), 4547),"
        "     n * %(m)s, 0), 4326) AS p) AS f",
        {"stream": stream, "n": count, "at": began, "s": seconds, "m": metres},
    )


def test_vehicles_cover_nothing_and_are_counted_apart(world):
    day = date(2014, 4, 25)
    # 20 m in 2 s are 36 km/h.
    fixes_along(world, "00000000-0000-4000-8000-0000000000a1", "2014-04-25 10:00+08", 2, 20)
    keeping.paint_waiting(world.url)
    material = material_of(world, asked(day))
    done = work(material)
    assert covered(world, asked(day)).sum() == 0
    assert (done.metres.sum(), done.vehicle_m[1]) == (0, pytest.approx(380, abs=0.1))
    assert material.days[0].vehicle_legs == 19


def test_sampling_rate_is_that_of_legs_whose_fixes_have_times(world):
    day = date(2014, 4, 26)
    fixes_along(world, "00000000-0000-4000-8000-0000000000a2", "2014-04-26 10:00+08", 15, 15)
    keeping.paint_waiting(world.url)
    assert sampling_s(material_of(world, asked(day))) == 15
    assert sampling_s(material_of(world, asked())) is None


def test_gaps_are_neither_covered_nor_walked(world):
    day = date(2014, 4, 27)
    for stream, began in (("b1", "10:00"), ("b2", "10:08")):
        fixes_along(
            world, f"00000000-0000-4000-8000-0000000000{stream}", f"2014-04-27 {began}+08", 30, 10, count=2
        )
    # The same device, silent for 301 s between two places 150 m apart.
    write(
        world,
        "INSERT INTO app.track_stream (stream_id, account_id, device_id, source, next_sequence, started_at, last_at,"
        " tracked_at) VALUES ('00000000-0000-4000-8000-0000000000b3', %s, 'x', 'phone', 2, '2014-04-27 11:00+08',"
        " '2014-04-27 11:05:01+08', '2014-04-27 11:05:01+08')",
        (world.accounts["pat"],),
    )
    write(
        world,
        "INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, lon, lat)"
        " VALUES ('00000000-0000-4000-8000-0000000000b3', 0, '2014-04-27 11:00+08', now(), 113.925, 22.755),"
        " ('00000000-0000-4000-8000-0000000000b3', 1, '2014-04-27 11:05:01+08', now(), 113.9264, 22.755)",
    )
    keeping.paint_waiting(world.url)
    done = work(material_of(world, asked(day)))
    assert done.metres[:3] == pytest.approx([0, 20, 0], abs=0.1)
    # Two lone fixes are two discs.
    assert covered(world, asked(day))[2] == pytest.approx(2 * 7_853.98, abs=40)


def test_a_second_device_of_a_person_adds_no_effort(world):
    day = date(2014, 4, 28)
    for metres in (400, 380):
        walk(world, "2014-04-28 09:00+08", "2014-04-28 09:10+08", metres)
    write(
        world,
        "UPDATE app.patrol_track SET account_id = %s WHERE started_at = '2014-04-28 09:00+08'",
        (world.accounts["pat"],),
    )
    keeping.paint_waiting(world.url)
    assert work(material_of(world, asked(day))).metres[0] == pytest.approx(400, abs=0.1)


def test_thinning_of_raw_fixes_has_no_day_painted_anew(world):
    from gis.track.thinning import thin_fixes

    keeping.paint_waiting(world.url)
    write(world, "UPDATE app.track_stream SET last_received_at = now() - interval '200 days'")
    assert thin_fixes(world.url, days=90).removed > 0
    assert world.ask("SELECT count(*) FROM app.patrol_change") == [(0,)]


def test_new_outlines_count_effort_anew_and_keep_the_visited_points(world):
    day = date(2014, 4, 20)
    write(
        world,
        "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, check_point_id,"
        " cell_id, community_id, is_outside, geom) VALUES (gen_random_uuid(), sha256('z'), 'OK', 'phone',"
        " '2014-04-20 12:00+08', '2014-04-20 12:00+08', 1, 1, 1, false, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))",
    )
    keeping.paint_waiting(world.url)
    before = work(material_of(world, asked(day)))
    assert before.visited[0] == 1
    write(
        world,
        "UPDATE app.parcel SET geom = ST_Multi(ST_MakeEnvelope(113.9, 22.75, 113.91, 22.76, 4326)) WHERE parcel_id = 1",
    )
    assert material_of(world, asked(day)).waiting == (day,)
    assert keeping.paint_waiting(world.url) > 0
    after = material_of(world, asked(day))
    assert after.waiting == ()
    assert work(after).visited[0] == 1
    assert work(after).metres[6] == pytest.approx(work(after).metres[0])


def test_notes_of_a_day_become_one_where_nobody_paints(world):
    for hour in range(8, 12):
        point(world, f"2014-05-08 {hour:02}:00+08")
        point(world, f"2014-05-09 {hour:02}:00+08")
    oldest = "SELECT on_day, min(noted_at) FROM app.patrol_change GROUP BY 1 ORDER BY 1"
    before = world.ask(oldest)
    write(world, "SELECT app.compact_patrol_changes()")
    assert world.ask("SELECT on_day, noted_at FROM app.patrol_change ORDER BY 1") == before
    assert [day for day, _ in before] == [date(2014, 5, 8), date(2014, 5, 9)]
    assert material_of(world, asked(date(2014, 5, 7), date(2014, 5, 9))).behind_since == before[0][1]
    assert keeping.paint_waiting(world.url) == 2


def test_nobody_compacts_while_a_day_is_painted(world):
    painting = psycopg2.connect(world.url)
    with painting, painting.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(20140422)")
        point(world, "2014-05-10 09:00+08")
        point(world, "2014-05-10 10:00+08")
        write(world, "SELECT app.compact_patrol_changes()")
        assert world.ask("SELECT count(*) FROM app.patrol_change") == [(2,)]
    painting.close()
    assert keeping.paint_waiting(world.url) == 1


def test_hours_of_legs_are_forgotten_with_raw_fixes(world):
    """What was counted stays; outlines that change later have the day's visits at noon."""
    day = date(2014, 5, 6)
    walk(world, "2014-05-06 06:00+08", "2014-05-06 06:10+08")
    keeping.paint_waiting(world.url)
    before = material_of(world, asked(day))
    connection = psycopg2.connect(world.url, cursor_factory=NamedTupleCursor)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        keeping.keep_some(connection, raw_fix_days=90)
        cursor.execute("SELECT count(*) AS n FROM app.patrol_day WHERE has_hours AND on_day < '2015-01-01'")
        assert cursor.fetchone().n == 0
    connection.close()
    [(packed, times)] = world.ask("SELECT packed, times FROM app.patrol_day WHERE on_day = %s", day)
    assert set(DayLegs.unpacked(bytes(packed), bytes(times)).start_ms) == {12 * 3_600_000}
    after = material_of(world, asked(day))
    assert after.version == before.version
    assert (work(after).minutes == work(before).minutes).all()


def test_a_day_that_fails_waits_on(world, monkeypatch):
    day = date(2014, 5, 3)
    walk(world, "2014-05-03 09:00+08", "2014-05-03 09:10+08")

    def broken(*_args):
        raise RuntimeError("out of paint")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(keeping, "read_day", broken)
        keeping.paint_waiting(world.url)
    assert material_of(world, asked(day)).waiting == (day,)
    assert keeping.paint_waiting(world.url) == 1


def test_painter_goes_on_past_a_day_that_fails_and_when_the_database_was_away(world, monkeypatch, caplog):
    """It leaves the day that fails to the job, and comes back after its connection was ended."""
    bad, good = date(2014, 5, 12), date(2014, 5, 11)
    walk(world, "2014-05-12 09:00+08", "2014-05-12 09:10+08")
    walk(world, "2014-05-11 09:00+08", "2014-05-11 09:10+08")
    real, passes = keeping.read_day, iter(range(40))

    def read(connection, day):
        if day == bad:
            raise RuntimeError("out of paint")
        return real(connection, day)

    def goes_on():
        return next(passes, None) is not None

    def rest(_seconds):
        write(
            world,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query ILIKE '%patrol_change%'",
        )

    monkeypatch.setattr(keeping, "read_day", read)
    monkeypatch.setattr(keeping.time, "sleep", rest)
    keeping.keep_current(world.url, goes_on=goes_on)
    assert material_of(world, asked(bad)).waiting == (bad,)
    assert material_of(world, asked(good)).waiting == ()
    assert "out of paint" in caplog.text
    monkeypatch.undo()
    assert keeping.paint_waiting(world.url) == 1


def test_painter_rests_longer_after_a_long_day_but_never_so_long_that_a_patrol_shows_late(monkeypatch):
    """What was painted takes a fifth of the time, as long as that keeps within seconds."""
    clock, passes, rests = [0.0], iter([(0, 0.1), (1, 0.1), (1, 0.8), (2, 0.9), (1, 3.0)]), []

    def paint_all(*_args, **_options):
        painted, took = next(passes)
        clock[0] += took
        return painted

    monkeypatch.setattr(keeping, "_paint_all", paint_all)
    monkeypatch.setattr(keeping, "_connect", lambda _url: None)
    monkeypatch.setattr(keeping.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(keeping.time, "sleep", rests.append)
    keeping.keep_current("", goes_on=lambda: len(rests) < 5)
    assert rests == pytest.approx([2, 2, 3.2, 3.6, 5])


def test_period_is_the_days_painted_together(world):
    days = asked(DAY, date(2014, 5, 3))
    material = material_of(world, days)
    painted = paint_missing(material, 50)
    joined = np.bitwise_or.reduce([day.layer for day in painted])
    from gis.geometry.footprint.painter import paint

    rows = world.ask(
        "SELECT packed FROM app.patrol_day WHERE on_day BETWEEN %s AND %s", DAY, date(2014, 5, 3)
    )
    legs = np.concatenate([DayLegs.unpacked(bytes(row[0])).covering for row in rows])
    assert (paint(material.grid, legs, np.empty((0, 2)), 50) == joined).all()
    # What is needed of each day paints the same.
    needed = np.concatenate([day.needed for day in painted])
    assert (paint(material.grid, needed, np.empty((0, 2)), 50) == joined).all()


def test_other_radius_is_painted_as_it_is_measured(world):
    wide = covered(world, asked(radius_m=100))
    # 2·R·400 m + π·R²
    assert wide[0] == pytest.approx(111_415.93, abs=200)
    assert material_of(world, asked(radius_m=100)).not_painted == 1


def test_moment_of_ages_is_never_in_the_future(world):
    today = local_today()
    material = material_of(world, asked(today - timedelta(days=1), today + timedelta(days=1)))
    assert material.until_ms <= datetime.now(UTC).timestamp() * 1000
