"""The fast lane and Flask give the same answer to the same request, whatever is asked and by whom.

Each request goes through the application twice, once as it comes in and once past the lane.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gis.publish.layers import LAYERS
from tests.conftest import make_app, program_of, sign_in_client
from tests.world import PASSWORD
from webmap.auth import SESSION_COOKIE

COMPARED = (
    "Cache-Control", "Content-Crs", "Content-Encoding", "Content-Length", "ETag", "Location", "Retry-After",
    "Set-Cookie", "WWW-Authenticate", "X-Request-Id", "X-Content-Type-Options", "Referrer-Policy",
)  # fmt: skip
REQUEST_ID = "same-answer-0001"
CRS = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass(frozen=True)
class Ask:
    """A request as a server hands it over: path and query in latin-1, as PEP 3333 has it."""

    path: str
    query: str = ""
    reader: str = "alice"
    headers: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()

    def environ(self, secrets: dict[str, dict[str, str]]) -> dict:
        headers = {"HTTP_X_REQUEST_ID": REQUEST_ID, "HTTP_HOST": "localhost", **secrets[self.reader]}
        return {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": self.path, "QUERY_STRING": self.query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
            **headers, **dict(self.headers), **dict(self.more),
        }  # fmt: skip


@dataclass
class Both:
    """An application with and without its lane."""

    app: Flask
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lane = self.app.wsgi_app
        self.flask = self.lane.next

    def answers(self, ask: Ask) -> tuple[dict, dict]:
        return self._answer(self.lane, ask), self._answer(self.flask, ask)

    def _answer(self, application, ask: Ask) -> dict:
        taken: dict = {}

        def start_response(status, headers, exc_info=None):
            taken["status"], taken["headers"] = int(status.split()[0]), headers

        chunks = application(ask.environ(self.secrets), start_response)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        headers = {name.lower(): value for name, value in taken["headers"]}
        if cookie := headers.get("set-cookie"):  # it ends so long after the second it was given in
            headers["set-cookie"] = re.sub("Expires=[^;]*", "Expires=", cookie)
        told = {name: headers.get(name.lower()) for name in COMPARED}
        if (headers.get("content-type") or "").startswith("text/html"):  # a page holds a new nonce each time
            body = b"<html>"
        if taken["status"] == 200:
            told["Content-Type"] = headers.get("content-type")
        if taken["status"] != 200 or body == b"<html>":
            told["Content-Length"] = None
        if body == b"<html>":
            told["Set-Cookie"] = None
        told["Vary"] = {part.strip() for part in headers.get("vary", "").split(",")}
        return {"status": taken["status"], "body": body, **told}


@pytest.fixture(scope="module")
def both(world):
    app = make_app(world.url, token_tries="100000 per minute")
    made = Both(app)
    for name in ("alice", "petra", "audrey", "rex"):
        client = sign_in_client(app, name, PASSWORD)
        cookie = client.flask.get_cookie(SESSION_COOKIE)
        made.secrets[name] = {"HTTP_COOKIE": f"x=1; {SESSION_COOKIE}={cookie.value}; lang=en"}
    for name, person, asked in (
        ("program", "petra", {}),
        ("narrow", "alice", {"collections": ("incident", "cell")}),
    ):
        program = program_of(app, world.actor(person), **asked)
        made.secrets[name] = {"HTTP_AUTHORIZATION": program.headers["Authorization"]}
    made.secrets["nobody"] = {}
    made.secrets["bad token"] = {"HTTP_AUTHORIZATION": "Bearer gg_" + "a" * 43}
    made.secrets["other scheme"] = {"HTTP_AUTHORIZATION": "Basic YTpi", **made.secrets["alice"]}
    yield made
    app.extensions["gis"].close()


def differences(lane: dict, flask: dict) -> dict:
    """What of two answers is not the same."""
    return {
        name: (lane.get(name), flask.get(name))
        for name in {*lane, *flask}
        if lane.get(name) != flask.get(name)
    }


def check(both: Both, ask: Ask) -> None:
    lane, flask = both.answers(ask)
    assert differences(lane, flask) == {}
    assert lane["status"] < 500
    if lane["ETag"]:  # what was given is known again, by either
        again = Ask(
            ask.path, ask.query, ask.reader, (*ask.headers, ("HTTP_IF_NONE_MATCH", lane["ETag"])), ask.more
        )
        lane, flask = both.answers(again)
        assert differences(lane, flask) == {}
        assert lane["status"] == 304 and lane["body"] == b""


VALUES = {
    "bbox": ["113.9,22.75,113.93,22.76", "113.9,22.75", "a,b,c,d", "113.9,22.75,0,113.93,22.76,0", "nan,0,1,1",
             "12708000,2601000,12712000,2604000", "114,22,113,23"],
    "bbox-crs": [CRS + "3857", CRS + "4326", CRS + "9", "x"],
    "crs": [CRS + "3857", CRS + "4547", CRS + "4490", "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "EPSG:3857"],
    "datetime": ["2014-01-01/..", "../..", "2026-13-01", "2014-01-01T00:00:00Z", "now"],
    "limit": ["1", "2", "100000", "0", "-1", "1e3", "９", "", "99999999999999999999"],
    "after": ["1", "2", "x", "", "-1"], "before": ["4", "zz"],
    "cell": ["440306007001001", "none", "光明", ""], "community": ["440306007001", "x"],
    "filter": ["code = 'U1'", "code LIKE 'U%'", "S_INTERSECTS(geometry, POINT(113.905 22.755))", "f='x'",
               "(((((", "code = '光明'", "phone LIKE '138%'", '{"op":"=","args":[{"property":"code"},"U2"]}'],
    "filter-lang": ["cql2-text", "cql2-json", "sql"], "filter-crs": [CRS + "4490", "x"],
    "sortby": ["code", "-code", "phone", "code,-code", ","], "count": ["true", "false", "1", "maybe"],
    "f": ["json", "geojson", "html", "mvt", ""], "lang": ["en", "zh", "fr"],
    "code": ["U1", "B2", "F3"], "grade": ["watch", "x"], "state": ["reported"], "surplus": ["1"],
    "Limit": ["1"], "光": ["明"], "lang\0": ["en"],
}  # fmt: skip


def as_latin(text: str) -> str:
    """Text as a WSGI server hands over its UTF-8 bytes."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


@st.composite
def encoded(draw, text: str) -> str:
    """A text in a query string: escaped in one of the ways that clients have."""
    way = draw(st.sampled_from(("plus", "percent", "all", "raw", "junk")))
    if way == "plus":
        return quote_plus(text)
    if way == "percent":
        return quote(text, safe="")
    if way == "all":
        return "".join(f"%{byte:02X}" for byte in text.encode())
    if way == "raw":
        return as_latin(text).replace("&", "%26").replace("#", "%23")
    return quote(text) + draw(
        st.sampled_from(("%", "%FF", "%ED%A0%80", "%00", "%zz", "+", "=", "%0D%0A", "ÿ"))
    )


@st.composite
def queries(draw) -> str:
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4))
    pairs = []
    for name in names:
        value = draw(st.sampled_from(VALUES[name]))
        pairs.append(f"{draw(encoded(name))}={draw(encoded(value))}")
    return draw(st.sampled_from(("&", "&", "&", "&&", ";"))).join(pairs)


LAYER_NAMES = st.sampled_from((*LAYERS, "account", "cell\n", "Cell"))
IDS = st.sampled_from(("1", "4", "6", "7", "0", "-1", "01", "U1", "440306007001001", "440306007002001", "x y",
                       "光明", "ÿ", "1\n", "9" * 60, "9" * 61, "1;x", "..", "%31", "\0", "1.0", "１"))  # fmt: skip
NUMBERS = st.sampled_from(
    ("0", "5", "11", "14", "13375", "7128", "22", "23", "99", "007", "-1", "1.5", "１", "9" * 9)
)


@st.composite
def paths(draw) -> str:
    layer = draw(LAYER_NAMES)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return as_latin(f"/ogc/collections/{layer}/items" + draw(st.sampled_from(("", "", "", "/", "//"))))
    if kind == 1:
        return as_latin(f"/ogc/collections/{layer}/items/{draw(IDS)}")
    tile = draw(st.sampled_from(("14/7128/13375", "14/7128/13377", "9/223/417", "0/0/0", "22/0/0")))
    if kind == 2:
        tile = f"{draw(NUMBERS)}/{draw(NUMBERS)}/{draw(NUMBERS)}"
    return as_latin(f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{tile}")


HEADERS = st.fixed_dictionaries({}, optional={
    "HTTP_ACCEPT": st.sampled_from(("*/*", "text/html", "TEXT/HTML", "text/*", "application/geo+json",
        "text/html;q=0.1, application/geo+json", "application/json, text/html;q=0", "application/xhtml+xml", "",
        "image/png", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "x", "*/*;q=0")),
    "HTTP_ACCEPT_ENCODING": st.sampled_from(("gzip", "br", "gzip, br", "identity", "br;q=0, gzip", "gzip;q=0", "*", "")),
    "HTTP_IF_NONE_MATCH": st.sampled_from(("*", '"x"', 'W/"x"', "x", "", '"')),
    "HTTP_HOST": st.sampled_from(("gis.example.cn", "GIS.example.cn:80", "x:8000", 'evil"<', "", "a/b", "[::1]:1",
        "xn--fiq228c.cn", "ÿ.cn")),
    "wsgi.url_scheme": st.sampled_from(("http", "https")),
    "SCRIPT_NAME": st.sampled_from(("", "/gis", "/g s")),
}).map(lambda made: tuple(made.items()))  # fmt: skip
READERS = st.sampled_from(
    ("alice", "petra", "audrey", "rex", "program", "narrow", "nobody", "bad token", "other scheme")
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ask=st.builds(Ask, paths(), queries(), READERS, HEADERS))
@example(Ask("/ogc/collections/cell/items", "&".join(f"x{n}=1" for n in range(60))))
@example(Ask("/ogc/collections/cell/items", "limit=ÿ"))
@example(Ask("/ogc/collections/cell/items", "f=mvt"))
@example(Ask("/ogc/collections/cell/items", "x=1&y=%00&x=2"))
@example(Ask("/ogc/collections/cell/items", "x=1&x=2&y=%00&x=3"))
@example(Ask("/ogc/collections/incident/items", "f=ht%6Dl"))
@example(Ask("/ogc/collections/incident/items", "la%6Eg=en"))
@example(Ask("/ogc/collections/incident/items", "", "alice", (("HTTP_ACCEPT", "text/*"),)))
@example(Ask("/ogc/collections/incident/items", "filter=f=1", "alice", (("HTTP_ACCEPT", "text/html"),)))
@example(Ask("/ogc/collections/facility/items", as_latin("cell=光明")))
@example(Ask("/ogc/collections/facility/items", "cell=%FF"))
@example(Ask("/ogc/collections/facility/items", "", "alice", (("HTTP_HOST", "gis.example.cn:80"),)))
def test_lane_and_flask_answer_alike(both, ask):
    check(both, ask)


def test_places_in_a_box_come_from_memory_either_way(both, monkeypatch):
    class Remembered:
        def meeting(self, *_):
            return [b'{"type":"Feature","id":"remembered"}']

    monkeypatch.setitem(both.app.extensions, "outlines", Remembered())
    for query, is_remembered in (("bbox=113.9,22.75,113.93,22.76", True), ("limit=10", False)):
        for answer in both.answers(Ask("/ogc/collections/cell/items", query)):
            assert answer["status"] == 200
            assert (b"remembered" in answer["body"]) is is_remembered
