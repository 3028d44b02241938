"""Extents hold the reader's rows, all of them, and no coordinate of anybody else's."""

from __future__ import annotations

import math

import psycopg2
import pytest

from gis.errors import Forbidden, NotFound
from gis.people.model import Actor, Role
from gis.publish.extents import extent, extents
from gis.publish.layers import layers_of
from tests.gis.publish.town import NOW, lonlat

POINTS = ("building", "rental_unit", "incident", "patrol_point", "facility")
TIMED = {"incident": "reported_at", "patrol_point": "at"}


def around(positions):
    xs, ys = zip(*positions, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def corners(box):
    return box.west, box.south, box.east, box.north


@pytest.mark.parametrize("layer", POINTS)
def test_officer_gets_the_rectangle_of_own_rows(town, layer):
    found = extent(town.db, town.actors["officer"], layer)
    own = around([lonlat(row) for row in town.visible(layer, "officer")])
    assert corners(found.bbox) == pytest.approx(own, abs=1.01e-6)
    assert found.bbox.west <= own[0] and found.bbox.east >= own[2], "rounded outward"
    if layer != "facility":
        everything = around([lonlat(row) for row in town.rows[layer]])
        assert corners(found.bbox) != pytest.approx(everything, abs=1e-4)


@pytest.mark.parametrize("layer", ["incident", "patrol_point"])
def test_patrol_gets_the_rectangle_of_own_rows(town, layer):
    found = extent(town.db, town.actors["patrol"], layer)
    own = around([lonlat(row) for row in town.visible(layer, "patrol")])
    assert corners(found.bbox) == pytest.approx(own, abs=1.01e-6)


def test_patrol_gets_the_parcels_of_its_community(town):
    # The second community begins at 113.93; a parcel reaches 0.003 degrees around its point.
    assert extent(town.db, town.actors["patrol"], "parcel").bbox.west >= 113.93 - 0.0031
    assert extent(town.db, town.actors["planner"], "parcel").bbox.west < 113.92


@pytest.mark.parametrize("layer", POINTS)
def test_planner_gets_the_cells_that_hold_rows_and_the_places_outside(town, layer):
    rows = town.rows[layer]
    held = {row["cell_id"] for row in rows if row["cell_id"]}
    boxes = [cell["box"] for cell in town.cells if cell["cell_id"] in held]
    expected = around([(w, s) for w, s, _, _ in boxes] + [(e, n) for _, _, e, n in boxes]
                      + [lonlat(row) for row in rows if not row["cell_id"]])  # fmt: skip
    found = extent(town.db, town.actors["planner"], layer)
    # The corners of an outline are kept as 32-bit floats, outward: a metre at most.
    assert corners(found.bbox) == pytest.approx(expected, abs=1.2e-5)
    west, south, east, north = around([lonlat(row) for row in rows])
    assert found.bbox.west <= west and found.bbox.south <= south
    assert found.bbox.east >= east and found.bbox.north >= north


@pytest.mark.parametrize("role", ["officer", "patrol", "planner"])
@pytest.mark.parametrize("layer", sorted(TIMED))
def test_period_is_that_of_visible_rows(town, role, layer):
    moments = [row[TIMED[layer]] for row in town.visible(layer, role)]
    found = extent(town.db, town.actors[role], layer)
    assert (found.first_at, found.last_at) == (min(moments), max(moments))
    assert found.last_at <= NOW


def test_nothing_visible_has_no_extent(town):
    nobody = Actor(None, Role.OFFICER)
    assert extent(town.db, nobody, "rental_unit").bbox is None
    assert extent(town.db, nobody, "incident").first_at is None
    assert extent(town.db, town.actors["planner"], "patrol_track").bbox is None


def test_divisions_are_those_in_force(town):
    found = extents(town.db, town.actors["officer"], ("district", "cell"))
    assert corners(found["district"].bbox) == pytest.approx((113.90, 22.70, 113.96, 22.74), abs=1.2e-5)
    assert corners(found["cell"].bbox) == pytest.approx(corners(found["district"].bbox), abs=1.2e-5)


def test_a_layer_that_is_not_the_roles_is_refused(town):
    with pytest.raises(Forbidden):
        extent(town.db, town.actors["patrol"], "rental_unit")
    with pytest.raises(NotFound):
        extent(town.db, town.actors["planner"], "account")


def test_every_layer_of_every_role_has_an_answer(town):
    for actor in town.actors.values():
        names = [layer.name for layer in layers_of(actor)]
        for found in extents(town.db, actor, names).values():
            assert found.bbox is None or all(map(math.isfinite, corners(found.bbox)))


def test_rows_of_others_do_not_move_the_extent(town):
    officer = town.actors["officer"]
    before = extent(town.db, officer, "incident")
    foreign = next(row for row in town.rows["incident"] if row not in town.visible("incident", "officer"))
    with psycopg2.connect(town.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE app.incident SET geom = ST_SetSRID(ST_MakePoint(100, 10), 4326), reported_at = '2001-01-01Z'"
            " WHERE incident_id = %s", (foreign["incident_id"],)
        )  # fmt: skip
    connection.close()
    assert extent(town.db, officer, "incident") == before
