"""Bring a database to the present schema: roles, migrations, then functions, policies and code tables."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg2
from alembic import command, op
from alembic.config import Config
from psycopg2 import sql
from sqlalchemy import create_engine, pool

from gis.database.codes import load_code_tables
from gis.database.pool import Connection, connect

_HERE = Path(__file__).parent
_REPEATABLE = _HERE / "repeatable"
ADD_MONTHS = (
    "SELECT app.make_partitions(oid) FROM pg_class WHERE relkind = 'p' AND relnamespace = 'app'::regnamespace"
)
"""Adds the coming months to every table kept by month; gives how many to each."""


def migrate(url: str, *, web_password: str | None = None) -> None:
    """Create or upgrade the schema. Harmless when repeated.

    Parameters
    ----------
    url : str
        libpq URL of a role that may create roles and extensions (a superuser before PostgreSQL 16).
    web_password : str, optional
        Password to give to the login role gis_web.
    """
    with _committed(url) as connection:
        _execute(connection, (_HERE / "bootstrap.sql").read_text("utf-8"))
        if web_password:
            set_password = sql.SQL("ALTER ROLE gis_web PASSWORD {}").format(sql.Literal(web_password))
            with connection.cursor() as cursor:
                cursor.execute(set_password)
    _run_migrations(url)
    with _committed(url) as connection:
        _execute(connection, "SET ROLE gis_owner")
        _apply_repeatables(connection)
        _execute(connection, ADD_MONTHS)
    with _committed(url) as connection:
        _execute(connection, "SET ROLE gis_migrator")
        load_code_tables(connection)


def run_sql_beside(migration: str) -> None:
    """Execute the `.sql` file of the same name, on the raw driver so that `:` and `%` mean themselves."""
    statements = Path(migration).with_suffix(".sql").read_text("utf-8")
    raw = op.get_bind().connection.cursor()
    raw.execute(statements)


def _run_migrations(url: str, revision: str = "head") -> None:
    engine = create_engine("postgresql+psycopg2://", creator=lambda: connect(url), poolclass=pool.NullPool)
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations").replace("%", "%%"))
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(20140402)")
        connection.exec_driver_sql("SET ROLE gis_owner")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _apply_repeatables(connection: Connection) -> None:
    _execute(
        connection,
        "CREATE TABLE IF NOT EXISTS app.repeatable (name text PRIMARY KEY, sha256 text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())",
    )
    files = sorted(_REPEATABLE.glob("*.sql"))
    # Grants and policies name every table and function, so any change re-applies them all.
    made_of = [*sorted(_HERE.glob("migrations/versions/*.sql")), *files]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in made_of)).hexdigest()
    for file in files:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sha256 FROM app.repeatable WHERE name = %s", (file.name,))
            known = cursor.fetchone()
            if known and known[0] == digest:
                continue
            cursor.execute(file.read_text("utf-8"))
            cursor.execute(
                "INSERT INTO app.repeatable (name, sha256) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()",
                (file.name, digest),
            )


class _committed:
    """A connection of its own, committed at the end."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url)

    def __enter__(self) -> Connection:
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.commit()
        finally:
            self._connection.close()


def _execute(connection: Connection, statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements)


def is_empty(url: str) -> bool:
    """Tell whether no division is loaded yet."""
    with _committed(url) as connection, connection.cursor() as cursor:
        try:
            cursor.execute("SELECT EXISTS (SELECT FROM app.division_revision)")
        except (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName):
            return True
        row = cursor.fetchone()
        return not (row and row[0])
