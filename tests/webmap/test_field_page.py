"""What the phone page stands on: whose session it is, and the map a phone keeps."""

from __future__ import annotations

import json

import pytest


def test_a_page_from_the_cache_can_ask_whose_session_it_is(client_for, app):
    answer = client_for("patrol").get("/field/session", headers={"Accept": "application/json"})
    page = client_for("patrol").get("/field").text
    assert f'data-account="{answer.json["account_id"]}"' in page
    assert answer.json["csrf_token"]
    nobody = app.test_client().get("/field/session", headers={"Accept": "application/json"})
    assert nobody.status_code == 401 and nobody.mimetype == "application/problem+json"


def test_a_phones_token_opens_neither_page_nor_map(client_for, app):
    made = client_for("patrol").post("/api/v1/field/devices", json={"name": "test"})
    bearer = {"Authorization": f"Bearer {made.json['token']}"}
    stranger = app.test_client(use_cookies=False)
    for path in ("/field/session", "/field"):
        assert stranger.get(path, headers=bearer).status_code == 401


@pytest.mark.parametrize("role", ["officer", "patrol"])
def test_the_area_is_light_and_asked_for_again_by_its_tag(client_for, role):
    answer = client_for(role).get("/api/v1/field/area", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200 and answer.mimetype == "application/geo+json"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 1_000_000
    again = client_for(role).get("/api/v1/field/area", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_area_holds_no_personal_data(client_for):
    features = json.loads(client_for("patrol").get("/api/v1/field/area").data)["features"]
    assert {feature["properties"]["layer"] for feature in features} <= {
        *("community", "cell", "parcel", "facility", "check_point")
    }
    for feature in features:
        assert set(feature["properties"]) == {"layer", "id", "code", "name", "name_en"}


def test_the_page_has_its_map_and_names_no_outside_address(client_for):
    page = client_for("patrol").get("/field").text
    assert 'class="folium-map"' in page and "vendor/leaflet/leaflet.js" in page
    assert "cdn." not in page and "https://" not in page
