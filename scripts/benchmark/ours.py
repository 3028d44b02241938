"""Our own server, as `scripts/run` serves it, and how a person signs in to it."""

from __future__ import annotations

import http.client
import os
import re
import time
from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from scripts.benchmark.database import Base, password
from scripts.benchmark.peers import HOME
from scripts.benchmark.process import ServerProcess
from scripts.commands import machine, service
from scripts.commands.machine import MachineError

PORT, COLD_PORT = 8301, 8302
PEOPLE = {"planner": "planner1", "officer": "officer1", "dispatcher": "dispatcher1", "admin": "admin1"}
"""Accounts of the demo by role; the officer answers for three cells."""

Headers = Mapping[str, str]


def start(base: Base, port: int, **settings: str) -> ServerProcess:
    """Start the server on `port` with further settings in its environment."""
    environment = base.environment() | {"PORT": str(port), "BIND_HOST": "127.0.0.1"} | settings
    log = HOME / f"ours-{port}.log"
    return ServerProcess(service.server_command(), cwd=machine.ROOT, environment=environment, log=log)


def await_ready(process: ServerProcess, port: int, path: str, *, patience_s: float = 60.0) -> None:
    """Wait until a server answers 200."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and process.is_running():
        try:
            if fetch(port, path)[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            pass  # not listening yet
        time.sleep(0.2)
    raise MachineError(f"no answer on port {port}; {process.log} ends:\n{process.log.read_text()[-1500:]}")


def fetch(
    port: int, path: str, headers: Headers | None = None, *, body: str | None = None, timeout_s: float = 60.0
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET" if body is None else "POST", path, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def by_cookie(port: int, person: str) -> Headers:
    """Sign a person in through the form, as a browser does."""
    _, headers, page = fetch(port, "/login")
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    if token is None:
        raise MachineError("the sign-in page has no CSRF token")
    form = {"username": PEOPLE[person], "password": password(), "csrf_token": token[1].decode()}
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": _cookies(headers)}
    status, headers, _ = fetch(port, "/login", sent, body=urlencode(form))
    if status != 302:
        raise MachineError(f"{PEOPLE[person]} could not sign in: {status}")
    return {"Cookie": _cookies(headers)}


def by_token(_port: int, person: str) -> Headers:
    """A bearer token of the person, given in the environment: BENCH_TOKEN_PLANNER, BENCH_TOKEN_OFFICER, …."""
    name = f"BENCH_TOKEN_{person.upper()}"
    if not os.environ.get(name):
        raise MachineError(f"--auth token needs {name} in the environment")
    return {"Authorization": f"Bearer {os.environ[name]}"}


SIGN_IN: Mapping[str, Callable[[int, str], Headers]] = {"cookie": by_cookie, "token": by_token}


def _cookies(headers: http.client.HTTPMessage) -> str:
    pairs = {}
    for line in headers.get_all("Set-Cookie") or ():
        pairs |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
    return "; ".join(f"{name}={value}" for name, value in pairs.items())
