"""The application as it is served, for clients that speak to it over HTTP and nothing else.

It runs in processes of its own: GDAL holds Python's lock while it waits for an answer.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.sql import SQL, Identifier

from gis.analysis.runs.service import ask_run
from gis.analysis.runs.worker import work_off
from gis.database.pool import Database
from gis.people.model import Actor, Role
from gis.people.tokens import TokenRequest, create_token
from gis.publish.layers import LAYERS, layers_of
from scripts.commands import service
from tests.conftest import ROOT, as_web

ROLES = ("officer", "planner")
SEEN = [(role, layer.name) for role in ROLES for layer in layers_of(Actor(None, Role(role)))]
"""Every collection of each reader."""
EMPTY = {("officer", "parcel"), ("officer", "patrol_track")}
"""What the demo's officer has none of: an empty collection must be read like any other."""
_READY_WITHIN_S = 60

FILTERS: dict[str, tuple[str, str, str]] = {
    "district": ("code LIKE '4403%'", "t.code LIKE '4403%'", "code LIKE '4403%'"),
    "subdistrict": ("code LIKE '%7'", "t.code LIKE '%7'", "code LIKE '%7'"),
    "community": ("area_m2 > 4000000", "t.area_m2 > 4000000", "area_m2 > 4000000"),
    "cell": (
        "land_use = 'residential' AND population > 800",
        "t.land_use = 'residential' AND t.population > 800",
        "land_use = 'residential' AND population > 800",
    ),
    "building": ("floors >= 7", "t.floors >= 7", "floors >= 7"),
    "rental_unit": (
        "grade = 'watch' AND due_on < '2026/12/01'",
        "t.grade = 'watch' AND t.due_on < '2026-12-01'",
        "grade = 'watch' AND due_on < DATE('2026-12-01')",
    ),
    "incident": (
        "is_open = 1 AND reported_at >= '2026/06/01 00:00:00'",
        "t.is_open AND t.reported_at >= '2026-06-01T00:00:00Z'",
        "is_open = TRUE AND reported_at >= TIMESTAMP('2026-06-01T00:00:00Z')",
    ),
    "parcel": ("level = 'key'", "t.level = 'key'", "level = 'key'"),
    "check_point": ("radius_m > 40 AND parcel_id < 60", "t.radius_m > 40 AND t.parcel_id < 60",
                    "radius_m > 40 AND parcel_id < 60"),
    "patrol_point": ("kind <> 'OK'", "t.kind <> 'OK'", "kind <> 'OK'"),
    "patrol_track": ("length_m > 3000", "t.length_m > 3000", "length_m > 3000"),
    "facility": ("kind IN ('park', 'clinic')", "t.kind IN ('park', 'clinic')", "kind IN ('park', 'clinic')"),
    "coverage": ("share > 0.3", "t.share > 0.3", "share > 0.3"),
    "analysis_result": ("value > 0.3", "t.value > 0.3", "value > 0.3"),
}  # fmt: skip
"""By collection a filter in OGR's SQL, in PostgreSQL's over `t`, and in CQL2."""


def answers_in(log: Path) -> list[dict[str, Any]]:
    """Lines of the server's log that tell of an answer."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == "webmap.request"]


@dataclass(frozen=True)
class Served:
    """The application under test, and what the database itself says."""

    url: str
    db: Database
    actors: dict[str, Actor]
    tokens: dict[str, str]
    log: Path

    def requests(self, path: str) -> int:
        """How many reads of an address the server has logged."""
        return sum(line["path"] == path for line in answers_in(self.log))

    def rows(self, role: str, layer: str, condition: str = "true", columns: str = "") -> list[tuple]:
        """Keys (and further columns) of the rows that the database shows the person, in their order.

        `condition` and `columns` are SQL over `t`; of the divisions only those in force count.
        """
        known = LAYERS[layer]
        in_force = "AND t.valid_to IS NULL" if known.is_division else ""
        statement = SQL("SELECT t.{}{} FROM app.{} AS t WHERE ({}) {} ORDER BY t.{}").format(
            Identifier(known.key), SQL(columns and f", {columns}"), Identifier(layer), SQL(condition),
            SQL(in_force), Identifier(known.key),
        )  # fmt: skip
        with (
            self.db.transaction(self.actors[role].identity, read_only=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return cursor.fetchall()

    def ids(self, role: str, layer: str, condition: str = "true") -> set[str]:
        """The keys alone, as text."""
        return {str(row[0]) for row in self.rows(role, layer, condition)}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def serve(database_url: str, log: Any) -> tuple[subprocess.Popen, str]:
    """Start the server that `scripts/run` starts, one process of it."""
    port = free_port()
    environment = os.environ | {
        "GIS_DATABASE_URL": database_url,
        "GIS_WEB_DATABASE_URL": as_web(database_url),
        "WEBMAP_SECRET_KEY": "0" * 32,
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
    }
    server = subprocess.Popen(
        service.server_command(), cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    return server, f"http://127.0.0.1:{port}"


def wait_until_ready(server: subprocess.Popen, url: str) -> None:
    """Wait for the first answer, or fail."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"no answer within {_READY_WITHIN_S} s")


def actor_of(database_url: str, username: str) -> Actor:
    """A person of the demo district."""
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT account_id, role FROM app.account WHERE username = %s", (username,))
        account_id, role = cursor.fetchone()
    connection.close()
    return Actor(account_id, Role(role), username, username)


@pytest.fixture(scope="module")
def served(demo_url: str, demo_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application on this module's copy of the demo district."""
    log = tmp_path_factory.mktemp("server") / "log"
    actors = {role: actor_of(demo_url, f"{role}1") for role in ROLES}
    request = TokenRequest("client", may_write=True, days=1)
    asked = {"from_on": "2026-11-01", "to_on": "2026-11-03", "radius_m": 50}
    ask_run(demo_db, actors["planner"], "patrol", asked)
    work_off(demo_url, demo_db)
    tokens = {role: create_token(demo_db, actor, request).secret for role, actor in actors.items()}
    with log.open("wb") as output:
        server, url = serve(demo_url, output)
        try:
            wait_until_ready(server, url)
            yield Served(url, demo_db, actors, tokens, log)
        finally:
            server.terminate()
            server.wait(40)
    answers = answers_in(log)
    assert answers, "the server logs nothing"
    assert [line for line in answers if line["status"] >= 500] == [], "a client met a fault of the server"


@pytest.fixture(scope="module")
def middle(served: Served) -> Callable[[str, str], tuple[float, float, float, float]]:
    """A box in degrees that holds some rows of a layer the person sees, but not all where they lie apart."""

    def box(role: str, layer: str) -> tuple[float, float, float, float]:
        rows = served.rows(role, layer, columns="ST_X(ST_Centroid(t.geom)), ST_Y(ST_Centroid(t.geom))")
        if not rows:
            return 113.8, 22.6, 114.1, 22.9
        xs, ys = sorted(row[1] for row in rows), sorted(row[2] for row in rows)
        low, high = len(rows) // 4, (3 * len(rows)) // 4
        return xs[low] - 1e-5, ys[low] - 1e-5, xs[high] + 1e-5, ys[high] + 1e-5

    return box
