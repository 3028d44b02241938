"""The server of the drill: as `scripts/run` serves it, on a durable cluster of its own with a tiny demo."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg2

from gis.database import cluster
from gis.database.migrate import migrate
from gis.database.pool import Database
from gis.demo.scale import DemoScale
from gis.demo.service import load_scale
from gis.people.model import Actor, Role
from gis.people.tokens import create_device_token
from scripts.commands import machine, service
from scripts.commands.machine import MachineError, say

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


class App:
    """The app's processes, started again when they end, as `compose.yaml` has it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process = self._start()
        self.restarts = 0

    @property
    def pid(self) -> int:
        """The first process, whose children serve."""
        return self._process.pid

    def keep_up(self) -> None:
        """Start again what has ended: granian gives up when a worker dies twice within seconds."""
        if self._process.poll() is not None:
            self.restarts += 1
            self._process = self._start()

    def wait_until_ready(self) -> None:
        """Wait for the first answer. Raises `MachineError` if none comes."""
        deadline = time.monotonic() + 60
        while not service.answers(PORT):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise MachineError(f"the server does not start; its log: {HOME / 'server.log'}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it; what is under way is finished."""
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with (HOME / "server.log").open("ab") as output:
            return subprocess.Popen(
                service.server_command(), cwd=machine.ROOT, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip


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
    (HOME / "server.log").unlink(missing_ok=True)
    _remove_cluster()
    url = cluster.create_database(cluster.start(CLUSTER_HOME), cluster.DATABASE)
    try:
        say("loading a tiny demo into a database of its own")
        migrate(url)
        load_scale(url, size="small", scale=_TINY, password=secrets.token_urlsafe(16))
        tokens = _tokens(url)
        app = App(_environment(url))
        try:
            app.wait_until_ready()
            yield Server(url, tokens, app)
        finally:
            app.stop()
    finally:
        _remove_cluster()


def _remove_cluster() -> None:
    cluster.stop(CLUSTER_HOME)
    shutil.rmtree(CLUSTER_HOME.resolve(), ignore_errors=True)
    if CLUSTER_HOME.is_symlink():
        CLUSTER_HOME.unlink()


def _environment(url: str) -> Mapping[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "GIS_", "WEBMAP_"))
    }
    return kept | {
        "GIS_DATABASE_URL": url,
        "GIS_WEB_DATABASE_URL": cluster.database_url(url, user="gis_web"),
        "WEBMAP_SECRET_KEY": secrets.token_urlsafe(32),
        "PORT": str(PORT),
        "BIND_HOST": "127.0.0.1",
        "WEB_CONCURRENCY": "4",
    }


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
