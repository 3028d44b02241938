"""OWSLib's client of OGC API - Features, unchanged, reads and writes as a person.

Its `api()` looks for OpenAPI 3.0 only (ours is 3.1), and it sends filters in JSON by POST, which no standard
knows; both are left out. Headers of the standard (If-Match, Content-Type) are set on the client.
"""

from __future__ import annotations

import json
import uuid

import pytest
from owslib.ogcapi import features as owslib_features

from gis.publish.equals import scalars
from gis.publish.layers import LAYERS
from tests.clients.conftest import EMPTY, FILTERS, SEEN
from webmap.ogc.conformance import CONFORMS


@pytest.fixture
def client_of(served, monkeypatch):
    # The library keeps headers in a module's dictionary, shared by all its clients.
    monkeypatch.setattr("owslib.ogcapi.REQUEST_HEADERS", {"User-Agent": "OWSLib"})
    return lambda role: owslib_features.Features(
        f"{served.url}/ogc", headers={"Authorization": f"Bearer {served.tokens[role]}"}
    )


def ids(answer) -> set[str]:
    return {str(feature["id"]) for feature in answer["features"]}


def test_conformance_and_collections(client_of):
    client = client_of("planner")
    assert client.conformance()["conformsTo"] == list(CONFORMS)
    assert set(client.feature_collections()) == {layer for role, layer in SEEN if role == "planner"}


@pytest.mark.parametrize(("role", "layer"), SEEN)
def test_every_collection(served, client_of, middle, role, layer):
    client = client_of(role)
    described = client.collection(layer)
    assert described["id"] == layer and ("spatial" in described.get("extent", {})) == (
        (role, layer) not in EMPTY
    )
    assert set(client.collection_queryables(layer)["properties"]) >= set(scalars(layer))
    box = middle(role, layer)
    by_box = "ST_Intersects(t.geom, ST_MakeEnvelope({}, {}, {}, {}, 4326))".format(*box)
    answer = client.collection_items(layer, bbox=list(box), limit=10_000, count="true")
    wanted = served.ids(role, layer, by_box)
    assert answer["numberMatched"] == len(wanted)
    assert ids(answer) == wanted or (len(wanted) > 10_000 and ids(answer) < wanted)
    for first in answer["features"][:1]:
        one = client.collection_item(layer, first["id"])
        assert (one["id"], one["geometry"]) == (first["id"], first["geometry"])


@pytest.mark.parametrize(("role", "layer"), SEEN)
def test_filters(served, client_of, role, layer):
    client = client_of(role)
    known, total = LAYERS[layer], len(served.ids(role, layer))
    key = "code" if known.is_division else "id"
    low = served.rows(role, layer)[total // 2][0] if total else 0
    wanted = served.ids(role, layer, f"t.{known.key} > '{low}'")
    text = f"{key} > '{low}'" if known.is_division else f"{key} > {low}"
    assert client.collection_items(layer, filter=text, limit=1, count="true")["numberMatched"] == len(wanted)
    as_json = json.dumps({"op": ">", "args": [{"property": key}, low]})
    again = client.collection_items(
        layer, **{"filter": as_json, "filter-lang": "cql2-json", "limit": 1, "count": "true"}
    )
    assert again["numberMatched"] == len(wanted)
    draft = client.collection_items(layer, filter=FILTERS[layer][2], limit=1, count="true")
    assert draft["numberMatched"] == len(served.ids(role, layer, FILTERS[layer][1]))


def test_datetime(served, client_of):
    client = client_of("planner")
    for layer in ("incident", "patrol_point"):
        column = LAYERS[layer].time
        middle = served.rows("planner", layer, columns=f"t.{column}")[1000][1].isoformat()
        wanted = served.ids("planner", layer, f"t.{column} >= '{middle}'")
        answer = client.collection_items(layer, datetime_=f"{middle}/..", limit=1, count="true")
        assert answer["numberMatched"] == len(wanted)


def test_sorted(client_of):
    answer = client_of("planner").collection_items("facility", sortby=("code", "desc"), limit=50)
    codes = [feature["properties"]["code"] for feature in answer["features"]]
    assert codes == sorted(codes, reverse=True)


def test_facility_is_created_replaced_and_deleted_with_the_tag_it_was_read_by(served, client_of):
    client, code = client_of("planner"), f"OWS-{uuid.uuid4().hex[:8]}"
    lon, lat = served.rows("planner", "facility", columns="ST_X(t.geom), ST_Y(t.geom)")[0][1:]
    park = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"code": code, "kind": "park", "name_zh": "测试公园"},
    }
    client.headers["Content-Type"] = "application/geo+json"
    assert client.collection_item_create("facility", json.dumps(park))
    (made,) = client.collection_items("facility", code=code)["features"]

    client.headers["Content-Type"] = "application/geo+json"
    changed = json.dumps({**park, "properties": {**park["properties"], "name_zh": "改名公园"}})
    with pytest.raises(RuntimeError, match="428"):
        client.collection_item_update("facility", made["id"], changed)
    client.collection_item("facility", made["id"])
    first_tag = client.response_headers["ETag"]
    client.headers["If-Match"] = first_tag
    assert client.collection_item_update("facility", made["id"], changed)
    with pytest.raises(RuntimeError, match="412"):
        client.collection_item_delete("facility", made["id"])
    assert client.collection_item("facility", made["id"])["properties"]["name_zh"] == "改名公园"
    client.headers["If-Match"] = client.response_headers["ETag"]
    assert client.collection_item_delete("facility", made["id"])
    with pytest.raises(RuntimeError, match="404"):
        client.collection_item("facility", made["id"])
