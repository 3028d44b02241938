"""Vector tiles against the rows they come from."""

from __future__ import annotations

import math

import pytest

from gis.errors import Forbidden, InvalidInput
from gis.publish import tiles
from gis.publish.layers import LAYERS
from gis.publish.model import tile_bbox
from tests.gis.publish import mvt
from tests.gis.publish.town import SOUTH, STEP, WEST, lonlat

ROLES = ["officer", "patrol", "planner", "admin"]
POINT_LAYERS = ("building", "rental_unit", "incident", "patrol_point", "facility")


def tile_of(lon, lat, z):
    """Tile column and row of a place (the slippy-map formula)."""
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return x, y


def pixel(lon, lat, z, x, y):
    column = (lon + 180) / 360 * 2**z - x
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z - y
    return column * 4096, row * 4096


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("layer", POINT_LAYERS)
def test_tile_holds_the_visible_points_where_they_are(town, role, layer):
    if not town.actors[role].may(LAYERS[layer].permission):
        with pytest.raises(Forbidden):
            tiles.tile(town.db, town.actors[role], layer, 15, 0, 0)
        return
    z = 15
    x, y = tile_of(WEST + 0.012, SOUTH + 0.033, z)
    box = tile_bbox(z, x, y)
    tile = tiles.tile(town.db, town.actors[role], layer, z, x, y).body
    found = {f["id"]: f["point"] for f in mvt.read(tile).get(layer, [])}
    for row in town.visible(layer, role):
        lon, lat = lonlat(row)
        key = row[LAYERS[layer].key]
        if box.west < lon < box.east and box.south < lat < box.north:
            expected = pixel(lon, lat, z, x, y)
            assert math.dist(found.pop(key), expected) <= 1.5
    assert not found  # a point is in one tile, so that it is drawn once


@pytest.mark.parametrize("role", ["officer", "patrol", "planner"])
@pytest.mark.parametrize("layer", ["incident", "patrol_point", "facility"])
def test_low_zoom_counts_every_visible_row_in_its_square(town, role, layer):
    z = 9
    x, y = tile_of(WEST + STEP, SOUTH + STEP, z)
    found = mvt.read(tiles.tile(town.db, town.actors[role], layer, z, x, y).body)[layer]
    expected: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for row in town.visible(layer, role):
        if tile_of(*lonlat(row), z) == (x, y):
            expected.setdefault(tile_of(*lonlat(row), 15), []).append(pixel(*lonlat(row), z, x, y))
    assert sorted(feature["properties"]["count"] for feature in found) == sorted(map(len, expected.values()))
    for points in expected.values():
        mean = [sum(numbers) / len(points) for numbers in zip(*points, strict=True)]
        assert any(
            feature["properties"]["count"] == len(points) and math.dist(feature["point"], mean) < 2
            for feature in found
        )
    everything = len(town.rows[layer])
    assert layer == "facility" or role == "planner" or sum(map(len, expected.values())) < everything


def test_shapes_have_tiles_at_every_zoom_and_far_away_there_is_nothing(town):
    actor = town.actors["planner"]
    for z in (8, 14, 18):
        x, y = tile_of(WEST + 0.011, SOUTH + 0.011, z)
        assert len(tiles.tile(town.db, actor, "cell", z, x, y).body) > 50
        assert tiles.tile(town.db, actor, "cell", z, 0, 0).body == b""
        assert tiles.tile(town.db, actor, "incident", z, 0, 0).body == b""


@pytest.mark.parametrize(("z", "x", "y"), [(3, 8, 0), (3, 0, 8), (-1, 0, 0), (25, 0, 0)])
def test_tile_that_does_not_exist_is_refused(town, z, x, y):
    with pytest.raises(InvalidInput):
        tiles.tile(town.db, town.actors["planner"], "cell", z, x, y)


def test_bounds_of_known_tiles():
    # WebMercatorQuad: OGC 17-083r4, annex D; the world is one tile at zoom 0.
    world = tile_bbox(0, 0, 0)
    assert (world.west, world.east) == (-180, 180)
    assert world.north == pytest.approx(85.0511287798)
    quarter = tile_bbox(1, 1, 0)
    assert (quarter.west, quarter.south, quarter.east) == (0, pytest.approx(0), 180)
    assert tile_bbox(1, 0, 0, margin=0.5).west == -180
