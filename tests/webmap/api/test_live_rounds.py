"""What the live map asks: who is told, 304 while nothing changes, and the page around it."""

from __future__ import annotations

import re

import pytest

from tests import patrols
from tests.asking import rows
from tests.conftest import program_of, sign_in_client
from tests.world import PASSWORD

URL = "/api/v1/rounds/live"
EVIL = "</script><b>${alert(1)}</b>"


@pytest.fixture(scope="module")
def clients(world_app):
    return {
        name: sign_in_client(world_app, name, PASSWORD) for name in ("alice", "pat", "dan", "petra", "adam")
    }


@pytest.fixture
def walk(world) -> tuple[int, str]:
    """A round of pat's that is under way, and the stream of it."""
    rows(world.url, "UPDATE app.patrol_round SET state = 'done' WHERE state IN ('started', 'paused')")
    patrols.forget_streams(world.url)
    pat = world.accounts["pat"]
    round_id = patrols.begin(world.url, 1, pat)
    return round_id, patrols.stream(world.url, pat, round_id, (2, 113.9021234567))


def told(answer, round_id: int) -> dict:
    assert answer.status_code == 200, answer.text
    return next(item for item in answer.json["rounds"] if item["id"] == round_id)


def test_a_round_under_way_is_told_with_who_is_out(clients, walk, world):
    item = told(clients["dan"].get(URL), walk[0])
    assert (item["state"], item["team"], item["href"]) == ("started", "巡查1队", f"/rounds/{walk[0]}")
    [person] = item["people"]
    assert (person["id"], person["name"]) == (world.accounts["pat"], "演示pat")
    assert person["seen"].keys() == {"lon", "lat", "at", "accuracy_m", "by", "grade"}
    assert (person["seen"]["lon"], person["seen"]["accuracy_m"]) == (113.902123, 7)
    assert "seen" not in told(clients["adam"].get(URL), walk[0])["people"][0]
    assert clients["alice"].get(URL).status_code == 404


def test_nothing_is_sent_again_while_nothing_changes(clients, walk, world):
    first = clients["dan"].get(URL)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "no-store"
    again = clients["dan"].get(URL, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert clients["petra"].get(URL, headers=tag).status_code == 200  # the tag is one reader's
    patrols.walk_on(world.url, walk[1], 113.903)
    moved = clients["dan"].get(URL, headers=tag)
    assert told(moved, walk[0])["people"][0]["seen"]["lon"] == 113.903


def test_filters_are_read_and_bad_ones_named(clients, walk):
    assert told(clients["dan"].get(f"{URL}?team=T1&state=started"), walk[0])
    assert clients["dan"].get(f"{URL}?team=T2").json["rounds"] != []
    assert [r["id"] for r in clients["dan"].get(f"{URL}?team=T2&state=started").json["rounds"]] == []
    for query in ("state=lost", "community=" + "x" * 41, "where=here"):
        answer = clients["dan"].get(f"{URL}?{query}")
        assert answer.status_code == 400
        assert answer.json["errors"][0]["pointer"] == query.partition("=")[0]


def test_a_token_that_only_reads_is_shown_nobody(world_app, walk, world):
    rows(world.url, "DELETE FROM app.audit_log WHERE action = 'position.watch'")
    assert program_of(world_app, world.actor("dan"), may_write=False).get(URL).status_code == 403
    assert program_of(world_app, world.actor("dan")).get(URL).status_code == 200


def test_the_request_that_showed_somebody_stands_in_the_audit_log(clients, walk, world):
    rows(world.url, "DELETE FROM app.audit_log WHERE action = 'position.watch'")
    for _ in range(3):
        answer = clients["dan"].get(URL)
    found = rows(
        world.url,
        "SELECT account_id, db_role, detail, request_id FROM app.audit_log WHERE action = 'position.watch'",
    )
    assert [row[:3] for row in found] == [
        (world.accounts["dan"], "gis_dispatcher", {"of_accounts": [world.accounts["pat"]]})
    ]
    assert found[0][3] and found[0][3] != answer.headers.get("X-Request-Id")


def test_the_page_offers_its_filters_and_says_who_is_told_no_positions(clients):
    page = clients["dan"].get("/rounds/live?team=T2").text
    assert re.search(r'<option value="T2" selected>', page)
    assert page.count('<option value="T') == 3
    assert 'data-count="old"' in page
    assert 'data-count="old"' not in clients["adam"].get("/rounds/live").text
    assert clients["pat"].get("/rounds/live").text.count('<option value="T') == 1
    assert clients["alice"].get("/rounds/live").status_code == 404
    assert 'href="/rounds/live"' in clients["dan"].get("/rounds").text
    assert 'href="/rounds/live"' not in clients["alice"].get("/").text


def test_names_are_text(clients, world):
    rows(world.url, "UPDATE app.team SET name_zh = %s WHERE team_id = 3", (EVIL,))
    assert EVIL not in clients["dan"].get("/rounds/live").text
