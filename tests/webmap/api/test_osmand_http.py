"""OsmAnd's query form over HTTP: by a tracker's token alone, which may stand in the address and in no log."""

from __future__ import annotations

import json

import pytest

from gis.people.model import TokenKind
from gis.people.tokens import TokenRequest, create_token
from tests.conftest import make_app, program_of, sign_in_client
from tests.world import PASSWORD

OSMAND = "/api/v1/trackers/osmand"
PLACE = "lat=22.755&lon=113.905&hdop=5.0&altitude=31&speed=1.2&bearing=90"


@pytest.fixture(scope="module")
def app(world):
    application = make_app(world.url, token_tries="1000 per minute")
    yield application
    application.extensions["gis"].close()


def secret_of(world, kind=TokenKind.TRACKER, who="pat", **more) -> str:
    request = TokenRequest("phone", **{"may_write": True, "kind": kind, **more})
    return create_token(world.db, world.actor(who), request).secret


def test_a_tracker_s_token_may_stand_where_the_device_s_name_does(app, world, capfd):
    secret = secret_of(world)
    client = app.test_client()
    capfd.readouterr()
    for answer in (
        client.get(f"{OSMAND}?id={secret}&timestamp=1795165200&{PLACE}"),
        client.get(f"{OSMAND}?deviceid={secret}&timestamp=1795165210&{PLACE}"),
        client.post(f"{OSMAND}?id={secret}&timestamp=1795165220&{PLACE}"),
        client.post(
            OSMAND, data={"id": secret, "timestamp": "1795165230", "lat": "22.755", "lon": "113.905"}
        ),
    ):
        assert (answer.status_code, answer.json) == (200, {"stored": 1}), answer.text
    assert client.get(f"{OSMAND}?id={secret}&timestamp=1795165200&{PLACE}").json == {"stored": 0}
    told = capfd.readouterr()
    lines = [json.loads(line) for line in told.err.splitlines()]
    assert [line["path"] for line in lines] == [OSMAND] * 5
    assert {line["account_id"] for line in lines} == {world.accounts["pat"]}
    assert not any(text in told.err + told.out for text in (secret, "113.905", "gg_", "1795165200"))
    [(device, stored)] = world.ask(
        "SELECT device_id, next_sequence FROM app.track_stream WHERE source = 'osmand'"
    )
    assert stored == 4 and device.startswith("osmand-") and secret not in device


def test_a_token_in_the_header_leaves_the_name_to_the_device(app, world):
    secret = secret_of(world)
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    address = f"{OSMAND}?id=my-phone&timestamp=1795165200&{PLACE}"
    assert client.get(address, headers=headers).json == {"stored": 1}
    assert client.get(address.replace("id=my-phone&", ""), headers=headers).status_code == 400
    assert world.ask("SELECT count(*) FROM app.track_stream WHERE device_id = 'my-phone'") == [(1,)]


def test_in_the_address_no_other_token_is_taken(app, world):
    for kind in (TokenKind.PROGRAM, TokenKind.DEVICE):
        answer = app.test_client().get(f"{OSMAND}?id={secret_of(world, kind)}&timestamp=1795165200&{PLACE}")
        assert (answer.status_code, answer.json["type"]) == (403, "urn:guangming:problem:insufficient-scope")
    program = program_of(app, world.actor("pat"))
    assert program.get(f"{OSMAND}?id=p&timestamp=1795165200&{PLACE}").status_code == 200  # in the header


def test_elsewhere_the_address_is_not_looked_at(app, world):
    secret = secret_of(world)
    for path in ("/api/v1/trackers/traccar", "/api/v1/field/today", "/ogc/collections/cell/items"):
        for answer in (
            app.test_client().get(f"{path}?id={secret}"),
            app.test_client().post(f"{path}?id={secret}"),
        ):
            assert answer.status_code in (401, 405), (path, answer.status_code)


def test_a_session_alone_writes_nothing(app, world):
    pat = sign_in_client(app, "pat", PASSWORD)
    address = f"{OSMAND}?id=lured&timestamp=1795165200&{PLACE}"
    assert pat.get(address).status_code == 401
    assert pat.post(address).status_code == 401
    assert pat.flask.post(address).status_code == 403  # no CSRF token
    assert world.ask("SELECT count(*) FROM app.track_stream WHERE device_id = 'lured'") == [(0,)]


def test_unknown_revoked_and_reading_tokens_write_nothing(app, world):
    reading = secret_of(world, may_write=False)
    assert app.test_client().get(f"{OSMAND}?id={reading}&timestamp=1795165200&{PLACE}").status_code == 403
    assert app.test_client().get(f"{OSMAND}?id=gg_{'x' * 43}&{PLACE}").status_code == 401
    assert app.test_client().get(f"{OSMAND}?id=phone&{PLACE}").status_code == 401
    planner = secret_of(world, who="petra")
    assert app.test_client().get(f"{OSMAND}?id={planner}&timestamp=1795165200&{PLACE}").status_code == 404


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("lat=95&lon=113.9", "lat"), ("lat=x&lon=113.9", "lat"), ("lat=22.7&lon=1&timestamp=x", "timestamp")],
)
def test_faults_are_named_and_nothing_is_repeated_of_what_was_sent(app, world, query, pointer):
    secret = secret_of(world)
    answer = app.test_client().get(f"{OSMAND}?id={secret}&{query}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, pointer)
    assert secret not in answer.text


def test_the_account_page_makes_such_a_token_and_shows_the_addresses(app, world):
    pat = sign_in_client(app, "pat", PASSWORD)
    page = pat.post("/account/tokens", data={"name": "巡查手机", "scope": "tracker", "days": "365"}).text
    assert f"{OSMAND}?id=gg_" in page and "hdop={3}" in page and "GDAL_HTTP_AUTH" not in page
    assert world.ask("SELECT kind, may_write, collections FROM app.api_token WHERE name = '巡查手机'") == [
        ("tracker", True, None)
    ]
    assert "GDAL_HTTP_AUTH" in pat.post("/account/tokens", data={"name": "gis", "scope": "read"}).text
