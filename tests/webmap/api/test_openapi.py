"""The API's description: valid, complete in both directions, and served to people without outside help."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.conftest import sign_in_client
from tests.world import PASSWORD


@pytest.fixture(scope="module")
def client(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture(scope="module")
def described(client):
    return client.get("/openapi.json").json


def operations(world_app):
    for rule in world_app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/ogc", "/openapi.json")) and rule.rule != "/api/docs":
            path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield path, method.lower()


def test_document_is_valid_openapi_3_1(described):
    assert described["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(described).validate()


def test_every_route_is_described_and_nothing_else(world_app, described):
    written = {(path, method) for path, item in described["paths"].items() for method in item}
    assert written == set(operations(world_app))
    assert len(written) >= 20


def test_every_operation_has_its_own_id_guard_and_problem(described):
    made = [entry for item in described["paths"].values() for entry in item.values()]
    assert len({entry["operationId"] for entry in made}) == len(made)
    for entry in made:
        known = [{"session": []}, {"bearer": []}]
        assert entry["security"] in (known, [{}, *known])
        has_page = "text/html" in entry["responses"].get("200", {}).get("content", {})
        problem = "ProblemOrPage" if has_page else "Problem"
        assert entry["responses"]["default"] == {"$ref": f"#/components/responses/{problem}"}
        assert len(entry["summary"]) > 5


def test_writes_say_what_they_take(described):
    for path, item in described["paths"].items():
        if "post" in item:
            assert "requestBody" in item["post"], path
            assert "X-CSRFToken" in {parameter["name"] for parameter in item["post"]["parameters"]}


def test_a_parameter_in_the_document_is_taken_and_another_refused(client, described):
    for path, item in described["paths"].items():
        query = [p["name"] for p in item.get("get", {}).get("parameters", []) if p["in"] == "query"]
        if not path.startswith("/api/v1") or not query or path.endswith("/osmand"):  # apps add their own
            continue
        address = path.replace("{layer}", "facility").replace("{name}", "open_incidents")
        address = address.replace("{stream_id}", "00000000-0000-4000-8000-000000000001")
        answer = client.get(f"{address}?surplus=1")
        assert answer.status_code == 400, path
        assert answer.content_type == "application/problem+json"


def test_document_is_private_and_revalidates(client):
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "private" in first.headers["Cache-Control"]


def test_page_for_people_loads_only_what_the_app_serves(world_app, client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    for address in re.findall(r'(?:src|href)="([^"#]+)', page.text):
        assert address.startswith("/"), address
        if address.startswith("/static/"):
            with client.get(address) as asset:
                assert asset.status_code == 200, address
    assert not re.search(r"\son\w+=|\sstyle=", page.text)
    for tag in re.findall(r"<script\b[^>]*>", page.text):
        assert "nonce=" in tag
