"""The server under attack: as `scripts/run` serves it, on a cluster of its own with a new small demo."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import RealDictCursor

from gis.database import cluster
from gis.database.pool import Database
from gis.people.model import Actor, Role, TokenKind
from gis.people.tokens import TokenRequest, create_token
from gis.publish import public
from scripts.attacker.planner_session import aimed_as_planner
from scripts.attacker.targets import MARK, Samples, Target
from scripts.commands import machine, own_server, service
from scripts.commands.machine import MachineError, say

HOME = machine.LOCAL / "attack"
CLUSTER_HOME = machine.LOCAL / "attack-postgres"
PORT = 8401


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it is, a reader's token, values of its database, and its logs.

    `planner` are the targets of the planner's pages, which are read by cookie.
    """

    root: str
    token: str
    samples: Samples
    planner: Sequence[Target]
    log: Path
    database_log: Path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body of a read with the token, or with headers that name another."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        try:
            sent = {name: value for name, value in (headers or {}).items() if MARK not in value}
            if "Cookie" not in sent:
                sent = {"Authorization": f"Bearer {self.token}"} | sent
            connection.request("GET", path, headers=sent)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def document(self) -> dict[str, Any]:
        """The description of the API."""
        made: dict[str, Any] = json.loads(self.get("/openapi.json")[1])
        return made


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Start everything on an empty cluster; stop and remove it at the end.

    Raises
    ------
    MachineError
        The port is taken, or something does not start.
    """
    if not service.port_is_free("127.0.0.1", PORT):
        raise MachineError(f"port {PORT} is taken: another attack runs, or another program")
    HOME.mkdir(parents=True, exist_ok=True)
    with own_server.empty_database(CLUSTER_HOME, durable=False) as url:
        environment = own_server.environment(url, PORT) | {
            "DEMO_PASSWORD": secrets.token_urlsafe(16),
            # Otherwise most payloads in a token would be answered without asking the database.
            "WEBMAP_TOKEN_TRIES": "10000000 per minute",
        }
        _admin(environment, "migrate")
        say("loading the small demo into a database of its own")
        _admin(environment, "demo", "--size", "small")
        token, samples = _prepare(url)
        log = HOME / "server.log"
        with own_server.running(environment, log):
            root = f"http://127.0.0.1:{PORT}"
            planner = aimed_as_planner(root, environment, samples)
            yield Server(root, token, samples, planner, log, CLUSTER_HOME / "server.log")


def _admin(environment: Mapping[str, str], *arguments: str) -> None:
    command = [str(machine.PYTHON), "-m", "gis.admin", *arguments]
    done = subprocess.run(
        command, cwd=machine.ROOT, env=dict(environment), stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise MachineError(f"gis.admin {arguments[0]} failed; the reason stands above")


def _prepare(url: str) -> tuple[str, Samples]:
    """Make a reader's token, switch a public profile on, and look for values to begin from."""
    connection = psycopg2.connect(url, cursor_factory=RealDictCursor)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, role, username FROM app.account WHERE role IN ('planner', 'admin', 'patrol')"
            " AND is_active ORDER BY account_id"
        )
        accounts = {row["role"]: row["account_id"] for row in reversed(cursor.fetchall())}
        cursor.execute(
            "SELECT u.rental_unit_id, u.code, c.code AS cell, m.code AS community,"
            " (SELECT min(incident_id) FROM app.incident) AS incident,"
            " (SELECT min(code) FROM app.team) AS team FROM app.rental_unit AS u"
            " JOIN app.cell AS c USING (cell_id) JOIN app.community AS m ON m.community_id = c.community_id"
            " ORDER BY u.rental_unit_id LIMIT 1"
        )
        row = cursor.fetchone()
        cursor.execute(
            "SELECT from_on::text, to_on::text, radius_m::integer::text AS radius FROM app.coverage_run"
            " ORDER BY coverage_run_id LIMIT 1"
        )
        run = cursor.fetchone()
    connection.close()
    database = Database(cluster.database_url(url, user="gis_web"), size=1)
    try:
        admin = Actor(accounts["admin"], Role.ADMIN)
        public.set_profile(database, admin, "incident", is_on=True, smallest=5)
        # Live positions are told with a trace of who looked: not to a token that only reads.
        token = create_token(
            database, Actor(accounts["planner"], Role.PLANNER), TokenRequest("attack", may_write=True, days=1)
        )
        tracker = create_token(
            database,
            Actor(accounts["patrol"], Role.PATROL),
            TokenRequest("attack", may_write=True, days=1, kind=TokenKind.TRACKER),
        )
    finally:
        database.close()
    unit = str(row["rental_unit_id"])
    return token.secret, Samples(
        cell=row["cell"],
        community=row["community"],
        unit_id=unit,
        unit_code=row["code"],
        incident_id=str(row["incident"]),
        cursor=unit,
        coverage=(run["from_on"], run["to_on"], run["radius"]),
        team=row["team"],
        tracker=tracker.secret,
    )
