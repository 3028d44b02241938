"""A server of a tool's own: as `scripts/run` serves it, on an empty cluster that is removed at the end."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from gis.database import cluster
from scripts.commands import machine, service
from scripts.commands.machine import MachineError


@contextlib.contextmanager
def empty_database(home: Path, *, durable: bool = True) -> Iterator[str]:
    """Superuser's URL of an empty database on a cluster in `home`, which is removed at the end.

    One that an interrupted run left there is removed first.
    """
    _remove(home)
    try:
        yield cluster.create_database(cluster.start(home, durable=durable), cluster.DATABASE)
    finally:
        _remove(home)


def _remove(home: Path) -> None:
    cluster.stop(home)
    shutil.rmtree(home.resolve(), ignore_errors=True)
    if home.is_symlink():
        home.unlink()


def environment(url: str, port: int) -> dict[str, str]:
    """What the app needs to serve a database on a port of this machine."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "GIS_", "WEBMAP_"))
    }
    return kept | {
        "GIS_DATABASE_URL": url,
        "GIS_WEB_DATABASE_URL": cluster.database_url(url, user="gis_web"),
        "WEBMAP_SECRET_KEY": secrets.token_urlsafe(32),
        "PORT": str(port),
        "BIND_HOST": "127.0.0.1",
    }


class App:
    """The app's processes, in a session of their own; what they say is in `log`, which begins anew."""

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = dict(settings), log
        log.unlink(missing_ok=True)
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The first process, whose children serve."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """What the first process ended with; None while it runs."""
        return self._process.poll()

    def wait_until_ready(self) -> None:
        """Wait for the first answer. Raises `MachineError` if none comes."""
        deadline = time.monotonic() + 60
        while not service.answers(int(self._environment["PORT"])):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise MachineError(f"the server does not start; its log: {self._log}")
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
        with self._log.open("ab") as output:
            return subprocess.Popen(
                service.server_command(), cwd=machine.ROOT, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip


@contextlib.contextmanager
def running(settings: Mapping[str, str], log: Path) -> Iterator[App]:
    """The app, once it answers, until the end."""
    app = App(settings, log)
    try:
        app.wait_until_ready()
        yield app
    finally:
        app.stop()


@contextlib.contextmanager
def jobs_beside(settings: Mapping[str, str], log: Path) -> Iterator[None]:
    """The process that `scripts/run` starts beside the app, until the end."""
    with log.open("wb") as output:
        jobs = subprocess.Popen(
            service.jobs_command(), cwd=machine.ROOT, env=dict(settings), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        jobs.kill()  # what it has not finished is undone
        jobs.wait()
