"""A real PostgreSQL for every test, a demo district for those that need one, Chromium for pages.

The server comes from TEST_DATABASE_URL or is a private cluster under .local/test-postgres. Databases are
copies of a template that is named by a hash of what made it, so an unchanged schema is migrated once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr
from werkzeug.serving import make_server

from gis.people import passwords
from gis.people.model import Actor
from gis.people.service import Client as Device
from gis.people.service import sign_in as open_session
from gis.people.tokens import TokenRequest, create_token
from webmap.auth import SESSION_COOKIE
from webmap.i18n import COOKIE as LANGUAGE_COOKIE

ROOT = Path(__file__).resolve().parents[1]
DEMO_PASSWORD = "demo-password-1"
DEMO_ROLES = ("officer", "patrol", "dispatcher", "planner", "auditor", "admin")
PATIENCE_MS = 120_000
"""What a page is waited for at each step: a busy machine compiles kernels and draws reports meanwhile.

Whether pages are quick is for the benchmarks to say."""
expect.set_options(timeout=PATIENCE_MS)

# The developer's own settings must not reach the tests.
for _name in [n for n in os.environ if n.startswith(("GIS_", "WEBMAP_", "PG"))]:
    del os.environ[_name]

# A password takes a third of a second by design, and hundreds sign in here; see tests/gis/people/test_passwords.py.
REAL_HASHER = passwords._HASHER
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long: of several workers, the one with a long file as its last is waited for.

    Within a kind, files of more tests come first. Their tests stay together and in order.
    """
    if not hasattr(config, "workerinput"):
        return
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    items[:] = [item for file in sorted(files.values(), key=_shorter) for item in file]


def _shorter(file: list[pytest.Item]) -> tuple[bool, bool, int]:
    """Files in order of how long they take, the longest first, as their marks and number of tests tell."""
    marks = {mark.name for item in file for mark in item.iter_markers()}
    return "slow" not in marks, "browser" not in marks, -len(file)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name last what failed, a line each: what a browser tells of a page fills screens."""
    for outcome in ("failed", "error"):
        for report in terminalreporter.getreports(outcome):
            crash = getattr(report.longrepr, "reprcrash", None)
            why = crash.message.partition("\n")[0] if crash else ""
            terminalreporter.write_line(f"{outcome.upper()} {report.nodeid} ({report.when}): {why}", red=True)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of the server's maintenance database, as superuser."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    from gis.database import cluster

    yield cluster.start(ROOT / ".local" / "test-postgres", durable=False)


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def as_web(url: str) -> str:
    """The same database, as the login role of the web application."""
    netloc = urlsplit(url).netloc
    host = netloc.rpartition("@")[2]
    return urlunsplit(urlsplit(url)._replace(netloc=f"gis_web@{host}"))


@contextmanager
def _maintenance(server_url: str) -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(server_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _digest(*folders: str) -> str:
    sha = hashlib.sha256()
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".py", ".sql", ".csv", ".geojson"):
                sha.update(file.read_bytes())
    return sha.hexdigest()[:12]


def _template(server_url: str, name: str, fill: Callable[[str], None]) -> str:
    """Make the template once, also when several workers want it; drop older ones of the same kind."""
    kind = name.rpartition("_")[0]
    lock = ROOT / ".local" / f"{kind}.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as handle, _maintenance(server_url) as cursor:
        fcntl.flock(handle, fcntl.LOCK_EX)
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (kind + "\\_%",))
        present = {row[0] for row in cursor.fetchall()}
        if name in present:
            return name
        for stale in present:
            cursor.execute(f'DROP DATABASE IF EXISTS "{stale}" WITH (FORCE)')
        building = f"building_{name}"
        cursor.execute(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{building}"')
        fill(_with_database(server_url, building))
        cursor.execute(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
    return name


@pytest.fixture(scope="session")
def schema_template(server_url: str) -> str:
    """Name of a migrated, otherwise empty database."""
    from gis.database.migrate import migrate

    return _template(server_url, f"gg_schema_{_digest('gis/database', 'data/codes')}", migrate)


@pytest.fixture(scope="session")
def demo_template(server_url: str) -> str:
    """Name of a database that holds the small demo district."""
    from gis import demo
    from gis.analysis.patrol.kept import compute_default
    from gis.database.migrate import migrate

    def fill(url: str) -> None:
        migrate(url)
        demo.load(url, size="small", password=DEMO_PASSWORD)
        compute_default(url)

    made_of = ("gis/database", "gis/demo", "gis/division", "gis/geometry", "gis/analysis", "data")
    return _template(server_url, f"gg_demo_{_digest(*made_of)}", fill)


@contextmanager
def _copy_of(server_url: str, template: str, label: str) -> Iterator[str]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"t_{worker}_{os.getpid()}_{re.sub('[^a-z0-9]', '_', label.lower())[-30:]}"
    with _maintenance(server_url) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield _with_database(server_url, name)
    finally:
        with _maintenance(server_url) as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def database_url(server_url: str, schema_template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL (superuser) of a migrated database of this module's own."""
    with _copy_of(server_url, schema_template, request.module.__name__) as url:
        yield url


@pytest.fixture(scope="module")
def demo_url(server_url: str, demo_template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL (superuser) of this module's own copy of the small demo district."""
    with _copy_of(server_url, demo_template, "demo_" + request.module.__name__) as url:
        yield url


@pytest.fixture(scope="module")
def db(database_url: str) -> Iterator:
    """The module's database, as the web application opens it."""
    from gis.database.pool import Database

    database = Database(as_web(database_url), size=4)
    yield database
    database.close()


@pytest.fixture(scope="module")
def demo_db(demo_url: str) -> Iterator:
    """The module's copy of the demo district, as the web application opens it."""
    from gis.database.pool import Database

    database = Database(as_web(demo_url), size=4)
    yield database
    database.close()


def make_app(url: str, **settings: object) -> Flask:
    """An application on a database; tries at signing in are not limited unless asked for."""
    from gis.settings import GisSettings
    from webmap import create_app
    from webmap.settings import WebSettings

    values = {"login_tries": "1000 per minute", "address_tries": "1000 per minute", **settings}
    app = create_app(
        WebSettings(secret_key=SecretStr("0" * 32), **values),
        GisSettings(database_url=SecretStr(url), web_database_url=SecretStr(as_web(url))),
    )
    app.testing = False  # errors are answered as in production
    return app


@dataclass
class Client:
    """A signed-in client that carries its CSRF token."""

    flask: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options):
        return self.flask.get(path, **options)

    def post(self, path: str, **options):
        options["headers"] = {**self.headers, **options.get("headers", {})}
        return self.flask.post(path, **options)

    def open(self, path: str, method: str, **options):
        options["headers"] = {**self.headers, **options.get("headers", {})}
        return self.flask.open(path, method=method, **options)


def sign_in_client(app: Flask, username: str, password: str = DEMO_PASSWORD) -> Client:
    """Sign a test client in through the real form."""
    client = Client(app.test_client())
    page = client.flask.get("/login").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    answer = client.flask.post(
        "/login", data={"username": username, "password": password, "csrf_token": token}
    )
    assert answer.status_code == 302, answer.text
    page = client.flask.get("/account").text
    client.headers["X-CSRFToken"] = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    return client


@dataclass
class Program(Client):
    """A client that has no cookie, only a bearer token."""

    def get(self, path: str, **options):
        return self.flask.get(path, **{**options, "headers": {**self.headers, **options.get("headers", {})}})


def program_of(app: Flask, actor: Actor, **request) -> Program:
    """A program that acts for a person by a new token; it may write unless asked otherwise."""
    made = create_token(
        app.extensions["gis"], actor, TokenRequest("test", **{"may_write": True, "days": 1, **request})
    )
    return Program(app.test_client(use_cookies=False), {"Authorization": f"Bearer {made.secret}"})


@pytest.fixture(scope="module")
def app(demo_url: str) -> Iterator[Flask]:
    """The application on this module's copy of the demo district."""
    application = make_app(demo_url)
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def world_app(world) -> Iterator[Flask]:
    """The application on this module's small world."""
    application = make_app(world.url)
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def client_for(app: Flask) -> Callable[[str], Client]:
    """Give a client signed in as the demo account of a role, e.g. `client_for("officer")`."""
    clients: dict[str, Client] = {}

    def client(role: str) -> Client:
        if role not in clients:
            clients[role] = sign_in_client(app, f"{role}1")
        return clients[role]

    return client


@pytest.fixture(scope="module")
def live_server(app: Flask) -> Iterator[str]:
    """Address of the application, served on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def sign_in(app: Flask, live_server: str) -> Callable[[Page, str], None]:
    """Sign a page in as the demo account of a role."""

    def act(page: Page, role: str) -> None:
        _sign_in_page(page, app, live_server, f"{role}1")

    return act


@pytest.fixture
def working(app: Flask, demo_url: str, demo_db: Any) -> Iterator[None]:
    """The worker that measures runs, as the process beside the application runs it."""
    from gis.analysis.runs import worker
    from webmap.jobs import report_maker

    ended = threading.Event()
    thread = threading.Thread(
        target=worker.keep_working,
        args=(demo_url, demo_db),
        kwargs={"goes_on": lambda: not ended.is_set(), "make_report": report_maker(lambda: app)},
    )
    thread.start()
    yield
    ended.set()
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture
def page_of(app: Flask, browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own, signed in as the demo account of a name.

    `language` is what was chosen before; further options are those of `browser.new_context`.
    """
    contexts = []

    def opened(username: str, *, language: str = "", **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        _sign_in_page(page, app, live_server, username, language)
        return page

    yield opened
    for context in contexts:
        context.close()


def _sign_in_page(page: Page, app: Flask, live_server: str, username: str, language: str = "") -> None:
    """Give a page the cookies of somebody signed in, in a session of its own, and open the entrance.

    The form itself is for tests that are about it.
    """
    opened = open_session(app.extensions["gis"], username, DEMO_PASSWORD, Device())
    assert opened is not None, username
    cookies = {SESSION_COOKIE: opened[0], **({LANGUAGE_COOKIE: language} if language else {})}
    kept = {"url": live_server, "httpOnly": True, "sameSite": "Lax", "expires": time.time() + 3600}
    page.context.add_cookies([{"name": name, "value": value, **kept} for name, value in cookies.items()])
    page.goto(f"{live_server}/")


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """The browser, whose contexts have patience."""
    browser.on("context", lambda context: context.set_default_timeout(PATIENCE_MS))
    return browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, without its background traffic."""
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="module")
def world(database_url: str, db):
    """A tiny district with rows that would leak; see tests/world.py."""
    from tests.world import build

    return build(database_url, db)
