"""Tokens over HTTP: made on the account page, accepted where programs ask, revoked at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import psycopg2
import pytest

from gis.errors import Forbidden
from gis.people import service
from gis.publish.layers import layers_of
from tests.conftest import make_app, program_of, sign_in_client
from tests.world import PASSWORD
from webmap.auth.actors import find_actor

ITEMS = "/ogc/collections/incident/items"
COUNTS = "/api/v1/counts/incident?by=cell"


@pytest.fixture(scope="module")
def app(world):
    application = make_app(world.url, token_tries="1000 per minute")
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def alice(app):
    return sign_in_client(app, "alice", PASSWORD)


def secret_of(page: str) -> str:
    return re.search(r'id="secret">(gg_[A-Za-z0-9_-]{43})<', page)[1]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def is_problem(answer, status: int, error: str) -> None:
    assert answer.status_code == status, answer.text[:300]
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == f'Bearer error="{error}"'
    assert answer.json["status"] == status


def age_cache(app) -> None:
    """Stand for two seconds going by."""
    cache = app.extensions["actors"]
    clock = cache._clock
    cache._clock = lambda: clock() + 2.0


def test_page_makes_a_token_shows_it_once_with_examples_and_revokes_it(app, alice):
    page = alice.post(
        "/account/tokens?lang=en",
        data={"name": "My <QGIS>", "scope": "read", "days": "30", "collections": "incident"},
    ).text
    secret = secret_of(page)
    assert f"GDAL_HTTP_AUTH=BEARER GDAL_HTTP_BEARER={secret}" in page
    assert f"Header Value  Bearer {secret}" in page and f'curl -H "Authorization: Bearer {secret}"' in page
    assert "OAPIF:http://localhost/ogc" in page and "/ogc/collections/incident/items?limit=10" in page
    assert "My &lt;QGIS&gt;" in page and "My <QGIS>" not in page
    again = alice.get("/account").text
    assert secret not in again and secret[:9] in again and "My &lt;QGIS&gt;" in again
    program = app.test_client(use_cookies=False)
    assert program.get(ITEMS, headers=bearer(secret)).status_code == 200
    number = re.search(r"/account/tokens/(\d+)/revoke", again)[1]
    assert alice.post(f"/account/tokens/{number}/revoke").status_code == 302
    is_problem(program.get(ITEMS, headers=bearer(secret)), 401, "invalid_token")
    assert alice.post(f"/account/tokens/{number}/revoke").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"name": ""},
        {"name": "x", "days": "0"},
        {"name": "x", "days": "366"},
        {"name": "x", "days": "-1"},
        {"name": "x", "days": "१२"},
        {"name": "x", "days": "1e2"},
        {"name": "x", "scope": "admin"},
        {"name": "x", "collections": "account"},
    ],
)
def test_bad_forms_are_answered_on_the_page(alice, form):
    answer = alice.post("/account/tokens", data={"scope": "read", **form})
    assert answer.status_code == 400 and "notice-danger" in answer.text
    assert 'id="secret"' not in answer.text


def test_token_form_needs_its_csrf_token(alice):
    assert alice.flask.post("/account/tokens", data={"name": "x", "scope": "read"}).status_code == 403


def test_days_left_out_are_ninety(app, alice, world):
    alice.post("/account/tokens", data={"name": "ninety", "scope": "read", "days": ""})
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(day FROM expires_at - created_at) FROM app.api_token WHERE name = 'ninety'"
        )
        assert cursor.fetchone()[0] == 90
    connection.close()


@pytest.mark.parametrize("header", ["Bearer gg_" + "a" * 43, "Bearer nonsense", "Bearer ", "bearer x y"])
def test_bad_token_is_refused_even_beside_a_good_cookie(alice, header):
    assert alice.get(ITEMS).status_code == 200
    for path in (ITEMS, COUNTS, "/openapi.json"):
        is_problem(alice.get(path, headers={"Authorization": header}), 401, "invalid_token")


def test_another_scheme_is_not_ours(app, alice):
    basic = {"Authorization": "Basic YWxpY2U6eA=="}
    assert alice.get(ITEMS, headers=basic).status_code == 200
    answer = app.test_client().get(ITEMS, headers=basic)
    assert answer.status_code == 401 and "WWW-Authenticate" not in answer.headers


def test_token_may_come_as_the_password_of_basic(app, world):
    """QGIS of Debian and ArcGIS know no bearer tokens; a password that is none of ours is a proxy's."""
    secret = program_of(app, world.actor("alice")).headers["Authorization"].removeprefix("Bearer ")
    client, items = app.test_client(use_cookies=False), "/ogc/collections/rental_unit/items"
    answer = client.get(items, auth=("anybody", secret))
    assert [feature["id"] for feature in answer.json["features"]] == [1, 2]
    assert client.get(items, auth=("anybody", "gg_" + "x" * 43)).status_code == 401
    assert client.get("/account", auth=("anybody", secret)).status_code == 401
    signed_in = sign_in_client(app, "alice", PASSWORD)
    assert signed_in.get(items, headers={"Authorization": "Basic cHJveHk6c2VjcmV0"}).status_code == 200
    for broken in ("Basic", "Basic !!!", "Basic /w=="):
        assert client.get(items, headers={"Authorization": broken}).status_code == 401


def test_token_opens_no_page_account_or_people_route(app, world):
    adam = program_of(app, world.actor("adam"))
    for path in ("/", "/account", "/admin/people", "/admin/publication", "/map", "/api/docs", "/admin/teams"):
        is_problem(adam.get(path), 401, "invalid_token")
    for path in ("/account/tokens", "/account/password", "/admin/people", "/logout"):
        is_problem(adam.post(path, data={"name": "x"}), 401, "invalid_token")
    assert adam.get("/ogc").status_code == 200, "a good token stays good after such a request"
    assert adam.get("/healthz").status_code == 200


def test_session_cookie_is_no_token_and_a_token_no_cookie(app, world, alice):
    cookie = alice.flask.get_cookie("guangming_session").value
    is_problem(app.test_client().get(ITEMS, headers=bearer(cookie)), 401, "invalid_token")
    program = program_of(app, world.actor("alice"))
    program.get(ITEMS)  # kept in the cache as a token
    thief = app.test_client()
    thief.set_cookie("guangming_session", program.headers["Authorization"].split()[1])
    assert thief.get(ITEMS).status_code == 401


def write(client, number=1):
    return client.post(
        "/api/v1/incidents",
        json={
            "client_id": f"00000000-0000-4000-8000-{number:012d}",
            "category": "SR0102",
            "description": "by a program",
            "occurred_at": "2014-06-01T08:00:00+08:00",
            "lon": 113.905,
            "lat": 22.755,
        },
    )


def test_writing_token_writes_without_csrf_and_a_cookie_does_not(app, world, alice):
    program = program_of(app, world.actor("alice"), may_write=True)
    assert write(program).status_code == 201, write(program).text
    refused = alice.flask.post("/api/v1/incidents", json={})
    assert (refused.status_code, refused.json["type"]) == (403, "urn:guangming:problem:csrf")
    # A browser that is made to send a request sends its cookie; a made-up token does not help it.
    forged = alice.flask.post("/api/v1/incidents", json={}, headers=bearer("gg_" + "a" * 43))
    is_problem(forged, 401, "invalid_token")
    forged = alice.flask.post("/api/v1/incidents", json={}, headers={"Authorization": "Basic eA=="})
    assert forged.json["type"] == "urn:guangming:problem:csrf"


def test_reading_token_writes_nothing(app, world):
    program = program_of(app, world.actor("alice"), may_write=False)
    is_problem(write(program, 2), 403, "insufficient_scope")
    is_problem(
        program.post("/api/v1/buildings/1/head/reveal", json={"purpose": "fire drill"}),
        403,
        "insufficient_scope",
    )
    assert program.get(f"{ITEMS}?lang=en").status_code == 200, "?lang= must not try to write the account"


def test_reading_token_may_ask_by_post_what_only_reads(app, world):
    square = {
        "type": "Polygon",
        "coordinates": [[[113.8, 22.7], [114.0, 22.7], [114.0, 22.8], [113.8, 22.8], [113.8, 22.7]]],
    }
    program = program_of(app, world.actor("bob"), may_write=False)
    answer = program.post("/api/v1/query", json={"layer": "building", "geometry": square})
    assert [f["id"] for f in answer.json["features"]] == [4]


def test_database_refuses_a_write_that_a_view_forgets(app, world):
    program = program_of(app, world.actor("alice"), may_write=False)
    actor = actor_of(app, program)
    with pytest.raises(Forbidden):
        service.set_locale(world.db, actor, "en")


def actor_of(app, program):
    return find_actor(app.extensions["gis"], None, program.headers["Authorization"], "/ogc")


def test_limited_token_sees_its_collections_only(app, world):
    program = program_of(app, world.actor("petra"), collections=("incident",))
    listed = program.get("/ogc/collections").json["collections"]
    assert [collection["id"] for collection in listed] == ["incident"]
    for rest in ("", "/items", "/items/1", "/tiles", "/tiles/WebMercatorQuad/14/7118/13375"):
        assert program.get(f"/ogc/collections/incident{rest}").status_code in (200, 204), rest
        outside = program.get(f"/ogc/collections/parcel{rest}")
        missing = program.get(f"/ogc/collections/nothing{rest}")
        assert outside.status_code == missing.status_code == 404, rest
        assert {**outside.json, "instance": ""} == {**missing.json, "instance": ""}
    is_problem(program.get(COUNTS), 403, "insufficient_scope")
    is_problem(program.get("/openapi.json"), 403, "insufficient_scope")


def test_revoked_at_once_here_and_within_two_seconds_elsewhere(app, world, alice):
    other = make_app(world.url)  # another process: it cannot be told
    program = program_of(app, world.actor("alice"))
    elsewhere = other.test_client(use_cookies=False)
    assert program.get(ITEMS).status_code == 200
    assert elsewhere.get(ITEMS, headers=program.headers).status_code == 200
    number = re.search(r"/account/tokens/(\d+)/revoke", alice.get("/account").text)[1]
    alice.post(f"/account/tokens/{number}/revoke")
    is_problem(program.get(ITEMS), 401, "invalid_token")
    is_problem(elsewhere.get(COUNTS, headers=program.headers), 401, "invalid_token")
    age_cache(other)
    is_problem(elsewhere.get(ITEMS, headers=program.headers), 401, "invalid_token")
    other.extensions["gis"].close()


def test_cached_reader_is_out_at_once_where_it_signs_out(app):
    client = sign_in_client(app, "quinn", PASSWORD)
    cookie = client.flask.get_cookie("guangming_session").value
    thief = app.test_client()
    thief.set_cookie("guangming_session", cookie)
    assert thief.get(ITEMS).status_code == 200
    client.post("/logout")
    assert thief.get(ITEMS).status_code == 401


def test_closed_account_is_out_at_once_with_all_tokens(app, world):
    adam = sign_in_client(app, "adam", PASSWORD)
    program = program_of(app, world.actor("bob"))
    assert program.get(ITEMS).status_code == 200
    path = f"/admin/people/{world.accounts['bob']}"
    adam.post(path, data={"full_name": "演示bob", "role": "officer"})
    is_problem(program.get(ITEMS), 401, "invalid_token")
    adam.post(path, data={"full_name": "演示bob", "role": "officer", "is_active": "on"})
    is_problem(program.get(ITEMS), 401, "invalid_token")


def test_administrator_revokes_on_the_page_of_the_person(app, world):
    adam = sign_in_client(app, "adam", PASSWORD)
    program = program_of(app, world.actor("dan"))
    page = adam.get(f"/admin/people/{world.accounts['dan']}").text
    assert program.headers["Authorization"].split()[1] not in page
    path = re.search(r"/admin/people/\d+/tokens/\d+/revoke", page)[0]
    assert adam.post(path).status_code == 302
    is_problem(program.get(ITEMS), 401, "invalid_token")


def test_new_password_revokes_tokens(app, world):
    program = program_of(app, world.actor("rex"))
    client = sign_in_client(app, "rex", PASSWORD)
    assert program.get(ITEMS).status_code == 200
    client.post(
        "/account/password", data={"old": PASSWORD, "password": "other words 3", "again": "other words 3"}
    )
    is_problem(program.get(ITEMS), 401, "invalid_token")


def test_guesses_are_limited_by_address_and_cookies_go_on(world):
    app = make_app(world.url, token_tries="3 per 15 minutes")
    client = sign_in_client(app, "petra", PASSWORD)
    guesses = [f"gg_{letter * 43}" for letter in "abcd"]
    answers = [app.test_client().get(ITEMS, headers=bearer(guess)).status_code for guess in guesses]
    assert answers == [401, 401, 401, 429]
    limited = app.test_client().get(ITEMS, headers=bearer("gg_" + "e" * 43))
    assert 0 < int(limited.headers["Retry-After"]) <= 900
    assert limited.content_type == "application/problem+json"
    assert client.get(ITEMS).status_code == 200
    app.extensions["gis"].close()


def test_one_expired_token_repeated_does_not_lock_out_its_neighbours(world):
    app = make_app(world.url, token_tries="3 per 15 minutes")
    program = program_of(app, world.actor("petra"))
    for _ in range(10):
        is_problem(app.test_client().get(ITEMS, headers=bearer("gg_" + "f" * 43)), 401, "invalid_token")
    assert program.get(ITEMS).status_code == 200
    app.extensions["gis"].close()


# In a process of its own: pyogrio holds the interpreter while it waits for an answer.
GDAL = """
import sys, pyogrio
address = sys.argv[1]
print(",".join(sorted(name for name, _ in pyogrio.list_layers(address))))
print(len(pyogrio.read_dataframe(address, layer="facility")))
"""


def gdal(address: str, secret: str) -> subprocess.CompletedProcess:
    """Read with the settings that the account page gives as an example."""
    return subprocess.run(
        [sys.executable, "-c", GDAL, f"OAPIF:{address}/ogc"],
        env={**os.environ, "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": secret, "GDAL_HTTP_TIMEOUT": "20"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_gdal_reads_with_the_settings_of_the_example(app, world, live_server):
    for collections in ((), ("facility", "incident")):
        program = program_of(app, world.actor("alice"), may_write=False, collections=collections)
        read = gdal(live_server, program.headers["Authorization"].split()[1])
        assert read.returncode == 0, read.stderr[-2000:]
        listed, found = read.stdout.split()
        assert set(listed.split(",")) == {layer.name for layer in layers_of(actor_of(app, program))}
        assert found == "6"
    refused = gdal(live_server, "gg_" + "a" * 43)
    assert refused.returncode != 0 and "401" in refused.stderr


def test_answers_vary_by_authorization(app, world):
    program = program_of(app, world.actor("petra"))
    assert "Authorization" in program.get(ITEMS).headers["Vary"]


def test_openapi_says_how_programs_come_in(app, world):
    document = json.loads(program_of(app, world.actor("petra")).get("/openapi.json").text)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    report = document["paths"]["/api/v1/incidents"]["post"]
    assert {"bearer": []} in report["security"] and {"session": []} in report["security"]
    header = next(p for p in report["parameters"] if p["name"] == "X-CSRFToken")
    assert header["required"] is False and "bearer" in header["description"]
