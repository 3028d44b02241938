"""Signing in and out: guessing is slowed, sessions end on the server, forms need their token."""

from __future__ import annotations

import re

import psycopg2
import pytest

from tests.conftest import make_app, sign_in_client
from tests.world import PASSWORD


def try_login(world_app, username, password, **form):
    client = world_app.test_client()
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/login").text)[1]
    data = {"username": username, "password": password, "csrf_token": token, **form}
    return client, client.post("/login", data=data)


def test_wrong_password_and_unknown_name_are_answered_alike(world_app):
    _, wrong = try_login(world_app, "alice", "wrong-password")
    _, unknown = try_login(world_app, "nobody", "wrong-password")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    strip = re.compile(r'(csrf-token" content=|csrf_token" value=|nonce=)"[^"]+"|value="(alice|nobody)"')
    assert strip.sub("", wrong.text) == strip.sub("", unknown.text)


def test_tries_are_limited_by_name(world):
    world_app = make_app(world.url, login_tries="3 per 15 minutes")
    answers = [try_login(world_app, "alice", "wrong")[1].status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    assert try_login(world_app, "alice", PASSWORD)[1].status_code == 429
    assert try_login(world_app, "bob", PASSWORD)[1].status_code == 302
    world_app.extensions["gis"].close()


def test_copied_cookie_is_worthless_after_signing_out(world_app):
    client = sign_in_client(world_app, "alice", PASSWORD)
    cookie = client.flask.get_cookie("guangming_session").value
    assert client.get("/").status_code == 200
    client.post("/logout")
    thief = world_app.test_client()
    thief.set_cookie("guangming_session", cookie)
    assert thief.get("/").headers["Location"].startswith("/login")


def test_cookie_is_kept_from_scripts_and_other_sites(world_app):
    _, answer = try_login(world_app, "alice", PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("guangming_session"))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_closed_account_is_out_at_once(world_app, world):
    adam = sign_in_client(world_app, "adam", PASSWORD)
    bob = sign_in_client(world_app, "bob", PASSWORD)
    path = f"/admin/people/{world.accounts['bob']}"
    adam.post(path, data={"full_name": "演示bob", "role": "officer"})
    assert bob.get("/").status_code == 302
    assert try_login(world_app, "bob", PASSWORD)[1].status_code == 401
    adam.post(path, data={"full_name": "演示bob", "role": "officer", "is_active": "on"})
    assert try_login(world_app, "bob", PASSWORD)[1].status_code == 302


def test_writes_without_a_token_change_nothing(world_app):
    client = sign_in_client(world_app, "pat", PASSWORD)
    answer = client.flask.post("/api/v1/patrol-points", json={"points": []})
    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"


def test_sign_in_goes_only_to_pages_of_ours(world_app):
    for wanted, place in {
        "/map?figure=open_incidents": "/map?figure=open_incidents",
        "https://evil.example/": "/",
        "//evil.example/": "/",
        "/\\evil.example": "/",
        "javascript:alert(1)": "/",
    }.items():
        _, answer = try_login(world_app, "alice", PASSWORD, next=wanted)
        assert answer.headers["Location"] == place


def test_session_and_refusal_leave_audit_rows_without_passwords(world_app, world):
    try_login(world_app, "alice", "secret-guess")
    with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT action, detail::text, subject FROM app.audit_log ORDER BY audit_id DESC LIMIT 1"
        )
        action, detail, subject = cursor.fetchone()
    connection.close()
    assert (action, subject) == ("session.refused", "alice")
    assert "secret-guess" not in detail


def test_one_time_password_must_be_changed_before_anything_else(world_app):
    adam = sign_in_client(world_app, "adam", PASSWORD)
    page = adam.post(
        "/admin/people", data={"username": "newbie", "full_name": "新人", "role": "officer"}
    ).text
    password = re.search(r"<code>([^<]+)</code>", page)[1]
    client = sign_in_client(world_app, "newbie", password)
    assert client.get("/").headers["Location"] == "/account"
    form = {"old": password, "password": "my own words 1", "again": "my own words 1"}
    assert client.post("/account/password", data=form).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert try_login(world_app, "newbie", password)[1].status_code == 401


@pytest.mark.parametrize("password", ["short1", "alllowercaseletters", "alice-12345"])
def test_weak_passwords_are_refused_with_a_reason(world_app, password):
    client = sign_in_client(world_app, "alice", PASSWORD)
    answer = client.post("/account/password", data={"old": PASSWORD, "password": password, "again": password})
    assert answer.status_code == 400 and "notice-danger" in answer.text


def test_changing_the_password_ends_the_other_sessions(world_app, world):
    here, there = sign_in_client(world_app, "quinn", PASSWORD), sign_in_client(world_app, "quinn", PASSWORD)
    form = {"old": PASSWORD, "password": "other words 2", "again": "other words 2"}
    here.post("/account/password", data=form)
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_user_text_is_escaped_where_it_is_shown(world_app, world):
    adam = sign_in_client(world_app, "adam", PASSWORD)
    nasty = "<img src=x onerror=alert(1)>"
    adam.post(
        f"/admin/people/{world.accounts['rex']}",
        data={"full_name": nasty, "role": "patrol", "is_active": "on"},
    )
    page = adam.get("/admin/people").text
    assert nasty not in page and "&lt;img src=x" in page


def test_headers_stand_on_every_answer(world_app):
    for path in ("/login", "/nowhere", "/api/v1/nowhere", "/static/css/app.css", "/healthz"):
        with world_app.test_client().get(path) as answer:
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-Id"]


def test_health_and_readiness(world_app, world):
    assert world_app.test_client().get("/healthz").json == {"status": "ok"}
    assert world_app.test_client().get("/readyz").status_code == 200
    lost = make_app(world.url.replace("/t_", "/gone_"))
    answer = lost.test_client().get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
