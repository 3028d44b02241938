"""Which index each role's reads go by: items, tiles, clusters, areas (see test_query_plans for the rest).

PostGIS functions are not leakproof, so a spatial index is of no use below a row filter: a reader of few
cells goes by integers, the cells' and the place codes', a reader of the district by the spatial index.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import psycopg2
import pytest

from gis.geometry.quad import tile_range
from gis.publish import blocks_store, composed, composed_tiles, features
from gis.publish.filters import Area, Filter, values_of
from gis.publish.layers import LAYERS
from gis.publish.model import BBox, ItemQuery, TimeSpan
from gis.publish.order import Page
from gis.zone import ZONE
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
INSERT INTO app.patrol_point (client_id, content_sha256, team_id, kind, source, at, device_at, cell_id,
  community_id, is_outside, geom)
SELECT gen_random_uuid(), sha256('x'), t.team_id, 'OK', 'demo', now() - n * interval '1 minute',
       now() - n * interval '1 minute', u.cell_id, u.community_id, false, u.geom
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


def plan(town, role, statement, chosen=None, **more):
    identity = town.actors[role].identity
    values = {**(values_of(chosen) if chosen else {}), **more}
    with town.db.transaction(identity, read_only=True) as connection, connection.cursor() as cursor:
        cursor.execute(composed.SQL("EXPLAIN ") + statement, values)
        return "\n".join(row[0] for row in cursor.fetchall())


def chosen_by(town, role, layer, **query):
    """The conditions exactly as the service makes them."""
    return features.filter_of(town.actors[role], LAYERS[layer], ItemQuery(**query))


def assert_indexed(text, table, index):
    assert not re.search(rf"Seq Scan on {table}(_{datetime.now(ZONE):%Y%m})? t", text), text
    # The index of a month is named after its partition.
    used = {re.sub(r"_(\d{6}|rest)_", "_", name) for name in re.findall(r"(?:using|on) (\w+)", text)}
    assert index in used, text


@pytest.mark.parametrize(
    ("role", "layer", "index"),
    [
        ("planner", "rental_unit", "rental_unit_geom_idx"),
        ("officer", "rental_unit", "rental_unit_quad_idx"),
        ("dispatcher", "patrol_point", "patrol_point_geom_idx"),
        ("officer", "patrol_point", "patrol_point_quad_idx"),
        ("patrol", "patrol_point", "patrol_point_quad_idx"),
    ],
)
def test_items_of_a_small_rectangle(big, role, layer, index):
    chosen = chosen_by(big, role, layer, bbox=BOX)
    question = composed.items(LAYERS[layer], chosen, Page())
    assert_indexed(plan(big, role, question.statement, chosen, limit=100), layer, index)


@pytest.mark.parametrize(
    ("role", "index"), [("planner", "rental_unit_geom_idx"), ("officer", "rental_unit_quad_idx")]
)
def test_tile_and_clusters_of_a_small_rectangle(big, role, index):
    low, high = tile_range(17, 106999, 57064)
    tile = composed_tiles.tile_of_points("rental_unit").statement
    assert "Index Only Scan using rental_unit_quad_idx" in plan(big, role, tile, low=low, high=high)
    chosen = chosen_by(big, role, "rental_unit", bbox=BOX)
    statement = composed.clusters(LAYERS["rental_unit"], chosen, by_tally=False).statement
    assert_indexed(plan(big, role, statement, chosen, shift=10, cap=2000), "rental_unit", index)


def test_squares_of_features(big):
    """Square by square, by the place codes."""
    ranges = [tile_range(17, column, 57064) for column in range(106990, 107000)]
    lows, highs = map(list, zip(*ranges, strict=True))
    statement = blocks_store.rows_of("rental_unit").statement
    text = plan(big, "planner", statement, layer="rental_unit", zoom=17, squares=[1], lows=lows, highs=highs)
    assert_indexed(text, "rental_unit", "rental_unit_quad_idx")


def test_area_of_a_district_reader_uses_the_spatial_index(big):
    area = Area(BOX, shape_wkb="0101000020E6100000" + "00" * 16, radius_m=100.0)
    chosen = Filter(area=area)
    for statement in (
        composed.matched_by_place(LAYERS["rental_unit"], chosen),
        composed.items(LAYERS["rental_unit"], chosen, Page()).statement,
    ):
        assert_indexed(
            plan(big, "planner", statement, chosen, limit=10), "rental_unit", "rental_unit_geom_idx"
        )


def test_counts_of_a_short_period_use_the_time(big):
    span = TimeSpan(from_at=NOW - timedelta(minutes=2), before_at=NOW)
    chosen = Filter(span=span, cell=big.cells[0]["code"])
    text = plan(big, "planner", composed.matched_by_place(LAYERS["patrol_point"], chosen), chosen)
    assert f"Seq Scan on patrol_point_{datetime.now(ZONE):%Y%m} t" not in text, text
