"""OGC API Features and Tiles, requirement by requirement where a client relies on it.

Requirements by their names in OGC 17-069r4 (Features 1) and 20-057 (Tiles 1).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.conftest import sign_in_client
from tests.gis.publish import mvt
from tests.world import PASSWORD


@pytest.fixture(scope="module")
def client(app):
    return sign_in_client(app, "petra", PASSWORD)


def path_of(href):
    parts = urlsplit(href)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_core_root_success_and_every_link_leads_somewhere(client):
    landing = client.get("/ogc").json
    rels = {link["rel"]: path_of(link["href"]) for link in landing["links"]}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= set(rels)
    for path in rels.values():
        assert client.get(path).status_code == 200, path
    collections = client.get(rels["data"]).json["collections"]
    for collection in collections:
        for link in collection["links"]:
            assert client.get(path_of(link["href"])).status_code == 200, link


def test_core_conformance_success(client):
    classes = client.get("/ogc/conformance").json["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30" not in classes, "3.1 is not 3.0"


def test_collections_are_those_the_role_may_ask_for(app, client):
    def names(c):
        return [collection["id"] for collection in c.get("/ogc/collections").json["collections"]]

    assert "rental_unit" in names(client)
    assert {"building", "rental_unit"}.isdisjoint(names(sign_in_client(app, "pat", PASSWORD)))
    assert "patrol_track" not in names(sign_in_client(app, "adam", PASSWORD))
    missing = client.get("/ogc/collections/credential")
    assert missing.status_code == 404


def test_schematic_outlines_say_so(client):
    assert client.get("/ogc").json["description"]
    for layer in ("district", "subdistrict", "community", "cell"):
        answer = client.get(f"/ogc/collections/{layer}/items").json
        assert answer["features"]
        assert all(feature["properties"]["is_schematic"] is True for feature in answer["features"])


def test_core_fc_response_and_next_links(client):
    answer = client.get("/ogc/collections/incident/items?limit=4&state=reported")
    assert answer.content_type == "application/geo+json"
    assert answer.json["type"] == "FeatureCollection"
    assert answer.json["numberReturned"] == len(answer.json["features"]) == 4
    following = next(link for link in answer.json["links"] if link["rel"] == "next")
    assert following["type"] == "application/geo+json"
    assert "state=reported" in following["href"]
    rest = client.get(path_of(following["href"])).json
    assert len(rest["features"]) == 2
    assert "next" not in {link["rel"] for link in rest["links"]}
    ids = [feature["id"] for feature in answer.json["features"] + rest["features"]]
    assert ids == sorted(set(ids))


def test_core_fc_limit_beyond_the_maximum_is_no_error(client):
    assert client.get("/ogc/collections/incident/items?limit=1000000").status_code == 200


def test_core_fc_time_matches_what_has_no_time(client):
    assert client.get("/ogc/collections/incident/items?datetime=../2000-01-01").json["features"] == []
    assert len(client.get("/ogc/collections/facility/items?datetime=../2000-01-01").json["features"]) == 6


def test_core_fc_bbox_of_six_numbers(client):
    answer = client.get("/ogc/collections/facility/items?bbox=113.9,22.75,0,113.91,22.76,10").json
    assert [feature["properties"]["code"] for feature in answer["features"]] == ["F1"]


def test_core_query_param_unknown(client):
    for path in ("", "/conformance", "/collections", "/collections/cell", "/collections/cell/tiles"):
        assert client.get(f"/ogc{path}?surplus=1").status_code == 400
        assert client.get(f"/ogc{path}?lang=en").status_code == 200


def test_language_of_titles(client):
    titles = {client.get(f"/ogc/collections/cell?lang={lang}").json["title"] for lang in ("zh", "en")}
    assert titles == {"网格", "Cells"}


def test_f_op_of_a_division_by_code_and_of_an_object_by_number(client):
    cell = client.get("/ogc/collections/cell/items/440306007001001").json
    assert cell["properties"]["community"] == "440306007001"
    unit = client.get("/ogc/collections/rental_unit/items/1").json
    assert unit["properties"]["grade"] == "watch"
    assert unit["properties"]["is_overdue"] is True
    for path in ("cell/items/1", "rental_unit/items/440306007001001", "rental_unit/items/999"):
        assert client.get(f"/ogc/collections/{path}").status_code == 404


def test_tiles_by_the_template_of_the_tile_set(client):
    described = client.get("/ogc/collections/incident/tiles/WebMercatorQuad").json
    template = next(link for link in described["links"] if link.get("templated"))
    assert template["type"] == "application/vnd.mapbox-vector-tile"
    path = path_of(template["href"])
    for name, value in (("tileMatrix", 14), ("tileRow", 7128), ("tileCol", 13375)):
        path = path.replace(f"{{{name}}}", str(value))
    tile = client.get(path)
    assert tile.content_type == "application/vnd.mapbox-vector-tile"
    assert "incident" in mvt.read(tile.data)
    assert client.get("/ogc/collections/incident/tiles/WebMercatorQuad/14/0/0").status_code == 204
    assert client.get("/ogc/collections/incident/tiles/WebMercatorQuad/14/99999/0").status_code == 400
    assert client.get("/ogc/collections/incident/tiles/Other/14/0/0").status_code == 404
