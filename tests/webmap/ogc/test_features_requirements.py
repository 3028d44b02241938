"""OGC API - Features, Parts 1 and 2, requirement by requirement; each test is named by class and requirement."""

from __future__ import annotations

import json

import psycopg2
import pytest

from gis.geometry.crs import transformer
from gis.publish.crs import CRS84, FORMS
from gis.publish.layers import LAYERS
from tests.webmap.ogc.conftest import by_rel, path_of
from webmap.ogc.conformance import CONFORMS

ITEMS = "/ogc/collections/{}/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"


def ids(client, address) -> list:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json["features"]]


@pytest.fixture
def parameters(client):
    """Parameters of reading incidents, by name, as the API describes them."""
    document = client.get("/ogc/api").json
    return {p["name"]: p for p in document["paths"]["/collections/incident/items"]["get"]["parameters"]}


def test_core_root_op(client):
    assert client.get("/ogc").status_code == 200


def test_core_api_definition_op_and_every_service_link_leads_to_one(client):
    landing = client.get("/ogc").json
    for rel in ("service-desc", "service-doc"):
        (way,) = by_rel(landing, rel)
        answer = client.get(path_of(way["href"]))
        assert answer.status_code == 200
        assert answer.content_type.split(";")[0] == way["type"].split(";")[0]


def test_core_api_definition_success_describes_each_collection_below_the_landing_page(client):
    document = client.get("/ogc/api").json
    assert document["openapi"].startswith("3.1")
    assert [server["url"] for server in document["servers"]] == ["http://localhost/ogc"]
    assert {f"/collections/{layer}/items" for layer in LAYERS} <= set(document["paths"])


def test_core_api_definition_success_is_the_readers(as_person):
    paths = as_person("pat").get("/ogc/api").json["paths"]
    assert "/collections/rental_unit/items" not in paths and "/collections/cell/items" in paths


def test_core_api_definition_success_is_plain_json_for_those_that_take_no_other(client):
    for accept, wanted in [
        ("application/vnd.oai.openapi+json;version=3.0, application/json", "application/json"),
        ("*/*", "application/vnd.oai.openapi+json;version=3.1"),
    ]:
        assert client.get("/ogc/api", headers={"Accept": accept}).content_type == wanted


def test_core_conformance_op(client):
    assert client.get("/ogc/conformance").json["conformsTo"] == list(CONFORMS)


def test_core_http_methods_and_codes_are_those_of_http(client):
    assert client.flask.head("/ogc/collections").status_code == 200
    assert client.open("/ogc/collections", "PUT").status_code == 405
    assert client.get("/ogc/collections/none").status_code == 404


@pytest.mark.parametrize("parameter", [
    "limit=0", "limit=x", "limit=-1", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=NaN,0,1,1", "bbox=0,2,1,1",
    "bbox=200,0,201,1", "datetime=yesterday", "datetime=2026-13-01", "datetime=2026-02-01/2026-01-01",
    "crs=none", "bbox-crs=none", "filter=(((", "filter-lang=sql", "sortby=none", "count=perhaps", "f=xml",
    "is_open=2", "severity=high", "reported_at=yesterday", "id=x",
])  # fmt: skip
def test_core_query_param_invalid(client, parameter):
    answer = client.get(f"{ITEMS.format('incident')}?{parameter}")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] == parameter.partition("=")[0]


@pytest.mark.parametrize("layer", LAYERS)
def test_core_query_param_unknown_of_features(client, layer):
    for address in (ITEMS.format(layer), f"{ITEMS.format(layer)}/1"):
        answer = client.get(f"{address}?surplus=1")
        assert answer.status_code == 400


def test_core_crs84_is_the_system_of_everything_unless_asked(client):
    feature = client.get(f"{ITEMS.format('facility')}?limit=1").json["features"][0]
    lon, lat = feature["geometry"]["coordinates"]
    assert 113 < lon < 115 and 22 < lat < 23


def test_core_fc_md_op(client):
    assert client.get("/ogc/collections").status_code == 200


def test_core_fc_md_success_and_core_fc_md_items(client):
    assert {c["id"] for c in client.get("/ogc/collections").json["collections"]} == set(LAYERS)


def test_core_fc_md_items_each_has_what_is_required(client):
    for collection in client.get("/ogc/collections").json["collections"]:
        assert {"id", "title", "links", "itemType", "crs"} <= set(collection)


def test_core_fc_md_links(client):
    links = client.get("/ogc/collections").json["links"]
    assert {"self", "alternate"} <= {link["rel"] for link in links}
    assert all(link["type"] for link in links)


def test_core_fc_md_items_links(client):
    for collection in client.get("/ogc/collections").json["collections"]:
        (items,) = by_rel(collection, "items")
        assert items["type"] == "application/geo+json"
        assert path_of(items["href"]) == ITEMS.format(collection["id"])


def test_core_fc_md_extent_multi_is_one_box_and_one_interval(client):
    for collection in client.get("/ogc/collections").json["collections"]:
        extent = collection["extent"]
        assert len(extent["spatial"]["bbox"]) == 1
        assert len(extent.get("temporal", {}).get("interval", [None])) == 1


def test_core_sfc_md_op(client):
    for layer in LAYERS:
        assert client.get(f"/ogc/collections/{layer}").status_code == 200


def test_core_sfc_md_success_is_what_the_list_says(client):
    for listed in client.get("/ogc/collections").json["collections"]:
        own = client.get(f"/ogc/collections/{listed['id']}").json
        assert {k: v for k, v in own.items() if k != "links"} == {
            k: v for k, v in listed.items() if k != "links"
        }


@pytest.mark.parametrize("layer", LAYERS)
def test_core_fc_op(client, layer):
    assert ids(client, ITEMS.format(layer))


def test_core_fc_limit_definition(parameters):
    limit = parameters["limit"]
    assert (limit["in"], limit["required"]) == ("query", False)
    assert (limit["schema"]["type"], limit["schema"]["minimum"], limit["schema"]["default"]) == (
        "integer",
        1,
        100,
    )


def test_core_fc_limit_response_1_never_more_than_asked(client):
    for limit in (1, 2, 5, 6, 100):
        assert len(ids(client, f"{ITEMS.format('facility')}?limit={limit}")) == min(limit, 6)


def test_core_fc_bbox_definition(parameters):
    assert (parameters["bbox"]["in"], parameters["bbox"]["required"]) == ("query", False)


def test_core_fc_bbox_response_only_what_meets_the_box(client):
    assert ids(client, f"{ITEMS.format('facility')}?bbox=113.904,22.75,113.916,22.76") == [1, 2]
    assert len(ids(client, f"{ITEMS.format('cell')}?bbox=113.905,22.754,113.906,22.755")) == 1


def test_core_fc_bbox_response_across_the_180th_meridian(client):
    assert ids(client, f"{ITEMS.format('facility')}?bbox=113.94,22,-170,23") == [5, 6]
    assert ids(client, f"{ITEMS.format('facility')}?bbox=170,22,113.91,23") == [1]
    assert ids(client, f"{ITEMS.format('facility')}?bbox=170,22,-170,23") == []
    flipped = f"bbox=22,170,23,113.91&bbox-crs={EPSG.format(4326)}"
    assert ids(client, f"{ITEMS.format('facility')}?{flipped}") == [1]


def test_core_fc_time_definition(parameters):
    assert (parameters["datetime"]["in"], parameters["datetime"]["required"]) == ("query", False)


@pytest.fixture
def old_cell(world):
    """A cell of 2000 to 2010, beside those of today."""
    with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO app.cell (community_id, revision_id, code, name_zh, code_scheme, valid_from, valid_to,"
            " area_m2, geom) SELECT community_id, revision_id, 'OLD', 'x', 'test', '2000-01-01', '2010-01-01',"
            " area_m2, geom FROM app.cell WHERE cell_id = 1"
        )
    connection.close()
    yield "OLD"
    with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM app.cell WHERE code = 'OLD'")
    connection.close()


def test_core_fc_time_response_cells_as_of_a_day(client, old_cell):
    def codes(period):
        answer = client.get(f"{ITEMS.format('cell')}?datetime={period}").json
        return {feature["properties"]["code"] for feature in answer["features"]}

    today = {f["properties"]["code"] for f in client.get(ITEMS.format("cell")).json["features"]}
    assert len(today) == 6 and old_cell not in today
    assert codes("2005-06-01") == codes("2000-01-01") == codes("../2001-01-01") == {old_cell}
    assert codes("2010-01-01") == codes("1999-12-31") == set()  # the day it ends is no day of it
    assert codes("2020-05-05") == codes("2014-01-01/..") == today
    assert codes("2009-12-31/2014-01-01") == today | {old_cell}
    assert codes("2005-06-01T00:00:00Z/..") == today | {old_cell}


def test_core_fc_time_response_intervals_of_a_moment(client):
    at = client.get(f"{ITEMS.format('incident')}?limit=1").json["features"][0]["properties"]["reported_at"]
    day = at[:10]
    assert len(ids(client, f"{ITEMS.format('incident')}?datetime={day}T00:00:00%2B08:00/..")) == 6
    assert ids(client, f"{ITEMS.format('incident')}?datetime=../2000-01-01T00:00:00Z") == []
    assert ids(client, f"{ITEMS.format('incident')}?datetime=/2000-01-01") == []


def test_core_fc_links(client):
    first = client.get(f"{ITEMS.format('facility')}?limit=2&kind=park").json
    assert {"self", "alternate", "next"} <= {link["rel"] for link in first["links"]}
    (following,) = by_rel(first, "next")
    second = client.get(path_of(following["href"])).json
    (back,) = by_rel(second, "prev")
    again = client.get(path_of(back["href"])).json
    assert [f["id"] for f in again["features"]] == [f["id"] for f in first["features"]]
    assert [f["id"] for f in second["features"]] == [3, 4]


def test_core_fc_rel_type(client):
    for link in client.get(f"{ITEMS.format('facility')}?limit=2").json["links"]:
        assert link["rel"] and link["type"]


def test_core_fc_timestamp_is_left_out_so_that_an_unchanged_page_stays_unchanged(client):
    first = client.get(ITEMS.format("facility"))
    assert "timeStamp" not in first.json
    assert (
        client.get(ITEMS.format("facility"), headers={"If-None-Match": first.headers["ETag"]}).status_code
        == 304
    )


def test_core_fc_numbermatched(as_person):
    for name, wanted in (("petra", 6), ("alice", 2)):
        answer = as_person(name).get(f"{ITEMS.format('rental_unit')}?limit=1&count=true").json
        assert answer["numberMatched"] == wanted, name
    narrow = as_person("petra").get(f"{ITEMS.format('rental_unit')}?limit=1&count=true&code=U3").json
    assert narrow["numberMatched"] == 1


def test_core_fc_numberreturned(client):
    answer = client.get(f"{ITEMS.format('facility')}?limit=4").json
    assert answer["numberReturned"] == len(answer["features"]) == 4


@pytest.mark.parametrize("layer", LAYERS)
def test_core_f_op(client, layer):
    for feature in client.get(ITEMS.format(layer)).json["features"]:
        assert client.get(f"{ITEMS.format(layer)}/{feature['id']}").status_code == 200


@pytest.mark.parametrize("layer", LAYERS)
def test_core_f_success_is_the_feature_of_the_list(client, layer):
    listed = client.get(f"{ITEMS.format(layer)}?limit=1").json["features"][0]
    own = client.get(f"{ITEMS.format(layer)}/{listed['id']}").json
    assert (own["type"], own["id"], own["geometry"]) == ("Feature", listed["id"], listed["geometry"])
    assert listed["properties"].items() <= own["properties"].items()


@pytest.mark.parametrize("query", ["", "?crs=http://www.opengis.net/def/crs/EPSG/0/4547"])
def test_core_f_links(client, query):
    answer = client.get(f"{ITEMS.format('facility')}/1{query}").json
    ways = {link["rel"]: link for link in answer["links"]}
    assert set(ways) == {"self", "alternate", "collection"}
    assert client.get(path_of(ways["self"]["href"])).json["geometry"] == answer["geometry"]
    assert client.get(path_of(ways["alternate"]["href"])).mimetype == ways["alternate"]["type"] == "text/html"
    assert path_of(ways["collection"]["href"]) == "/ogc/collections/facility"


def test_geojson_definition(client):
    for accept in ("application/geo+json", "application/json", "*/*"):
        answer = client.get(ITEMS.format("facility"), headers={"Accept": accept})
        assert answer.content_type == "application/geo+json"


@pytest.mark.parametrize("layer", LAYERS)
def test_geojson_content(client, layer):
    page = client.get(ITEMS.format(layer)).json
    assert page["type"] == "FeatureCollection" and page["links"]
    for feature in page["features"]:
        assert feature["type"] == "Feature" and feature["geometry"]["type"] == LAYERS[layer].geometry
        assert isinstance(feature["properties"], dict) and feature["id"] is not None


def test_html_definition(client):
    for address in ("/ogc", "/ogc/collections", "/ogc/collections/cell", ITEMS.format("cell")):
        assert client.get(address, headers={"Accept": "text/html"}).mimetype == "text/html"


def test_html_content_holds_the_features_and_the_links(client):
    page = client.get(f"{ITEMS.format('facility')}?f=html&limit=2").text
    assert "公园1" in page and "公园2" in page and "公园3" not in page
    assert "after=" in page, "the way to the next page"


def test_crs_crs_uri(client):
    for uri in client.get("/ogc/collections/cell").json["crs"]:
        assert uri.startswith("http://www.opengis.net/def/crs/")


def test_crs_fc_md_crs_list(client):
    for layer in LAYERS:
        assert client.get(f"/ogc/collections/{layer}").json["crs"] == list(FORMS)


def test_crs_fc_md_crs_list_global(client):
    assert client.get("/ogc/collections").json["crs"] == list(FORMS)


def test_crs_fc_md_storagecrs(client):
    assert {c["storageCrs"] for c in client.get("/ogc/collections").json["collections"]} == {CRS84}


def test_crs_fc_md_storagecrs_valid_value(client):
    for collection in client.get("/ogc/collections").json["collections"]:
        assert collection["storageCrs"] in collection["crs"]


def test_crs_fc_bbox_crs_definition(parameters):
    assert (parameters["bbox-crs"]["in"], parameters["bbox-crs"]["required"]) == ("query", False)


def test_crs_fc_bbox_crs_valid_value(client):
    for uri in ("http://www.opengis.net/def/crs/EPSG/0/27700", "EPSG:4326", "x"):
        answer = client.get(f"{ITEMS.format('facility')}?bbox=1,2,3,4&bbox-crs={uri}")
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, "bbox-crs")


def test_crs_fc_bbox_crs_valid_defaultvalue_is_crs84(client):
    box = "bbox=113.904,22.75,113.916,22.76"
    plain = ids(client, f"{ITEMS.format('facility')}?{box}")
    assert ids(client, f"{ITEMS.format('facility')}?{box}&bbox-crs={CRS84}") == plain == [1, 2]


@pytest.mark.parametrize(("epsg", "is_flipped"), [(4326, True), (4490, True), (3857, False), (4547, True)])
def test_crs_fc_bbox_crs_action(client, epsg, is_flipped):
    corners = [(113.904, 22.752), (113.916, 22.758)]
    if epsg in (3857, 4547):
        corners = [transformer(4326, epsg).transform(x, y) for x, y in corners]
    box = ",".join(f"{a:.7f},{b:.7f}" for a, b in ((y, x) if is_flipped else (x, y) for x, y in corners))
    assert ids(client, f"{ITEMS.format('facility')}?bbox={box}&bbox-crs={EPSG.format(epsg)}") == [1, 2]


def test_crs_fc_crs_definition(parameters):
    assert (parameters["crs"]["in"], parameters["crs"]["required"]) == ("query", False)
    assert parameters["crs"]["schema"]["default"] == CRS84


def test_crs_fc_crs_valid_value(client):
    for address in (ITEMS.format("facility"), f"{ITEMS.format('facility')}/1"):
        answer = client.get(f"{address}?crs=http://www.opengis.net/def/crs/EPSG/0/27700")
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, "crs")


def test_crs_fc_crs_default_value(client):
    plain, named = (client.get(f"{ITEMS.format('facility')}{query}") for query in ("", f"?crs={CRS84}"))
    assert plain.json["features"] == named.json["features"]
    assert plain.headers["Content-Crs"] == f"<{CRS84}>"


@pytest.mark.parametrize(("epsg", "is_flipped"), [(4326, True), (4490, True), (3857, False), (4547, True)])
def test_crs_fc_crs_action(client, epsg, is_flipped):
    plain = client.get(f"{ITEMS.format('facility')}/1").json["geometry"]["coordinates"]
    x, y = transformer(4326, epsg).transform(*plain) if epsg in (3857, 4547) else plain
    wanted = [y, x] if is_flipped else [x, y]
    own = client.get(f"{ITEMS.format('facility')}/1?crs={EPSG.format(epsg)}").json
    listed = client.get(f"{ITEMS.format('facility')}?limit=1&crs={EPSG.format(epsg)}").json["features"][0]
    assert own["geometry"] == listed["geometry"]
    assert own["geometry"]["coordinates"] == pytest.approx(
        wanted, abs=0.002 if epsg in (3857, 4547) else 1e-7
    )


def test_crs_geojson_in_another_system_is_geojson_all_the_same(client):
    answer = client.get(f"{ITEMS.format('cell')}?crs={EPSG.format(4547)}")
    assert answer.content_type == "application/geo+json"
    assert json.loads(answer.data)["features"][0]["geometry"]["type"] == "MultiPolygon"


@pytest.mark.parametrize("uri", FORMS)
def test_crs_ogc_crs_header(client, uri):
    for address in (ITEMS.format("facility"), f"{ITEMS.format('facility')}/1"):
        assert "Content-Crs" in client.get(f"{address}?crs={uri}").headers


@pytest.mark.parametrize("uri", FORMS)
def test_crs_ogc_crs_header_value(client, uri):
    for address in (ITEMS.format("cell"), f"{ITEMS.format('facility')}/1"):
        assert client.get(f"{address}?crs={uri}").headers["Content-Crs"] == f"<{uri}>"
