"""The read API over HTTP: what it takes, what it answers, who sees what, what may be kept."""

from __future__ import annotations

import gzip
import json

import psycopg2
import pytest

from tests.conftest import sign_in_client
from tests.gis.publish import mvt
from tests.world import PASSWORD

CELL = "440306007001001"
HERE = "lon=113.905&lat=22.755"


@pytest.fixture(scope="module")
def client(world_app):
    clients = {}

    def signed_in(name):
        if name not in clients:
            clients[name] = sign_in_client(world_app, name, PASSWORD)
        return clients[name]

    return signed_in


def test_locate_names_the_cell_and_who_answers_for_it(client):
    found = client("petra").get(f"/api/v1/locate?{HERE}").json
    assert found["inside"] is True
    assert found["cell"]["code"] == CELL
    assert found["community"]["code"] == CELL[:12]
    assert [(p["duty"], p["phone_masked"]) for p in found["responsible"]] == [("primary", "138****1234")]
    # The same place as GCJ-02 gives it (offset by about 600 m) lies elsewhere unless it is declared.
    shifted = client("petra").get(f"/api/v1/locate?{HERE}&crs=gcj02").json
    assert abs(shifted["position"]["lon"] - 113.905) > 0.003
    outside = client("petra").get("/api/v1/locate?lon=114.2&lat=22.5").json
    assert (outside["inside"], outside["cell"], outside["responsible"]) == (False, None, [])


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ("/api/v1/locate?lon=NaN&lat=22.7", "lon"),
        ("/api/v1/locate?lon=1e999&lat=22.7", "lon"),
        ("/api/v1/locate?lon=113.9", "lat"),
        ("/api/v1/locate?lon=22.7&lat=113.9", None),
        (f"/api/v1/locate?{HERE}&crs=mars", None),
        (f"/api/v1/locate?{HERE}&at=2026-02-30", "at"),
        (f"/api/v1/locate?{HERE}&{HERE}", "lon"),
        (f"/api/v1/nearest/facility?{HERE}&k=0", "k"),
        (f"/api/v1/nearest/incident?{HERE}", "layer"),
        ("/api/v1/nearest/facility?lon=200&lat=0", None),
        ("/api/v1/search?q=a", "q"),
        ("/api/v1/search", "q"),
        ("/api/v1/clusters/facility?zoom=12", "bbox"),
        ("/api/v1/clusters/facility?zoom=x&bbox=1,1,2,2", "zoom"),
        ("/api/v1/clusters/parcel?zoom=12&bbox=1,1,2,2", "layer"),
        ("/api/v1/figures/open_incidents?level=district", "level"),
        ("/api/v1/figures/open_incidents?community=1", "community"),
        ("/api/v1/figures/open_incidents?date=2026-02-30", "date"),
        ("/api/v1/counts/facility?datetime=2026-01-01/..", "datetime"),
        ("/api/v1/counts/incident?datetime=soon", "datetime"),
        ("/ogc/collections/incident/items?bbox=1,2,3", "bbox"),
        ("/ogc/collections/incident/items?limit=0", "limit"),
        ("/ogc/collections/incident/items?reporter_id=1", "reporter_id"),
        ("/ogc/collections/building/items?phone=138", "phone"),
        ("/ogc/collections/incident/items?cell=1", "cell"),
        ("/ogc/collections?f=xml", "f"),
        ("/ogc/collections/cell/tiles/WebMercatorQuad/3/8/0", "tile"),
    ],
)
def test_bad_parameters_are_problems_that_name_them(client, address, pointer):
    answer = client("petra").get(address)
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 400
    if pointer:
        assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_query_counts_and_lists_what_is_near(client):
    body = {"layer": "incident", "geometry": {"type": "Point", "coordinates": [113.905, 22.755]}}
    found = client("petra").post("/api/v1/query", json={**body, "radius_m": 1500}).json
    assert found["numberMatched"] == 2
    assert [row["count"] for row in found["counts"]["by_cell"]] == [1, 1]
    ring = [[113.90, 22.75], [113.96, 22.75], [113.96, 22.76], [113.90, 22.76], [113.90, 22.75]]
    whole = {"layer": "incident", "geometry": {"type": "Polygon", "coordinates": [ring]}, "limit": 3}
    found = client("petra").post("/api/v1/query", json=whole).json
    assert (found["numberMatched"], found["numberReturned"]) == (6, 3)
    own = client("alice").post("/api/v1/query", json=whole).json
    assert own["numberMatched"] == 2
    assert {row["code"] for row in own["counts"]["by_cell"]} == {CELL, CELL[:-1] + "2"}


@pytest.mark.parametrize(
    "change",
    [
        {"radius_m": None},
        {"radius_m": -1},
        {"radius_m": 1e9},
        {"radius_m": "NaN"},
        {"layer": "account"},
        {"geometry": {"type": "Point", "coordinates": [22.7, 113.9]}},
        {"geometry": {"type": "Point", "coordinates": ["x", 1]}},
        {"geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
        {"geometry": None},
        {"surplus": 1},
        {"datetime": "never"},
    ],
)
def test_bad_query_is_refused(client, change):
    body = {
        "layer": "incident",
        "geometry": {"type": "Point", "coordinates": [113.905, 22.755]},
        "radius_m": 5,
    }
    answer = client("petra").post("/api/v1/query", json={**body, **change})
    assert answer.status_code in (400, 404), answer.text
    assert answer.content_type == "application/problem+json"


def test_query_needs_the_token(world_app, client):
    answer = client("petra").flask.post("/api/v1/query", json={})
    assert answer.status_code == 403


def test_officer_gets_own_rows_in_every_kind_of_answer(client):
    box = "bbox=113.8,22.7,114,22.8"
    alice, petra = client("alice"), client("petra")
    for path, total in [
        (f"/ogc/collections/incident/items?{box}", lambda a: a["numberReturned"]),
        (f"/api/v1/clusters/incident?{box}&zoom=17", lambda a: a["numberReturned"]),
        (
            f"/api/v1/clusters/incident?{box}&zoom=5",
            lambda a: sum(f["properties"]["count"] for f in a["features"]),
        ),
        ("/api/v1/counts/incident?by=cell", lambda a: a["total"]),
        (f"/api/v1/nearest/rental_unit?{HERE}&k=100", lambda a: a["numberReturned"]),
        (
            "/api/v1/figures/rental_units?level=cell",
            lambda a: sum(item["value"] or 0 for item in a["items"]),
        ),
    ]:
        assert (total(alice.get(path).json), total(petra.get(path).json)) == (2, 6), path
    # This tile holds cells 2 and 3; alice has 1 and 2.
    tile = "/ogc/collections/incident/tiles/WebMercatorQuad/14/7128/13376"
    assert [f["id"] for f in mvt.read(alice.get(tile).data)["incident"]] == [2]
    assert sorted(f["id"] for f in mvt.read(petra.get(tile).data)["incident"]) == [2, 3]


def test_search_leads_to_pages(client):
    found = client("alice").get("/api/v1/search?q=B1").json["items"]
    assert [(item["kind"], item["url"]) for item in found] == [("building", f"/map/cells/{CELL}")]
    assert client("alice").get("/api/v1/search?q=B4").json["items"] == []
    assert client("pat").get("/api/v1/search?q=B1").json["items"] == []
    community = client("pat").get("/api/v1/search?q=社区2").json["items"][0]
    assert community["url"] == f"/map/communities/{CELL[:11]}2"


def test_answers_are_kept_for_one_account_only(client):
    path = "/ogc/collections/facility/items"
    first, other = client("alice").get(path), client("bob").get(path)
    assert first.data == other.data, "the same rows for both"
    assert first.headers["ETag"] != other.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first.headers["Vary"]
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client("alice").get(path, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert client("bob").get(path, headers=tag).status_code == 200


def test_large_answers_are_compressed_for_those_who_can_read_it(client):
    path = "/ogc/collections/cell/items"
    plain = client("petra").get(path)
    packed = client("petra").get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    refused = client("petra").get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
    tag = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client("petra").get(path, headers=tag).status_code == 304
    small = client("petra").get("/ogc/collections/facility/items/1", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers
    page = client("petra").get("/account", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers, "pages hold tokens"


def audited(world):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT account_id, detail FROM app.audit_log WHERE action = 'building_head.reveal'")
        rows = cursor.fetchall()
    connection.close()
    return rows


def test_revealing_a_building_head_is_for_few_and_is_written_down(world, client):
    def reveal(name, building, **body):
        return client(name).post(f"/api/v1/buildings/{building}/head/reveal", json=body)

    for name, building, status in [
        ("bob", 1, 404), ("pat", 1, 404), ("petra", 1, 404), ("alice", 999, 404), ("adam", 1, 404),
    ]:  # fmt: skip
        assert reveal(name, building, purpose="routine visit").status_code == status, name
    assert reveal("alice", 1).status_code == 400
    assert reveal("alice", 1, purpose=" ").status_code == 400
    assert audited(world) == []
    answer = reveal("alice", 1, purpose="fire drill")
    assert answer.json == {"full_name": "演示1", "phone": "13800000001"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert reveal("dan", 4, purpose="mediation").status_code == 200
    assert [row[1]["purpose"] for row in audited(world)] == ["fire drill", "mediation"]
    assert "13800000001" not in json.dumps([row[1] for row in audited(world)])
