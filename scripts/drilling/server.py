"""The server of the drill: as `scripts/run` serves it, on a durable cluster of its own with a tiny demo."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2

from gis.database import cluster
from gis.database.migrate import migrate
from gis.database.pool import Database
from gis.demo.scale import DemoScale
from gis.demo.service import load_scale
from gis.people.model import Actor, Role
from gis.people.tokens import create_device_token
from scripts.commands import machine, own_server, service
from scripts.commands.machine import MachineError, say
from scripts.commands.own_server import App

HOME = machine.LOCAL / "drill"
CLUSTER_HOME = machine.LOCAL / "drill-postgres"
PORT = 8402
_TINY = DemoScale(
    buildings=200,
    units=800,
    incidents=300,
    patrol_points=3_000,
    walk_fixes=100,
    parcels=40,
    check_points=120,
    teams=4,
    members_per_team=4,
    communities=8,
)
_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the superuser's database URL, phones' tokens, and the app."""

    url: str
    tokens: tuple[str, ...]
    app: App


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Start everything on an empty cluster; stop and remove it at the end.

    Raises
    ------
    MachineError
        The port is taken, or the server does not start.
    """
    if not service.port_is_free("127.0.0.1", PORT):
        raise MachineError(f"port {PORT} is taken: another drill runs, or another program")
    HOME.mkdir(parents=True, exist_ok=True)
    with own_server.empty_database(CLUSTER_HOME) as url:
        say("loading a tiny demo into a database of its own")
        migrate(url)
        load_scale(url, size="small", scale=_TINY, password=secrets.token_urlsafe(16))
        tokens = _tokens(url)
        settings = own_server.environment(url, PORT) | {"WEB_CONCURRENCY": "4"}
        with own_server.running(settings, HOME / "server.log") as app:
            yield Server(url, tokens, app)


def _tokens(url: str) -> tuple[str, ...]:
    """Tokens of phones of some who patrol."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id FROM app.account WHERE role = 'patrol' AND is_active ORDER BY 1 LIMIT %s",
            (_TOKENS,),
        )
        accounts = [row[0] for row in cursor.fetchall()]
    connection.close()
    database = Database(cluster.database_url(url, user="gis_web"), size=1)
    try:
        return tuple(
            create_device_token(database, Actor(account, Role.PATROL), "drill").secret for account in accounts
        )
    finally:
        database.close()
