"""The server of the drill: as `scripts/run` serves it, on a durable cluster of its own with a tiny demo."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    """A running server.

    Attributes
    ----------
    url : the superuser's, of the database.
    cluster_home : where the database's cluster is.
    tokens : of phones.
    """

    url: str
    cluster_home: Path
    port: int
    tokens: tuple[str, ...]
    app: App


@contextlib.contextmanager
def server(home: Path = HOME, port: int = PORT, *, password: str | None = None) -> Iterator[Server]:
    """Start everything on an empty cluster beside `home`; stop and remove it at the end.

    Parameters
    ----------
    home : holds what the app says.
    password : of the demo's accounts; without it nobody knows it.

    Raises
    ------
    MachineError
        The port is taken, or the server does not start.
    """
    if not service.port_is_free("127.0.0.1", port):
        raise MachineError(f"port {port} is taken: another drill runs, or another program")
    home.mkdir(parents=True, exist_ok=True)
    cluster_home = home.with_name(f"{home.name}-postgres")
    with own_server.empty_database(cluster_home) as url:
        say("loading a tiny demo into a database of its own")
        migrate(url)
        load_scale(url, size="small", scale=_TINY, password=password or secrets.token_urlsafe(16))
        tokens = _tokens(url)
        settings = own_server.environment(url, port) | {"WEB_CONCURRENCY": "4"}
        with own_server.running(settings, home / "server.log") as app:
            yield Server(url, cluster_home, port, tokens, app)


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
