"""Time the reads of maps and clients under row-level security, beside the same reads without it.

    .venv/bin/python tests/bench/bench_queries.py 'postgresql://postgres@/guangming?host=…'

The URL is the superuser's of a loaded database (size `district` to compare with the goals); nothing is
written. Boxes hold about 200 rows and lie in one officer's cells, so that every reader answers the same
question. Each figure is of the whole service call, over a pooled connection: median and 95th percentile, ms.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2

from gis.database.pool import Database
from gis.people.model import Actor, Role
from gis.publish import figures, service, tiles
from gis.publish.model import BBox, FigureName, ItemQuery, Level
from scripts.benchmark.reader import UNFILTERED

LAYERS = ("rental_unit", "incident", "patrol_point")
HITS = 200


def rows_of(url: str, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Rows of a statement, as superuser."""
    connection = psycopg2.connect(url, options="-c search_path=app,public")
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    finally:
        connection.close()


def actor_of(url: str, role: str) -> Actor:
    """An account of that role; of officers one with several cells, as an average one has two."""
    found = rows_of(
        url,
        "SELECT a.account_id FROM app.account AS a LEFT JOIN app.assignment AS s USING (account_id)"
        " WHERE a.role = %s GROUP BY 1 ORDER BY abs(count(s.*) - 4), 1 LIMIT 1",
        (role,),
    )
    return Actor(found[0][0], Role(role))


def places(url: str, officer: Actor) -> list[tuple[str, float, float]]:
    """(cell code, lon, lat) of places inside the officer's cells."""
    rng = random.Random(7)
    cells = rows_of(
        url,
        "SELECT c.code, ST_X(p), ST_Y(p) FROM app.assignment AS s JOIN app.cell AS c USING (cell_id),"
        " LATERAL ST_PointOnSurface(c.geom) AS p WHERE s.account_id = %s AND c.valid_to IS NULL"
        " AND app.today() BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')",
        (officer.account_id,),
    )
    return [
        (code, lon + rng.uniform(-3e-4, 3e-4), lat + rng.uniform(-3e-4, 3e-4))
        for code, lon, lat in (rng.choice(cells) for _ in range(60))
    ]


def box_about(url: str, layer: str, lon: float, lat: float) -> BBox:
    """A square about a place that holds about 200 rows of a layer."""
    half = 2e-4
    statement = "SELECT count(*) FROM app." + layer + " WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)"
    while half < 0.02:
        corners = (lon - half, lat - half, lon + half, lat + half)
        if rows_of(url, statement, corners)[0][0] >= HITS:
            break
        half *= 1.3
    return BBox(lon - half, lat - half, lon + half, lat + half)


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row of the tile a place lies in."""
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**z), int(row * 2**z)


def timed(question: Callable[[int], Any], rounds: int) -> tuple[float, float, int]:
    """Median and 95th percentile in ms, and the size of the last answer."""
    spent, answer = [], None
    for number in range(rounds + 5):
        begun = time.perf_counter()
        answer = question(number)
        if number >= 5:  # plans and pages warm
            spent.append((time.perf_counter() - begun) * 1000)
    size = getattr(answer, "returned", None)
    cut = statistics.quantiles(spent, n=20)[-1]
    return statistics.median(spent), cut, size if size is not None else len(answer or b"")


def questions(url: str, layer: str, where: list[tuple[str, float, float]]) -> dict[str, Callable[..., Any]]:
    """What to ask about a layer, by name; each takes database, actor and round."""
    boxes = [box_about(url, layer, lon, lat) for _, lon, lat in where[:12]]
    whole = BBox(113.8, 22.6, 114.1, 22.9)

    def tile(db: Database, actor: Actor, number: int, z: int) -> bytes:
        _, lon, lat = where[number % len(where)]
        x, y = tile_of(lon, lat, z)
        return tiles.tile(db, actor, layer, z, x, y).body

    def place(number: int) -> tuple[str, float, float]:
        return where[number % len(where)]

    return {
        "bbox": lambda db, a, n: service.items(db, a, layer, ItemQuery(bbox=boxes[n % 12], limit=1000)),
        "cell": lambda db, a, n: service.items(db, a, layer, ItemQuery(cell=place(n)[0], limit=200)),
        "whole, first 100": lambda db, a, n: service.items(db, a, layer, ItemQuery(bbox=whole, limit=100)),
        "tile z11": lambda db, a, n: tile(db, a, n, 11),
        "tile z14": lambda db, a, n: tile(db, a, n, 14),
        "tile z16": lambda db, a, n: tile(db, a, n, 16),
        "clusters z15": lambda db, a, n: service.clusters(db, a, layer, boxes[n % 12].widened(400), 15).page,
    } | (
        {"nearest 10": lambda db, a, n: service.nearest(db, a, layer, *place(n)[1:], 10)}
        if layer == "rental_unit"
        else {}
    )


def main() -> None:
    """Print one line a question: officer, patrol, planner, and without row-level security."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args()
    parts = urlsplit(chosen.url)
    web = Database(urlunsplit(parts._replace(netloc=f"gis_web@{parts.netloc.rpartition('@')[2]}")), size=2)
    owner = Database(chosen.url, size=2)
    readers: dict[str, tuple[Database, Any]] = {
        "officer": (web, actor_of(chosen.url, "officer")),
        "patrol": (web, actor_of(chosen.url, "patrol")),
        "planner": (web, actor_of(chosen.url, "planner")),
        "no RLS": (owner, UNFILTERED),
    }
    where = places(chosen.url, readers["officer"][1])
    head = f"{'question':32}" + "".join(f"{name:>26}" for name in readers)
    sys.stdout.write(f"{head}\n{'':32}" + f"{'median / p95 ms (rows, B)':>26}" * len(readers) + "\n")
    for layer in LAYERS:
        for name, ask in questions(chosen.url, layer, where).items():
            report(f"{layer} {name}", readers, chosen.rounds, ask, layer)
    for figure in FigureName:
        report(
            f"figure {figure}", readers, max(5, chosen.rounds // 4),
            lambda db, a, _, f=figure: figures.figure(db, a, f, level=Level.CELL).items, "",
        )  # fmt: skip
    web.close()
    owner.close()


def report(
    title: str, readers: dict[str, tuple[Database, Any]], rounds: int, ask: Callable[..., Any], layer: str
) -> None:
    """Print one question's line."""
    line = f"{title:32}"
    for reader, (database, actor) in readers.items():
        no_housing = reader == "patrol" and (layer == "rental_unit" or "unit" in title)
        if no_housing:
            line += f"{'–':>26}"
            continue
        median, p95, size = timed(lambda n, d=database, a=actor: ask(d, a, n), rounds)
        line += f"{f'{median:.1f} / {p95:.1f} ({size})':>26}"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
