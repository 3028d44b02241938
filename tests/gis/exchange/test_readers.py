from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from gis.errors import InvalidInput
from gis.exchange.columns import header_crs, match_columns
from gis.exchange.readers.csv_table import read_csv
from gis.exchange.readers.geojson import read_geojson
from gis.exchange.readers.gpx import Fixes, read_gpx
from gis.exchange.readers.sniff import find_format
from gis.exchange.readers.text import decode

FIELDS = ("lon", "lat", "code", "name_zh")


def table(data: bytes, encoding: str | None = None):
    return read_csv(
        data, count_known=lambda cells: len(match_columns("facility", cells, FIELDS)), encoding=encoding
    )


def fault_of(call, *arguments, **options) -> InvalidInput:
    with pytest.raises(InvalidInput) as fault:
        call(*arguments, **options)
    return fault.value


def test_encodings_in_their_order() -> None:
    assert decode("李松蓢".encode("utf-8-sig")).text == "李松蓢"
    assert decode("李松蓢".encode()).encoding == "utf-8"
    read = decode("李松蓢社区".encode("gbk"))
    assert (read.text, read.encoding) == ("李松蓢社区", "gb18030")
    assert "李松蓢社区" in read.warnings[0]


def test_gb2312_means_its_superset() -> None:
    assert decode("李松蓢".encode("gb18030"), "gb2312").text == "李松蓢"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        ("站名".encode("utf-16"), "utf-16"),
        ("站名,a".encode("utf-16-le"), "nul-byte"),
        (b"a,b\n1,\x002", "nul-byte"),
        (b"a,\xff\xff\xff\n", "undecodable"),
    ],
)
def test_text_that_is_none(data: bytes, code: str) -> None:
    assert fault_of(decode, data).code == code


def test_delimiter_title_and_row_numbers() -> None:
    data = '光明新区设施一览表;;\n编码;名称;备注\n\n1;甲;"a;b"\n;;\n2;乙;\n'
    read = table(data.encode())
    assert read.columns == ("编码", "名称", "备注")
    assert [(row.number, row.values["名称"]) for row in read.rows] == [(4, "甲"), (6, "乙")]
    assert any("without any content" in warning for warning in read.warnings)


def test_a_row_with_too_many_cells_is_a_faulty_row() -> None:
    read = table("编码,名称\n1,甲,乙\n2,丙\n".encode())
    assert read.rows[0].fault is not None and read.rows[0].fault.code == "too-many-cells"
    assert read.rows[1].fault is None


def test_an_open_quote_is_no_reason_to_swallow_the_file() -> None:
    assert fault_of(table, '编码,名称\n1,"甲\n2,乙\n'.encode()).code == "open-quote"


def test_header_alone_is_empty() -> None:
    assert fault_of(table, "编码,名称\n".encode()).code == "empty"


@pytest.mark.parametrize(
    "header", [("经度(GCJ02)", "纬度"), ("经度（gcj-02）", "纬度"), ("lng[EPSG:4490]", "lat")]
)
def test_headers_in_many_spellings(header: tuple[str, str]) -> None:
    matched = match_columns("facility", header, ("lon", "lat"))
    assert set(matched) == {"lon", "lat"}
    assert header_crs(matched) in ("gcj02", "4490")


def feature(**changes: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [113.9, 22.7]},
    } | changes


def collection(*features: object, **more: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


@pytest.mark.parametrize(
    "bad", [None, 5, feature(type="feature"), feature(properties=[1]), {"geometry": None}], ids=str
)
def test_what_is_no_feature_is_a_faulty_row(bad: object) -> None:
    rows = read_geojson(collection(bad, feature())).rows
    assert rows[0].fault is not None and rows[0].fault.code == "not-a-feature"
    assert rows[1].fault is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"type": "featurecollection", "features": []}', "not-geojson"),
        (b'{"type": "Topology"}', "not-geojson"),
        (b'{"type": "FeatureCollection"}', "not-geojson"),
        (b"[1]", "not-geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "empty"),
        (b'{"type": "FeatureCollection", "features": [', "not-json"),
        (b'{"a": ' + b"1" * 1_000_000 + b"}", "not-json"),
        (b'{"a":' * 200_000, "too-deep"),
    ],
)
def test_geojson_that_is_none(data: bytes, code: str) -> None:
    assert fault_of(read_geojson, data).code == code


def test_geojson_with_mark_duplicate_keys_and_old_crs() -> None:
    data = (
        b'\xef\xbb\xbf{"type": "x", "type": "FeatureCollection", "features": ['
        + json.dumps(feature()).encode()
    )
    assert len(read_geojson(data + b"]}").rows) == 1
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    assert read_geojson(collection(feature(), crs=crs)).crs == "4547"


GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'


def test_gpx_tracks_routes_and_waypoints() -> None:
    text = GPX.format(
        '<wpt lat="22.7" lon="113.9"><time>2014-04-15T01:00:00.1234567Z</time><name>甲</name></wpt>'
        '<rte><rtept lat="22.7" lon="113.9"/><rtept lat="22.8" lon="113.9"/></rte>'
        '<trk><name>a</name><trkseg><trkpt lat="22.7" lon="113.9"><ele>3</ele></trkpt></trkseg></trk>'
    )
    lines = read_gpx(text.encode(), frozenset({"trk", "rte"}))
    assert [type(row.position) for row in lines.rows] == [Fixes, Fixes]
    assert "1 elements" in lines.warnings[0]
    (point,) = read_gpx(text.encode(), frozenset({"wpt"})).rows
    assert point.position == (113.9, 22.7)
    assert point.values["device_at"] == datetime(2014, 4, 15, 1, 0, 0, 123456, tzinfo=UTC)


def test_gpx_in_gbk() -> None:
    text = '<?xml version="1.0" encoding="GBK"?>' + GPX.format(
        '<wpt lat="22.7" lon="113.9"><name>李松蓢</name></wpt>'
    )
    (row,) = read_gpx(text.encode("gbk"), frozenset({"wpt"})).rows
    assert row.values["name"] == "李松蓢"


def test_times_before_satellites_are_none() -> None:
    text = GPX.format('<wpt lat="1" lon="2"><time>1901-12-13T20:45:52.2073437Z</time></wpt>')
    (row,) = read_gpx(text.encode(), frozenset({"wpt"})).rows
    assert row.values["device_at"] is None


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [("NaN", "1", "not-a-number"), ("113.9", "22.7", "swapped-axes"), ("", "1", "not-a-number")],
)
def test_a_bad_fix_makes_its_track_a_faulty_row(lat: str, lon: str, code: str) -> None:
    text = GPX.format(f'<trk><trkseg><trkpt lat="{lat}" lon="{lon}"/></trkseg></trk>')
    (row,) = read_gpx(text.encode(), frozenset({"trk"})).rows
    assert row.fault is not None and row.fault.code == code
    assert row.fault.pointer is not None and row.fault.pointer.startswith("trkseg 1 trkpt 1")


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (f'<!DOCTYPE gpx [<!ENTITY l0 "ha">{LAUGHS}]><gpx version="1.1">&l9;</gpx>', "xml-dtd-forbidden"),
        ('<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx>&x;</gpx>', "xml-dtd-forbidden"),
        ('<!DOCTYPE gpx SYSTEM "http://127.0.0.1/x.dtd"><gpx/>', "xml-dtd-forbidden"),
        ("<gpx><trk></gpx>", "not-xml"),
        ('<gpx version="2.0"/>', "not-gpx"),
        ("<gpx>" + "<a>" * 50_000, "too-deep"),
        ('<gpx version="1.1"/>', "empty"),
    ],
)
def test_gpx_that_is_none(data: str, code: str) -> None:
    assert fault_of(read_gpx, data.encode(), frozenset({"trk"})).code == code


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.gpx", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
        ("x.gpx", b"<?xml version='1.0'?><OGRWFSDataSource/>"),
        ("x.geojson", b"<gpx/>"),
        ("x.csv", b'{"type": "Feature"}'),
        ("x.csv", b"SQLite format 3\x00"),
        ("x.gpkg", b"a,b\n1,2"),
        ("x.gpkg", b"PK\x03\x04"),
    ],
)
def test_content_must_be_what_the_name_promises(name: str, data: bytes) -> None:
    assert fault_of(find_format, name, data).code == "content-mismatch"


@pytest.mark.parametrize(
    ("name", "advice"), [("a.xlsx", "CSV UTF-8"), ("a.shp", "GeoPackage"), ("a", "known are")]
)
def test_formats_not_read_say_what_helps(name: str, advice: str) -> None:
    fault = fault_of(find_format, name, b"x")
    assert fault.code == "unknown-format" and advice in fault.message
