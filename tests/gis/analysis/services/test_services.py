"""Service coverage through the database on the small world: a straight street, six buildings, answers by hand.

The buildings stand 0.01 degrees apart on the street, 1,027.4 m in EPSG:4547: 13.7 minutes at 75 m a minute.
"""

from __future__ import annotations

import json

import pytest
import shapely

from gis.analysis.result import Result
from gis.analysis.services.model import KINDS, ServicesParameters
from gis.analysis.services.service import SERVICES, catchment_of, farthest, services
from gis.database.codes import CODES
from gis.errors import Forbidden, NotFound
from gis.geometry.crs import to_metric
from tests.world import World

STEP_MIN = 1027.4 / 75
EAST = "440306007002"


@pytest.fixture(scope="module")
def town(world):
    """10, 20 … 60 people in the buildings from west to east, a hospital beside the first."""
    world.ask(
        """SET ROLE gis_migrator;
        UPDATE app.rental_unit SET tenants = 10 * rental_unit_id;
        INSERT INTO app.facility (code, kind, name_zh, capacity, opening_hours, cell_id, community_id, geom)
        VALUES ('H1', 'hospital', '医院', 42, 'Mo-Fr 08:00-18:00', 1, 1,
                ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326));
        """,
    )
    return world


def new_network(world: World, *, keep: str = "true", walkable: str = "true") -> None:
    """Another network with some of the streets of the first."""
    world.ask(
        "SET ROLE gis_migrator; WITH made AS (INSERT INTO app.road_network (title, edges, length_m, walkable_m, components,"
        " apart_m) VALUES ('x', 1, 1, 1, 1, 0) RETURNING road_network_id)"
        " INSERT INTO app.road_line (road_network_id, class, is_walkable, geom)"
        f" SELECT made.road_network_id, class, {walkable}, geom FROM app.road_line AS l, made"
        f" WHERE l.road_network_id = 1 AND {keep}"
    )


def ask(world: World, name: str = "petra", **asked) -> Result:
    return services(world.db, world.actor(name), ServicesParameters(**asked)).result


def table(result: Result, name: str) -> list[dict]:
    found = next(one for one in result.tables if one.name == name)
    return [dict(zip((figure.name for figure in found.figures), row, strict=True)) for row in found.rows]


def test_shares_of_residents_and_units_by_hand(town):
    result = ask(town, kind="hospital", minutes=30)
    west, east = table(result, "communities")
    # 10 people live at the hospital, 20 at 13.7 minutes, 30 at 27.4: 10 and 30 of 60 within 10 and 15 minutes.
    assert (west["residents"], west["units"]) == (60, 3)
    assert (west["within_5"], west["within_10"], west["within_15"]) == pytest.approx((1 / 6, 1 / 6, 1 / 2))
    assert (west["within"], west["units_within"]) == (1, 1)
    assert (east["within"], east["units_within"], east["residents"]) == (0, 0, 150)
    assert west["p95_minutes"] == pytest.approx(2 * STEP_MIN, rel=1e-3)
    assert east["p95_minutes"] == pytest.approx(5 * STEP_MIN, rel=1e-3)
    # The worst-served twentieth is in the last building, whose 60 people are more than a twentieth of 210.
    assert (west["worst_residents"], east["worst_residents"]) == (0, 0)
    cells = table(result, "cells")
    assert [cell["within_15"] for cell in cells] == [1, 1, 0, 0, 0, 0]
    assert sum(cell["residents"] for cell in cells) == west["residents"] + east["residents"] == 210


def test_capacity_is_shared_among_those_who_reach_it(town):
    west, east = table(ask(town, kind="hospital", minutes=15, decay="none"), "communities")
    # 42 places for the 30 people within 15 minutes: 1.4 for each; the mean over 60 people is 0.7.
    assert west["places_per_1000"] == pytest.approx(700) and east["places_per_1000"] == 0
    (hospital,) = table(ask(town, kind="hospital", minutes=15, decay="none"), "facilities")
    assert hospital["per_1000_reached"] == pytest.approx(1400)
    assert (hospital["nearest_residents"], hospital["capacity"]) == (210, 42)
    # (20 · 1 + 30 · 2 + 40 · 3 + 50 · 4 + 60 · 5) / 210 = 700 / 210 steps.
    assert hospital["mean_minutes"] == pytest.approx(700 / 210 * STEP_MIN, rel=1e-3)


def test_what_opening_hours_leave_open(town):
    closed = ask(town, kind="hospital", minutes=15, weekday="Su", hour=10)
    west, _ = table(closed, "communities")
    assert (west["within"], west["within_open"], west["lost_by_hours"]) == (0.5, 0, 0.5)
    assert table(closed, "facilities")[0]["is_open"] is False
    open_ = table(ask(town, kind="hospital", minutes=15, weekday="Mo", hour=10), "communities")[0]
    assert (open_["within_open"], open_["lost_by_hours"]) == (0.5, 0)
    assert west["within_5"] == open_["within_5"]
    # Parks say nothing of hours: they count as open.
    parks = table(ask(town, kind="park", minutes=5, weekday="Su", hour=3), "communities")
    assert {place["within_open"] for place in parks} == {1}


def test_every_kind_there_is_stands_in_one_table(town):
    kinds = {row["kind"]: row for row in table(ask(town, minutes=15), "kinds")}
    assert set(kinds) == {"hospital", "park"}
    assert (kinds["park"]["facilities"], kinds["park"]["within_5"], kinds["park"]["capacity"]) == (6, 1, None)
    assert (kinds["hospital"]["within_15"], kinds["hospital"]["capacity"]) == (pytest.approx(30 / 210), 42)


def test_straight_lines_are_lengthened_and_said_to_be_none_of_the_network(town):
    # 1.3 times 13.7 minutes is beyond 15, 1.05 times is not.
    assert table(ask(town, kind="hospital", way="straight"), "communities")[0]["within_15"] == pytest.approx(
        1 / 6
    )
    near = ask(town, kind="hospital", way="straight", detour=1.05)
    assert table(near, "communities")[0]["within_15"] == pytest.approx(1 / 2)


def test_who_reaches_nothing_is_counted_and_located(town):
    new_network(town, keep="ST_XMin(geom) < 113.945")
    result = ask(town, kind="hospital", minutes=15)
    cells = table(result, "cells")
    assert [cell["p95_minutes"] is None for cell in cells] == [False] * 5 + [True]
    assert [cell["worst_residents"] for cell in cells] == [0, 0, 0, 0, 0, 60]
    (worst,) = table(result, "worst")
    assert (worst["cell"], worst["worst_unreached"], worst["worst_minutes"]) == (EAST + "003", 60, None)
    assert {finding.key for finding in result.findings} == {"covered", "worst_unreached"}
    new_network(town)


def test_a_change_of_the_data_is_seen_at_once(town):
    before = services(town.db, town.actor("petra"), ServicesParameters(kind="hospital"))
    town.ask(
        "SET ROLE gis_migrator; UPDATE app.rental_unit SET tenants = tenants + 1 WHERE rental_unit_id = 1"
    )
    after = services(town.db, town.actor("petra"), ServicesParameters(kind="hospital"))
    town.ask(
        "SET ROLE gis_migrator; UPDATE app.rental_unit SET tenants = tenants - 1 WHERE rental_unit_id = 1"
    )
    assert after.version != before.version
    assert table(after.result, "communities")[0]["residents"] == 61


def test_what_still_holds_after_a_change_is_not_measured_again_and_what_does_not_is(town):
    def ground():
        return services(town.db, town.actor("petra"), ServicesParameters(kind="hospital")).ground

    first = ground()
    town.ask(
        "SET ROLE gis_migrator; UPDATE app.rental_unit SET last_visit_at = now() WHERE rental_unit_id = 1"
    )
    visited = ground()
    assert visited.version != first.version and visited.network is first.network
    assert visited.kept[("kind", "hospital", True, 1.3)] is first.kept[("kind", "hospital", True, 1.3)]
    town.ask(
        "SET ROLE gis_migrator; UPDATE app.facility SET geom = ST_SetSRID(ST_MakePoint(113.955, 22.755), 4326)"
        " WHERE code = 'H1'"
    )
    moved = services(town.db, town.actor("petra"), ServicesParameters(kind="hospital"))
    assert moved.ground.network is first.network and moved.ground.buildings is first.buildings
    assert [cell["within_5"] for cell in table(moved.result, "cells")] == [0, 0, 0, 0, 0, 1]
    town.ask(
        "SET ROLE gis_migrator; UPDATE app.facility SET geom = ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326)"
        " WHERE code = 'H1'"
    )


def test_the_same_question_on_the_same_data_has_the_same_answer(town):
    asked = ServicesParameters(kind="park", minutes=7, weekday="Sa", decay="gaussian")
    with town.db.transaction(town.actor("petra").identity, read_only=True) as connection:
        ground = SERVICES.load(connection, asked)
        assert SERVICES.version(connection, asked) == ground.version
    steps = []
    fresh = SERVICES.measure(ground, asked, lambda done, of: steps.append((done, of)))
    assert fresh == ask(town, kind="park", minutes=7, weekday="Sa", decay="gaussian")
    assert steps[0][0] == 0 and steps[-1][0] == steps[-1][1] and steps == sorted(steps)


def test_cancelling_ends_the_work(town):
    class Cancelled(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done > 3:
            raise Cancelled

    asked = ServicesParameters()
    with town.db.transaction(town.actor("petra").identity, read_only=True) as connection:
        ground = SERVICES.load(connection, asked)
    with pytest.raises(Cancelled):
        SERVICES.measure(ground, asked, stop)


def test_the_rows_behind_a_place_are_its_buildings_the_farthest_first(town):
    asked = ServicesParameters(kind="hospital")
    rows = farthest(town.db, town.actor("dan"), asked, EAST)
    assert [(row.code, row.residents, row.facility) for row in rows] == [
        ("B6", 60, "医院"),
        ("B5", 50, "医院"),
        ("B4", 40, "医院"),
    ]
    assert rows[0].minutes == pytest.approx(5 * STEP_MIN, rel=1e-3)
    assert [row.code for row in farthest(town.db, town.actor("dan"), asked, EAST + "002")] == ["B5"]
    with pytest.raises(NotFound):
        farthest(town.db, town.actor("dan"), asked, "no such place")


def test_the_catchment_of_a_facility_ends_where_the_minutes_do(town):
    found = catchment_of(town.db, town.actor("dan"), ServicesParameters(kind="hospital", minutes=10), "H1")
    area, street = (shapely.from_geojson(json.dumps(one["geometry"])) for one in found["features"])
    # 750 m to both sides, but the street begins 514 m west of the hospital.
    assert to_metric(street).length == pytest.approx(750 + 513.7, abs=3)
    assert to_metric(area).area == pytest.approx((750 + 513.7) * 100 + 50 * 50 * 3.1416, rel=0.01)
    circle = catchment_of(
        town.db, town.actor("dan"), ServicesParameters(minutes=10, way="straight", detour=1.25), "H1"
    )
    (disc,) = circle["features"]
    assert to_metric(shapely.from_geojson(json.dumps(disc["geometry"]))).area == pytest.approx(
        3.1416 * 600**2, rel=0.01
    )
    with pytest.raises(NotFound):
        catchment_of(town.db, town.actor("dan"), ServicesParameters(), "H9")


def test_without_a_network_straight_lines_stand_in_and_say_so(town):
    new_network(town, walkable="false")
    result = ask(town, kind="hospital", detour=1.2)
    assert result.findings[0].key == "no_network" and result.findings[0].values == {"detour": 1.2}
    assert table(result, "communities")[0]["within_15"] == pytest.approx(1 / 6)
    new_network(town)


def test_a_kind_nobody_offers_is_told(town):
    result = ask(town, kind="school")
    assert [finding.key for finding in result.findings] == ["no_facility"]
    assert {place["within_15"] for place in table(result, "communities")} == {0}


@pytest.mark.parametrize("name", ["alice", "pat", "adam"])
def test_who_may_not_look_is_refused(town, name):
    with pytest.raises(Forbidden):
        ask(town, name, kind="park")


def test_the_kinds_to_choose_from_are_those_of_the_code_table():
    codes = [line.split(",")[0] for line in (CODES / "facility_kind.csv").read_text("utf-8").splitlines()[1:]]
    assert list(KINDS) == codes
