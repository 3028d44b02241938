"""Spatial functions of CQL2 over points and parcels, against shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from psycopg2.sql import SQL

from gis.errors import InvalidInput
from gis.geometry.crs import transformer, wgs84_from
from gis.publish.cql2 import bounding_box, compile_filter, compiled, parse
from gis.publish.model import BBox
from tests.gis.publish.filtering import furnish, matching, wanted
from tests.gis.publish.town import SOUTH, STEP, WEST, Town

RING = [
    [WEST + 0.005, SOUTH - 0.005],
    [WEST + 0.04, SOUTH],
    [WEST + 0.03, SOUTH + 0.03],
    [WEST + 0.005, SOUTH - 0.005],
]
PREDICATES = {
    "s_intersects": shapely.intersects, "s_equals": shapely.equals, "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches, "s_within": shapely.within, "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses, "s_contains": shapely.contains,
}  # fmt: skip


@pytest.fixture(scope="module")
def world(town: Town) -> Town:
    return furnish(town)


def shape(row):
    return shapely.from_wkt(row["geom"])


def literals(world):
    """Every GeoJSON type, made so that each function says yes to some row."""
    parcel = shape(world.rows["parcel"][0])
    west, south, east, north = parcel.bounds
    point = shape(world.rows["incident"][0])
    made = [
        shapely.Polygon(RING),
        shapely.Polygon(RING, [[[WEST + 0.02, SOUTH + 0.005], [WEST + 0.025, SOUTH + 0.005], [WEST + 0.025, SOUTH + 0.01], [WEST + 0.02, SOUTH + 0.005]]]),
        shapely.MultiPolygon([shapely.Polygon(RING), shapely.box(WEST + 0.045, SOUTH + 0.001, WEST + 0.052, SOUTH + 0.033)]),
        shapely.box(east, south, east + 0.002, north),
        shapely.Polygon(parcel.geoms[0].exterior.coords),
        point,
        shapely.MultiPoint([point, (WEST + 0.01, SOUTH + 0.01)]),
        shapely.LineString([(WEST + 0.0013, SOUTH), (WEST + 6 * STEP, SOUTH + 3.7 * STEP)]),
        shapely.MultiLineString([[(west, south), (east, north)], [(WEST, SOUTH + 0.021), (WEST + 0.06, SOUTH + 0.022)]]),
        shapely.box(west + 0.001, south + 0.001, west + 0.002, south + 0.002),
    ]  # fmt: skip
    # A centimetre: of texts with 16 digits the parser may miss the last bit, and shapes would touch no more.
    return [shapely.transform(literal, lambda xy: np.round(xy, 7)) for literal in made]


@pytest.mark.parametrize("function", PREDICATES)
@pytest.mark.parametrize("layer", ["incident", "parcel", "cell"])
def test_every_function_with_every_type_of_geometry(world, layer, function):
    told = 0
    for literal in literals(world):
        test = PREDICATES[function]
        expected = wanted(world, layer, lambda r, g=literal, f=test: f(shape(r), g))
        turned = wanted(world, layer, lambda r, g=literal, f=test: f(g, shape(r)))
        node = {"op": function, "args": [{"property": "geometry"}, shapely.geometry.mapping(literal)]}
        assert matching(world, layer, node) == expected
        node["args"].reverse()
        assert matching(world, layer, node) == turned
        text = f"{function.upper()}(geometry, {shapely.to_wkt(literal, rounding_precision=-1)})"
        assert matching(world, layer, text) == expected
        told += 0 < len(expected) < len(world.rows.get(layer, world.cells))
    if (layer, function) not in {
        ("incident", "s_touches"),
        ("incident", "s_overlaps"),
        ("incident", "s_crosses"),
    }:
        assert told or (layer, function) in {
            ("cell", "s_equals"), ("cell", "s_within"), ("cell", "s_touches")
        }, "every row alike"  # fmt: skip


def test_boxes(world):
    west, south, east, north = WEST + 0.004, SOUTH - 0.002, WEST + 0.037, SOUTH + 0.026
    box = shapely.box(west, south, east, north)
    expected = wanted(world, "incident", lambda r: shape(r).intersects(box))
    assert (
        matching(world, "incident", f"S_INTERSECTS(geometry, BBOX({west}, {south}, {east}, {north}))")
        == expected
    )
    flat = f"S_INTERSECTS(geometry, BBOX({west}, {south}, -5, {east}, {north}, 9))"
    assert matching(world, "incident", flat) == expected
    assert 0 < len(expected) < len(world.rows["incident"])
    lon, lat = shape(world.rows["incident"][7]).coords[0]
    assert world.rows["incident"][7]["incident_id"] in matching(
        world, "incident", f"S_INTERSECTS(geometry, BBOX({lon}, {lat}, {lon}, {lat}))"
    )


def test_collections_are_their_parts(world):
    one, other = (
        shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01),
        shapely.LineString([(WEST, SOUTH + 0.02), (WEST + 0.06, SOUTH + 0.02)]),
    )
    mixed = f"GEOMETRYCOLLECTION({one.wkt}, {other.wkt})"
    either = wanted(world, "parcel", lambda r: shape(r).intersects(one) or shape(r).intersects(other))
    assert matching(world, "parcel", f"S_INTERSECTS(geometry, {mixed})") == either
    assert matching(world, "parcel", f"S_DISJOINT(geometry, {mixed})") == wanted(
        world, "parcel", lambda r: shape(r).disjoint(one) and shape(r).disjoint(other)
    )
    assert 0 < len(either) < len(world.rows["parcel"])
    whole = shapely.box(WEST + 0.01, SOUTH, WEST + 0.03, SOUTH + 0.04)
    alike = f"GEOMETRYCOLLECTION({shapely.box(WEST, SOUTH, WEST + 0.02, SOUTH + 0.04).wkt}, {whole.wkt})"
    union = shapely.box(WEST, SOUTH, WEST + 0.03, SOUTH + 0.04)
    assert matching(world, "parcel", f"S_WITHIN(geometry, {alike})") == wanted(
        world, "parcel", lambda r: shape(r).within(union)
    )
    with pytest.raises(InvalidInput, match="different kinds"):
        matching(world, "parcel", f"S_WITHIN(geometry, {mixed})")


def metric(x, y):
    return wgs84_from(x, y, "4547")


def test_coordinates_of_another_system_are_brought_to_degrees(world):
    to_metres = transformer(4326, 4547)
    ring = [list(to_metres.transform(*position)) for position in RING]
    literal = {"type": "Polygon", "coordinates": [ring]}
    asked = {"op": "s_intersects", "args": [{"property": "geometry"}, literal]}
    expected = wanted(world, "incident", lambda r: shape(r).intersects(shapely.Polygon(RING)))
    assert matching(world, "incident", asked, to_lonlat=metric) == expected
    assert len(expected) > 0
    with pytest.raises(InvalidInput) as caught:
        matching(world, "incident", asked)
    assert (caught.value.pointer, caught.value.code) == ("filter", "projected-coordinates")


def test_a_box_in_metres_keeps_its_straight_sides(world):
    to_metres = transformer(4326, 4547)
    west, south = to_metres.transform(WEST + 0.01, SOUTH + 0.01)
    box = (west, south, west + 3000, south + 2000)
    asked = "S_INTERSECTS(geometry, BBOX({}, {}, {}, {}))".format(*box)

    def inside(row):
        x, y = to_metres.transform(*shape(row).coords[0])
        assert min(abs(x - box[0]), abs(x - box[2]), abs(y - box[1]), abs(y - box[3])) > 0.01, (
            "too close to call"
        )
        return box[0] < x < box[2] and box[1] < y < box[3]

    assert matching(world, "incident", asked, to_lonlat=metric) == wanted(world, "incident", inside)


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("POINT(200 0)", "out-of-range"),
        ("POINT(22.7 113.9)", "swapped-axes"),
        ("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "self-intersection"),
        ("POLYGON((0 0, 1 1, 1 0))", "unclosed-ring"),
        ("LINESTRING(1 1, 1 1)", "too-few-points"),
        ("POLYGON EMPTY", "empty"),
        ("MULTIPOINT EMPTY", "empty"),
        ("POINT EMPTY", "invalid-filter"),
        ("GEOMETRYCOLLECTION EMPTY", "too-complex"),
        ("BBOX(1, 2, 3)", "invalid-filter"),
        ("BBOX(3, 2, 1, 4)", "invalid-filter"),
        ("BBOX(1, 2, 300, 4)", "invalid"),
        ("code", "wrong-type"),
        ("'POINT(1 1)'", "unknown-type"),
        ("5", "unknown-type"),
    ],
)
def test_bad_geometries_are_named(literal, code):
    with pytest.raises(InvalidInput) as caught:
        compile_filter("facility", f"S_INTERSECTS(geometry, {literal})", lang="cql2-text")
    assert (caught.value.pointer, caught.value.code) == ("filter", code)


@pytest.mark.parametrize(
    "literal",
    [
        '{"type": ["Point"], "coordinates": [1, 2]}',
        '{"type": "Point", "coordinates": ["1", 2]}',
        '{"type": "Point", "coordinates": [1e400, 2]}',
        '{"type": "Point", "coordinates": [1]}',
        '{"type": "Point"}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0]], 5]}',
        '{"type": "Point", "coordinates": {"0": 1}}',
        '{"type": "GeometryCollection", "geometries": [[]]}',
        '{"type": "GeometryCollection", "geometries": 7}',
        '{"bbox": "1,2,3,4"}',
        '{"bbox": [1, 2, null, 4]}',
        '{"bbox": [1, 2, true, 4]}',
    ],
)
@pytest.mark.parametrize("to_lonlat", [None, metric])
def test_bad_json_geometries_are_refused(literal, to_lonlat):
    asked = f'{{"op": "s_intersects", "args": [{{"property": "geometry"}}, {literal}]}}'
    with pytest.raises(InvalidInput) as caught:
        compile_filter("facility", asked, lang="cql2-json", to_lonlat=to_lonlat)
    assert caught.value.pointer == "filter"


def test_ten_thousand_vertices_and_no_more():
    def circle(vertices):
        angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        ring = np.round(
            np.column_stack([114 + 0.1 * np.cos(angles), 22.7 + 0.1 * np.sin(angles)]), 6
        ).tolist()
        positions = ", ".join(f"[{x}, {y}]" for x, y in [*ring, ring[0]])
        return f'{{"op":"s_within","args":[{{"property":"geometry"}},{{"type":"Polygon","coordinates":[[{positions}]]}}]}}'

    compile_filter("facility", circle(9_999), lang="cql2-json")
    with pytest.raises(InvalidInput, match="vertices"):
        compile_filter("facility", circle(10_001), lang="cql2-json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))", (1, 2, 3, 4)),
        ("S_WITHIN(geometry, POLYGON((1 2, 3 2, 3 4, 1 2))) AND kind = 'park'", (1, 2, 3, 4)),
        ("kind = 'park' AND (code = 'x' AND S_INTERSECTS(BBOX(1, 2, 3, 4), geometry))", (1, 2, 3, 4)),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4)) AND S_INTERSECTS(geometry, BBOX(2, 0, 9, 3))", (2, 2, 3, 3)),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4)) AND S_WITHIN(geometry, BBOX(5, 6, 7, 8))", (1, 2, 3, 4)),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4)) OR kind = 'park'", None),
        ("NOT S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))", None),
        ("S_DISJOINT(geometry, BBOX(1, 2, 3, 4))", None),
        ("S_INTERSECTS(geometry, geometry)", None),
        ("kind = 'park'", None),
    ],
)  # fmt: skip
def test_the_box_of_a_filter_holds_all_it_can_be_true_of(text, expected):
    assert bounding_box(parse(text, lang="cql2-text")) == (expected and BBox(*expected))
    assert compiled("facility", text, lang="cql2-text").box == (expected and BBox(*expected))


def test_the_index_is_used(world):
    condition, values = compile_filter(
        "incident",
        f"S_INTERSECTS(geometry, BBOX({WEST}, {SOUTH}, {WEST + 0.001}, {SOUTH + 0.001}))",
        lang="cql2-text",
    )
    actor = world.actors["planner"]
    with world.db.transaction(actor.identity, read_only=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(SQL("EXPLAIN SELECT 1 FROM app.incident AS t WHERE ") + condition, values)
        plan = "\n".join(row[0] for row in cursor)
    assert "incident_geom_idx" in plan


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("cell = '{code}'", "rental_unit_cell_quad_idx"),
        ("cell IN ('{code}', 'x')", "rental_unit_cell_quad_idx"),
        ("building_id = 5", "rental_unit_building_idx"),
        ("building_id IN (5, 6, 7)", "rental_unit_building_idx"),
        ("id = 17", "rental_unit_pkey"),
        ("code = 'U00017'", "rental_unit_code_key"),
    ],
)
def test_attributes_use_the_indexes_of_their_columns(world, text, index):
    asked = text.format(code=world.cells[3]["code"])
    condition, values = compile_filter("rental_unit", asked, lang="cql2-text")
    for role in ("planner", "officer"):
        identity = world.actors[role].identity
        with world.db.transaction(identity, read_only=True) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(SQL("EXPLAIN SELECT 1 FROM app.rental_unit AS t WHERE ") + condition, values)
            plan = "\n".join(row[0] for row in cursor)
        assert index in plan
