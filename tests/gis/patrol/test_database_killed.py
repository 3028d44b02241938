"""The database is killed while phones upload: whatever was answered for is there afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psycopg2
import pytest

from gis.database import cluster
from gis.database.migrate import migrate
from gis.database.pool import Database
from gis.errors import Busy
from gis.patrol.service import log_points
from tests import world as tiny
from tests.conftest import as_web


@pytest.fixture
def home():
    ground = Path(tempfile.mkdtemp(prefix="killed-database-"))
    ground.chmod(0o755)
    yield ground / "cluster"
    cluster.stop(ground / "cluster")
    shutil.rmtree(ground)


def point(sequence: int) -> dict:
    return {
        "client_id": str(uuid.uuid4()),
        "lon": 113.9 + sequence % 6000 * 1e-5,
        "lat": 22.755,
        "device_at": "2014-04-15T09:30:00+08:00",
        "kind": "OK",
        "sequence": sequence,
    }


class Phone(threading.Thread):
    """Sends its points in batches until each is answered for; remembers what it was promised."""

    def __init__(self, world: tiny.World, points: list[dict]) -> None:
        super().__init__()
        self.world, self.waiting = world, points
        self.promised: dict[str, str] = {}

    def run(self) -> None:
        deadline = time.monotonic() + 60
        while self.waiting and time.monotonic() < deadline:
            batch = self.waiting[:20]
            try:
                receipts = log_points(self.world.db, self.world.actor("pat"), batch)
            except (Busy, psycopg2.OperationalError):
                time.sleep(0.1)
                continue
            self.promised.update((r.client_id, r.outcome.value) for r in receipts)
            self.waiting = self.waiting[20:]


@pytest.mark.slow
def test_killed_postmaster_loses_no_acknowledged_point_and_doubles_none(home):
    url = cluster.create_database(cluster.start(home), "killed")
    migrate(url)
    db = Database(as_web(url), size=4, wait_s=20)
    world = tiny.build(url, db)
    phones = [Phone(world, [point(n) for n in range(600)]) for _ in range(4)]
    for phone in phones:
        phone.start()
    for _ in range(2):
        time.sleep(0.6)
        os.kill(cluster.status(home), signal.SIGKILL)
        cluster.start(home)
    for phone in phones:
        phone.join()
    promised = {k for phone in phones for k, outcome in phone.promised.items() if outcome != "conflict"}
    db.close()
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT client_id::text FROM app.patrol_point WHERE source = 'phone'")
        stored = [row[0] for row in cursor.fetchall()]
    assert len(promised) == 2400
    assert sorted(stored) == sorted(promised)
