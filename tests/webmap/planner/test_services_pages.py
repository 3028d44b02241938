"""The pages of services, new sites and the street network on the small world, without a browser."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.conftest import Client, sign_in_client
from tests.world import PASSWORD, World

PICKED = "113.905,22.755; 113.945,22.755"
ROADS, DRAFTS, LISTS = "/planner/roads", "/planner/sites/drafts", "/planner/sites/lists"


@pytest.fixture(scope="module")
def people(world_app, world: World) -> dict[str, Client]:
    world.ask("SET ROLE gis_migrator; UPDATE app.rental_unit SET tenants = 10 * rental_unit_id")
    clients = {name: sign_in_client(world_app, name, PASSWORD) for name in ("petra", "dan", "audrey")}
    for client in clients.values():
        client.get("/?lang=en")
    return clients


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def send(client: Client, address: str, name: str, data: bytes, **fields: str):
    given = MultiDict([("file", FileStorage(io.BytesIO(data), filename=name)), *fields.items()])
    boundary, body = encode_multipart(given)  # the client itself would leave a temporary file open
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_the_same_figures_on_the_page_and_as_csv(people):
    page = people["dan"].get("/planner/services?kind=park&minutes=5")
    assert page.status_code == 200 and "100.0% of the residents are within 5 minutes on foot." in page.text
    assert "5 min at 4.5 km/h" in page.text
    answer = people["dan"].get("/planner/services?kind=park&minutes=5&view=csv&table=communities")
    table = rows(answer.get_data(as_text=True))
    assert [row["Residents within 5 minutes (%)"] for row in table] == ["100.0", "100.0"]
    assert [row["Residents"] for row in table] == ["60", "150"]


def test_what_is_asked_wrongly_is_told_beside_its_field(people):
    page = people["petra"].get("/planner/services?minutes=99&kind=castle")
    assert page.status_code == 400 and page.text.count('aria-invalid="true"') == 2
    page = people["petra"].get("/planner/sites?picked=here")
    assert page.status_code == 400 and "Write places as 113.93,22.76; 113.94,22.77." in page.text


def test_a_place_tells_its_figures_and_the_buildings_behind(people):
    found = people["audrey"].get("/planner/services/place/440306007002?kind=park").json
    assert [row[0] for row in found["rows"][0]["rows"]] == ["B6", "B5", "B4"]
    assert found["title"] == "社区2"
    assert found["links"][0]["url"] == "/map/communities/440306007002"
    assert people["audrey"].get("/planner/services/place/nowhere?kind=park").status_code == 404


def test_a_place_tells_what_new_sites_change_and_the_buildings_behind(people):
    asked = f"kind=hospital&candidates=picked&picked={PICKED}&minutes=14&k=2"
    far = "440306007002"
    found = people["dan"].get(f"/planner/sites/place/{far}?{asked}").json
    facts = {one["title"]: one["text"] for one in found["facts"]}
    [behind] = found["rows"]
    assert sum(int(row[1]) for row in behind["rows"] if row[3] != "none") > 0
    assert facts["People gained"] == str(
        sum(int(row[1]) for row in behind["rows"] if row[2] == "none" or int(row[2]) > 14 >= int(row[3]))
    )
    assert {row[4] for row in behind["rows"]} == {"113.94500, 22.75500"}
    assert people["dan"].get(f"/planner/sites/place/nowhere?{asked}").status_code == 404


def test_a_catchment_is_geojson_and_an_unknown_facility_is_missing(people):
    found = people["dan"].get("/planner/services/catchment/F1?minutes=5").json
    assert found["type"] == "FeatureCollection" and len(found["features"]) == 2
    assert people["dan"].get("/planner/services/catchment/F99").status_code == 404


def test_a_choice_is_kept_as_a_draft_shown_escaped_and_deleted(people):
    asked = {"kind": "hospital", "candidates": "picked", "picked": PICKED, "minutes": "14", "k": "1"}
    name = "<b>草案</b>"
    kept = people["petra"].post(DRAFTS, data={**asked, "draft_name": name})
    assert kept.status_code == 302 and "kind=hospital" in kept.headers["Location"]
    page = people["dan"].get("/planner/sites").text
    assert "&lt;b&gt;草案&lt;/b&gt;" in page and name not in page
    number = re.search(r'data-draft="(\d+)"', page)[1]
    shapes = people["audrey"].get(f"{DRAFTS}/{number}.geojson").json
    assert shapes["features"][0]["geometry"]["coordinates"] == [113.945, 22.755]
    assert people["dan"].post(f"{DRAFTS}/{number}/delete").status_code == 404
    assert people["petra"].post(f"{DRAFTS}/{number}/delete").status_code == 302
    assert people["dan"].get(f"{DRAFTS}/{number}.geojson").status_code == 404


def test_a_draft_without_a_name_is_refused_in_words(people):
    answer = people["petra"].post(DRAFTS, data={"kind": "park", "draft_name": " "})
    assert answer.status_code == 302
    assert "Give it a name." in people["petra"].get(answer.headers["Location"]).text


def test_a_list_is_brought_and_chosen_from(people):
    data = "名称,经度,纬度\n=HYPERLINK(1),113.945,22.755\n".encode()
    answer = send(people["petra"], LISTS, "备选.csv", data, kind="hospital")
    assert "candidates=list" in answer.headers["Location"]
    page = people["petra"].get(answer.headers["Location"] + "&k=1&minutes=14").text
    assert "=HYPERLINK(1)" in page
    address = answer.headers["Location"] + "&k=1&minutes=14&view=csv&table=sites"
    assert rows(people["petra"].get(address).get_data(as_text=True))[0]["Place"].startswith("'=")
    bad = send(people["petra"], LISTS, "备选.csv", b"x", kind="hospital")
    assert "备选.csv" in people["petra"].get(bad.headers["Location"]).text


def test_writes_by_cookie_need_the_token(people, world: World):
    for address in (ROADS, DRAFTS, LISTS, f"{DRAFTS}/1/delete"):
        assert people["petra"].flask.post(address, data={}).status_code in (400, 403), address
    assert world.ask("SELECT count(*) FROM app.site_draft WHERE site_draft_id = 1") == [(1,)]


def test_a_network_is_replaced_and_a_broken_file_is_told(people, world: World):
    line = {"type": "LineString", "coordinates": [[113.90, 22.755], [113.93, 22.755]]}
    feature = {"type": "Feature", "properties": {"highway": "residential"}, "geometry": line}
    good = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    page = send(people["petra"], ROADS, "路网.geojson", good, title="新路网", licence="ODbL 1.0")
    assert page.status_code == 200 and "The network was replaced." in page.text and "ODbL 1.0" in page.text
    assert "新路网" in people["dan"].get("/planner/services").text
    worse = {**feature, "geometry": {**line, "coordinates": [[1, 2], [1, 2]]}}
    bad = json.dumps({"type": "FeatureCollection", "features": [feature, worse]}).encode()
    page = send(people["petra"], ROADS, "x.geojson", bad, all_or_nothing="on")
    assert page.status_code == 400 and "Nothing has changed." in page.text and "refused 2" in page.text
    page = send(people["petra"], ROADS, "x.exe", b"MZ")
    assert page.status_code == 400 and "Nothing has changed." in page.text
    assert world.ask("SELECT title FROM app.road_network") == [("新路网",)]
    assert send(people["dan"], ROADS, "x.geojson", good).status_code == 404


def test_what_is_wrong_with_a_road_file_is_told_in_chinese(people):
    line = {"type": "LineString", "coordinates": [[113.90, 22.755], [113.93, 22.755]]}
    point = {**line, "coordinates": [[113.9, 22.755], [113.9, 22.755]]}
    features = [{"type": "Feature", "properties": {}, "geometry": one} for one in (line, point)]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    petra = people["petra"]
    petra.get("/?lang=zh")
    assert "该线没有两个不同的点。" in send(petra, ROADS, "x.geojson", data).text
    assert "未存入：另有线路被拒收" in send(petra, ROADS, "x.geojson", data, all_or_nothing="on").text
    assert "不支持此类文件。" in send(petra, ROADS, "x.dwg", b"AC1015").text
    petra.get("/?lang=en")
    assert "files named *.dwg are not read" in send(petra, ROADS, "x.dwg", b"AC1015").text


def test_communities_are_told_by_name_and_columns_without_values_are_not_offered(people):
    page = people["dan"].get("/planner/services?kind=park&minutes=5&lang=en").text
    assert "live in community 社区2." in page
    offered = page[page.index('id="figure-list"') : page.index("</select>", page.index('id="figure-list"'))]
    assert 'value="within"' in offered and 'value="within_open"' not in offered
    blocks = re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    data = next(found for found in map(json.loads, blocks) if "figures" in found and "levels" in found)
    figures = {figure["name"] for figure in data["figures"]}
    assert {name for level in data["levels"].values() for name in level["columns"]} == figures
    asked = people["dan"].get("/planner/services?kind=park&minutes=5&weekday=Mo&lang=en").text
    assert '<option value="within_open"' in asked


def test_pages_say_what_is_missing_of_people_streets_and_facilities(people, world: World):
    dan = people["dan"]
    world.ask("SET ROLE gis_migrator; UPDATE app.rental_unit SET tenants = 0")
    page = dan.get("/planner/services?kind=park&lang=en")
    assert page.status_code == 200 and "No residents are on file" in page.text
    assert dan.get(f"/planner/sites?candidates=picked&picked={PICKED}&lang=en").status_code == 200
    world.ask("SET ROLE gis_migrator; DELETE FROM app.road_network; DELETE FROM app.facility")
    page = dan.get("/planner/services?kind=park&lang=en").text
    assert "There is no facility of this kind." in page and "There is no street network" in page
    assert "There is no candidate of this sort." in dan.get("/planner/sites?kind=park&lang=en").text
    assert "There is no street network yet" in dan.get("/planner/roads?lang=en").text
    for name, view in (("services", "table"), ("sites", "table"), ("services", "csv&table=curve")):
        assert dan.get(f"/planner/{name}?kind=park&view={view}").status_code == 200
