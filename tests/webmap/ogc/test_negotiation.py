"""JSON for programs, pages for people: by `f`, by Accept, and each form links to the other."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from tests.conftest import make_app, sign_in_client
from tests.webmap.ogc.conftest import BROWSER, by_rel, path_of
from tests.world import PASSWORD
from webmap.http.negotiate import GEOJSON, HTML, JSON, preferred
from webmap.settings import WebSettings

RESOURCES = (
    "/ogc",
    "/ogc/conformance",
    "/ogc/collections",
    "/ogc/collections/incident",
    "/ogc/tileMatrixSets",
    "/ogc/tileMatrixSets/WebMercatorQuad",
    "/ogc/collections/incident/tiles",
    "/ogc/collections/incident/tiles/WebMercatorQuad",
)
SCHEMAS = tuple(f"/ogc/collections/incident/{kind}" for kind in ("queryables", "sortables", "schema"))


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("application/json;q=0.5, text/html;q=0.9", "text/html"),
        ("text/html;q=0.4, application/json", "application/json"),
        ("image/png", "application/json"),
        ("not a media type", "application/json"),
    ],
)
def test_accept_header_chooses_and_json_is_the_default(accept, mimetype):
    assert preferred(parse_accept_header(accept, MIMEAccept), (JSON, HTML)).mimetype == mimetype


def test_features_answer_to_both_json_types():
    for accept in (
        "application/geo+json",
        "application/json",
        "application/geo+json, application/json;q=0.5",
    ):
        assert preferred(parse_accept_header(accept, MIMEAccept), (GEOJSON, HTML)) is GEOJSON


@pytest.mark.parametrize("path", RESOURCES)
def test_req_html_content_and_json_content(client, path):
    for options, mimetype in [
        ({}, "application/json"),
        ({"headers": {"Accept": BROWSER}}, "text/html"),
        ({"headers": {"Accept": "application/json"}}, "application/json"),
        ({"query_string": {"f": "html"}}, "text/html"),
        ({"query_string": {"f": "json"}, "headers": {"Accept": BROWSER}}, "application/json"),
    ]:
        answer = client.get(path, **options)
        assert (answer.status_code, answer.mimetype) == (200, mimetype), options
        assert {"Accept", "Cookie", "Accept-Language"} <= set(answer.vary)


@pytest.mark.parametrize("path", RESOURCES)
def test_req_self_and_alternate_links(client, path):
    document = client.get(path).json
    (own,) = by_rel(document, "self")
    assert own["type"] == "application/json"
    assert path_of(own["href"]) == f"{path}?f=json"
    for link in [own, *by_rel(document, "alternate")]:
        assert client.get(path_of(link["href"])).mimetype == link["type"]
    assert {link["type"] for link in by_rel(document, "alternate")} == {"text/html"}
    assert (
        f'<link rel="alternate" type="application/json" href="{own["href"]}">'
        in client.get(f"{path}?f=html").text
    )


@pytest.mark.parametrize("path", [*RESOURCES, *SCHEMAS])
def test_unknown_form_is_a_400_that_names_f(client, path):
    for value in ("xml", "HTML", "", "jsonx"):
        answer = client.get(path, query_string={"f": value})
        assert answer.status_code == 400, value
        assert answer.content_type == "application/problem+json"
        assert answer.json["errors"][0]["pointer"] == "f"
    assert client.get(f"{path}?f=json&f=html").status_code == 400


def test_views_of_one_form_know_no_f(client):
    for path in ("tiles/WebMercatorQuad/tilejson.json", "style.json"):
        assert client.get(f"/ogc/collections/cell/{path}?f=json").status_code == 400


@pytest.mark.parametrize("path", SCHEMAS)
def test_schemas_link_in_the_header(client, path):
    answer = client.get(path)
    assert answer.content_type == "application/schema+json"
    links = answer.headers.getlist("Link")
    assert f'<http://localhost{path}?f=json>; rel="self"; type="application/schema+json"' in links
    assert f'<http://localhost{path}?f=html>; rel="alternate"; type="text/html"' in links
    assert client.get(f"{path}?f=html").mimetype == "text/html"


def test_people_are_led_to_the_sign_in_and_programs_are_told(app):
    stranger = app.test_client()
    person = stranger.get("/ogc/collections", headers={"Accept": BROWSER})
    assert person.headers["Location"].startswith("/login?next=/ogc/collections")
    program = stranger.get("/ogc/collections", headers={"Accept": "application/json"})
    assert (program.status_code, program.mimetype) == (401, "application/problem+json")
    assert stranger.get("/ogc/collections?f=json", headers={"Accept": BROWSER}).status_code == 401


def test_people_see_errors_as_pages(client):
    missing = client.get("/ogc/collections/none", headers={"Accept": BROWSER})
    assert (missing.status_code, missing.mimetype) == (404, "text/html")
    assert client.get("/ogc/collections/none").content_type == "application/problem+json"


def test_the_tag_tells_forms_apart(client):
    tag = client.get("/ogc").headers["ETag"]
    assert client.get("/ogc", headers={"If-None-Match": tag}).status_code == 304
    page = client.get("/ogc", headers={"If-None-Match": tag, "Accept": BROWSER})
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")


def test_links_are_written_as_the_outside_world_writes_them(world):
    app = make_app(world.url, public_url="https://gis.example.cn/grid/")
    try:
        client = sign_in_client(app, "petra", PASSWORD)
        for path in ("/ogc", "/ogc/collections/cell", "/ogc/collections/cell/tiles/WebMercatorQuad"):
            for link in client.get(path).json["links"]:
                if not link["href"].startswith("http://www.opengis.net/"):
                    assert link["href"].startswith("https://gis.example.cn/grid/"), link
        tiles = client.get("/ogc/collections/cell/tiles/WebMercatorQuad/tilejson.json").json["tiles"]
        assert tiles == ["https://gis.example.cn/grid/ogc/collections/cell/tiles/WebMercatorQuad/{z}/{y}/{x}"]
    finally:
        app.extensions["gis"].close()


@pytest.mark.parametrize(
    "value", ["gis.example.cn", "ftp://x.cn", "https://", "https://x.cn/?a=1", "https://x.cn/#a"]
)
def test_a_public_url_that_is_none_stops_the_start(value):
    with pytest.raises(ValueError, match="public_url"):
        WebSettings(secret_key="0" * 32, public_url=value)
