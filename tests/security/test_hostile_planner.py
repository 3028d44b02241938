"""Requests made to break the planner's pages: every parameter of every route, as `scripts/attack` aims at them.

Every one is answered, none with 5xx, every error to a program as a problem; and what is not one's own to see or
to change is missing whatever the number.
"""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest

from scripts.attacker.planner import PlannerSamples, planner_targets
from scripts.attacker.targets import MARK, Target
from tests.conftest import sign_in_client
from tests.world import PASSWORD

PROBLEM = {"Accept": "application/json"}
CELL, COMMUNITY = "440306007001001", "440306007001"
SAMPLES = PlannerSamples(
    "x",
    "x",
    CELL,
    COMMUNITY,
    "F1",
    ("2014-01-01", "2014-01-07", "50"),
    run="1",
    report="2",
    schedule="1",
    draft="1",
)
JUNK = [
    quote_from_bytes(text.encode("utf-8", "surrogatepass"))
    for text in (
        "x" * 20_000, "9" * 5_000, "a\0b", "\ud800", "nan", "-inf", "1e308", "1e400", "-1", "0", str(2**31), str(2**63),
        "0001-01-01", "9999-12-31", "2014-02-30", "253402300799", "'; SELECT 1 --", "<script>", "=1+1", "[" * 3_000, "null",
        "../../etc/passwd", "光\r\nX-A: 1", "99.9,22.7;nan,nan", "check.watch:nan", "cells",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def petra(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture(scope="module")
def targets(world_app) -> list[Target]:
    return planner_targets(world_app, SAMPLES)


def send(client, target: Target, junk: str):
    """The request of a target with junk in place of its value."""
    path, body = target.path, (target.body or "").encode()
    kind = target.headers.get("Content-Type", "")
    if target.place == "query":
        path = re.sub(r"\?([^=]+)=[^&]*", lambda found: f"?{found[1]}={junk}", path)
    elif target.place == "path":
        path = re.sub(r"[^/]*\*", lambda _: junk, path)
    elif "multipart" in kind:
        body = re.sub(rb"[^\r\n]*\*[^\r\n]*", lambda _: unquote_to_bytes(junk), body)
    else:
        body = re.sub(rb"[^&=]*\*[^&]*", lambda _: junk.encode(), body)
    if target.body is None:
        return client.get(path, headers=PROBLEM)
    return client.post(path, data=body, content_type=kind, headers=PROBLEM)


def is_answered(answer, target: Target, junk: str) -> None:
    text = answer.get_data().decode("utf-8", "replace")
    told = (target.operation, target.name, junk[:60], answer.status_code, text[:300])
    assert answer.status_code < 500, told
    if (
        answer.status_code >= 400 and "html" in answer.content_type
    ):  # a form is shown again with what is wrong
        assert target.operation.startswith("POST"), told
    elif answer.status_code >= 400:
        assert answer.content_type == "application/problem+json" and answer.json["title"], told
    assert not any(word in text for word in ("Traceback", "psycopg2", "/work/")), told


def test_every_route_is_aimed_at_in_every_place(world_app, targets):
    aimed = {(target.operation, target.place, target.name) for target in targets}
    for rule in world_app.url_map.iter_rules():
        if rule.rule.startswith("/planner"):
            for method in rule.methods & {"GET", "POST"}:
                for name in rule.arguments:
                    assert (f"{method} {rule.rule}", "path", name) in aimed
    assert ("GET /planner/sites", "query", "picked") in aimed and (
        "GET /planner/hotspots",
        "query",
        "kind",
    ) in aimed
    assert ("POST /planner/runs", "body", "parameters") in aimed and (
        "POST /planner/roads",
        "body",
        "file",
    ) in aimed
    assert ("GET /planner/split/draft.gpkg", "query", "community") in aimed


@pytest.mark.parametrize("number", range(len(JUNK)))
def test_junk_in_every_parameter_is_answered(petra, targets, number):
    """A parameter that several routes read in the same way gets each kind of junk on one of them at least."""
    junk, met = JUNK[number], set()
    for place, target in enumerate(targets):
        is_repeated = target.place == "query" and target.name in met
        met.add(target.name)
        if not is_repeated or (place + number) % 8 == 0:
            is_answered(send(petra, target, junk), target, junk)


def test_days_beyond_the_calendar_are_refused_beside_their_field(petra):
    for path, field in (
        ("/planner/workload?to=0001-01-05", "to"), ("/planner/workload?to=9999-12-31", "to"),
        ("/planner/beats?to=0001-01-05", "to"), ("/planner/hotspots?from=0001-01-01&to=0001-01-28", "to"),
        ("/planner/hotspots?from=9999-12-04&to=9999-12-31", "to"), ("/planner/patrol?from=0001-01-01&to=0001-01-02", "to"),
    ):  # fmt: skip
        answer = petra.get(path, headers=PROBLEM)
        assert answer.status_code == 400 and answer.json["errors"][0]["pointer"] == field, path
        page = petra.get(path)
        assert page.status_code == 400 and 'aria-invalid="true"' in page.text, path


@pytest.mark.parametrize("share", ["nan", "inf", "-inf", "1e308", "", "x", "-1", "101"])
@pytest.mark.parametrize("field", ["share", "days"])
def test_a_target_is_a_number_in_its_limits(petra, world, field, share):
    before = world.ask("SELECT * FROM app.patrol_target ORDER BY 1, 2")
    form = {"share": "50", "days": "30", field: "-5" if (field, share) == ("days", "101") else share}
    assert petra.post("/planner/patrol/targets/cell/hill", data=form).status_code in (302, 400)
    assert world.ask("SELECT * FROM app.patrol_target ORDER BY 1, 2") == before


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "[]",
            "null",
            "1",
            '"x"',
            "{",
            "NaN",
            '{"x":1}',
            '{"days":"nan"}',
            '{"days":NaN}',
            '{"days":1e400}',
        ),
        *('{"what_if":{"detour":NaN}}', '{"what_if":{"detour":Infinity}}', '{"what_if":"check.\\u0000:1"}'),
        *('{"what_if":{"\\ud800":1}}', '{"to":253402300800}', '{"to":1e308}', '{"to":"9999-12-31"}'),
        *(
            "[" * 100_000,
            '{"days":' * 20_000,
            '{"days":' + "9" * 5_000 + "}",
            '{"days":7' + " " * 400_000 + "}",
        ),
    ],
    ids=lambda text: text[:25],
)
def test_parameters_of_a_run_are_checked_before_it_is_kept(petra, world, text):
    runs = world.ask("SELECT count(*) FROM app.analysis_run")
    answer = petra.post("/planner/runs", data={"analysis": "workload", "parameters": text}, headers=PROBLEM)
    if text.startswith('{"days":7 '):
        assert answer.status_code == 302
        return
    assert answer.status_code == 400 and answer.json["errors"][0]["pointer"], answer.text[:300]
    assert world.ask("SELECT count(*) FROM app.analysis_run") == runs


@pytest.mark.parametrize("community", ["\\u0000", "\\ud800", "440306007001\\u0000"])
def test_a_text_that_cannot_be_stored_is_refused(petra, community):
    form = {"analysis": "split", "parameters": f'{{"community":"{community}","cells":3}}'}
    answer = petra.post("/planner/runs", data=form, headers=PROBLEM)
    assert answer.status_code in (400, 404), answer.text
    answer = petra.post("/planner/sites/drafts", data={"kind": "park", "candidates": "picked",
                        "picked": "113.905,22.755", "draft_name": "a\0b"})  # fmt: skip
    assert answer.status_code == 302
    assert petra.get("/planner/patrol/gaps?place=%00", headers=PROBLEM).status_code in (400, 404)
    assert petra.get("/planner/runs?analysis=%00", headers=PROBLEM).status_code == 400


WRITES = (
    "/planner/runs/1/cancel", "/planner/runs/1/keep", "/planner/runs/1/retry", "/planner/runs/1/reports", "/planner/runs",
    "/planner/schedules", "/planner/schedules/1/switch", "/planner/schedules/1/delete", "/planner/sites/drafts/1/delete",
    "/planner/sites/drafts", "/planner/sites/lists", "/planner/roads", "/planner/workload/weights", "/planner/patrol",
    "/planner/patrol/targets/cell/hill",
)  # fmt: skip


@pytest.mark.parametrize("name", ["alice", "pat", "adam", "dan", "audrey"])
def test_other_roles_change_nothing_and_officers_see_nothing(world_app, world, targets, name):
    client = sign_in_client(world_app, name, PASSWORD)
    state = "SELECT (SELECT count(*) FROM app.analysis_run), (SELECT count(*) FROM app.site_draft), (SELECT count(*)" \
        " FROM app.analysis_schedule), (SELECT is_kept FROM app.analysis_run WHERE analysis_run_id = 1)"  # fmt: skip
    before = world.ask(state)
    for path in WRITES:
        assert client.post(path, data={"x": "1"}, headers=PROBLEM).status_code == 404, path
    assert world.ask(state) == before
    if name in ("alice", "pat", "adam"):
        reads = {target.path.replace(MARK, "") for target in targets if target.body is None}
        answers = {path: client.get(path, headers=PROBLEM).status_code for path in sorted(reads)}
        assert set(answers.values()) == {404}, answers
