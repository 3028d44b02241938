"""Coverage as people use it: computed by the planner, kept, read by those who may, current or not."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg2
import pytest

from gis.analysis import service
from gis.analysis.model import CoverageRequest
from gis.errors import Busy, Forbidden, InvalidInput, NotFound, TooLarge

DAY = date(2014, 4, 15)
REQUEST = CoverageRequest(DAY, DAY, 50)


def run(world, statement, params=None):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall() if cursor.description else None
    connection.close()
    return rows


@pytest.fixture(scope="module", autouse=True)
def walked(world):
    """One straight walk along the middle of cell 1, 400 m, on the day; nothing else that day."""
    run(
        world,
        "INSERT INTO app.patrol_track (client_id, source, at, started_at, ended_at, length_m, fixes, is_outside,"
        " geom) SELECT gen_random_uuid(), 'demo', '2014-04-15 00:30+08', '2014-04-15 00:30+08',"
        " '2014-04-15 01:00+08', 400, 5, false,"
        " ST_Multi(ST_Transform((SELECT ST_MakeLine(ST_Translate(m, x, 0) ORDER BY x) FROM generate_series(-200, 200, 100) AS x), 4326))"
        " FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326), 4547) AS m) AS middle",
    )


def test_walk_covers_its_capsule(world):
    result = service.compute_coverage(world.db, world.actor("petra"), REQUEST)
    cells = {cell.code: cell for c in result.communities for cell in c.cells}
    # Four legs of 100 m in line: 2·R·400 m + π·R² = 47,853.98 m²; 16 chords lose at most 0.17 % of the discs.
    assert cells["440306007001001"].covered_m2 == pytest.approx(47_853.98, abs=15)
    assert [c.covered_m2 for code, c in cells.items() if code != "440306007001001"] == [0] * 5
    first = result.communities[0]
    assert first.covered_m2 == pytest.approx(sum(c.covered_m2 for c in first.cells))
    assert first.share == pytest.approx(first.covered_m2 / first.area_m2)
    assert (result.fixes, result.legs, result.effort_km) == (5, 4, pytest.approx(0.4))


def test_days_are_those_of_shanghai(world):
    # 00:30 on the 15th in Shanghai is still the 14th in UTC.
    before = CoverageRequest(DAY - timedelta(days=1), DAY - timedelta(days=1), 50)
    assert service.compute_coverage(world.db, world.actor("petra"), before).share == 0


def test_computed_coverage_is_read_by_those_who_may_and_by_no_other(world):
    service.compute_coverage(world.db, world.actor("petra"), REQUEST)
    for name in ("petra", "dan", "audrey"):
        assert service.stored_coverage(world.db, world.actor(name), REQUEST).share > 0
    for name in ("alice", "pat", "adam"):
        with pytest.raises(Forbidden):
            service.stored_coverage(world.db, world.actor(name), REQUEST)
    for name in ("dan", "audrey", "alice", "pat", "adam"):
        with pytest.raises(Forbidden):
            service.compute_coverage(world.db, world.actor(name), REQUEST)


def test_same_question_is_computed_once_until_something_new_comes_in(world):
    petra = world.actor("petra")
    first = service.compute_coverage(world.db, petra, REQUEST)
    again = service.compute_coverage(world.db, petra, REQUEST)
    assert again.computed_at == first.computed_at
    run(
        world,
        "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, cell_id, community_id,"
        " is_outside, geom) VALUES (gen_random_uuid(), sha256('y'), 'OK', 'phone', '2014-04-15 12:00+08',"
        " '2014-04-15 12:00+08', 2, 1, false,"
        " ST_SetSRID(ST_MakePoint(113.915, 22.755), 4326))",
    )
    assert not service.stored_coverage(world.db, petra, REQUEST).is_current
    anew = service.compute_coverage(world.db, petra, REQUEST)
    assert anew.is_current and anew.computed_at > first.computed_at
    cells = {cell.code: cell for c in anew.communities for cell in c.cells}
    # A lone point covers its disc: π·50² = 7,853.98 m².
    assert cells["440306007001002"].covered_m2 == pytest.approx(7_853.98, abs=15)
    assert run(world, "SELECT count(*) FROM app.coverage_run WHERE from_on = '2014-04-15'") == [(1,)]


def test_gaps_and_covered_area_add_up_to_the_zone(world):
    result = service.compute_coverage(world.db, world.actor("petra"), REQUEST)
    for place in result.communities:
        found = service.gaps(world.db, world.actor("petra"), REQUEST, community=place.code)
        assert found["uncovered_m2"] + place.covered_m2 == pytest.approx(place.area_m2, abs=5)
        assert sum(f["properties"]["area_m2"] for f in found["features"]) == pytest.approx(
            found["uncovered_m2"], abs=5
        )
    one = service.gaps(world.db, world.actor("petra"), REQUEST, cell="440306007001001")
    assert one["uncovered_m2"] < one["zone_m2"]


def test_track_that_leaves_the_district_covers_what_it_passed(world):
    """Flagged as outside, 200 m of it inside: along the middle of the first cell, over the west border."""
    run(
        world,
        "INSERT INTO app.patrol_track (client_id, source, at, started_at, length_m, fixes, is_outside, geom)"
        " SELECT gen_random_uuid(), 'demo', '2014-05-01 09:00+08', '2014-05-01 09:00+08', 400, 2, true,"
        " ST_Multi(ST_Transform(ST_MakeLine(ARRAY[ST_Translate(b, -150, 0), ST_Translate(b, 25, 0), ST_Translate(b, 200, 0)]), 4326))"
        " FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(113.90, 22.755), 4326), 4547) AS b) AS border",
    )
    day = CoverageRequest(date(2014, 5, 1), date(2014, 5, 1), 50)
    cell = service.compute_coverage(world.db, world.actor("petra"), day).communities[0].cells[0]
    # 2·R·200 m and a half disc of π·50²/2, up to the meridian not being quite straight up.
    assert cell.covered_m2 == pytest.approx(20_000 + 3_926.99, abs=20)


def test_points_that_are_not_accurate_cover_nothing(world):
    run(
        world,
        "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, cell_id, community_id,"
        " is_outside, accuracy_m, geom) SELECT gen_random_uuid(), sha256('y'), 'OK', 'phone', '2014-05-02 12:00+08',"
        " '2014-05-02 12:00+08', 1 + n, 1, false, 50 + n, ST_SetSRID(ST_MakePoint(113.905 + 0.01 * n, 22.755), 4326)"
        " FROM generate_series(0, 1) AS n",
    )
    day = CoverageRequest(date(2014, 5, 2), date(2014, 5, 2), 50)
    result = service.compute_coverage(world.db, world.actor("petra"), day)
    covered = [cell.covered_m2 for cell in result.communities[0].cells]
    assert covered == [pytest.approx(7_853.98, abs=15), 0, 0]
    assert result.fixes == 1


def test_radius_that_is_no_binary_fraction_is_found_again(world):
    asked = CoverageRequest(DAY, DAY, 12.3)
    first = service.compute_coverage(world.db, world.actor("petra"), asked)
    assert service.compute_coverage(world.db, world.actor("petra"), asked).computed_at == first.computed_at


def test_gaps_of_what_was_never_computed_are_the_planners_alone(world):
    never = CoverageRequest(DAY, DAY, 77)
    assert service.gaps(world.db, world.actor("petra"), never, cell="440306007001001")["uncovered_m2"] > 0
    with pytest.raises(NotFound):
        service.gaps(world.db, world.actor("audrey"), never, cell="440306007001001")
    service.compute_coverage(world.db, world.actor("petra"), never)
    assert service.gaps(world.db, world.actor("audrey"), never, cell="440306007001001")["uncovered_m2"] > 0


def test_one_measurement_at_a_time_and_none_without_end(world, monkeypatch):
    petra, asked = world.actor("petra"), CoverageRequest(DAY, DAY, 88)

    def meanwhile(*_args, **_options):
        with pytest.raises(Busy):
            service.compute_coverage(world.db, petra, CoverageRequest(DAY, DAY, 99))
        raise RuntimeError("measured")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="measured"):
        patch.setattr(service, "measure_coverage", meanwhile)
        service.compute_coverage(world.db, petra, asked)
    with monkeypatch.context() as patch, pytest.raises(TooLarge):
        patch.setattr(service, "_LONGEST_S", -1.0)
        service.compute_coverage(world.db, petra, asked)
    assert service.stored_coverage(world.db, petra, asked) is None
    assert service.compute_coverage(world.db, petra, asked).is_current


def test_gaps_of_a_place_that_is_not_there(world):
    with pytest.raises(NotFound):
        service.gaps(world.db, world.actor("petra"), REQUEST, cell="999")


@pytest.mark.parametrize(
    ("first", "last", "radius_m", "pointer"),
    [
        (DAY, DAY - timedelta(days=1), 50, "to"),
        (DAY, DAY + timedelta(days=92), 50, "to"),
        (DAY, DAY, 0, "radius_m"),
        (DAY, DAY, 2001, "radius_m"),
        (DAY, DAY, float("nan"), "radius_m"),
    ],
)
def test_bad_questions_name_their_field(first, last, radius_m, pointer):
    with pytest.raises(InvalidInput) as refused:
        CoverageRequest(first, last, radius_m)
    assert refused.value.pointer == pointer


def test_default_is_measured_by_the_loader_in_nobodys_name(world):
    service.compute_default(world.url)
    assert run(world, "SELECT count(*) FROM app.coverage_run WHERE account_id IS NULL AND radius_m = 50") == [
        (2,)
    ]
