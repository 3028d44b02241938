"""Street files made to break the server: each is refused or read for what it is, and the server lives on."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.conftest import Client, sign_in_client
from tests.world import PASSWORD, World

LINE = [[113.90, 22.755], [113.93, 22.755]]
NAN = float("nan")


@pytest.fixture(scope="module")
def petra(world_app) -> Client:
    client = sign_in_client(world_app, "petra", PASSWORD)
    client.get("/?lang=en")
    return client


def bring(client: Client, name: str, data: bytes, **fields: str):
    """The answer to an upload, never a fault; 200 only where the network was replaced."""
    given = MultiDict([("file", FileStorage(io.BytesIO(data), filename=name)), *fields.items()])
    boundary, body = encode_multipart(given)
    answer = client.post(
        "/planner/roads", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert answer.status_code in (200, 400), (answer.status_code, answer.text[-2000:])
    assert ("The network was replaced." in answer.text) == (answer.status_code == 200)
    assert not any(word in answer.text for word in ("Traceback", "psycopg2", "/tmp/", "guangming-import-"))
    return answer


def network(world: World) -> list[tuple]:
    return world.ask("SELECT road_network_id, title FROM app.road_network")


def geojson(*coordinates, **more) -> bytes:
    features = [
        {"type": "Feature", "properties": {"highway": "residential"},
         "geometry": {"type": "LineString", "coordinates": points}}
        for points in coordinates
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def shapefile(
    folder: Path, lines=(LINE,), *, crs: str = "EPSG:4326", names=("光明大街",), encoding="GB18030"
) -> None:
    pyogrio.raw.write(
        folder / "r.shp", shapely.to_wkb([shapely.LineString(points) for points in lines]), [np.array(names, object)],
        ["name"], geometry_type="LineString", crs=crs, driver="ESRI Shapefile", encoding=encoding,
    )  # fmt: skip


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def members(folder: Path, stem: str = "r") -> dict[str, bytes]:
    return {
        f"{stem}{suffix}": (folder / f"r{suffix}").read_bytes() for suffix in (".shp", ".shx", ".dbf", ".prj")
    }


def test_many_comments_do_not_keep_the_server_busy(petra, world):
    """A pattern that tries every way to take comments needs a time that doubles with each."""
    before, begun = network(world), time.process_time()
    for text in (
        b"<!---->" * 550,
        b"<!-- --" * 550,
        b"<?xml?>" + b"<!-->" * 700,
        b"<!---->" * 300 + b"<!DOCTYPE a><osm>",
    ):
        assert bring(petra, "x.osm", text).status_code == 400
    assert time.process_time() - begun < 10 and network(world) == before


def test_an_archive_that_unpacks_to_gigabytes_is_refused(petra, world, tmp_path):
    shapefile(tmp_path)
    good = members(tmp_path)
    before = network(world)
    bomb = packed({**good, "r.dbf": bytes(401_000_000)})
    assert len(bomb) < 1_000_000
    assert "holds too much" in bring(petra, "x.zip", bomb).text
    # It says it holds little, and unpacks to more: what it says is what is read, and the sum is then wrong.
    lying = bytearray(packed({**good, "r.dbf": bytes(50_000_000)}))
    at = lying.rindex(b"PK\x01\x02", 0, lying.rindex(b"r.dbf"))
    lying[at + 24 : at + 28] = struct.pack("<I", 100)
    assert bring(petra, "x.zip", bytes(lying)).status_code == 400
    nested = packed({"a.zip": packed(good), "b.zip": bomb})
    assert "one shapefile" in bring(petra, "x.zip", nested).text
    many = packed({f"{n}.txt": b"" for n in range(10_000)} | good, zipfile.ZIP_STORED)
    assert bring(petra, "x.zip", many).status_code == 200
    assert network(world) != before


@pytest.mark.parametrize(
    "stem", ["../../../../tmp/fresh-owned", "/etc/owned", "a/../../r", "C:\\r", "r\r\n", "..", "\u202er"]
)
def test_names_in_an_archive_lead_nowhere(petra, tmp_path, stem):
    shapefile(tmp_path)
    outside = [Path("/tmp/fresh-owned.shp"), Path("/etc/owned.shp")]
    assert bring(petra, "x.zip", packed(members(tmp_path, stem))).status_code in (200, 400)
    assert not any(path.exists() for path in outside)


def test_a_broken_or_oddly_packed_archive_is_refused(petra, world, tmp_path):
    shapefile(tmp_path)
    good = members(tmp_path)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "packed in a way" in bring(petra, "x.zip", packed(good, method)).text
    whole = packed(good)
    assert whole[:4] == b"PK\x03\x04"
    for at in range(30, len(whole) - 4, len(whole) // 12):  # no byte of it may break more than the file
        broken = whole[:at] + bytes((whole[at] ^ 0xFF, whole[at + 1] ^ 0x55)) + whole[at + 2 :]
        assert bring(petra, "x.zip", broken).status_code in (200, 400), at
    for data in (b"", b"PK", whole[:-30], whole[40:], b"PK\x05\x06" + bytes(18), zlib.compress(whole)):
        assert bring(petra, "x.zip", data).status_code == 400
    assert len(network(world)) == 1


def test_a_shapefile_of_wrong_system_or_encoding(petra, tmp_path):
    shapefile(tmp_path)
    good = members(tmp_path)
    for prj in (b"", b"GEOGCS[", b"\xff\xfe\x00", b"PROJCS" + b"[" * 5000, b"EPSG:3857", b"x" * 100_000):
        assert bring(petra, "x.zip", packed({**good, "r.prj": prj})).status_code == 400
    shapefile(tmp_path, [[[12_680_000, 2_600_000], [12_681_000, 2_600_000]]], crs="EPSG:3857")
    assert "3857" in bring(petra, "x.zip", packed(members(tmp_path))).text
    for cpg in (
        b"GB18030",
        b"GBK",
        b"UTF-8",
        b"no such encoding",
        b"../../etc",
        b"\0" * 99,
        b"UTF-16",
        b"x" * 10_000,
    ):
        assert bring(petra, "x.zip", packed({**good, "r.cpg": cpg})).status_code in (200, 400), cpg


def test_numbers_that_are_no_places(petra, world):
    before = network(world)
    for points in (
        [[NAN, NAN], [1, 2]], [[1e308, 1e308], [113.9, 22.7]], [[None, 1], [2, 3]], [["a", "b"], ["c", "d"]], [[]], [],
        [[113.9]], "x", None, {}, [[[113.9, 22.7], [114, 22.7]]], [[True, False], [1, 1]], [[10**400, 0], [1, 1]],
        [[22.755, 113.9], [22.755, 113.93]],
    ):  # fmt: skip
        assert bring(petra, "x.geojson", geojson(points)).status_code == 400, points
    for text in (
        b'{"type":"FeatureCollection","features":' + b"[" * 200_000,
        b"[" * 1_000_000,
        b"{}",
        b"null",
        b"NaN",
    ):
        assert bring(petra, "x.geojson", text).status_code == 400
    assert network(world) == before
    # Heights are left out, and measures too.
    assert bring(petra, "x.geojson", geojson([[*LINE[0], 50.0], [*LINE[1], NAN]])).status_code in (200, 400)
    assert bring(petra, "x.geojson", geojson([[*LINE[0], 50.0], [*LINE[1], 51.0]])).status_code == 200
    assert world.ask("SELECT DISTINCT ST_NDims(geom) FROM app.road_line") == [(2,)]


@pytest.mark.parametrize(
    "crs", ["", "EPSG:3857", "4547", "x" * 5_000, "\0", "光", "nan", "-1", "urn:ogc:def:crs:EPSG::99999"]
)
def test_a_coordinate_system_that_does_not_fit(petra, crs):
    assert bring(petra, "x.geojson", geojson(LINE), crs=crs).status_code == (400 if crs else 200)


@pytest.mark.parametrize("field", ["title", "source", "licence", "dated_on"])
@pytest.mark.parametrize(
    "text", ["x" * 20_000, "a\0b", "'; DROP TABLE app.road_line --", "<script>alert(1)</script>"]
)
def test_statements_are_text_and_nothing_else(petra, world, field, text):
    before = network(world)
    answer = bring(petra, "x.geojson", geojson(LINE), **{field: text})
    if answer.status_code == 200:
        assert len(text) < 100 and "\0" not in text and field != "dated_on"
    else:
        assert network(world) == before
    page = petra.get("/planner/roads").text
    assert "<script>alert" not in page and world.ask("SELECT count(*) > 0 FROM app.road_line") == [(True,)]


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.geojson", "../../x.geojson", "a\0.geojson", "光.GeoJSON"]
)
def test_the_name_of_the_file_is_text(petra, name):
    page = bring(petra, name, geojson(LINE)).text
    assert "<img src=x" not in page


def geopackage(folder: Path) -> Path:
    path = folder / "r.gpkg"
    pyogrio.raw.write(
        path, shapely.to_wkb([shapely.LineString(LINE)]), [np.array(["residential"], object)], ["highway"],
        layer="roads", geometry_type="LineString", crs="EPSG:4326", driver="GPKG",
    )  # fmt: skip
    return path


def test_a_geopackage_with_triggers_and_views(petra, world, tmp_path):
    path = geopackage(tmp_path)
    database = sqlite3.connect(path)
    database.execute("ALTER TABLE roads RENAME TO held")
    database.execute("CREATE TABLE trace (x)")
    database.execute(
        "CREATE TRIGGER t AFTER INSERT ON held BEGIN INSERT INTO trace VALUES (load_extension('x')); END"
    )
    database.execute(
        "CREATE VIEW roads AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1500000)"
        " SELECT i AS fid, geom, highway FROM n, held"
    )
    database.commit()
    database.close()
    before = network(world)
    answer = bring(petra, "x.gpkg", path.read_bytes())
    assert answer.status_code == 400 and network(world) == before
    assert "split the file" in answer.text or "not a readable GeoPackage" in answer.text


@pytest.mark.parametrize(
    "view",
    [
        "SELECT fid, geom, readfile('/etc/passwd') AS highway FROM held",
        "SELECT fid, geom, load_extension('/tmp/x') AS highway FROM held",
        "SELECT fid, geom, ogr_geocode('x') AS highway FROM held",
        "SELECT fid, geom, gdal_get_pixel_value('/etc/passwd', 1, 'georef', 0, 0) AS highway FROM held",
        "SELECT fid, zeroblob(2000000000) AS geom, highway FROM held",
        "SELECT fid, X'47500001E6100000' AS geom, highway FROM held",
        "SELECT fid, geom, hex(zeroblob(400000000)) AS highway FROM held",
        "SELECT * FROM no_such_table",
        "SELECT * FROM roads",
    ],
)
def test_a_view_of_a_geopackage_reaches_nothing(petra, world, tmp_path, view):
    path = geopackage(tmp_path)
    database = sqlite3.connect(path)
    database.execute("ALTER TABLE roads RENAME TO held")
    database.execute(f"CREATE VIEW roads AS {view}")
    database.commit()
    database.close()
    bring(petra, "x.gpkg", path.read_bytes())
    assert not world.ask("SELECT 1 FROM app.road_line WHERE class LIKE '%%root:%%' OR length(class) > 200")


def test_a_geopackage_that_is_broken_anywhere(petra, tmp_path):
    whole = geopackage(tmp_path).read_bytes()
    for at in range(16, len(whole), len(whole) // 8):
        broken = whole[:at] + bytes(64) + whole[at + 64 :]
        assert bring(petra, "x.gpkg", broken).status_code in (200, 400)
    assert bring(petra, "x.gpkg", whole[:5_000]).status_code == 400
