"""The encoder of points against the specification, a reader of our own, and GDAL's."""

from __future__ import annotations

import math

import numpy as np
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.geometry.quad import square_of
from gis.publish.mvt import EXTENT, layer_of_points, pixels
from tests.gis.publish import mvt

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
kinds_of_features = st.lists(st.dictionaries(names, values, max_size=5), min_size=1, max_size=300)
places = st.one_of(st.sampled_from([0, 63, 64, 4095, 4096]), st.integers(-(2**30), 2**30))


@st.composite
def layers(draw):
    """Property sets and features (kind, id, x, y), in any order."""
    properties = draw(kinds_of_features)
    feature = st.tuples(st.integers(0, len(properties) - 1), st.integers(0, 2**64 - 1), places, places)
    return properties, draw(st.lists(feature, min_size=1, max_size=40))


def encoded(name, properties, features):
    kinds, ids, x, y = zip(*features, strict=True)
    points = np.array(x, np.int64), np.array(y, np.int64)
    return layer_of_points(name, properties, np.array(kinds, np.intp), np.array(ids, np.uint64), points)


def told(properties):
    return {key: value for key, value in properties.items() if value is not None}


def typed(feature):
    """With the kinds of the values, for 1 == True == 1.0."""
    return {**feature, "kinds": {key: type(value) for key, value in feature["properties"].items()}}


@given(names, layers())
def test_what_is_read_is_what_was_written(name, layer):
    properties, features = layer
    expected = [
        typed({"id": fid, "properties": told(properties[kind]), "point": (x, y)})
        for kind, fid, x, y in features
    ]
    read = mvt.read(encoded(name, properties, features))
    assert list(read) == [name]
    assert [typed(feature) for feature in read[name]] == expected


@given(layers(), st.randoms())
def test_same_features_are_the_same_bytes_however_the_kinds_are_numbered(layer, random):
    properties, features = layer
    turned = list(range(len(properties)))
    random.shuffle(turned)
    other = [properties[kind] for kind in turned]
    renumbered = [(turned.index(kind), *rest) for kind, *rest in features]
    assert encoded("x", other, renumbered) == encoded("x", properties, features)


def test_many_features_of_many_kinds():
    rng = np.random.default_rng(5)
    properties = [{"code": f"编号{n}", "n": n, "grade": "abc"[n % 3]} for n in range(5_000)]
    ids = rng.integers(0, 2**63, 20_000).astype(np.uint64)
    kinds, x, y = rng.integers(0, [5_000, EXTENT + 1, EXTENT + 1], (20_000, 3)).T
    read = mvt.read(layer_of_points("many", properties, kinds, ids, (x, y)))["many"]
    assert [feature["id"] for feature in read] == ids.tolist()
    assert [feature["point"] for feature in read] == list(zip(x.tolist(), y.tolist(), strict=True))
    assert [feature["properties"] for feature in read] == [properties[kind] for kind in kinds]


def test_point_of_the_specification_byte_for_byte():
    # 4.3.5.1: (25, 17) is 9 50 34; around it the messages of vector_tile.proto by hand.
    feature = bytes([0x08, 1, 0x12, 2, 0, 0, 0x18, 1, 0x22, 3, 9, 50, 34])
    layer = bytes([
        0x78, 2,
        0x0A, 6, *b"points",
        0x12, len(feature), *feature,
        0x1A, 5, *b"hello",
        0x22, 7, 0x0A, 5, *b"world",
        0x28, 0x80, 0x20,
    ])  # fmt: skip
    assert encoded("points", [{"hello": "world"}], [(0, 1, 25, 17)]) == bytes([0x1A, len(layer), *layer])


def test_example_of_the_specification():
    # 4.5: one value for two keys, values numbered over all features; 2410 and 3080 are 1205 and 1540.
    properties = [{"hello": "world", "h": "world", "count": 1.23}, {"hello": "again", "count": 2}]
    tile = encoded("points", properties, [(0, 1, 1205, 1540), (1, 2, 1205, 1540)])
    assert tile.count(b"world") == 1
    assert tile.count(bytes([0x22, 5, 9, 0xEA, 0x12, 0x88, 0x18])) == 2
    assert [feature["properties"] for feature in mvt.read(tile)["points"]] == properties


def test_nothing_is_an_empty_tile():
    nothing = np.array([], np.int64)
    assert layer_of_points("x", [], nothing, nothing.astype(np.uint64), (nothing, nothing)) == b""


def test_gdal_reads_the_same():
    properties = [{"名称": "光明", "open": True, "n": -3, "share": 0.5}, {"名称": "", "n": None}, {}]
    features = [(0, 7, 0, 4096), (1, 2**40, 4096, 0), (2, 2**63 - 1, 17, 300), (0, 8, 4095, 1)]
    meta, _, shapes, columns = pyogrio.raw.read(encoded("事件", properties, features))
    assert pyogrio.list_layers(encoded("事件", properties, features))[0][0] == "事件"
    # Without a place of its own a tile's y counts from the south.
    expected = [np.array([x, EXTENT - y], "<f8").tobytes() for _, _, x, y in features]
    assert [shape[5:] for shape in shapes] == expected
    read = dict(zip(meta["fields"].tolist(), columns, strict=True))
    assert read["mvt_id"].tolist() == [fid for _, fid, *_ in features]
    assert read["名称"].tolist() == ["光明", "", None, "光明"]
    for name in ("open", "n", "share"):
        found = [None if math.isnan(value) else value for value in read[name]]
        assert found == [properties[kind].get(name) for kind, *_ in features]


@given(st.floats(-180, 179.9), st.floats(-85, 85), st.integers(0, 24))
def test_pixel_lies_in_the_tile_of_its_position(lon, lat, z):
    x, y = square_of(lon, lat, z)
    (east,), (south,) = pixels(np.array([lon]), np.array([lat]), z, x, y)
    # numpy's and the C library's tangent may differ in the last digit: one pixel at most.
    assert 0 <= east < EXTENT
    assert -1 <= south <= EXTENT
    if z <= 12:
        assert east == square_of(lon, lat, z + 12)[0] - x * EXTENT
        assert abs(south - (square_of(lon, lat, z + 12)[1] - y * EXTENT)) <= 1


@pytest.mark.parametrize(("lon", "lat", "pixel"), [(-180, 85.0511287798, (0, 0)), (0, 0, (2048, 2048))])
def test_pixels_of_the_world(lon, lat, pixel):
    east, south = pixels(np.array([lon], float), np.array([lat]), 0, 0, 0)
    assert (east[0], south[0]) == pixel
