"""Every bad input is named by file row, field and reason, and leaves nothing half-stored."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest

from gis.errors import GisError, InvalidInput
from gis.exchange.model import LoadOptions, Reject
from gis.exchange.report import as_text, write_rejects
from gis.exchange.service import load_file

from .conftest import SAMPLES, Load, codes

HEAD = "设施编号,类别,设施名称,经度,纬度\n"
GOOD = "G1,公园,好公园,113.9190,22.7810\n"


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(lon: object, lat: object) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon, lat]}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def only(rejects: tuple[Reject, ...]) -> Reject:
    (found,) = rejects
    return found


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("X1,公园,交换,22.7810,113.9190", "", "swapped-axes"),
        ("X1,公园,海上,114.30,22.50", "position", "out-of-district"),
        ("X1,公园,无定位,0,0", "position", "out-of-district"),
        ("X1,公园,非数,NaN,22.78", "经度", "not-a-number"),
        ("X1,公园,无穷,113.9,1e999", "纬度", "not-a-number"),
        ("X1,公园,米,492810.796,2517961.117", "", "projected-coordinates"),
        ("X1,公园,半空,113.9,", "纬度", "no-position"),
        ("X1,公园,全空,,", "position", "no-position"),
        ("4.40306E+14,公园,科学,113.9190,22.7810", "设施编号", "code-as-number"),
        ("X1,月球站,类别,113.9190,22.7810", "类别", "unknown-kind"),
        ("X1,公园,,113.9190,22.7810", "设施名称", "missing-name_zh"),
        ("X1,公园,\ufffd名,113.9190,22.7810", "设施名称", "bad-text"),
        ("X1,公园,a\x1bb,113.9190,22.7810", "设施名称", "bad-text"),
    ],
)
def test_a_bad_row_is_named_and_the_good_one_stored(
    load: Load, query, row: str, field: str, code: str
) -> None:
    query("DELETE FROM facility RETURNING 1")
    report = load("facility", "设施.csv", HEAD + row + "\n" + GOOD)
    reject = only(report.rejects)
    assert (reject.row, reject.code) == (2, code)
    assert reject.field == field or not field
    assert (report.rows_read, report.rows_stored, report.rows_unchanged) == (2, 1, 0)
    assert query("SELECT code FROM facility") == [("G1",)]
    batch = query(
        "SELECT rows_read, rows_stored, rows_unchanged, rows_rejected FROM import_batch"
        " WHERE import_batch_id = %s",
        report.import_batch_id,
    )
    assert batch == [(2, 1, 0, 1)]
    stored = query(
        "SELECT row_number, code FROM import_reject WHERE import_batch_id = %s", report.import_batch_id
    )
    assert stored == [(2, code)]


def test_all_or_nothing_stores_nothing_and_lists_every_row(load: Load, query) -> None:
    query("DELETE FROM facility RETURNING 1")
    report = load("facility", "a.csv", HEAD + GOOD + "X,公园,海,114.3,22.5\n", all_or_nothing=True)
    assert sorted(codes(report)) == ["held-back", "out-of-district"]
    assert (report.rows_read, report.rows_stored) == (2, 0)
    assert query("SELECT count(*) FROM facility") == [(0,)]


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "no-position"),
        (point("113.9190", "22.7810"), "not-a-number"),
        (point(True, 22.7), "not-a-number"),
        (point(22.7810, 113.9190), "swapped-axes"),
        (point(114.3, 22.5), "out-of-district"),
        ({"type": "point", "coordinates": [113.9, 22.7]}, "unknown-type"),
        ({"type": "Point", "coordinates": []}, "not-a-number"),
        ({"type": "Point", "coordinates": [113.9, 22.7, 1, 2]}, "unsupported-dimension"),
        ({"type": "LineString", "coordinates": [[113.9, 22.7], [113.91, 22.7]]}, "unknown-type"),
    ],
)
def test_bad_geojson_points(load: Load, query, geometry: object, code: str) -> None:
    query("DELETE FROM facility RETURNING 1")
    good = feature(point(113.9190, 22.7810), code="G1", kind="park", name="好")
    report = load(
        "facility", "f.geojson", collection(feature(geometry, code="B", kind="park", name="坏"), good)
    )
    assert (only(report.rejects).row, only(report.rejects).code) == (1, code)
    assert query("SELECT code FROM facility") == [("G1",)]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_json_numbers_that_are_none(load: Load, number: str) -> None:
    text = collection(feature(point(113.9, 22.7), code="B", kind="park", name="坏")).replace(
        "113.9,", f"{number},"
    )
    assert codes(load("facility", "f.geojson", text)) == ["not-a-number"]


SQUARE = [[113.90, 22.74], [113.91, 22.74], [113.91, 22.75], [113.90, 22.75], [113.90, 22.74]]
BOW_TIE = [[113.90, 22.74], [113.91, 22.75], [113.91, 22.74], [113.90, 22.75], [113.90, 22.74]]
DEEP: list[object] = [113.9, 22.7]
for _ in range(500):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("coordinates", "code"),
    [
        ([SQUARE[:-1]], "unclosed-ring"),
        ([BOW_TIE], "self-intersection"),
        ([[SQUARE[0], SQUARE[1], SQUARE[0]]], "too-few-points"),
        ([], "empty"),
        (DEEP, "too-deep"),
        ([[[113 + i * 1e-6, 22.7] for i in range(10_001)]], "too-complex"),
    ],
)
def test_bad_polygons(load: Load, query, coordinates: object, code: str) -> None:
    shape = {"type": "Polygon", "coordinates": coordinates}
    began = time.thread_time()
    report = load("parcel", "p.geojson", collection(feature(shape, code="P1", name="坏", level="重点")))
    assert codes(report) == [code]
    assert time.thread_time() - began < 5
    assert query("SELECT count(*) FROM parcel WHERE code = 'P1'") == [(0,)]


def test_unclosed_polygon_in_wkt(load: Load) -> None:
    wkt = "POLYGON((113.90 22.74, 113.91 22.74, 113.91 22.75, 113.90 22.75))"
    report = load("parcel", "p.csv", f'编号,名称,级别,wkt\nP2,坏,重点,"{wkt}"\n')
    reject = only(report.rejects)
    assert (reject.row, reject.field, reject.code) == (2, "wkt", "unclosed-ring")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "empty"),
        ("empty.geojson", b"\n", "empty"),
        ("header.csv", HEAD.encode(), "empty"),
        ("utf16.csv", (HEAD + GOOD).encode("utf-16"), "utf-16"),
        ("nul.csv", (HEAD + GOOD).encode() + b"\x00", "nul-byte"),
        ("open.csv", (HEAD + '"' + GOOD).encode(), "open-quote"),
        ("deep.geojson", b"[" * 200_000, "too-deep"),
        (
            "vrt.gpx",
            b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>",
            "content-mismatch",
        ),
        ("vrt.gpkg", b"<OGRVRTDataSource/>", "content-mismatch"),
        (
            "wfs.geojson",
            b"<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>",
            "content-mismatch",
        ),
        ("cut.gpkg", b"SQLite format 3\x00" + b"\x00" * 600, "unreadable"),
        ("x.xlsx", b"PK\x03\x04", "unknown-format"),
        ("track.gpx", b"<gpx/>", "content-mismatch"),
    ],
)
def test_unusable_files_say_why_and_store_nothing(
    load: Load, query, name: str, content: bytes, code: str
) -> None:
    before = query("SELECT (SELECT count(*) FROM facility), (SELECT count(*) FROM import_batch)")
    with pytest.raises(InvalidInput) as fault:
        load("facility", name, content)
    assert fault.value.code == code
    assert "/tmp" not in fault.value.message
    assert query("SELECT (SELECT count(*) FROM facility), (SELECT count(*) FROM import_batch)") == before


def test_billion_laughs_end_at_once(load: Load) -> None:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = (
        f'<!DOCTYPE gpx [<!ENTITY l0 "ha">{entities}]><gpx version="1.1"><trk><name>&l9;</name></trk></gpx>'
    )
    began = time.thread_time()
    with pytest.raises(InvalidInput) as fault:
        load("patrol_track", "bomb.gpx", bomb)
    assert fault.value.code == "xml-dtd-forbidden"
    assert time.thread_time() - began < 1


def test_a_vrt_behind_sqlite_magic_reads_no_other_file(load: Load) -> None:
    with pytest.raises(InvalidInput):
        load("facility", "x.gpkg", b"SQLite format 3\x00<OGRVRTDataSource>/etc/passwd</OGRVRTDataSource>")


def test_a_gbk_file_keeps_its_characters(load: Load, query) -> None:
    text = HEAD + "LSL,公园,李松蓢公园,113.8894,22.8075\n"
    report = load("facility", "gbk.csv", text.encode("gbk"))
    assert (report.encoding, report.rows_rejected) == ("gb18030", 0)
    assert query("SELECT name_zh, pinyin_initials FROM facility WHERE code = 'LSL'") == [
        ("李松蓢公园", "lslgy")
    ]


def test_a_mark_at_the_start_is_no_part_of_the_header(load: Load) -> None:
    report = load("facility", "bom.csv", (HEAD + GOOD).encode("utf-8-sig"))
    assert report.rows_rejected == 0


def test_no_half_of_a_batch_when_the_database_refuses(
    load: Load, query, monkeypatch: pytest.MonkeyPatch
) -> None:
    query("DELETE FROM facility RETURNING 1")

    def fail(*_: object, **__: object) -> int:
        raise GisError("broken")

    monkeypatch.setattr("gis.exchange.store.record", fail)
    with pytest.raises(GisError, match="broken"):
        load("facility", "a.csv", HEAD + GOOD)
    assert query("SELECT count(*) FROM facility") == [(0,)]


def test_a_database_without_division_says_so(server_url: str, database_url: str, url: str, query) -> None:
    query("UPDATE division_revision SET valid_to = valid_from RETURNING 1")
    query("UPDATE district SET valid_to = valid_from RETURNING 1")
    try:
        with pytest.raises(GisError, match="no division is loaded"):
            load_file(url, "facility", SAMPLES / "facilities.geojson")
    finally:
        query("UPDATE division_revision SET valid_to = NULL RETURNING 1")
        query("UPDATE district SET valid_to = NULL RETURNING 1")


def test_unknown_layer_field_and_crs(load: Load) -> None:
    for options, code in (({"constants": {"x": "1"}}, "unknown-field"), ({"crs": "utm"}, "unknown-crs")):
        with pytest.raises(InvalidInput) as fault:
            load("facility", "a.csv", HEAD + GOOD, **options)
        assert fault.value.code == code
    with pytest.raises(InvalidInput) as fault:
        load("people", "a.csv", HEAD + GOOD)
    assert fault.value.code == "unknown-layer"


def test_rejects_as_csv_hold_no_formula_and_the_text_no_escape(load: Load, tmp_path: Path) -> None:
    report = load(
        "facility", "a.csv", HEAD + "=cmd|' /C calc'!A0,公园,海,114.3,22.5\nZ,=1+1,甲,113.9190,22.7810\n"
    )
    path = tmp_path / "rejects.csv"
    write_rejects(report, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["2", "3"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert "\x1b" not in as_text(report)


def test_a_file_name_is_shown_without_direction_overrides(url: str, tmp_path: Path) -> None:
    path = tmp_path / "设\u202e施.csv"
    path.write_text(HEAD + GOOD, encoding="utf-8")
    assert load_file(url, "facility", path, LoadOptions(dry_run=True)).file_name == "设施.csv"
