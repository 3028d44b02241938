"""Tiles of points against PostGIS's own (ST_AsMVT) on the demo district."""

from __future__ import annotations

import psycopg2
import pytest

from gis.database.question import Question
from gis.geometry.quad import square_of, tile_range
from gis.people.model import Actor, Role
from gis.publish import tiles
from gis.publish.layers import LAYERS, POINT_LAYERS
from scripts.benchmark.statements import tile_by_postgis
from tests.gis.publish import mvt


@pytest.fixture(scope="module")
def actors(demo_url):
    with psycopg2.connect(demo_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT account_id, role FROM app.account WHERE username IN ('planner1', 'officer1')")
        return {role: Actor(account_id, Role(role)) for account_id, role in cursor.fetchall()}


def tiles_of(demo_url, layer, z):
    """Every tile with something in it."""
    with psycopg2.connect(demo_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT ST_X(geom), ST_Y(geom) FROM app.{layer.name}")
        return sorted({square_of(lon, lat, z) for lon, lat in cursor})


def by_postgis(db, actor, layer, z, x, y):
    low, high = tile_range(z, x, y)
    values = {"layer": layer.name, "x": x, "y": y, "side": 1 << z, "low": low, "high": high}
    (tile,) = db.ask(actor.identity, Question(tile_by_postgis(layer)), values)
    return sorted(mvt.read(bytes(tile)).get(layer.name, []), key=lambda feature: feature["id"])


@pytest.mark.parametrize("role", ["planner", "officer"])
@pytest.mark.parametrize("name", POINT_LAYERS)
def test_tile_tells_what_postgis_tells(demo_url, demo_db, actors, name, role):
    layer, actor = LAYERS[name], actors[role]
    z = layer.points_from_zoom
    found = 0
    for x, y in tiles_of(demo_url, layer, z):
        tile = tiles.tile(demo_db, actor, name, z, x, y).body
        features = mvt.read(tile).get(name, [])
        assert features == by_postgis(demo_db, actor, layer, z, x, y)
        assert bool(features) == bool(tile)
        found += len(features)
    assert found > 0
