"""Code tables: CSV files under data/codes/, one per table of the same name."""

from __future__ import annotations

import csv
from pathlib import Path

from psycopg2 import sql
from psycopg2.extras import execute_values

from gis.database.pool import Connection

CODES = Path(__file__).resolve().parents[2] / "data" / "codes"
TABLES = ("rental_grade", "incident_category", "violation_kind", "facility_kind")


def load_code_tables(connection: Connection) -> None:
    """Insert or replace every row of the code tables by its code; codes no longer listed stay."""
    for table in TABLES:
        with (CODES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = list(rows[0])
        statement = sql.SQL("INSERT INTO app.{} ({}) VALUES %s ON CONFLICT (code) DO UPDATE SET {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column))
                for column in columns
                if column != "code"
            ),
        )
        with connection.cursor() as cursor:
            execute_values(cursor, statement, [tuple(row.values()) for row in rows])
