import json
import math
import random
import time

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry import validate

SQUARE = [[113.9, 22.7], [113.91, 22.7], [113.91, 22.71], [113.9, 22.71], [113.9, 22.7]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def refused(value, **options):
    with pytest.raises(InvalidInput) as error:
        if isinstance(value, str):
            validate.geometry_from_wkt(value, **options)
        else:
            validate.geometry_from_geojson(value, **options)
    return error.value


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, "113.9", True, None, [1], 10**400, {}])
def test_a_coordinate_that_is_no_finite_number_is_refused_with_its_place(bad):
    error = refused({"type": "Point", "coordinates": [113.9, bad]})
    assert (error.code, error.pointer) == ("not-a-number", "/geometry/coordinates/1")
    with pytest.raises(InvalidInput) as pair:
        validate.lon_lat(bad, 22.7, pointer="/points/3")
    assert (pair.value.code, pair.value.pointer) == ("not-a-number", "/points/3/lon")


def test_json_infinity_and_overflow_are_refused():
    for text in ("NaN", "Infinity", "1e999"):
        value = json.loads('{"type": "Point", "coordinates": [113.9, ' + text + "]}")
        assert refused(value).code == "not-a-number"


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (181, 22.7, "out-of-range"),
        (113.9, -90.5, "out-of-range"),
        (22.7, 113.9, "swapped-axes"),
        (492_810.8, 2_517_961.1, "projected-coordinates"),
        (38_492_810.8, 2_517_961.1, "projected-coordinates"),
        (200, 95, "out-of-range"),
    ],
)
def test_out_of_range_is_named_for_what_it_looks_like(lon, lat, code):
    assert refused({"type": "Point", "coordinates": [lon, lat]}).code == code
    assert refused(f"POINT ({lon} {lat})").code == code
    with pytest.raises(InvalidInput) as error:
        validate.lon_lat(lon, lat)
    assert error.value.code == code


def test_a_position_outside_the_district_is_fine():
    assert validate.lon_lat(0, 0) == (0.0, 0.0)
    assert validate.geometry_from_wkt("POINT (-122.4 37.8)").wkt == "POINT (-122.4 37.8)"


@pytest.mark.parametrize(("text", "value"), [(" 113.9 ", 113.9), ("-0.5", -0.5), ("1.139e2", 113.9)])
def test_plain_decimal_text_is_a_number(text, value):
    assert validate.number(text) == value


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1e999", "1_0", "0x10", "113,9", "１１３", "1" * 100, None, True]
)
def test_other_text_is_not(text):
    with pytest.raises(InvalidInput):
        validate.number(text)


def test_unclosed_and_short_rings():
    assert refused(polygon(SQUARE[:-1])).code == "unclosed-ring"
    assert refused(polygon(SQUARE[:-1])).pointer == "/geometry/coordinates/0"
    assert refused(polygon([[0, 0], [1, 0], [0, 0]])).code == "too-few-points"
    assert refused("POLYGON ((0 0, 1 0, 1 1))").code == "unclosed-ring"
    assert refused("POLYGON ((0 0, 1 0, 0 0))").code == "too-few-points"
    assert refused({"type": "LineString", "coordinates": [[1, 1], [1, 1]]}).code == "too-few-points"
    assert refused("LINESTRING (1 1)").code == "too-few-points"


def test_a_bow_tie_is_refused_with_the_crossing_point():
    bow_tie = [[113.9, 22.7], [113.92, 22.72], [113.92, 22.7], [113.9, 22.72], [113.9, 22.7]]
    error = refused(polygon(bow_tie), pointer="/features/7/geometry")
    assert error.code == "self-intersection"
    assert error.pointer == "/features/7/geometry"
    assert "113.9100000, 22.7100000" in error.message


@pytest.mark.parametrize(
    "rings",
    [
        [SQUARE, [[113.95, 22.75], [113.96, 22.75], [113.96, 22.76], [113.95, 22.75]]],
        [[[0, 0], [1, 0], [2, 0], [0, 0]]],
        [[[0, 0], [4, 0], [4, 4], [4, 8], [4, 4], [0, 4], [0, 0]]],
    ],
    ids=["hole outside", "zero area", "spike"],
)
def test_other_invalid_polygons(rings):
    assert refused(polygon(*rings)).code in {"invalid-geometry", "self-intersection"}


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Polygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "LineString", "coordinates": []},
        "POINT EMPTY",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)",
        "",
    ],
)
def test_empty(value):
    assert refused(value).code == "empty"


@pytest.mark.parametrize(
    "value",
    [
        {"type": "GeometryCollection", "geometries": []},
        {"type": ["Point"], "coordinates": [0, 0]},
        {"type": "Feature"},
        {},
        [],
        None,
        7,
        "GEOMETRYCOLLECTION (POINT (0 0))",
        "LINEARRING (0 0, 1 0, 1 1, 0 0)",
    ],
)
def test_unknown_types(value):
    assert refused(value).code == "unknown-type"
    assert refused("POINT (0 0)", allowed=frozenset({"Polygon"})).code == "unknown-type"


def test_altitude_is_dropped_and_four_numbers_are_refused():
    point = validate.geometry_from_geojson({"type": "Point", "coordinates": [113.9, 22.7, 12.5]})
    assert point.wkt == "POINT (113.9 22.7)"
    assert validate.geometry_from_wkt("POINT Z (113.9 22.7 5)").wkt == "POINT (113.9 22.7)"
    assert refused({"type": "Point", "coordinates": [113.9, 22.7, 1, 2]}).code == "unsupported-dimension"
    assert refused({"type": "Point", "coordinates": [113.9, 22.7, math.nan]}).code == "not-a-number"
    assert refused("POINT ZM (1 2 3 4)").code == "unsupported-dimension"


@pytest.mark.parametrize("text", ["POINT (nan 2)", "POINT (1 Infinity)", "POINT (1e999 2)"])
def test_wkt_numbers_must_be_finite(text):
    assert refused(text).code == "not-a-number"


@pytest.mark.parametrize(
    "text",
    ["POINT (0 0", "hello", "POINT (\0 1)", "POINT (\ud800 1)", "POINT (1 2) x", "CURVEPOLYGON ((0 0, 1 1))"],
)
def test_malformed_wkt(text):
    assert refused(text).code in {"not-wkt", "unknown-type"}


def test_nesting_is_bounded():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert refused({"type": "Polygon", "coordinates": deep}).code == "too-deep"
    assert refused("GEOMETRYCOLLECTION (" * 5000 + "POINT (0 0)" + ")" * 5000).code == "too-deep"


def circle(count):
    angle = [2 * math.pi * step / count for step in range(count)]
    ring = [[113.9 + 0.01 * math.cos(a), 22.7 + 0.01 * math.sin(a)] for a in angle]
    return [*ring, ring[0]]


def test_size_limits_hold_and_answer_at_once():
    assert validate.geometry_from_geojson(polygon(circle(9_999))).geom_type == "Polygon"
    started = time.thread_time()
    assert refused(polygon(circle(10_000))).code == "too-complex"
    parts = [[circle(9_000)] for _ in range(6)]
    assert refused({"type": "MultiPolygon", "coordinates": parts}).code == "too-complex"
    assert refused(polygon(SQUARE, *[SQUARE] * 5_000)).code == "too-complex"
    assert refused("LINESTRING (" + ", ".join(["0 0", "1 1"] * 5_001) + ")").code == "too-complex"
    assert time.thread_time() - started < 2


def test_a_scribble_is_refused_fast():
    generator = random.Random(1)
    ring = [[generator.uniform(113.8, 114.0), generator.uniform(22.6, 22.8)] for _ in range(3_000)]
    started = time.thread_time()
    assert refused(polygon([*ring, ring[0]])).code == "self-intersection"
    assert time.thread_time() - started < 1


@settings(deadline=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3)),
        lambda x: st.lists(x, max_size=4),
    )
)
def test_any_coordinates_end_in_a_valid_geometry_or_a_named_fault(coordinates):
    for kind in validate.GEOMETRY_TYPES:
        try:
            geometry = validate.geometry_from_geojson({"type": kind, "coordinates": coordinates})
        except InvalidInput as error:
            assert error.pointer.startswith("/geometry")
        else:
            assert shapely.is_valid(geometry)
