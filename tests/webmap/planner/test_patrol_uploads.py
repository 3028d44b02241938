"""From the phone to the figure: what is uploaded over HTTP shows once the painter has looked, every two seconds."""

from __future__ import annotations

import csv
import io
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from gis.analysis.patrol import keeping
from tests.conftest import sign_in_client
from tests.world import PASSWORD

DEVICE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
SECOND_CELL = "440306007001002"
# Noon, so that the walk lies within one day of Shanghai: three days ago, uploaded late.
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=4, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def petra(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture(scope="module")
def pat(world_app):
    return sign_in_client(world_app, "pat", PASSWORD)


def figures(client) -> dict[str, str]:
    """The second cell's row on the day of the walk."""
    day = str((NOON + timedelta(hours=8)).date())
    asked = {"from": day, "to": day, "view": "csv", "table": "cells", "lang": "en"}
    text = client.get("/planner/patrol", query_string=asked).data.decode("utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(text)) if row["Code"] == SECOND_CELL)


def upload(client, count: int, **more) -> None:
    """Fixes every 15 s along the middle of the second cell, 1 m/s."""
    start = NOON.timestamp() * 1000
    fixes = [[start + n * 15_000, 113.912 + n * 14.6e-5, 22.755, 5, 1, 90] for n in range(count)]
    body = {"sent_at": datetime.now(UTC).isoformat(), "device_id": DEVICE, "first": 0, "fixes": fixes, **more}
    answer = client.post(f"/api/v1/field/tracks/{uuid.uuid4()}/fixes", json=body)
    assert answer.status_code == 200, answer.text


def test_uploaded_walk_shows_in_the_figure(world, petra, pat):
    """The painter runs beside the application as it does in production; nobody calls it."""
    keeping.paint_waiting(world.url)
    assert figures(petra)["Share covered (%)"] == "0.0"
    running = threading.Event()
    running.set()
    painter = keeping.start_keeping(world.url, goes_on=running.is_set)
    try:
        upload(pat, 20, is_last=True)
        end = time.monotonic() + 60  # seconds on an idle machine; this one may be busy
        while figures(petra)["Share covered (%)"] == "0.0":
            assert time.monotonic() < end, "the walk never showed"
            time.sleep(0.2)
    finally:
        running.clear()
        painter.join(timeout=60)
    row = figures(petra)
    # 19 legs of 15 m: 2·R·285 m + π·R².
    assert float(row["Covered area (m²)"]) == pytest.approx(36_354, abs=150)
    assert float(row["Minutes on foot (min)"]) == pytest.approx(4.75, abs=0.01)
    assert float(row["Metres on foot (m)"]) == pytest.approx(285, abs=2)
    assert row["Visits"] == "1"


def test_half_a_walk_is_painted_again_when_the_rest_comes(world, petra, pat):
    before = float(figures(petra)["Metres on foot (m)"])
    stream = uuid.uuid4()
    start = (NOON + timedelta(hours=3)).timestamp() * 1000

    def send(first: int, count: int, **more) -> None:
        fixes = [
            [start + n * 15_000, 113.912 + n * 14.6e-5, 22.757, 5, 1, 90] for n in range(first, first + count)
        ]
        body = {
            "sent_at": datetime.now(UTC).isoformat(), "device_id": DEVICE, "first": first, "fixes": fixes, **more,
        }  # fmt: skip
        assert pat.post(f"/api/v1/field/tracks/{stream}/fixes", json=body).status_code == 200

    send(0, 5)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 60, abs=2)
    # The track's line is drawn once a minute; the figure knows the fixes themselves.
    send(5, 2)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 90, abs=2)
    send(7, 4, is_last=True)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 150, abs=2)


def test_a_day_that_waits_is_told_beside_the_figures(world, petra, pat):
    upload(pat, 3)
    day = str((NOON + timedelta(hours=8)).date())
    page = petra.get("/planner/patrol", query_string={"from": day, "to": day, "lang": "en"}).text
    assert "days about to be counted anew: 1" in page
    keeping.paint_waiting(world.url)
    page = petra.get("/planner/patrol", query_string={"from": day, "to": day, "lang": "en"}).text
    assert "days about to be counted anew" not in page


def test_the_job_paints_what_waits(world, pat):
    from gis.jobs.registry import JOBS
    from gis.jobs.runner import run_due_jobs

    upload(pat, 4)
    [job] = [job for job in JOBS if job.name == "paint_days"]
    assert run_due_jobs(world.url, [job]) == {"paint_days": "done"}
    assert world.ask("SELECT count(*) FROM app.patrol_change") == [(0,)]
    [(detail,)] = world.ask("SELECT detail FROM app.job_run WHERE name = 'paint_days'")
    assert detail.endswith("days painted") and not detail.startswith("0")
