"""Administrative commands: `python -m gis.admin COMMAND`, among them migrate, demo, create-admin and jobs."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys

import psycopg2

from gis.database.migrate import is_empty, migrate
from gis.database.pool import connect
from gis.errors import GisError
from gis.people.passwords import hash_password
from gis.settings import GisSettings
from gis.track.thinning import thin_fixes


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code tells whether it went well."""
    parser = argparse.ArgumentParser(prog="gis.admin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="create or upgrade the schema")
    commands.add_parser("is-empty", help="exit with 0 when no division is loaded")
    demo = commands.add_parser("demo", help="load the demo district; password in DEMO_PASSWORD")
    demo.add_argument("--size", choices=("small", "district"), default="small")
    commands.add_parser("accounts", help="list the demo accounts")
    jobs = commands.add_parser("jobs", help="run the periodic jobs that are due")
    jobs.add_argument("--every", type=float, metavar="SECONDS", help="look again and again, until stopped")
    first = commands.add_parser("create-admin", help="create a first administrator with a one-time password")
    first.add_argument("username")
    first.add_argument("full_name")
    commands.add_parser("thin-fixes", help="thin raw fixes older than GIS_RAW_FIX_DAYS; for the daily job")
    options = parser.parse_args(arguments)
    settings = GisSettings()  # type: ignore[call-arg]
    try:
        return _COMMANDS[options.command](settings, options)
    except (GisError, psycopg2.Error) as error:
        print(f"gis.admin {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _migrate(settings: GisSettings, _: argparse.Namespace) -> int:
    password = settings.web_password.get_secret_value() if settings.web_password else None
    migrate(settings.database_url.get_secret_value(), web_password=password)
    return 0


def _is_empty(settings: GisSettings, _: argparse.Namespace) -> int:
    return 0 if is_empty(settings.database_url.get_secret_value()) else 1


def _demo(settings: GisSettings, options: argparse.Namespace) -> int:
    from gis import demo  # heavy: pandas and the generator, wanted here alone
    from gis.analysis.patrol.kept import compute_default

    password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
    url = settings.database_url.get_secret_value()
    report = demo.load(url, size=options.size, password=password)
    compute_default(url)
    print(report)  # noqa: T201
    if "DEMO_PASSWORD" not in os.environ:
        print(f"Password of the demo accounts: {password}")  # noqa: T201
    return 0


def _accounts(settings: GisSettings, _: argparse.Namespace) -> int:
    from gis.demo import ACCOUNTS

    connection = connect(settings.database_url.get_secret_value())
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        cursor.execute("SELECT username FROM app.account WHERE is_demo AND is_active")
        present = {row[0] for row in cursor.fetchall()}
    connection.close()
    for account in ACCOUNTS:
        if account.username in present:
            print(f"  {account.username:<12} {account.role:<11} {account.hint}")  # noqa: T201
    return 0 if present else 1


def _jobs(settings: GisSettings, options: argparse.Namespace) -> int:
    from gis.analysis.runs.worker import work_off
    from gis.jobs.process import reading_database, run_beside
    from gis.jobs.runner import run_due_jobs

    url = settings.database_url.get_secret_value()
    if options.every:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        run_beside(settings, options.every)
        return 0
    outcomes = run_due_jobs(url)
    for name, outcome in outcomes.items():
        print(f"{name}: {outcome}")  # noqa: T201
    if number := work_off(url, reading_database(settings)):
        print(f"{number} analyses")  # noqa: T201
    return 1 if "failed" in outcomes.values() else 0


def _create_admin(settings: GisSettings, options: argparse.Namespace) -> int:
    password = secrets.token_urlsafe(9)
    connection = connect(settings.database_url.get_secret_value())
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        cursor.execute(
            "WITH made AS (INSERT INTO app.account (username, full_name, role) VALUES (%s, %s, 'admin')"
            " RETURNING account_id)"
            " INSERT INTO app.credential (account_id, password_hash, must_change)"
            " SELECT account_id, %s, true FROM made",
            (options.username.strip().lower(), options.full_name, hash_password(password)),
        )
    connection.close()
    print(f"{options.username}: one-time password {password}")  # noqa: T201
    return 0


def _thin_fixes(settings: GisSettings, _: argparse.Namespace) -> int:
    done = thin_fixes(settings.database_url.get_secret_value(), days=settings.raw_fix_days)
    print(f"{done.streams} streams thinned, {done.removed} fixes removed")  # noqa: T201
    return 0


_COMMANDS = {
    "migrate": _migrate,
    "is-empty": _is_empty,
    "demo": _demo,
    "accounts": _accounts,
    "create-admin": _create_admin,
    "thin-fixes": _thin_fixes,
    "jobs": _jobs,
}

if __name__ == "__main__":
    sys.exit(main())
