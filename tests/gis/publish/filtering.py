"""A town with properties to filter by, and the two ways to ask: as CQL2 and as Python over the rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import psycopg2
from psycopg2.sql import SQL, Identifier

from gis.publish.cql2 import compile_filter
from gis.publish.layers import LAYERS
from tests.gis.publish.town import NOW, SOUTH, WEST, Town, lonlat

SHANGHAI = timezone(timedelta(hours=8))
HAZARDS = ("fire", "electric", "gas", "three_in_one")
DAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=SHANGHAI)
CITE = [MIDNIGHT + timedelta(hours=hours) for hours in (-25, -1, 0, 1, 12, 24, 25, 49)]
"""Moments around a day of the district, its very first among them."""


def furnish(town: Town) -> Town:
    """Give rows of the town values that differ, and add tracks with periods."""
    connection = psycopg2.connect(town.url)
    try:
        with connection, connection.cursor() as cursor:
            for n, row in enumerate(town.rows["rental_unit"]):
                row |= {
                    "floor": n % 7 - 1, "tenants": n % 5, "area_m2": None if n % 10 == 0 else round(n * 0.1, 1),
                    "hazards": [HAZARDS[i] for i in range(4) if n >> i & 1], "use": ["residential", "mixed"][n % 2],
                    "filed_on": DAY + timedelta(days=n % 9 - 4),
                }  # fmt: skip
                cursor.execute(
                    "UPDATE app.rental_unit SET floor = %(floor)s, tenants = %(tenants)s, area_m2 = %(area_m2)s,"
                    " hazards = %(hazards)s, use = %(use)s, filed_on = %(filed_on)s"
                    " WHERE rental_unit_id = %(rental_unit_id)s", row
                )  # fmt: skip
            for n, row in enumerate(town.rows["incident"]):
                row |= {
                    "severity": n % 4 + 1,
                    "people": n % 3,
                    "address": ("光明大街", "100%_\\路", "it's", "ABC Road")[n % 4],
                }
                if n < 64:
                    row |= {"reported_at": CITE[n % 8], "due_at": CITE[n // 8]}
                cursor.execute(
                    "UPDATE app.incident SET severity = %(severity)s, people = %(people)s, address = %(address)s,"
                    " reported_at = %(reported_at)s, due_at = %(due_at)s WHERE incident_id = %(incident_id)s", row
                )  # fmt: skip
            town.rows["patrol_track"] = _tracks(cursor)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    finally:
        connection.close()
    return town


def _tracks(cursor: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    periods = [(a, b) for i, a in enumerate(CITE) for b in CITE[i:]] + [(None, None)]
    for n, (start, end) in enumerate(periods):
        row = {
            "client_id": f"00000000-0000-4000-a000-{n:012d}", "name": f"walk {n}", "source": "phone",
            "started_at": start, "ended_at": end, "length_m": 100.0 * n, "fixes": n + 1, "is_outside": False,
            "geom": f"MULTILINESTRING(({WEST + n * 1e-3} {SOUTH}, {WEST + n * 1e-3} {SOUTH + 0.02}))",
        }  # fmt: skip
        cursor.execute(
            "INSERT INTO app.patrol_track (client_id, name, source, at, started_at, ended_at, length_m, fixes, is_outside, geom)"
            " VALUES (%(client_id)s, %(name)s, %(source)s, coalesce(%(started_at)s, now()), %(started_at)s, %(ended_at)s, %(length_m)s, %(fixes)s,"
            " %(is_outside)s, ST_GeomFromText(%(geom)s, 4326)) RETURNING patrol_track_id", row
        )  # fmt: skip
        row["patrol_track_id"] = cursor.fetchone()[0]
        made.append(row)
    return made


def rows_of(town: Town, layer: str) -> list[dict[str, Any]]:
    """Rows of a layer as they were written."""
    return {"cell": town.cells, "community": town.communities}.get(layer) or town.rows[layer]


def run(
    town: Town, layer: str, condition: Any, values: dict[str, Any], *, role: str = "planner"
) -> list[Any]:
    """Keys of the rows the database gives for a compiled filter, sorted."""
    chosen = LAYERS[layer]
    statement = SQL("SELECT t.{} FROM app.{} AS t WHERE {} ORDER BY 1").format(
        Identifier(chosen.key), Identifier(layer), condition
    )
    with (
        town.db.transaction(town.actors[role].identity, read_only=True, timeout_ms=5_000) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
        return [row[0] for row in cursor]


def matching(town: Town, layer: str, asked: Any, **options: Any) -> list[Any]:
    """Keys of the rows that a filter, CQL2 text or a JSON object, leaves."""
    if isinstance(asked, str):
        made = compile_filter(layer, asked, lang="cql2-text", **options)
    else:
        made = compile_filter(layer, json.dumps(asked), lang="cql2-json", **options)
    return run(town, layer, *made)


def wanted(town: Town, layer: str, predicate: Any) -> list[Any]:
    """Keys of the rows a Python predicate holds for, sorted."""
    return sorted(row[LAYERS[layer].key] for row in rows_of(town, layer) if predicate(row))


def cell_code(town: Town, row: dict[str, Any]) -> str | None:
    """Code of a row's cell."""
    return next((cell["code"] for cell in town.cells if cell["cell_id"] == row["cell_id"]), None)


__all__ = ["NOW", "UTC", "lonlat"]
