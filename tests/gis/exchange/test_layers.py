"""Each layer from a file and back: stored as meant, unchanged when repeated, changed where it changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas
import pytest
import shapely

from gis.errors import InvalidInput
from gis.exchange.model import LoadOptions
from gis.exchange.service import load_file
from gis.geometry.crs import wgs84_to

from .conftest import SAMPLES, Load, codes

LON, LAT = 113.9190, 22.7810
UNITS = (
    "房屋编码,楼栋编码,详细地址,房号,管理等级,隐患,备案日期,最近走访,经度,纬度\n"
    "U1,,楼村一路1号,101,宽管级,,2014/1/5,2014/4/1,113.9190,22.7810\n"
    "U2,,楼村一路1号,102,strict,消防、用电,2014年1月6日,,113.9191,22.7811\n"
)


def test_rental_units_are_stored_repeated_and_changed(load: Load, query) -> None:
    first = load("rental_unit", "u.csv", UNITS)
    assert (first.rows_stored, first.rows_unchanged, first.rows_rejected) == (2, 0, 0)
    again = load("rental_unit", "u.csv", UNITS)
    assert (again.rows_stored, again.rows_unchanged) == (0, 2)
    changed = load("rental_unit", "u.csv", UNITS.replace("102,strict", "102,禁止级"))
    assert (changed.rows_stored, changed.rows_unchanged) == (1, 1)
    rows = query(
        "SELECT code, grade, hazards, filed_on, cell_id IS NOT NULL, community_id IS NOT NULL"
        " FROM rental_unit WHERE code IN ('U1', 'U2') ORDER BY code"
    )
    assert rows == [
        ("U1", "lenient", [], date(2014, 1, 5), True, True),
        ("U2", "banned", ["electric", "fire"], date(2014, 1, 6), True, True),
    ]


def test_a_file_neither_takes_a_visit_back_nor_empties_what_it_does_not_name(load: Load, query) -> None:
    load("rental_unit", "u.csv", UNITS)
    query("UPDATE rental_unit SET last_visit_at = '2014-05-01', tenants = 7 WHERE code = 'U1' RETURNING 1")
    report = load("rental_unit", "u.csv", UNITS)
    assert report.rows_stored == 0
    (row,) = query("SELECT last_visit_at::date, tenants FROM rental_unit WHERE code = 'U1'")
    assert row == (date(2014, 5, 1), 7)


def test_same_code_twice_in_a_file(load: Load, query) -> None:
    line = "V1,,某路,1,宽管级,,2014/1/5,,113.9190,22.7810\n"
    head = UNITS.splitlines()[0] + "\n"
    report = load("rental_unit", "u.csv", head + line + line + line.replace("某路", "别路"))
    assert (report.rows_read, report.rows_stored, report.rows_unchanged) == (3, 1, 1)
    (reject,) = report.rejects
    assert (reject.row, reject.code) == (4, "duplicate-key") and "row 2" in reject.reason


def test_a_unit_without_position_stands_where_its_building_stands(load: Load, query) -> None:
    building = "楼栋编码,楼栋名称,地址,用途,层数,lon,lat\nB1,甲楼,楼村二路2号,住宅,7,113.9200,22.7800\n"
    assert load("building", "b.csv", building).rows_stored == 1
    units = (
        UNITS.splitlines()[0]
        + "\nW1,B1,楼村二路2号,1,宽管级,,2014/1/5,,,\nW2,B9,某处,1,宽管级,,2014/1/5,,,\n"
    )
    report = load("rental_unit", "u.csv", units)
    assert codes(report) == ["unknown-building_code"]
    rows = query(
        "SELECT b.code, ST_X(u.geom) FROM rental_unit u JOIN building b USING (building_id) WHERE u.code = 'W1'"
    )
    assert rows == [("B1", 113.92)]


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "4490", "4547", "4526"])
def test_declared_coordinate_systems_come_out_as_wgs84(load: Load, query, crs: str) -> None:
    x, y = (float(values[0]) for values in wgs84_to([LON], [LAT], crs))
    text = f"code,kind,name,x,y\nC-{crs},park,某园,{x!r},{y!r}\n"
    report = load("facility", "f.csv", text, crs=crs)
    assert (report.crs, report.rows_stored) == (crs, 1)
    (row,) = query("SELECT ST_X(geom), ST_Y(geom) FROM facility WHERE code = %s", f"C-{crs}")
    assert row == (pytest.approx(LON, abs=1e-8), pytest.approx(LAT, abs=1e-8))


@pytest.mark.parametrize("crs", ["gcj02", "4547", "4526"])
def test_swapped_columns_are_refused_in_every_system(load: Load, crs: str) -> None:
    x, y = (float(values[0]) for values in wgs84_to([LON], [LAT], crs))
    report = load("facility", "f.csv", f"code,kind,name,x,y\nS,park,某园,{y!r},{x!r}\n", crs=crs)
    assert codes(report) == ["swapped-axes"]


def test_a_header_may_name_the_system(load: Load, query) -> None:
    x, y = (float(values[0]) for values in wgs84_to([LON], [LAT], "gcj02"))
    report = load("facility", "f.csv", f"code,kind,name,经度(GCJ02),纬度(GCJ02)\nH1,park,某园,{x!r},{y!r}\n")
    assert report.crs == "gcj02"
    (row,) = query("SELECT ST_X(geom) FROM facility WHERE code = 'H1'")
    assert row == (pytest.approx(LON, abs=1e-8),)


def test_undeclared_phone_map_positions_raise_a_warning_and_are_not_moved(load: Load, query) -> None:
    # five places near the west border: 500 m east of themselves, as AMap gives the east border
    east = [
        (113.9965, 22.7450),
        (113.9975, 22.7440),
        (113.9990, 22.7420),
        (114.0020, 22.7460),
        (114.0005, 22.7430),
    ]
    lines = []
    for at, (lon, lat) in enumerate(east):
        x, y = (float(values[0]) for values in wgs84_to([lon], [lat], "gcj02"))
        lines.append(f"N{at},park,某园{at},{x!r},{y!r}")
    report = load("facility", "f.csv", "code,kind,name,x,y\n" + "\n".join(lines) + "\n", dry_run=True)
    assert any("gcj02" in warning.lower() and "outside" in warning for warning in report.warnings)
    assert query("SELECT count(*) FROM facility WHERE code = 'N0'") == [(0,)]


def test_a_facility_just_outside_is_kept_in_no_cell_and_one_far_off_is_not(load: Load, query) -> None:
    text = "code,kind,name,lon,lat\nNEAR,park,近园,114.0080,22.7430\nFAR,park,远园,114.0300,22.7430\n"
    report = load("facility", "f.csv", text)
    assert (report.rows_stored, report.rows_outside, codes(report)) == (1, 1, ["out-of-district"])
    assert query("SELECT cell_id FROM facility WHERE code = 'NEAR'") == [(None,)]


def test_facilities_without_code_are_known_by_their_content(load: Load) -> None:
    text = "kind,name,lon,lat\npark,无码园,113.9190,22.7810\n"
    assert load("facility", "f.csv", text).rows_stored == 1
    assert load("facility", "other.csv", text).rows_unchanged == 1


def test_incidents_get_their_deadline_and_are_not_reset(load: Load, query) -> None:
    text = "事件编号,事件类别,问题描述,发生时间,经度,纬度\nSJ1,暴露垃圾,路边垃圾,2014/4/15 9:00,113.9190,22.7810\n"
    assert load("incident", "i.csv", text).rows_stored == 1
    (row,) = query("SELECT category, source, state, due_at - occurred_at = '4 hours' FROM incident")
    assert row == ("SR0102", "import", "reported", True)
    query("UPDATE incident SET state = 'closed', closed_at = now() RETURNING 1")
    assert load("incident", "i.csv", text).rows_unchanged == 1
    assert query("SELECT state FROM incident") == [("closed",)]


def test_parcels_check_points_and_geojson_in_metres(load: Load, query) -> None:
    ring = [(113.900, 22.740), (113.905, 22.740), (113.905, 22.745), (113.900, 22.745), (113.900, 22.740)]
    east, north = wgs84_to([p[0] for p in ring], [p[1] for p in ring], "4547")
    shape = {"type": "Polygon", "coordinates": [[list(pair) for pair in zip(east, north, strict=True)]]}
    feature = {
        "type": "Feature",
        "properties": {"地块编号": "P1", "地块名称": "甲地", "级别": "重点"},
        "geometry": shape,
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    assert load("parcel", "p.geojson", text, crs="4547").rows_stored == 1
    assert load("parcel", "p.geojson", text, crs="4547").rows_unchanged == 1
    # 0.005 degrees: 513.6 m by 553.8 m at this latitude
    (row,) = query("SELECT level, area_m2, cell_id IS NOT NULL FROM parcel WHERE code = 'P1'")
    assert row == ("key", pytest.approx(513.6 * 553.8, rel=2e-3), True)
    points = "巡查点编号,巡查点名称,所属地块,半径,wkt\nK1,东门,P1,50,POINT(113.902 22.742)\nK2,西门,P9,50,POINT(113.902 22.742)\n"
    report = load("check_point", "k.csv", points)
    assert codes(report) == ["unknown-parcel_code"]
    assert query("SELECT radius_m, parcel_id IS NOT NULL FROM check_point") == [(50.0, True)]


def test_geopackage_states_its_system_and_keeps_integer_codes_beside_nulls(
    url: str, query, tmp_path: Path
) -> None:
    path = tmp_path / "parks.gpkg"
    frame = geopandas.GeoDataFrame(
        {"code": [440306, None], "kind": ["park", "park"], "name": ["李松蓢公园", "无码园"]},
        geometry=shapely.points([[LON, LAT], [LON + 0.001, LAT]]),
        crs=4326,
    )
    frame.astype({"code": "Int64"}).to_crs(4547).to_file(path, layer="公园")
    report = load_file(url, "facility", path)
    assert (report.crs, report.rows_stored, report.rows_rejected) == ("4547", 2, 0)
    (row,) = query("SELECT ST_X(geom), name_zh FROM facility WHERE code = '440306'")
    assert row == (pytest.approx(LON, abs=1e-8), "李松蓢公园")


def test_long_integer_codes_that_lost_digits_in_a_geopackage_are_refused(url: str, tmp_path: Path) -> None:
    path = tmp_path / "long.gpkg"
    frame = geopandas.GeoDataFrame(
        {"code": [4403060070010101234, None], "kind": ["park", "park"], "name": ["甲", "乙"]},
        geometry=shapely.points([[LON, LAT], [LON + 0.001, LAT]]),
        crs=4326,
    )
    frame.astype({"code": "Int64"}).to_file(path)
    assert codes(load_file(url, "facility", path, LoadOptions(dry_run=True))) == ["code-as-number"]


def test_layers_of_a_geopackage_are_chosen_by_name(url: str, tmp_path: Path) -> None:
    path = tmp_path / "many.gpkg"
    frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=shapely.points([[LON, LAT]]), crs=4326)
    for name in ("Facilities", "其他"):
        frame.assign(kind="park", name=name).to_file(path, layer=name)
    dry = LoadOptions(dry_run=True)
    assert load_file(url, "facility", path, dry).rows_stored == 1
    assert load_file(url, "facility", path, replace(dry, sheet="其他")).rows_stored == 1
    for layer, sheet, code in (("facility", "没有", "no-such-sheet"), ("parcel", None, "choose-sheet")):
        with pytest.raises(InvalidInput, match="Facilities, 其他") as fault:
            load_file(url, layer, path, replace(dry, sheet=sheet))
        assert fault.value.code == code


def test_patrol_file_gives_a_broken_line_and_points(url: str, query) -> None:
    path = SAMPLES / "patrol.gpx"
    assert load_file(url, "patrol_track", path).rows_stored == 1
    assert load_file(url, "patrol_point", path).rows_stored == 2
    assert load_file(url, "patrol_track", path).rows_unchanged == 1
    assert load_file(url, "patrol_point", path).rows_unchanged == 2
    # 28 minutes without a fix break the line; 3 fixes before, 2 after
    (row,) = query(
        "SELECT ST_NumGeometries(geom), fixes, is_outside, community_id IS NOT NULL FROM patrol_track"
    )
    assert row == (2, 5, False, True)
    assert query("SELECT kind FROM patrol_point ORDER BY device_at") == [("OK",), ("L1",)]


def test_a_track_whose_start_was_wrong_moves_to_its_month_and_stays_one(load: Load, query) -> None:
    made = "5a1f1d4e-6a37-4f7e-9f0e-0d8a2b0c1d2e"

    def track(**properties: object) -> str:
        line = {"type": "LineString", "coordinates": [[LON, LAT], [LON + 0.001, LAT]]}
        return json.dumps(
            {"type": "Feature", "properties": {"client_id": made, **properties}, "geometry": line}
        )

    stored = "SELECT started_at::date::text, at = started_at, ended_at, is_outside FROM patrol_track WHERE client_id = %s"
    assert load("patrol_track", "a.geojson", track()).rows_stored == 1
    assert query(stored, made) == [(None, None, None, False)]
    for day in ("2026-10-03", "2026-09-30"):
        moved = track(started_at=f"{day}T08:00:00+08:00")
        assert load("patrol_track", "b.geojson", moved).rows_stored == 1
        assert query(stored, made) == [(day, True, None, False)]
        assert load("patrol_track", "b.geojson", moved).rows_unchanged == 1


def test_lines_of_kml_are_tracks_with_the_time_they_tell(load: Load, query) -> None:
    kml = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>堤</name><TimeSpan><begin>2026-10-05T01:00:00Z</begin>'
        f"<end>2026-10-05T02:00:00Z</end></TimeSpan><LineString><coordinates>{LON},{LAT},5 {LON + 0.001},{LAT}"
        "</coordinates></LineString></Placemark></kml>"
    )
    assert load("patrol_track", "dyke.kml", kml).rows_stored == 1
    assert query("SELECT started_at::text, ended_at::text, fixes FROM patrol_track WHERE name = '堤'") == [
        ("2026-10-05 09:00:00+08", "2026-10-05 10:00:00+08", 2)
    ]
    with pytest.raises(InvalidInput) as fault:
        load("parcel", "dyke.kml", kml)
    assert fault.value.code == "content-mismatch"


def test_a_stored_patrol_point_is_evidence(load: Load, query) -> None:
    made = "3b241101-e2bb-4255-8caf-4136c566a962"
    text = f"uuid,kind,note,time,lon,lat\n{made},L1,倒土,2014-04-15T09:00+08:00,113.9190,22.7810\n"
    assert load("patrol_point", "p.csv", text).rows_stored == 1
    report = load("patrol_point", "p.csv", text.replace("L1", "OK"))
    assert codes(report) == ["conflict"]
    assert query("SELECT kind FROM patrol_point WHERE client_id = %s", made) == [("L1",)]


def test_patrol_points_outside_are_kept_and_flagged(load: Load, query) -> None:
    text = "kind,time,lon,lat\nOK,2014-04-15 09:00,114.3,22.5\n"
    report = load("patrol_point", "p.csv", text)
    assert (report.rows_stored, report.rows_outside) == (1, 1)
    assert query("SELECT cell_id FROM patrol_point WHERE is_outside") == [(None,)]


def test_constants_fill_what_a_file_leaves_out(load: Load) -> None:
    text = "name,lon,lat\n缺类园,113.9190,22.7810\n"
    assert codes(load("facility", "f.csv", text)) == ["missing-kind"]
    assert load("facility", "f.csv", text, constants={"kind": "公园"}).rows_stored == 1


def test_a_dry_run_stores_nothing(url: str, query) -> None:
    before = query("SELECT count(*) FROM rental_unit")
    report = load_file(url, "rental_unit", SAMPLES / "rental-units.gb18030.csv", LoadOptions(dry_run=True))
    assert (report.rows_stored, report.rows_rejected, report.import_batch_id) == (4, 0, None)
    assert query("SELECT count(*) FROM rental_unit") == before


def test_samples_load_whole(url: str) -> None:
    for layer, name in (("rental_unit", "rental-units.gb18030.csv"), ("facility", "facilities.geojson")):
        report = load_file(url, layer, SAMPLES / name)
        assert (report.rows_rejected, report.rows_outside) == (0, 0)
