"""Requests made to break the reads: every one is answered, none with 5xx, every error as a problem.

Through the whole application, the fast lane in front of it included; the worst of them to a server as it is
deployed, whose workers must live on.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scripts.benchmark.process import family
from tests.conftest import ROOT, as_web, program_of

ITEMS = "/ogc/collections/rental_unit/items"
TILES = "/ogc/collections/rental_unit/tiles/WebMercatorQuad"
PARENTHESES = "(" * 20_000
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def planner(world_app, world):
    return program_of(world_app, world.actor("petra"))


def is_answered(answer, path: str) -> int:
    """The answer is none of a fault, and an error is a problem that tells nothing of our insides."""
    assert answer.status_code < 500, (path, answer.text)
    if answer.status_code >= 400 and path.startswith(("/ogc", "/api")):
        assert answer.content_type == PROBLEM, path
        problem = json.loads(answer.data)
        assert problem["status"] == answer.status_code and problem["title"]
        assert not any(word in answer.text for word in ("Traceback", "psycopg2", "SELECT", "app.", "/work/"))
    return answer.status_code


@pytest.mark.parametrize("language", ["cql2-text", "cql2-json"])
@pytest.mark.parametrize("text", [PARENTHESES, "[" * 20_000, "NOT " * 5_000, '{"op":' * 3_000, "(" * 4_000])
def test_deep_and_overlong_filters_are_refused(planner, text, language):
    begun = time.thread_time()
    answer = planner.get(f"{ITEMS}?filter={quote(text)}&filter-lang={language}")
    assert is_answered(answer, ITEMS) == 400
    assert time.thread_time() - begun < 2


READS = (
    (ITEMS, ("bbox", "bbox-crs", "crs", "datetime", "limit", "after", "before", "cell", "community", "filter",
             "filter-lang", "filter-crs", "sortby", "count", "f", "code", "grade", "surplus")),
    (f"{ITEMS}/1", ("crs", "f", "bbox", "datetime", "surplus")),
    (f"{TILES}/14/7128/13375", ("surplus", "f")),
    ("/ogc/collections", ("f", "surplus")),
    ("/ogc/collections/rental_unit", ("f", "surplus")),
    ("/ogc/collections/rental_unit/queryables", ("f",)),
    ("/ogc/conformance", ("f",)),
    ("/api/v1/search", ("q", "limit")),
    ("/api/v1/locate?lon=113.905&lat=22.755", ("crs", "at", "accuracy_m")),
    ("/api/v1/locate?lon=113.905", ("lat",)),
    ("/api/v1/nearest/cell?lon=113.905&lat=22.755", ("k",)),
    ("/api/v1/clusters/incident?bbox=113.9,22.7,114,22.8", ("zoom",)),
    ("/api/v1/clusters/incident?zoom=14", ("bbox", "datetime")),
    ("/api/v1/counts/incident", ("by", "datetime")),
    ("/api/v1/figures/open_incidents", ("level", "community", "date")),
    ("/api/v1/coverage/gaps?from=2014-01-01&to=2014-01-07&radius_m=50", ("community", "cell")),
)  # fmt: skip
JUNK = (
    "%00", "a%00b", "%", "%zz", "%FF", "%C0%AE", "%ED%A0%80", "%F0%9F%92%A9", "%E2%80%AE", "%0D%0AX-A:1", "x" * 600,
    "-1", "0", "1e309", "NaN", "Infinity", "-0", "9" * 400, "1_0", "%D9%A1", "''", "';--", "%25s", "%(x)s", "{}", "[]",
    "null", "true,true", ",,,,", "1,2,3", "nan,nan,nan,nan", "1e999,0,0,0", "../../etc/passwd", "<script>", "$(id)",
    "2026-02-30", "0000-01-01", "9999-12-31T23:59:60Z", "-4713-01-01/..", "../..", "113.9,22.7,114,22.8", "",
    "http://127.0.0.1/", "2014-01-01/2013-01-01", "294277-01-01/..", "99999-01-01",
)  # fmt: skip


@pytest.mark.parametrize(("path", "names"), READS)
def test_junk_in_every_parameter_is_answered(planner, path, names):
    joint = "&" if "?" in path else "?"
    for name in names:
        for value in JUNK:
            address = f"{path}{joint}{name}={value}"
            is_answered(planner.get(address), address)
        assert is_answered(planner.get(f"{path}{joint}{name}=1&{name}=1"), path) == 400, name


@pytest.mark.parametrize("count", [60, 5_000])
def test_many_parameters_are_refused(planner, count):
    path = f"{ITEMS}?{'&'.join(f'x{number}=1' for number in range(count))}"
    assert is_answered(planner.get(path), path) == 400


@pytest.mark.parametrize(
    "path", [ITEMS, f"{ITEMS}/1", f"{TILES}/14/7128/13375", "/ogc", "/api/v1/search", "/", "/login"]
)
@pytest.mark.parametrize(
    "query", ["ÿ", "q=\xff\xfe", "f=\xed\xa0\x80", "%", "&&&;;;", "=", "lang=%FF", "lang=\xff"]
)
def test_bytes_that_are_no_text_are_answered(planner, path, query):
    """As a server hands them over: WSGI's QUERY_STRING is bytes read as latin-1."""
    answer = planner.get(path, environ_overrides={"QUERY_STRING": query})
    is_answered(answer, path)


PATHS = (
    *(f"{TILES}/{z}/{y}/{x}" for z, y, x in (
        (23, 0, 0), (99, 0, 0), (0, 1, 0), (22, 2**22, 0), (14, -1, 0), ("9" * 30, 0, 0), (0, "9" * 5000, 0),
        ("1.5", 0, 0), ("１４", "7128", "13375"), ("0x1", 0, 0), ("%00", 0, 0), (14, "7128", "..%2f..%2fetc"))),
    *(f"{ITEMS}/{feature}" for feature in (
        "-1", "0", "9" * 30, "9" * 5000, "1%00", "%00", "%FF", "%ED%A0%80", "..", "..%2f..", "%2e%2e%2f", "1;x", "1'--",
        "1%0d%0aX-A:1", "%25", "%E5%85%89", "1%20", "1.0", "1e3", "+1", "%D9%A1")),
    *(f"/ogc/collections/{layer}/items" for layer in (
        "account", "api_token", "..", "%2e%2e", "rental_unit%00", "rental_unit'--", "Rental_Unit", "x" * 5000, "%FF",
        "pg_catalog.pg_user", "rental_unit%2fitems%2f1", "session", "credential", "building_head")),
    "/ogc/../admin/people", "/ogc/%2e%2e/admin/people", "//ogc", "/ogc//collections", "/ogc/collections/",
    "/api/v1/../../etc/passwd", "/api/v1/figures/..%2f..", "/api/v1/counts/account", "/api/v1/nearest/account?lon=1&lat=1",
    "/api/v1/incidents/99999999999999999999/steps", f"/api/v1/incidents/{'9' * 5000}/steps", "/static/../settings.py",
    "/static/%2e%2e/settings.py", "/static/..%2fsettings.py", "/ogc/tileMatrixSets/..%2f", "/ogc/tileMatrixSets/%FF",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=[str(number) for number in range(len(PATHS))])
def test_odd_addresses_are_answered(planner, path):
    status = is_answered(planner.get(path), path)
    assert status in (200, 204, 301, 302, 308, 400, 401, 404), path
    if "etc" in path or "settings" in path or "account" in path or "credential" in path or "admin" in path:
        assert status in (400, 401, 404), path


HEADERS = (
    ("Accept", "a" * 5000), ("Accept", "text/html;q=x,*/*;q=9e9"), ("Accept", "\x7f"), ("Accept", ";;;,,,"),
    ("Accept-Language", "zh-" * 900), ("Accept-Encoding", "gzip;q=x, br;q=-1"), ("Accept-Encoding", "," * 5000),
    ("If-None-Match", '"' * 5000), ("If-None-Match", "*,*,*"), ("If-None-Match", "W/"), ("If-None-Match", "ÿ"),
    ("Authorization", "Bearer"), ("Authorization", "Bearer ÿ"), ("Authorization", "Bearer " + "x" * 5000),
    ("Authorization", "Basic !!!"), ("Authorization", "ÿ"), ("Authorization", "Bearer gg_" + "é" * 43),
    ("Cookie", "guangming_session=ÿ"), ("Cookie", "guangming_session="), ("Cookie", 'guangming_session="\\777"'),
    ("Cookie", ";" * 5000), ("Cookie", "guangming_session=%00"), ("Cookie", "guangming_session=" + "x" * 4000),
    ("Cookie", "lang=ÿ"), ("Cookie", "guangming_csrf=ÿ"), ("X-Request-Id", "x" * 5000), ("X-Request-Id", "a\tb"),
    ("Host", "ÿ"), ("Host", "a/b?c"), ("Host", "x" * 5000), ("X-Forwarded-For", "ÿ,,,"), ("Range", "bytes=9-1"),
    ("If-Modified-Since", "x"), ("Content-Length", "-1"), ("Transfer-Encoding", "x"), ("Content-Type", "ÿ"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value"), HEADERS, ids=[str(number) for number in range(len(HEADERS))])
def test_odd_headers_are_answered(planner, name, value):
    for path in (
        f"{ITEMS}?limit=1",
        f"{ITEMS}/1",
        f"{TILES}/14/7128/13375",
        "/ogc",
        "/api/v1/locate?lon=113.905&lat=22.755",
    ):
        answer = planner.get(path, headers={name: value})
        is_answered(answer, path)
        told = answer.headers["X-Request-Id"]
        assert told.replace("-", "").isalnum() and len(told) <= 64


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="()[]{}'\",<>=!+-*/%^ 0123456789.eE", max_size=200),
    st.lists(
        st.sampled_from((
            "code", "grade", "cell_id", "geometry", "filed_on", "'U1'", "1", "-1e400", "TRUE", "NULL", "AND", "OR", "NOT",
            "(", ")", ",", "=", "<>", "<", ">=", "LIKE", "'%'", "BETWEEN", "IN", "IS", "S_INTERSECTS", "BBOX", "POINT",
            "POLYGON", "T_AFTER", "DATE", "TIMESTAMP", "INTERVAL", "'..'", "CASEI", "ACCENTI", "DIV", "pg_sleep", "--",
            ";", "/*", "$$", "113.9 22.7", "'2014-02-30'", "\0", "光",
        )),
        max_size=30,
    ).map(" ".join),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries({
            "op": st.sampled_from(("and", "=", "like", "s_intersects", "t_after", "in", "between", "casei", "x")),
            "args": st.lists(inner | st.just({"property": "code"}), max_size=3),
        }),
        max_leaves=8,
    ).map(json.dumps),
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=TEXTS,
    language=st.sampled_from(("cql2-text", "cql2-json")),
    layer=st.sampled_from(("rental_unit", "cell")),
)
@example("\0", "cql2-text", "cell")
@example("code = '\0'", "cql2-text", "cell")
@example("code LIKE '\\'", "cql2-text", "cell")
@example('{"op":"=","args":[{"property":"code"},"\\ud800"]}', "cql2-json", "cell")
def test_any_filter_is_answered_200_or_400(planner, text, language, layer):
    path = f"/ogc/collections/{layer}/items?limit=2&filter-lang={language}"
    answer = planner.get(f"{path}&filter={quote(text.encode('utf-8', 'surrogatepass'))}")
    assert is_answered(answer, path) in (200, 400)
    if answer.status_code == 200:
        assert answer.json["type"] == "FeatureCollection"


# ---------------------------------------------------------------- a server as it is deployed


@pytest.fixture(scope="module")
def deployed(world, tmp_path_factory):
    """Port and process id of deploy/serve.py, which stands before the same database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GIS_DATABASE_URL": world.url, "GIS_WEB_DATABASE_URL": as_web(world.url),
        "WEBMAP_SECRET_KEY": "0" * 32, "PORT": str(port), "WEB_CONCURRENCY": "2", "WEB_THREADS": "2",
    }  # fmt: skip
    log = tmp_path_factory.mktemp("deployed") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "deploy/serve.py"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 60
        while _status(port, "/healthz") != 200:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield port, process.pid, log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def _status(port: int, path: str, headers: dict[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        connection.close()


def _raw(port: int, request: bytes) -> bytes:
    """The first bytes of the answer to bytes as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        connection.settimeout(20)
        try:
            return connection.recv(4096)
        except ConnectionResetError:
            return b""


def test_deployed_workers_outlive_hostile_requests(deployed, planner):
    port, pid, log = deployed
    workers = set(family(pid))
    headers = planner.headers
    assert _status(port, f"{ITEMS}?limit=1", headers) == 200
    bearer = f"Authorization: {headers['Authorization']}\r\n".encode()
    host = b"Host: localhost\r\nConnection: close\r\n" + bearer
    # Twice as many as there are threads, so that every worker meets each.
    for _ in range(8):
        assert _status(port, f"{ITEMS}?filter={PARENTHESES}", headers) == 400
        assert _status(port, f"{ITEMS}?{'&'.join(f'x{n}=1' for n in range(60))}", headers) == 400
        assert _status(port, f"{TILES}/0/{'9' * 5000}/0", headers) in (400, 404)
        for line in (b"GET " + ITEMS.encode() + b"?f=\xff HTTP/1.1\r\n", b"GET " + ITEMS.encode() + b"/\xff HTTP/1.1\r\n",
                     b"GET " + ITEMS.encode() + b"?cell=\xe5\x85\x89 HTTP/1.1\r\n", b"GET /ogc/../../etc HTTP/1.1\r\n"):  # fmt: skip
            status = _raw(port, line + host + b"\r\n").split(b" ", 2)[1:2]
            assert status in ([b"400"], [b"404"]), line
        for line in (b"\x00\x01\x02\r\n\r\n", b"GET  / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):  # fmt: skip
            assert not _raw(port, line).startswith(b"HTTP/1.1 5"), line
    assert {_status(port, "/healthz") for _ in range(8)} == {200}
    assert set(family(pid)) == workers, "a worker was lost"
    requests = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert max(entry.get("status", 0) for entry in requests) < 500
    assert not any(entry.get("level") == "ERROR" for entry in requests)
