"""Time the insert of a batch of 500 points beside a bare INSERT of the same rows.

    .venv/bin/python tests/bench/bench_upload.py 'postgresql://postgres@/guangming?host=…'

The URL is the superuser's of a loaded database. Ours runs under row-level security, resolves cell, parcel and
check point, and writes the receipts; the bare one is given all that and runs as the superuser, into the same
table. Every insert is rolled back. Median ms of the statement, both in turns; and of the whole service call.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gis.database.pool import Connection, Database, connect
from gis.patrol import points
from gis.patrol.batch import Batch
from gis.patrol.model import MAX_BATCH, Envelope, parse_point
from gis.patrol.records import log_records
from gis.people.model import Actor, Role
from tests.bench.bench_queries import rows_of
from tests.conftest import as_web

# The columns an upload writes, as they stand in the table.
_COLUMNS = (
    "client_id, revision, content_sha256, team_id, account_id, check_point_id, parcel_id, kind, note, source, at,"
    " device_at, sequence, method, fix_at, accuracy_m, is_mock, grade, cell_id, community_id, is_outside, geom"
)
_TYPES = (
    *("uuid", "integer", "bytea", "integer", "integer", "integer", "integer", "text", "text", "text"),
    *("timestamptz", "timestamptz", "integer", "text", "timestamptz", "real", "boolean", "text", "integer"),
    *("integer", "boolean", "geometry"),
)
_BARE = "INSERT INTO app.patrol_point ({}) SELECT * FROM unnest({})".format(
    _COLUMNS, ", ".join(f"%s::{name}[]" for name in _TYPES)
)


def batch_of(places: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """500 records near places of the district."""
    now = datetime.now(UTC).isoformat()
    chosen = random.choices(places, k=MAX_BATCH)
    return [
        {
            "type": "point",
            "client_id": str(uuid.uuid4()),
            "lon": lon + random.uniform(-1e-3, 1e-3),
            "lat": lat + random.uniform(-1e-3, 1e-3),
            "device_at": now,
            "fix_at": now,
            "method": "gps",
            "accuracy_m": 8.0,
            "kind": "OK",
            "sequence": number,
        }
        for number, (lon, lat) in enumerate(chosen)
    ]


def timed(connection: Connection, work: Callable[[], object]) -> float:
    """Milliseconds of some work in a transaction that is rolled back."""
    begun = time.perf_counter()
    work()
    spent = (time.perf_counter() - begun) * 1000
    connection.rollback()
    return spent


def main() -> None:
    """Print both medians, their ratio, and the whole service call."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    random.seed(7)
    places = rows_of(chosen.url, "SELECT ST_X(geom), ST_Y(geom) FROM app.check_point")
    account_id = rows_of(chosen.url, "SELECT min(account_id) FROM app.team_member")[0][0]
    actor = Actor(account_id, Role.PATROL)
    bare, ours, whole = [], [], []
    superuser, web = connect(chosen.url), Database(as_web(chosen.url), size=1)
    plain = connect(as_web(chosen.url))
    for _ in range(chosen.rounds):
        raws = batch_of(places)
        ours.append(_ours(plain, actor, raws))
        bare.append(_bare(superuser, plain, actor, raws))
        begun = time.perf_counter()
        log_records(web, actor, raws, Envelope(datetime.now(UTC)))
        whole.append((time.perf_counter() - begun) * 1000)
        with superuser, superuser.cursor() as cursor:
            ids = [raw["client_id"] for raw in raws]
            cursor.execute("DELETE FROM app.patrol_point WHERE client_id = ANY (%s::uuid[])", (ids,))
            cursor.execute("DELETE FROM app.field_receipt WHERE client_id = ANY (%s::uuid[])", (ids,))
    first, second = statistics.median(bare), statistics.median(ours)
    sys.stdout.write(
        f"bare INSERT … SELECT unnest  {first:7.1f} ms\n"
        f"ours, under row policies     {second:7.1f} ms   {second / first:.2f} times\n"
        f"whole call, committed        {statistics.median(whole):7.1f} ms\n"
    )


def _enter(connection: Connection, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', 'gis_patrol', true), set_config('app.account_id', %s, true)",
            (str(actor.account_id),),
        )


def _judged(connection: Connection, actor: Actor, raws: list[dict[str, Any]]) -> tuple[Batch, list[Any]]:
    now = datetime.now(UTC)
    batch = Batch(connection, actor, Envelope(now), now, None, frozenset({"OK"}), frozenset())
    return batch, points._judge(batch, [parse_point(raw) for raw in raws])


def _ours(connection: Connection, actor: Actor, raws: list[dict[str, Any]]) -> float:
    _enter(connection, actor)
    batch, judged = _judged(connection, actor, raws)
    return timed(connection, lambda: points._insert(batch, judged))


def _bare(superuser: Connection, web: Connection, actor: Actor, raws: list[dict[str, Any]]) -> float:
    """The same rows, read back from ours, which is then undone."""
    _enter(web, actor)
    batch, judged = _judged(web, actor, raws)
    points._insert(batch, judged)
    with web.cursor() as cursor:
        ids = [raw["client_id"] for raw in raws]
        cursor.execute(
            f"SELECT {_COLUMNS} FROM app.patrol_point WHERE client_id = ANY (%s::uuid[])",
            (ids,),
        )
        columns = [list(column) for column in zip(*cursor.fetchall(), strict=True)]
    web.rollback()
    with superuser.cursor() as cursor:
        return timed(superuser, lambda: cursor.execute(_BARE, columns))


if __name__ == "__main__":
    main()
