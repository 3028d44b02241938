"""Uploads of phones: by session and by a phone's own token, which goes on when the session has ended and opens nothing else."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from gis.people.model import TokenKind
from gis.people.tokens import TokenRequest, create_token
from tests.conftest import Program, program_of, sign_in_client
from tests.security.test_routes import VALUES, addresses
from tests.world import PASSWORD

RECORDS, DEVICES = "/api/v1/field/records", "/api/v1/field/devices"


@pytest.fixture(scope="module")
def pat(world_app):
    return sign_in_client(world_app, "pat", PASSWORD)


@pytest.fixture(scope="module")
def adam(world_app):
    return sign_in_client(world_app, "adam", PASSWORD)


def now():
    return datetime.now(UTC).isoformat()


def record(**changes):
    return {
        "type": "point",
        "client_id": str(uuid.uuid4()),
        "device_at": now(),
        "lon": 113.905,
        "lat": 22.755,
        "kind": "OK",
        **changes,
    }


def batch(*records, **changes):
    return {"sent_at": now(), "device_id": str(uuid.uuid4()), "records": list(records), **changes}


def phone_of(world_app, client, name="Pat's phone"):
    made = client.post(DEVICES, json={"name": name})
    assert made.status_code == 201, made.text
    assert made.headers["Cache-Control"] == "no-store"
    return Program(
        world_app.test_client(use_cookies=False), {"Authorization": f"Bearer {made.json['token']}"}
    )


def stored(world, client_id):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT account_id, kind FROM app.patrol_point WHERE client_id = %s", (client_id,))
        rows = cursor.fetchall()
    connection.close()
    return rows


def test_each_record_is_answered_for_what_it_is(pat, world):
    good, bad = record(), record(kind="L9")
    answer = pat.post(RECORDS, json=batch(good, bad, {**good, "kind": "L1"}, good))
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [r["outcome"] for r in results] == ["created", "rejected", "conflict", "duplicate"]
    assert results[0] == {**results[3], "outcome": "created"}
    assert (results[1]["code"], results[1]["pointer"], results[1]["is_kept"]) == (
        "unknown-kind",
        "kind",
        True,
    )
    assert answer.json["quarantine"] == {"kept": 2, "not_kept": 0, "limit_per_day": 500, "limit_bytes": 16384}
    revised = pat.post(RECORDS, json=batch({**good, "kind": "L1", "revision": 2})).json
    assert [r["outcome"] for r in revised["results"]] == ["revised"] and "quarantine" not in revised
    assert stored(world, good["client_id"]) == [(world.accounts["pat"], "L1")]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], "records"),
        ({"sent_at": now()}, "records"),
        (batch(sent_at=None), "sent_at"),
        (batch(sent_at="2026-01-01T00:00:00"), "sent_at"),
        (batch(device_id="phone"), "device_id"),
    ],
)
def test_fault_of_the_envelope_is_named(pat, body, pointer):
    answer = pat.post(RECORDS, json=body)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert pointer in answer.text


def test_too_many_and_too_large_are_refused_whole(pat):
    assert pat.post(RECORDS, json=batch(*(record() for _ in range(501)))).status_code == 413
    assert pat.post(RECORDS, json=batch(record(note="x" * 5_000_000))).status_code == 413


def test_old_address_goes_through_the_same_door(pat, world):
    sent = record()
    old = {name: value for name, value in sent.items() if name != "type"}
    assert (
        pat.post("/api/v1/patrol-points", json={"points": [old]}).json["results"][0]["outcome"] == "created"
    )
    assert pat.post(RECORDS, json=batch(sent)).json["results"][0]["outcome"] == "duplicate"


def test_old_address_puts_a_wrong_clock_right_when_it_is_told_of(pat, world):
    off = timedelta(days=-1000)
    made = datetime.now(UTC) + off
    old = {name: value for name, value in record().items() if name != "type"}
    old |= {"device_at": made.isoformat(), "fix_at": made.isoformat()}
    body = {"points": [old], "sent_at": made.isoformat(), "device_id": str(uuid.uuid4())}
    assert pat.post("/api/v1/patrol-points", json=body).json["results"][0]["outcome"] == "created"
    [(age, offset, device)] = world.ask(
        "SELECT received_at - at, clock_offset_s, device_id::text FROM app.patrol_point WHERE client_id = %s",
        old["client_id"],
    )
    assert abs(age) < timedelta(minutes=1) and abs(offset + off.total_seconds()) < 60
    assert device == body["device_id"]


@pytest.mark.parametrize(
    "wrong", [{"sent_at": "now"}, {"sent_at": "2026-01-01T00:00:00"}, {"device_id": "x"}]
)
def test_old_address_names_a_fault_of_what_is_said_besides(pat, wrong):
    answer = pat.post("/api/v1/patrol-points", json={"points": [], **wrong})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] in wrong


def test_request_by_cookie_needs_the_csrf_token(pat):
    for path, body in ((RECORDS, batch(record())), (DEVICES, {"name": "x"})):
        assert pat.flask.post(path, json=body).status_code in (400, 403)


def test_phone_goes_on_when_its_session_has_ended(world_app, world):
    client = sign_in_client(world_app, "quinn", PASSWORD)
    phone = phone_of(world_app, client)
    assert client.post("/logout").status_code == 302
    assert client.post(RECORDS, json=batch(record())).status_code in (401, 403)
    sent = record()
    assert phone.post(RECORDS, json=batch(sent)).json["results"][0]["outcome"] == "created"
    assert stored(world, sent["client_id"]) == [(world.accounts["quinn"], "OK")]


def test_phones_token_opens_nothing_but_uploads(world_app, pat):
    phone = phone_of(world_app, pat)
    for _, method, address in addresses(world_app):
        if address.startswith(("/api/v1", "/ogc", "/openapi")) and address != RECORDS:
            answer = phone.open(address, method)
            if not address.startswith("/api/v1/field/"):
                assert answer.status_code == 403, (method, address)
    assert phone.post(DEVICES, json={"name": "another"}).status_code == 403
    for path in ("/account", "/map", "/admin/quarantine", f"/map/cells/{VALUES['code']}"):
        assert phone.get(path).status_code in (401, 404), path


def test_phones_token_reads_nothing_but_how_far_an_own_photo_is(world_app, pat):
    phone = phone_of(world_app, pat)
    opened = set()
    for endpoint, method, address in addresses(world_app):
        if method == "GET" and address.startswith("/api/v1/field"):
            answer = phone.get(address)
            if answer.status_code != 403:
                opened.add(endpoint)
            else:
                assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert opened == {"field_photos.progress"}
    for path in ("/api/v1/field/today", "/api/v1/field/area"):
        assert pat.get(path).status_code == 200
        assert phone.open(path, "HEAD").status_code == 403


def test_phone_goes_on_after_its_person_has_a_new_password(world_app, world):
    client = sign_in_client(world_app, "quinn", PASSWORD)
    phone = phone_of(world_app, client)
    form = {"old": PASSWORD, "password": "other words 4", "again": "other words 4"}
    assert 'name="uploaders"' in client.get("/account").text
    assert client.post("/account/password", data=form).status_code == 302
    assert phone.post(RECORDS, json=batch(record())).status_code == 200
    form = {"old": "other words 4", "password": PASSWORD, "again": PASSWORD, "uploaders": "on"}
    assert client.post("/account/password", data=form).status_code == 302
    assert phone.post(RECORDS, json=batch(record())).status_code == 401
    assert 'name="uploaders"' not in client.get("/account").text


def test_trackers_token_uploads_no_records(world_app, world):
    made = create_token(
        world_app.extensions["gis"],
        world.actor("pat"),
        TokenRequest("tracker", may_write=True, kind=TokenKind.TRACKER),
    )
    tracker = Program(world_app.test_client(use_cookies=False), {"Authorization": f"Bearer {made.secret}"})
    assert tracker.post(RECORDS, json=batch(record())).status_code == 403
    assert tracker.get("/ogc/collections").status_code == 403


def test_program_that_may_write_uploads_and_one_that_reads_does_not(world_app, world):
    writer = program_of(world_app, world.actor("pat"))
    reader = program_of(world_app, world.actor("pat"), may_write=False)
    assert writer.post(RECORDS, json=batch(record())).status_code == 200
    assert reader.post(RECORDS, json=batch(record())).status_code == 403
    assert writer.post(DEVICES, json={"name": "x"}).status_code == 403


def test_phone_is_listed_and_revoked_on_the_account_page(world_app, world):
    client = sign_in_client(world_app, "rex", PASSWORD)
    phone = phone_of(world_app, client, "<b>雷克斯</b>")
    page = client.get("/account").text
    assert "&lt;b&gt;雷克斯&lt;/b&gt;" in page and "<b>雷克斯" not in page
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT max(api_token_id) FROM app.api_token WHERE kind = 'device' AND may_write")
        number = cursor.fetchone()[0]
    connection.close()
    assert client.post(f"/account/tokens/{number}/revoke").status_code == 302
    assert phone.post(RECORDS, json=batch(record())).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x" * 61}, {"name": "a\nb"}, {"name": "x", "days": 9}]
)
def test_phone_needs_a_name(pat, body):
    assert pat.post(DEVICES, json=body).status_code in (400, 422)


def quarantined(world, client_id):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT quarantine_id FROM app.quarantine WHERE payload ->> 'client_id' = %s", (client_id,)
        )
        row = cursor.fetchone()
    connection.close()
    return row[0]


def test_administrator_repairs_on_the_page_and_user_text_stays_text(adam, pat, world):
    evil = "<script>alert(1)</script>${7*7}{{7*7}}"
    bad = record(kind=evil[:20], note=evil)
    pat.post(RECORDS, json=batch(bad))
    number = quarantined(world, bad["client_id"])
    for path in ("/admin/quarantine", f"/admin/quarantine/{number}"):
        page = adam.get(path)
        assert page.status_code == 200 and "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in adam.get(f"/admin/quarantine/{number}").text
    refused = adam.post(f"/admin/quarantine/{number}/repair", data={"payload": "{"})
    assert refused.status_code == 400
    fixed = adam.post(
        f"/admin/quarantine/{number}/repair", data={"payload": json.dumps({**bad, "kind": "L1"})}
    )
    assert fixed.status_code == 302
    assert stored(world, bad["client_id"]) == [(world.accounts["pat"], "L1")]
    page = adam.get(f"/admin/quarantine/{number}").text
    assert "<form" not in page.partition("<main")[2] and "<script>alert" not in page


def test_administrator_dismisses_on_the_page(adam, pat, world):
    bad = record(kind="L9")
    pat.post(RECORDS, json=batch(bad))
    number = quarantined(world, bad["client_id"])
    assert adam.post(f"/admin/quarantine/{number}/dismiss", data={"reason": ""}).status_code == 400
    assert adam.post(f"/admin/quarantine/{number}/dismiss", data={"reason": "<i>误</i>"}).status_code == 302
    assert adam.get("/admin/quarantine?state=dismissed").status_code == 200
    assert "&lt;i&gt;误&lt;/i&gt;" in adam.get(f"/admin/quarantine/{number}").text
    assert adam.get("/admin/quarantine/99999999").status_code == 404
