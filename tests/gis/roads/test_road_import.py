"""Road files into the database: what becomes of each line, and that a bad file changes nothing."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from gis.errors import Forbidden, InvalidInput
from gis.exchange.__main__ import main
from gis.exchange.model import LoadOptions
from gis.roads.service import find_network, import_roads, present_network, walkable_lines
from gis.roads.shape import told
from tests.conftest import ROOT
from tests.gis.roads import osm_files
from tests.world import World

CROSS = [
    ({"class": "residential", "name": "光明大街"}, [(113.91, 22.755), (113.915, 22.755), (113.92, 22.755)]),
    ({"class": "footway", "name": ""}, [(113.915, 22.752), (113.915, 22.755), (113.915, 22.758)]),
]


def geojson(lines) -> bytes:
    features = [
        {"type": "Feature", "properties": values, "geometry": {"type": "LineString", "coordinates": points}}
        for values, points in lines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def stored(world: World) -> list[tuple]:
    return world.ask(
        "SELECT class, name, is_walkable, ST_NPoints(geom), road_network_id FROM app.road_line ORDER BY road_line_id"
    )


def bring(world: World, name: str, data: bytes, **options):
    return import_roads(world.db, world.actor("petra"), name, data, options=LoadOptions(**options))


def test_lines_are_stored_and_meet_where_they_share_a_vertex(world):
    report = bring(
        world,
        "streets.geojson",
        geojson(CROSS),
        title="测试",
        constants={"licence": "ODbL", "dated_on": "2014-04-01"},
    )
    assert (report.rows.rows_read, report.rows.rows_stored, report.rows.rows_rejected) == (2, 2, 0)
    assert [row[:4] for row in stored(world)] == [
        ("residential", "光明大街", True, 3),
        ("footway", "", True, 3),
    ]
    network = present_network(world.db, world.actor("audrey"))
    assert (network.title, network.licence, str(network.dated_on)) == ("测试", "ODbL", "2014-04-01")
    assert (network.edges, network.components, network.apart_m) == (4, 1, 0)
    # 0.01 degrees of longitude and 0.006 of latitude at 22.755 N, WGS84: 1,027 m and 664 m.
    assert network.length_m == pytest.approx(1_027 + 664, abs=2)


def test_a_new_file_replaces_the_network_and_its_number_grows(world):
    before = present_network(world.db, world.actor("petra")).road_network_id
    report = bring(world, "other.geojson", geojson(CROSS[:1]))
    after = present_network(world.db, world.actor("petra"))
    assert after.road_network_id > before and after.title == "other.geojson"
    assert {row[4] for row in stored(world)} == {after.road_network_id}
    assert report.shape is not None and report.shape.edges == 1


def test_an_import_by_the_page_is_written_down_like_every_other(world):
    refused = [(CROSS[0][0], [(113.91, 22.755), (113.91, 22.755)])]
    data = geojson(CROSS + refused)
    report = bring(world, "../streets.geojson", data)
    batch = report.rows.import_batch_id
    assert world.ask(
        "SELECT layer, file_name, file_sha256 = sha256(convert_to(%s, 'UTF8')), rows_read, rows_stored,"
        " rows_rejected, username FROM app.import_batch JOIN app.account USING (account_id)"
        " WHERE import_batch_id = %s",
        data.decode(),
        batch,
    ) == [("road", "streets.geojson", True, 3, 2, 1, "petra")]
    [(row, code)] = world.ask(
        "SELECT row_number, code FROM app.import_reject WHERE import_batch_id = %s", batch
    )
    assert row == report.rows.rejects[0].row and code == report.rows.rejects[0].code
    assert world.ask(
        "SELECT action, detail->>'rows_stored' FROM app.audit_log WHERE subject = %s", f"road {batch}"
    ) == [("import.load", "2")]


def test_a_file_that_changes_nothing_is_written_down_with_its_reasons(world):
    before = stored(world)
    data = geojson([*CROSS, (CROSS[0][0], [(113.91, 22.755), (113.91, 22.755)])])
    report = bring(world, "x.geojson", data, all_or_nothing=True)
    assert report.shape is None and stored(world) == before
    assert world.ask(
        "SELECT rows_stored, rows_rejected FROM app.import_batch WHERE import_batch_id = %s",
        report.rows.import_batch_id,
    ) == [(0, 3)]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("roads.geojson", b'{"type": "FeatureCollection", "features": [', "not-json"),
        ("roads.geojson", b"", "empty"),
        ("roads.osm", b"<gpx></gpx>", "content-mismatch"),
        ("roads.osm", b"<osm><node", "unreadable"),
        ("roads.osm", b'<!DOCTYPE osm [<!ENTITY a "b">]><osm></osm>', "content-mismatch"),
        ("roads.osm.pbf", b"not a pbf at all", "content-mismatch"),
        ("roads.osm.pbf", osm_files.as_pbf()[:90], "unreadable"),
        ("roads.zip", b"PK\x03\x04 and no more", "unreadable"),
        ("roads.dwg", b"AC1015", "unknown-format"),
    ],
)
def test_an_unusable_file_changes_nothing(world, name, data, code):
    before = stored(world)
    with pytest.raises(InvalidInput) as fault:
        bring(world, name, data)
    assert fault.value.code == code
    assert stored(world) == before


def test_refused_lines_are_told_and_the_rest_is_stored_unless_all_or_nothing(world):
    lines = [
        *CROSS,
        ({"class": "x"}, [(113.91, 22.755), (113.91, 22.755)]),
        ({"class": "x"}, [(22.755, 113.91), (22.756, 113.91)]),
        ({"class": "x", "walkable": "perhaps"}, [(113.91, 22.755), (113.92, 22.756)]),
    ]
    before = stored(world)
    held = bring(world, "mixed.geojson", geojson(lines), all_or_nothing=True)
    assert held.shape is None and stored(world) == before
    assert [(item.row, item.code) for item in held.rows.rejects] == [
        (3, "too-few-points"),
        (4, "swapped-axes"),
        (5, "unknown-walkable"),
        (1, "held-back"),
        (2, "held-back"),
    ]
    report = bring(world, "mixed.geojson", geojson(lines))
    assert [(item.row, item.field, item.code) for item in report.rows.rejects] == [
        (3, "/geometry/coordinates", "too-few-points"),
        (4, "/geometry/coordinates/0", "swapped-axes"),
        (5, "walkable", "unknown-walkable"),
    ]
    assert (report.rows.rows_read, report.rows.rows_stored) == (5, 2) and len(stored(world)) == 2


def test_a_file_of_refused_lines_alone_changes_nothing(world):
    before = stored(world)
    report = bring(world, "bad.geojson", geojson([({}, [(113.91, 22.755), (113.91, 22.755)])]))
    assert report.shape is None and report.rows.rows_rejected == 1 and stored(world) == before


def test_lines_far_outside_are_left_out_and_told(world):
    far = ({"class": "primary"}, [(114.5, 22.755), (114.6, 22.755)])
    report = bring(world, "far.geojson", geojson([*CROSS, far]))
    assert (report.rows.rows_read, report.rows.rows_stored) == (2, 2)
    assert report.far == 1 and any("1 lines lie more than 3 km outside" in said for said in told(report))


def test_what_is_not_connected_is_told_with_its_place(world):
    lane = ({"class": "service"}, [(113.93, 22.755), (113.931, 22.755)])
    report = bring(world, "apart.geojson", geojson([*CROSS, lane]))
    assert report.shape is not None and len(report.shape.parts) == 2
    assert any(said.startswith("not connected: 103 m at 113.93") for said in told(report))
    assert present_network(world.db, world.actor("dan")).apart_m == pytest.approx(102.7, abs=0.2)


@pytest.mark.parametrize(
    ("name", "content"), [("x.osm", osm_files.as_xml()), ("x.osm.pbf", osm_files.as_pbf())]
)
def test_openstreetmap_extracts(world, name, content):
    report = bring(world, name, content)
    assert report.rows.rows_stored == 4  # the river is no road
    assert [row[:3] for row in stored(world)] == [
        ("residential", "东西路", True),
        ("footway", "", True),
        ("service", "", False),
        ("motorway", "高速", False),
    ]
    with world.db.transaction(world.actor("petra").identity, read_only=True) as connection:
        network = find_network(connection)
        assert network is not None and (network.components, network.edges) == (1, 4)
        assert len(walkable_lines(connection, network)) == 2


def zipped(
    tmp_path: Path, suffixes: tuple[str, ...], *, encoding: str = "GB18030", crs: str = "EPSG:4547"
) -> bytes:
    from gis.geometry.crs import to_metric

    lines = to_metric([shapely.LineString(points) for _, points in CROSS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            tmp_path / "路.shp",
            shapely.to_wkb(lines),
            [np.array([values["class"] for values, _ in CROSS], object), np.array(["光明大街", ""], object)],
            ["fclass", "name"],
            geometry_type="LineString",
            crs=crs,
            driver="ESRI Shapefile",
            encoding=encoding,
        )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in suffixes:
            archive.write(tmp_path / f"路{suffix}", f"dir/路{suffix}")
    return data.getvalue()


def test_a_zipped_shapefile_in_a_chinese_encoding(world, tmp_path):
    bring(world, "roads.zip", zipped(tmp_path, (".shp", ".shx", ".dbf", ".prj")))
    assert [row[:3] for row in stored(world)] == [("residential", "光明大街", True), ("footway", "", True)]


def test_a_shapefile_without_coordinate_system_asks_for_one(world, tmp_path):
    data = zipped(tmp_path, (".shp", ".shx", ".dbf"))
    with pytest.raises(InvalidInput) as fault:
        bring(world, "roads.zip", data)
    assert (fault.value.pointer, fault.value.code) == ("crs", "unknown-crs")
    assert bring(world, "roads.zip", data, crs="4547").rows.rows_stored == 2


def test_the_sample_of_streets(world):
    report = bring(world, "streets.geojson", (ROOT / "data/samples/streets.geojson").read_bytes())
    assert report.rows.rows_stored == 6 and report.shape is not None and len(report.shape.parts) == 1
    assert [row[2] for row in stored(world)] == [True, True, True, True, False, False]


def test_an_archive_without_a_whole_shapefile_is_refused(world, tmp_path):
    with pytest.raises(InvalidInput) as fault:
        bring(world, "roads.zip", zipped(tmp_path, (".shp", ".dbf")))
    assert fault.value.code == "no-shapefile"


def test_a_geopackage(world, tmp_path):
    path = tmp_path / "roads.gpkg"
    pyogrio.raw.write(
        path,
        shapely.to_wkb([shapely.LineString(points) for _, points in CROSS]),
        [np.array(["步行街", "高速公路"], object)],
        ["道路等级"],
        geometry_type="LineString",
        crs="EPSG:4326",
        driver="GPKG",
    )
    bring(world, "roads.gpkg", path.read_bytes())
    assert [row[0::2][:2] for row in stored(world)] == [("步行街", True), ("高速公路", False)]


def test_statements_of_a_network_are_checked(world):
    for constants, code in [({"dated_on": "April"}, "not-a-date"), ({"colour": "x"}, "unknown-field")]:
        with pytest.raises(InvalidInput) as fault:
            bring(world, "x.geojson", geojson(CROSS), constants=constants)
        assert fault.value.code == code


def test_only_a_planner_brings_a_network(world):
    for name in ("alice", "pat", "dan", "audrey", "adam"):
        with pytest.raises(Forbidden):
            import_roads(world.db, world.actor(name), "x.geojson", geojson(CROSS))


def test_the_command_loads_a_network_and_records_it(world, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", world.url)
    path = tmp_path / "streets.geojson"
    path.write_bytes(geojson(CROSS))
    assert (
        main(["road", str(path), "--title", "路网", "--set", "source=OpenStreetMap", "--set", "licence=ODbL"])
        == 0
    )
    assert "4 streets" in capsys.readouterr().out
    assert world.ask("SELECT title, source FROM app.road_network") == [("路网", "OpenStreetMap")]
    assert world.ask(
        "SELECT layer, rows_stored FROM app.import_batch ORDER BY import_batch_id DESC LIMIT 1"
    ) == [("road", 2)]
    before = stored(world)
    assert main(["road", str(path), "--dry-run"]) == 0 and stored(world) == before
    path.write_text("{")
    assert main(["road", str(path)]) == 2 and stored(world) == before
