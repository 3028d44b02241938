"""The server's own process: it outlives workers that are killed again and again, and ends where it cannot begin."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.commands import machine, own_server, service
from scripts.drilling.faults import children_of
from tests.ports import free_port

GIVES_UP = "Worker crash loop detected"


def until(condition: Callable[[], bool], patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_server_outlives_what_granian_gives_up_for(database_url: str, tmp_path: Path):
    port, log = free_port(), tmp_path / "server.log"
    settings = own_server.environment(database_url, port) | {"WEB_CONCURRENCY": "1"}
    with own_server.running(settings, log) as app:
        first = app.pid
        for round_number in range(2):
            told = log.read_text().count(GIVES_UP)
            assert told == round_number
            killed: set[int] = set()
            while log.read_text().count(GIVES_UP) == told:  # each new worker, as soon as there is one
                for worker in set(children_of(app.pid)) - killed:
                    killed.add(worker)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
                time.sleep(0.02)
            until(lambda: service.answers(port))
        assert (app.pid, app.code) == (first, None)
    assert app.code == 0, "asked to end, it ends as one that was never disturbed"
    assert not service.answers(port)


def test_server_that_cannot_begin_ends_and_says_why(tmp_path: Path):
    settings = own_server.environment("postgresql://nobody@127.0.0.1:1/nowhere", free_port())
    settings |= {"WEB_CONCURRENCY": "1", "WEBMAP_SECRET_KEY": ""}
    ended = subprocess.run(
        service.server_command(),
        cwd=machine.ROOT,
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "secret_key" in ended.stdout + ended.stderr


def test_idle_connections_of_many_browsers_keep_nobody_waiting(database_url: str, tmp_path: Path):
    port = free_port()
    settings = own_server.environment(database_url, port) | {"WEB_CONCURRENCY": "1"}
    with own_server.running(settings, tmp_path / "server.log"), contextlib.ExitStack() as kept:
        for _ in range(100):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            kept.callback(connection.close)
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            assert not answer.will_close
