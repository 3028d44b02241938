"""OGC API Common 1 and 2, and the descriptive half of Features 1: requirement by requirement.

Requirements by their names in OGC 19-072 (Common 1), 20-024 (Common 2) and 17-069r4 (Features 1).
"""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from flask import g

from gis.publish.layers import LAYERS
from tests.webmap.ogc.conftest import BROWSER, by_rel, path_of
from webmap.http.negotiate import GEOJSON, HTML, self_and_alternates
from webmap.ogc import conformance, html

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WEST, SOUTH, EAST, NORTH = 113.90, 22.75, 113.96, 22.76


def test_req_core_root_success(client):
    landing = client.get("/ogc").json
    assert landing["title"] == "光明网格"
    assert landing["attribution"] == "示意边界，非法定界线"
    rels = {link["rel"] for link in landing["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data", "stylesheet"} <= rels
    for link in landing["links"]:
        answer = client.get(path_of(link["href"]))
        assert answer.status_code == 200, link
        assert answer.mimetype == link["type"].partition(";")[0], link


def test_req_core_conformance_success(client):
    classes = client.get("/ogc/conformance").json["conformsTo"]
    assert len(classes) == len(set(classes))
    for part in ("ogcapi-common-1/1.0/conf/core", "ogcapi-common-1/1.0/conf/landing-page",
                 "ogcapi-common-1/1.0/conf/html", "ogcapi-common-2/1.0/conf/collections",
                 "ogcapi-features-1/1.0/conf/core", "ogcapi-features-1/1.0/conf/geojson",
                 "ogcapi-tiles-1/1.0/conf/tilesets-list", "tms/2.0/conf/json-tilesetmetadata"):  # fmt: skip
        assert f"http://www.opengis.net/spec/{part}" in classes
    everything = {*conformance.COMMON, *conformance.FEATURES, *conformance.CRS,
                  *conformance.FILTERING, *conformance.transactions.CONFORMS, *conformance.SCHEMAS, *conformance.TILES}  # fmt: skip
    assert set(classes) <= everything


def test_req_collections_collections_list_success(client):
    document = client.get("/ogc/collections").json
    assert [entry["id"] for entry in document["collections"]] == list(LAYERS)
    assert by_rel(document, "self") and by_rel(document, "alternate")


def test_req_collections_collections_list_links(client):
    for entry in client.get("/ogc/collections").json["collections"]:
        for link in entry["links"]:
            assert link["rel"] and link["type"], link
            answer = client.get(path_of(link["href"]))
            assert answer.status_code == 200, link
            assert answer.mimetype == link["type"], link


def test_req_collections_src_md_success(client):
    listed = {entry["id"]: entry for entry in client.get("/ogc/collections").json["collections"]}
    for layer, entry in listed.items():
        own = client.get(f"/ogc/collections/{layer}").json
        without = {key: value for key, value in own.items() if key != "links"}
        assert without == {key: value for key, value in entry.items() if key != "links"}
        others = ("items", "http://www.opengis.net/def/rel/ogc/1.0/queryables", "stylesheet")
        assert all(by_rel(own, rel) == by_rel(entry, rel) != [] for rel in others)


def test_req_core_sfc_md_items_links(client):
    for layer in LAYERS:
        (items,) = by_rel(client.get(f"/ogc/collections/{layer}").json, "items")
        assert items["type"] == "application/geo+json"
        assert path_of(items["href"]) == f"/ogc/collections/{layer}/items"


def test_req_crs_crs_uri_and_storage_crs(client):
    for entry in client.get("/ogc/collections").json["collections"]:
        assert entry["crs"][0] == CRS84
        assert {f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4326, 3857, 4490, 4547)} < set(
            entry["crs"]
        )
        assert entry["storageCrs"] == CRS84
        assert entry["itemType"] == "feature"


def box_of(client, layer):
    extent = client.get(f"/ogc/collections/{layer}").json["extent"]
    assert extent["spatial"]["crs"] == CRS84
    (box,) = extent["spatial"]["bbox"]
    return box


@pytest.mark.parametrize("layer", ["building", "rental_unit", "incident", "check_point", "patrol_point"])
def test_req_core_fc_md_extent_is_of_own_rows(as_person, layer):
    # alice has cells 1 and 2; a row lies in the middle of each cell, 0.01 degrees apart.
    west, south, east, north = box_of(as_person("alice"), layer)
    assert (west, south, east, north) == pytest.approx((113.905, 22.755, 113.915, 22.755), abs=2e-6)
    assert box_of(as_person("petra"), layer) == pytest.approx((WEST, SOUTH, EAST, NORTH), abs=2e-5)
    assert box_of(as_person("bob"), layer) == pytest.approx((113.935, 22.755, 113.935, 22.755), abs=2e-6)


def test_req_core_fc_md_extent_left_out_where_nothing_is_seen(as_person):
    track = as_person("rex").get("/ogc/collections/patrol_track").json
    assert track["extent"] == {
        "temporal": {
            "interval": [[None, None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    }
    assert "no rows for you" in as_person("rex").get("/ogc/collections/patrol_track?f=html&lang=en").text


def test_req_core_fc_md_extent_period(client):
    (interval,) = client.get("/ogc/collections/incident").json["extent"]["temporal"]["interval"]
    first, last = map(datetime.fromisoformat, interval)
    assert first.tzinfo is not None
    assert first <= last
    assert "temporal" not in client.get("/ogc/collections/facility").json["extent"]


@pytest.mark.parametrize("name", ["alice", "pat", "rex", "adam"])
def test_req_html_pages_of_those_who_see_little(as_person, name):
    shown = as_person(name).get("/ogc/collections").json["collections"]
    assert as_person(name).get("/ogc/collections?f=html").text.count("<tr>") == len(shown) + 1
    for entry in shown:
        assert as_person(name).get(f"/ogc/collections/{entry['id']}?f=html").status_code == 200


def test_collections_in_both_languages(client):
    entry = client.get("/ogc/collections/cell?lang=en").json
    assert entry["title"] == "Cells"
    assert entry["description"].startswith("Grid cells")
    assert client.get("/ogc/collections/cell?lang=zh").json["title"] == "网格"


def test_req_queryables_get_queryables_success(client):
    for layer in LAYERS:
        for kind in ("queryables", "sortables", "schema"):
            address = f"/ogc/collections/{layer}/{kind}"
            document = client.get(address).json
            assert document["$id"] == f"http://localhost{address}"
            assert document["type"] == "object"
            assert document["properties"]


PAGES = ("", "/conformance", "/collections", "/collections/rental_unit", "/collections/rental_unit/queryables",
         "/collections/rental_unit/schema", "/collections/rental_unit/tiles", "/tileMatrixSets",
         "/collections/rental_unit/tiles/WebMercatorQuad", "/tileMatrixSets/WebMercatorQuad")  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_req_html_pages_hold_no_inline_style_and_no_foreign_address(client, path, language):
    page = client.get(f"/ogc{path}?f=html&lang={language}")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    for forbidden in (" style=", " onclick=", 'src="http', "cdn.jsdelivr"):
        assert forbidden not in page.text


@pytest.fixture
def as_petra(app, world):
    with app.test_request_context("/ogc/collections/facility/items?f=html"):
        g.actor = world.actor("petra")
        g.csp_nonce = "nonce"
        yield


def test_req_html_features_page_by_page(client):
    first = client.get("/ogc/collections/cell/items?limit=4", headers={"Accept": BROWSER})
    assert (first.status_code, first.mimetype) == (200, "text/html")
    assert "Accept" in first.vary
    following = re.search(r'<a class="btn" rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = client.get(path_of(following), headers={"Accept": BROWSER})
    found = [re.findall(r'/items/(\d+)">', page.text) for page in (first, second)]
    assert [len(ids) for ids in found] == [4, 2]
    assert not set(found[0]) & set(found[1])
    plain = re.search(r'<a class="btn" href="([^"]+)" type="application/geo\+json"', first.text)[1]
    assert len(client.get(path_of(plain.replace("&amp;", "&"))).json["features"]) == 4
    feature = client.get(f"/ogc/collections/cell/items/{found[0][0]}?f=html")
    assert (feature.status_code, feature.mimetype) == (200, "text/html")
    assert client.get("/ogc/collections/cell/items/none?f=html").status_code == 404


NASTY = "</script><script>alert(1)</script>${alert(2)}<img src=x onerror=alert(3)>"


def test_req_html_items_page_shows_text_as_text(client, as_petra):
    page = client.get("/ogc/collections/facility/items?limit=2").json
    page["features"][0]["properties"]["name_zh"] = NASTY
    links = self_and_alternates(HTML, (GEOJSON, HTML))
    links.append({"rel": "next", "type": "text/html", "href": "http://localhost/ogc/x?after=2&f=html"})
    text = html.items_page(LAYERS["facility"], json.dumps(page).encode(), links)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert 'href="/ogc/collections/facility/items/1"' in text
    assert 'rel="next" href="http://localhost/ogc/x?after=2&amp;f=html"' in text
    assert 'type="application/geo+json" href="http://localhost/ogc/collections/facility/items?f=json"' in text


def test_req_html_item_page_shows_text_as_text(client, as_petra):
    feature = client.get("/ogc/collections/facility/items/1").json
    feature["properties"]["address"] = NASTY
    text = html.item_page(LAYERS["facility"], json.dumps(feature).encode(), [])
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "公园1" in text


@pytest.mark.parametrize("layer", LAYERS)
def test_req_html_every_layer_has_pages_of_features(client, as_petra, layer):
    page = client.get(f"/ogc/collections/{layer}/items")
    assert page.json["numberReturned"] == len(page.json["features"]) > 0
    text = html.items_page(LAYERS[layer], page.data, [])
    for feature in page.json["features"]:
        assert f'/items/{feature["id"]}">{feature["id"]}</a>' in text
    first = client.get(f"/ogc/collections/{layer}/items/{page.json['features'][0]['id']}")
    assert "<dl" in html.item_page(LAYERS[layer], first.data, [])
