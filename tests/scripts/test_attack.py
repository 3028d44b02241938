"""`scripts/attack`: it aims at every parameter, and what it says follows from what happened."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask

from scripts.attacker import __main__ as command
from scripts.attacker.planner import PlannerSamples, planner_targets
from scripts.attacker.sqlmap import Effort, Finding, attack, command_of, read
from scripts.attacker.targets import MARK, Samples, Target, all_targets
from scripts.commands.machine import MachineError
from tests.conftest import make_app, sign_in_client
from tests.world import PASSWORD

SAMPLES = Samples("C1", "C2", "1", "U1", "1", "1", ("2014-01-01", "2014-01-07", "50"), "T1", "gg_tracker")
PLANNER = PlannerSamples(
    "guangming_session=s", "t", "C1", "C2", "F1", ("2014-01-01", "2014-01-07", "50"), "1", "2", "1", "1"
)


@pytest.fixture(scope="module")
def document(world):
    app = make_app(world.url)
    yield sign_in_client(app, "petra", PASSWORD).get("/openapi.json").json
    app.extensions["gis"].close()


def test_every_described_parameter_of_a_read_is_a_target(document):
    found = {(target.operation, target.name) for target in all_targets(document, SAMPLES)}
    described = {
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        if "get" in methods
        for parameter in methods["get"]["parameters"]
    }
    assert described and described <= found
    assert {name for _, name in found} >= {
        "If-None-Match",
        "Authorization",
        "guangming_session",
        "rental_unit.grade",
    }


def test_each_target_is_aimed_at_one_place(document):
    for target in all_targets(document, SAMPLES):
        whole = target.path + (target.body or "") + "".join(target.headers.values())
        assert whole.count(MARK) == (0 if target.place == "query" and MARK not in target.path else 1), target
        line = command_of("http://127.0.0.1:1", target, "gg_x", Effort(), "/tmp/x")
        assert ("-p" in line) == (MARK not in whole)
        assert ("Authorization: Bearer gg_x" in line) == (
            not {"Authorization", "Cookie"} & set(target.headers)
        )


def test_the_planners_pages_are_aimed_at_by_cookie_in_one_place(world_app):
    targets = planner_targets(world_app, PLANNER)
    assert len(targets) > 150 and {target.place for target in targets} == {"path", "query", "body"}
    for target in targets:
        whole = target.path + (target.body or "")
        assert whole.count(MARK) == (0 if target.place == "query" else 1), target
        line = command_of("http://127.0.0.1:1", target, "gg_x", Effort(), "/tmp/x")
        assert "Cookie: guangming_session=s" in line and not any("Bearer" in word for word in line)
        assert ("X-CSRFToken: t" in line) == target.operation.startswith("POST")


def test_a_route_of_the_planner_nobody_thought_of_is_not_passed_over():
    app = Flask("x")
    app.add_url_rule("/planner/new", endpoint="planner_new.index", view_func=lambda: "")
    with pytest.raises(MachineError, match="/planner/new"):
        planner_targets(app, PLANNER)


def test_a_parameter_without_a_sample_is_not_passed_over(document):
    paths = {"/ogc": {"get": {"parameters": [{"name": "new", "in": "query", "required": False}]}}}
    with pytest.raises(MachineError, match="new"):
        all_targets({"paths": paths}, SAMPLES)


@pytest.mark.parametrize(
    ("output", "verdict"),
    [
        ("sqlmap identified the following injection point(s)\n    Title: AND boolean-based", "INJECTABLE"),
        ("[CRITICAL] all tested parameters do not appear to be injectable.", "nothing"),
        ("[CRITICAL] unable to connect to the target URL", "not tried"),
        ("", "not tried"),
    ],
)
def test_only_a_run_that_ended_well_is_a_clean_bill(output, verdict):
    assert read(output)[0] == verdict


TARGET = Target("q", "query", "/x", "/x?q=1")


@pytest.mark.parametrize(
    ("verdicts", "faults", "unparsed", "code"),
    [
        (["nothing", "nothing"], [], [], 0),
        (["nothing", "INJECTABLE"], [], [], 1),
        (["nothing"], ["500 GET /x"], [], 1),
        (["nothing"], [], ["ERROR:  syntax error"], 1),
        (["nothing", "unfinished"], [], [], 2),
        (["not tried"], [], [], 2),
        ([], [], [], 2),
    ],
)
def test_exit_code_is_0_only_when_everything_was_tried_and_nothing_found(verdicts, faults, unparsed, code):
    report = command.Report([Finding(TARGET, verdict, 1.0) for verdict in verdicts], faults, unparsed)
    assert report.code == code
    assert f"{verdicts.count('nothing')} of {len(verdicts)} targets" in command.table(report)


def test_logs_are_read_for_faults_and_unparsed_statements():
    lines = [
        "[INFO] Started",
        '{"status": 200, "method": "GET", "path": "/a", "request_id": "1"}',
        '{"status": 500, "method": "GET", "path": "/b", "request_id": "2"}',
        '{"message": "no request"}',
    ]
    assert command.faults_in(lines) == ["500 GET /b (2)"]
    said = ['2026 ERROR:  syntax error at or near "\'"', "2026 ERROR:  canceling statement", "LOG:  x"]
    assert len(command.unparsed_in(said)) == 1


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Nothing."""


def _careless(environ, start_response):
    """A server that puts a parameter into its statement."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (id integer, name text)")
    database.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"name {n}") for n in range(1, 9)])
    wanted = parse_qs(environ["QUERY_STRING"]).get("id", ["1"])[0]
    try:
        rows = database.execute(f"SELECT name FROM t WHERE id = {wanted}").fetchall()
    except sqlite3.Error:
        rows = []
    finally:
        database.close()
    body = ("<p>".join(str(row[0]) for row in rows) or "none").encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("sqlmap"), reason="needs Debian's sqlmap")
def test_an_injection_is_found_where_there_is_one():
    server = make_server("127.0.0.1", 0, _careless, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        target = Target("id", "query", "/x", "/x?id=2")
        effort = Effort(level=1, risk=1, seconds=600, techniques="B")
        found = attack(f"http://127.0.0.1:{server.server_port}", target, "gg_x", effort)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found.verdict == "INJECTABLE", found
