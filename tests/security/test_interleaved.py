"""Twenty people read at once over a handful of connections while backends are killed: nobody sees a foreign row.

Names and limits travel with every question (gis/database/pool.py), plans are kept per role, tiles and squares of
features are shared between those who see the same: each of these could hand one person's rows to another.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import psycopg2
import pytest

from gis.database.pool import Database
from gis.errors import Busy, NotFound
from gis.people.model import Actor, Role
from gis.publish import service, tiles
from gis.publish.blocks import BlockCache
from gis.publish.model import BBox, ItemQuery
from gis.publish.tiles import TileCache
from tests.conftest import as_web
from tests.gis.publish import mvt
from tests.gis.publish.town import ROWS, SOUTH, STEP, WEST, build, lonlat

READS = 10_000
OFFICERS = 17
WHOLE = BBox(WEST - 0.02, SOUTH - 0.02, WEST + 0.08, SOUTH + 0.06)
# The first column of cells: kept in memory for everybody.
NARROW = BBox(WEST + 1e-4, SOUTH + 1e-4, WEST + STEP - 1e-4, SOUTH + ROWS * STEP - 1e-4)
Z, X, Y = 14, 13374, 7141


@pytest.fixture(scope="module")
def people(database_url):
    """Seventeen officers of one or two cells, a planner, a dispatcher, a patrol; what each may see, by layer."""
    database = Database(as_web(database_url), size=4)
    town = build(database_url, database)
    connection = psycopg2.connect(database_url)
    seen = {}
    with connection, connection.cursor() as cursor:
        for number in range(OFFICERS):
            cursor.execute(
                "INSERT INTO app.account (username, full_name, role) VALUES (%s, 'x', 'officer') RETURNING account_id",
                (f"many{number}",),
            )
            account = cursor.fetchone()[0]
            cells = [town.cells[number + 2]["cell_id"]] + (
                [town.cells[number]["cell_id"]] if number % 2 else []
            )
            cursor.execute(
                "INSERT INTO app.assignment (account_id, cell_id, duty, valid_from)"
                " SELECT %s, unnest(%s), 'deputy', '2014-01-01'",
                (account, cells),
            )
            seen[Actor(account, Role.OFFICER)] = {
                layer: {row[f"{layer}_id"] for row in town.rows[layer] if row["cell_id"] in cells}
                for layer in ("rental_unit", "incident")
            }
    connection.close()
    for role in ("planner", "dispatcher"):
        seen[town.actors[role]] = {
            layer: {row[f"{layer}_id"] for row in town.rows[layer]} for layer in ("rental_unit", "incident")
        }
    patrol = town.actors["patrol"]
    seen[patrol] = {"incident": {row["incident_id"] for row in town.visible("incident", "patrol")}}
    west, south, east, north = NARROW.west, NARROW.south, NARROW.east, NARROW.north
    narrow = {
        layer: {
            row[f"{layer}_id"]
            for row in town.rows[layer]
            if west <= lonlat(row)[0] <= east and south <= lonlat(row)[1] <= north
        }
        for layer in ("rental_unit", "incident")
    }
    yield database, database_url, seen, narrow
    database.close()


class Shared(NamedTuple):
    """What all readers share, and what lies in the narrow box, by layer."""

    tiles: TileCache
    blocks: BlockCache
    narrow: dict[str, set[int]]


def read_items(db, actor, layer, allowed, _cache):
    page = service.items(db, actor, layer, ItemQuery(bbox=WHOLE, limit=10_000))
    ids = {feature["id"] for feature in json.loads(b"[" + page.features + b"]")}
    assert ids == allowed
    assert page.matched == len(allowed)


def read_item(db, actor, layer, allowed, _cache):
    wanted = random.randrange(1, 401)
    try:
        feature = json.loads(service.item(db, actor, layer, str(wanted)))
    except NotFound:
        assert wanted not in allowed
    else:
        assert feature["id"] == wanted
        assert wanted in allowed


def read_counts(db, actor, layer, allowed, _cache):
    made = service.clusters(db, actor, layer, WHOLE, 10)
    features = json.loads(b"[" + made.page.features + b"]")
    assert sum(feature["properties"]["count"] for feature in features) == len(allowed)


def read_tile(db, actor, layer, allowed, cache):
    tile = tiles.tile(db, actor, layer, Z, X, Y, cache=cache.tiles)
    found = {feature["id"] for feature in mvt.read(tile.body).get(layer, [])}
    assert found <= allowed


def read_narrow(db, actor, layer, allowed, cache):
    page = service.items(db, actor, layer, ItemQuery(bbox=NARROW, limit=10_000), blocks=cache.blocks)
    ids = {feature["id"] for feature in json.loads(b"[" + page.features + b"]")}
    assert ids == allowed & cache.narrow[layer]


READERS = (read_items, read_narrow, read_item, read_counts, read_tile)


def test_ten_thousand_interleaved_reads_give_nobody_a_foreign_row(people):
    db, url, seen, narrow = people
    actors = list(seen)
    cache = Shared(TileCache(2_000_000), BlockCache(300_000), narrow)
    outcomes: Counter[str] = Counter()
    over = threading.Event()

    def read(number):
        rng = random.Random(number)
        actor = rng.choice(actors)
        layer = rng.choice(list(seen[actor]))
        reader = rng.choice(READERS)
        try:
            reader(db, actor, layer, seen[actor][layer], cache)
        except Busy:
            return "busy"
        return reader.__name__

    def kill():
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not over.is_set():
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guangming'"
                    " AND datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
                )
                outcomes["killed"] += cursor.rowcount
                time.sleep(0.05)
        connection.close()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(12) as pool:
            outcomes.update(pool.map(read, range(READS), chunksize=50))
    finally:
        over.set()
        killer.join()
    assert outcomes["killed"] > 20
    answered = sum(outcomes[reader.__name__] for reader in READERS)
    assert answered + outcomes["busy"] == READS
    assert answered >= 0.98 * READS, outcomes  # a connection died under each of several tries in a row
    assert all(outcomes[reader.__name__] > 1_000 for reader in READERS), outcomes
