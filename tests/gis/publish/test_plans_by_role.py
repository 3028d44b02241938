"""Which index each role's reads go by: items, tiles, clusters, areas (see test_query_plans for the rest).

PostGIS functions are not leakproof, so a spatial index is of no use below a row filter: a reader of few
cells must get by with the b-tree on cell_id, a reader of the district with the spatial index.
"""

from __future__ import annotations

import re
from datetime import timedelta

import psycopg2
import pytest

from gis.publish import composed, composed_tiles, service, store
from gis.publish.composed import Area, Filter
from gis.publish.layers import LAYERS
from gis.publish.model import BBox, ItemQuery, TimeSpan
from tests.gis.publish.town import COLUMNS, NOW, ROWS, SOUTH, STEP, WEST, Town

BOX = BBox(WEST + 0.002, SOUTH + 0.032, WEST + 0.004, SOUTH + 0.034)  # inside the officer's first cell

# 30,000 units and 60,000 patrol points, evenly spread; every tenth patrol point is the team's.
BULK = """
INSERT INTO app.rental_unit (code, address, grade, filed_on, cell_id, community_id, geom)
SELECT 'X' || n, '', 'watch', '2024-01-01', c.cell_id, c.community_id, place.geom
FROM generate_series(1, 30000) AS n
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(
  %(west)s + 0.00001 + (%(width)s - 0.00002) * ((n * 0.618033988749895) %% 1),
  %(south)s + 0.00001 + (%(height)s - 0.00002) * ((n * 0.754877666246693) %% 1)), 4326) AS geom) AS place
CROSS JOIN LATERAL app.cell_at(place.geom) AS c;
INSERT INTO app.patrol_point (client_id, content_sha256, team_id, kind, source, device_at, cell_id, community_id,
  is_outside, geom)
SELECT gen_random_uuid(), sha256('x'), t.team_id, 'OK', 'demo', now() - n * interval '1 minute', u.cell_id,
       u.community_id, false, u.geom
FROM app.rental_unit AS u CROSS JOIN generate_series(1, 2) AS n
LEFT JOIN app.team AS t ON u.rental_unit_id %% 10 = 0 AND t.code = 'T1';
"""


@pytest.fixture(scope="module")
def big(town: Town) -> Town:
    connection = psycopg2.connect(town.url)
    extent = {"west": WEST, "south": SOUTH, "width": COLUMNS * STEP, "height": ROWS * STEP}
    with connection, connection.cursor() as cursor:
        cursor.execute(BULK, extent)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE app.rental_unit")
        cursor.execute("VACUUM ANALYZE app.patrol_point")
    connection.close()
    return town


def plan(town, role, built, **more):
    statement, values = built
    identity = town.actors[role].identity
    with town.db.transaction(identity, read_only=True) as connection, connection.cursor() as cursor:
        cursor.execute(composed.SQL("EXPLAIN ") + statement, {**values, **more})
        return "\n".join(row[0] for row in cursor.fetchall())


def chosen_by(town, role, layer, **query):
    """The conditions exactly as the service makes them."""
    actor = town.actors[role]
    with town.db.transaction(actor.identity, read_only=True) as connection:
        return service._filter(connection, actor, LAYERS[layer], ItemQuery(**query))


def assert_indexed(text, table, index):
    assert f"Seq Scan on {table} t" not in text, text
    assert index in set(re.findall(r"(?:using|on) (\w+)", text)), text


@pytest.mark.parametrize(
    ("role", "layer", "index"),
    [
        ("planner", "rental_unit", "rental_unit_geom_idx"),
        ("officer", "rental_unit", "rental_unit_cell_idx"),
        ("dispatcher", "patrol_point", "patrol_point_geom_idx"),
        ("officer", "patrol_point", "patrol_point_cell_idx"),
        ("patrol", "patrol_point", "patrol_point_cell_idx"),
    ],
)
def test_items_of_a_small_rectangle(big, role, layer, index):
    chosen, is_small = chosen_by(big, role, layer, bbox=BOX)
    built = composed.items(LAYERS[layer], chosen, after=None, by_key_index=not is_small)
    assert_indexed(plan(big, role, built, limit=100), layer, index)


@pytest.mark.parametrize(
    ("role", "index"), [("planner", "rental_unit_geom_idx"), ("officer", "rental_unit_cell_idx")]
)
def test_tile_and_clusters_of_a_small_rectangle(big, role, index):
    chosen, _ = chosen_by(big, role, "rental_unit", bbox=BOX)
    tile = composed_tiles.tile_of_features(LAYERS["rental_unit"], chosen)
    text = plan(big, role, tile, z=17, x=106999, y=57064, layer="rental_unit")
    assert_indexed(text, "rental_unit", index)
    text = plan(big, role, composed.clusters(LAYERS["rental_unit"], chosen), size_deg=0.001, cap=2000)
    assert_indexed(text, "rental_unit", index)


def test_area_of_a_district_reader_uses_the_spatial_index(big):
    area = Area(BOX, shape_wkb="0101000020E6100000" + "00" * 16, radius_m=100.0)
    for built in (
        composed.matched_by_place(LAYERS["rental_unit"], Filter(area=area)),
        composed.items(LAYERS["rental_unit"], Filter(area=area), after=None, by_key_index=False),
    ):
        assert_indexed(plan(big, "planner", built, limit=10), "rental_unit", "rental_unit_geom_idx")


def test_counts_of_a_short_period_use_the_time(big):
    span = TimeSpan(from_at=NOW - timedelta(minutes=2), before_at=NOW)
    chosen = Filter(span=span, cell_id=big.cells[0]["cell_id"])
    text = plan(big, "planner", composed.matched_by_place(LAYERS["patrol_point"], chosen))
    assert "Seq Scan on patrol_point t" not in text, text


def test_a_list_of_many_cells_is_left_out(big):
    with big.db.transaction(big.actors["patrol"].identity, read_only=True) as connection:
        cells = store.cells_near(connection, BBox(WEST, SOUTH, WEST + 0.06, SOUTH + 0.04))
    assert len(cells) == len(big.cells) <= store.MANY_CELLS
    chosen, _ = chosen_by(big, "patrol", "patrol_point", bbox=BOX)
    assert set(chosen.near_cells) == {big.cells[0]["cell_id"]}
    chosen, _ = chosen_by(big, "planner", "patrol_point", bbox=BOX)
    assert chosen.near_cells is None
