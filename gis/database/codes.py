"""Code tables and first rows of others: CSV files under data/codes/, each named as its table."""

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
        columns, rows = _read(table)
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
            execute_values(cursor, statement, rows)
    _load_beginnings(connection)


# What is loaded only to begin with: the administrator keeps it from then on.
_BEGINNINGS = {
    "finding_rule": "INSERT INTO app.finding_rule ({columns}) SELECT kind, step, days::smallint,"
    " in_working_days::boolean, valid_from::date, source FROM (VALUES %s) AS v ({columns})"
    " ON CONFLICT (kind, step, valid_from) DO NOTHING",
    "holiday": "INSERT INTO app.holiday ({columns}) SELECT on_date::date, kind, name_zh, name_en, source"
    " FROM (VALUES %s) AS v ({columns}) WHERE NOT EXISTS (SELECT FROM app.holiday AS h"
    " WHERE extract(year FROM h.on_date) = extract(year FROM v.on_date::date))",
}


def _load_beginnings(connection: Connection) -> None:
    """Insert deadlines that are missing, and holidays of years of which the table has none."""
    for table, template in _BEGINNINGS.items():
        columns, rows = _read(table)
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        with connection.cursor() as cursor:
            statement = sql.SQL(template).format(columns=names)
            execute_values(cursor, statement, rows, page_size=len(rows))


def _read(table: str) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """Columns and rows of a table's file; an empty cell is NULL."""
    with (CODES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return list(rows[0]), [tuple(value or None for value in row.values()) for row in rows]
