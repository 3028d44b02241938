"""A planner's session on the server under attack, and what the planner's pages speak of there."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlencode

import psycopg2
from pydantic import SecretStr

from gis.analysis.runs import service as runs
from gis.analysis.runs import worker
from gis.analysis.runs.model import ReportWish
from gis.analysis.runs.schedules import create_schedule
from gis.analysis.services.drafts import keep_list
from gis.database.pool import Database
from gis.people.model import Actor, Role
from gis.settings import GisSettings
from scripts.attacker.planner import PlannerSamples, planner_targets
from scripts.attacker.targets import Samples, Target
from scripts.commands.machine import MachineError
from webmap import create_app
from webmap.settings import WebSettings


def aimed_as_planner(root: str, environment: Mapping[str, str], samples: Samples) -> list[Target]:
    """Sign in as a planner at the server at `root`, and aim at every route of the planner's pages."""
    url = environment["GIS_DATABASE_URL"]
    app = create_app(
        WebSettings(secret_key=SecretStr(environment["WEBMAP_SECRET_KEY"])),
        GisSettings(
            database_url=SecretStr(url),
            web_database_url=SecretStr(environment["GIS_WEB_DATABASE_URL"]),
        ),
    )
    database: Database = app.extensions["gis"]
    try:
        cookie, csrf = _sign_in(root, "planner1", environment["DEMO_PASSWORD"])
        return planner_targets(app, _planner_samples(url, database, samples, cookie, csrf))
    finally:
        database.close()


def _planner_samples(
    url: str, database: Database, samples: Samples, cookie: str, csrf: str
) -> PlannerSamples:
    """Make what routes of runs, schedules and drafts speak of."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT account_id FROM app.account WHERE username = 'planner1'")
        actor = Actor(cursor.fetchone()[0], Role.PLANNER)
        cursor.execute("SELECT min(code) FROM app.facility WHERE kind = 'health_centre'")
        facility = cursor.fetchone()[0]
    connection.close()
    run = runs.ask_run(database, actor, "workload", {}).run_id
    worker.work_off(url, database)
    report = runs.ask_report(database, actor, run, ReportWish()).run_id
    worker.work_off(url, database, lambda *_: b"%PDF-1.7")
    schedule = create_schedule(database, actor, "workload", {}, last_days=None, weekday=1, hour=3)
    places = b"name,lon,lat\nx,113.93,22.755\n"
    return PlannerSamples(
        cookie=cookie,
        csrf=csrf,
        cell=samples.cell,
        community=samples.community,
        facility=facility,
        period=samples.coverage,
        run=str(run),
        report=str(report),
        schedule=str(schedule),
        draft=str(keep_list(database, actor, "x.csv", places, kind="health_centre")),
    )


def _sign_in(root: str, username: str, password: str) -> tuple[str, str]:
    """The header Cookie of a new session, and the token that its writes need."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def token_of(path: str, data: bytes | None = None) -> str:
        page = opener.open(f"{root}{path}", data, timeout=60).read().decode()
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        if found is None:
            raise MachineError(f"{path} has no token for forms")
        return found[1]

    given = {"username": username, "password": password, "csrf_token": token_of("/login")}
    token_of("/login", urlencode(given).encode())
    token = token_of("/account")
    return "; ".join(f"{one.name}={one.value}" for one in jar), token
