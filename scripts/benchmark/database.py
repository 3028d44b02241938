"""The benchmark's own cluster: the demo district, and plain copies of its tables for the peers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
from psycopg2 import sql

from gis.database import cluster
from gis.database.pool import connect
from gis.demo.bulk import bulk_load
from scripts.commands import machine
from scripts.commands.machine import MachineError, say

CLUSTER_HOME = machine.LOCAL / "bench-postgres"
DISTRICT = "guangming"
_LAYOUT = Path(__file__).with_name("peers.sql")


@dataclass(frozen=True, slots=True)
class Base:
    """A database of the cluster: its superuser's URL."""

    name: str
    url: str

    @property
    def web_url(self) -> str:
        """URL of the login role our server uses, which has no rights of its own."""
        return cluster.database_url(self.url, user="gis_web")

    @property
    def socket_dir(self) -> str:
        """Directory of the server's socket."""
        return parse_qs(urlsplit(self.url).query)["host"][0]

    @property
    def port(self) -> str:
        """Number in the name of the socket."""
        return parse_qs(urlsplit(self.url).query)["port"][0]

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement, as superuser."""
        connection = psycopg2.connect(self.url, options="-c search_path=app,public")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def run(self, *statements: str) -> None:
        """Statements as superuser, each on its own."""
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def environment(self) -> dict[str, str]:
        """Environment of our programs that work on this database."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {
            "GIS_DATABASE_URL": self.url,
            "GIS_WEB_DATABASE_URL": self.web_url,
            "WEBMAP_SECRET_KEY": machine.keep_secret("bench-key"),
        }


def password() -> str:
    """Password of the demo's accounts in the benchmark's databases."""
    return machine.keep_secret("bench-password")


def open_base(name: str = DISTRICT, *, size: str = "district") -> Base:
    """Open the database of that name, made and loaded with the demo of `size` where it is not there yet."""
    server_url = cluster.start(CLUSTER_HOME)
    base = Base(name, cluster.create_database(server_url, name))
    _admin(base, "migrate")
    if _admin(base, "is-empty", may_fail=True) == 0:
        say(f"loading the demo, size {size}, into {name}")
        _admin(base, "demo", "--size", size)
    return base


def _admin(base: Base, *arguments: str, may_fail: bool = False) -> int:
    environment = base.environment() | {"DEMO_PASSWORD": password()}
    command = [str(machine.PYTHON), "-m", "gis.admin", *arguments]
    code = subprocess.run(command, cwd=machine.ROOT, env=environment, check=False).returncode
    if code and not may_fail:
        raise MachineError(f"gis.admin {arguments[0]} failed on {base.name}; the reason stands above")
    return code


def lay_out_for_peers(base: Base) -> None:
    """Make schema `bench`: the same rows in plain tables without row-level security, if it is not current."""
    if base.rows("SELECT to_regclass('bench.cell') IS NOT NULL")[0][0]:
        ours, theirs = base.rows(
            "SELECT (SELECT count(*) FROM app.rental_unit), (SELECT count(*) FROM bench.rental_unit)"
        )[0]
        if ours == theirs:
            return
    say("copying units and cells for the peers")
    base.run(_LAYOUT.read_text(encoding="utf-8"))
    base.run(
        "VACUUM ANALYZE bench.rental_unit", "VACUUM ANALYZE bench.unit_slim", "VACUUM ANALYZE bench.cell"
    )


def grown_base(source: Base, factor: int) -> Base:
    """A copy of a database with `factor` times the rental units, each copy a step beside its original.

    Nobody may be connected to `source` while it is copied.
    """
    name = f"{source.name}_x{factor}"
    server_url = cluster.url(CLUSTER_HOME)
    grown = Base(name, cluster.database_url(server_url, database=name))
    server = Base("postgres", server_url)
    if server.rows("SELECT FROM pg_database WHERE datname = %s", (name,)):
        if grown.rows("SELECT to_regclass('public.bench_grown') IS NOT NULL")[0][0]:
            _admin(grown, "migrate")
            return grown
        server.run(f'DROP DATABASE "{name}"')
    say(f"growing rental units {factor} times into {name}")
    server.run(f'CREATE DATABASE "{name}" TEMPLATE "{source.name}"')
    _copy_units(grown, factor)
    grown.run("VACUUM ANALYZE app.rental_unit", "CREATE TABLE public.bench_grown ()")
    return grown


def _copy_units(base: Base, factor: int) -> None:
    """Copy every unit factor - 1 times, a metre or two off, so that cell and building stay true."""
    columns = [name for (name,) in base.rows(
        "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'app'"
        " AND table_name = 'rental_unit' AND is_generated = 'NEVER' AND is_identity = 'NO'"
        " AND column_name NOT IN ('code', 'geom') ORDER BY ordinal_position"
    )]  # fmt: skip
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL(
        "INSERT INTO app.rental_unit (code, geom, {names})"
        " SELECT code || '-' || n, public.ST_Translate(geom, 0.00001 * sin(n), 0.00001 * cos(n)), {names}"
        " FROM app.rental_unit CROSS JOIN generate_series(1, %s) AS n ORDER BY geom"
    ).format(names=names)
    connection = connect(base.url)
    try:
        units = ("app.rental_unit",)
        with connection, bulk_load(connection, units, units), connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(statement, (factor - 1,))
    finally:
        connection.close()
    # Bulk loading switches the tallies' triggers off; where there are tallies they are counted anew.
    if base.rows("SELECT to_regprocedure('app.recount(regclass, boolean)') IS NOT NULL")[0][0]:
        base.run("SELECT app.recount('app.rental_unit', true)")
