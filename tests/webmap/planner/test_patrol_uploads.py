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
from gis.zone import ZONE
from tests.conftest import sign_in_client
from tests.world import PASSWORD

DEVICE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
SECOND_CELL = "440306007001002"
# Noon, so that the walk lies within one day of Shanghai: three days ago, uploaded late.
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=4, minute=0, second=0, microsecond=0)
DAY = NOON.astimezone(ZONE).date()


@pytest.fixture(scope="module")
def petra(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture(scope="module")
def pat(world_app):
    return sign_in_client(world_app, "pat", PASSWORD)


def figures(client) -> dict[str, str]:
    """The second cell's row on the day of the walk."""
    asked = {"from": DAY, "to": DAY, "view": "csv", "table": "cells", "lang": "en"}
    text = client.get("/planner/patrol", query_string=asked).data.decode("utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(text)) if row["Code"] == SECOND_CELL)


def upload(client, count: int, *, stream=None, first: int = 0, began=NOON, lat=22.755, **more) -> str:
    """Fixes every 15 s eastwards through the second cell, 1 m/s; the id of their stream."""
    stream, start = stream or str(uuid.uuid4()), began.timestamp() * 1000
    fixes = [[start + n * 15_000, 113.912 + n * 14.6e-5, lat, 5, 1, 90] for n in range(first, first + count)]
    body = {
        "sent_at": datetime.now(UTC).isoformat(), "device_id": DEVICE, "first": first, "fixes": fixes, **more,
    }  # fmt: skip
    answer = client.post(f"/api/v1/field/tracks/{stream}/fixes", json=body)
    assert answer.status_code == 200, answer.text
    return stream


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
    assert float(row["Time on foot (min)"]) == pytest.approx(4.75, abs=0.01)
    assert float(row["Metres on foot (m)"]) == pytest.approx(285, abs=2)
    assert row["Visits"] == "1"


def test_half_a_walk_is_painted_again_when_the_rest_comes(world, petra, pat):
    before = float(figures(petra)["Metres on foot (m)"])
    walk = {"began": NOON + timedelta(hours=3), "lat": 22.757}
    stream = upload(pat, 5, **walk)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 60, abs=2)
    # The track's line is drawn once a minute; the figure knows the fixes themselves.
    upload(pat, 2, stream=stream, first=5, **walk)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 90, abs=2)
    upload(pat, 4, stream=stream, first=7, is_last=True, **walk)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 150, abs=2)


def test_a_deleted_track_counts_no_more_until_its_phone_sends_the_rest(world, petra, pat):
    """The stream it was drawn from stays, as what the phone sent."""
    before = float(figures(petra)["Metres on foot (m)"])
    walk = {"began": NOON + timedelta(hours=5), "lat": 22.758}
    stream = upload(pat, 10, **walk)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 135, abs=2)
    assert world.ask("DELETE FROM app.patrol_track WHERE client_id = %s RETURNING true", stream) == [(True,)]
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == before
    upload(pat, 3, stream=stream, first=10, **walk)
    keeping.paint_waiting(world.url)
    assert float(figures(petra)["Metres on foot (m)"]) == pytest.approx(before + 180, abs=2)


def test_a_day_that_waits_is_told_beside_the_figures(world, petra, pat):
    upload(pat, 3)
    page = petra.get("/planner/patrol", query_string={"from": DAY, "to": DAY, "lang": "en"}).text
    assert "days about to be counted anew: 1" in page
    assert "As of " in page
    assert "tell the administrator" not in page, "it has only just come in"
    keeping.paint_waiting(world.url)
    page = petra.get("/planner/patrol", query_string={"from": DAY, "to": DAY, "lang": "en"}).text
    assert "days about to be counted anew" not in page
    assert "As of " not in page


@pytest.mark.parametrize("view", ["", "table"])
def test_figures_that_stay_behind_say_since_when_and_whom_to_tell(world, petra, pat, view):
    """As where the application runs without the process beside it; in either of two compared periods."""
    asked = {
        "from": DAY - timedelta(days=9), "to": DAY - timedelta(days=7), "than_from": DAY, "than_to": DAY,
        "lang": "en", "view": view,
    }  # fmt: skip
    keeping.paint_waiting(world.url)
    assert "tell the administrator" not in petra.get("/planner/patrol", query_string=asked).text
    upload(pat, 3)
    upload(pat, 3)
    [(noted_at,)] = world.ask(
        "UPDATE app.patrol_change SET noted_at = now() - interval '2 hours'"
        " WHERE ctid = (SELECT min(ctid) FROM app.patrol_change) RETURNING noted_at"
    )
    since = noted_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    page = petra.get("/planner/patrol", query_string=asked).text
    assert f"As of {since}" in page
    assert f"Patrols that came in since {since}" in page
    keeping.paint_waiting(world.url)
    assert "tell the administrator" not in petra.get("/planner/patrol", query_string=asked).text


def test_the_job_paints_what_waits(world, pat, monkeypatch):
    from gis.jobs.registry import JOBS
    from gis.jobs.runner import run_due_jobs

    monkeypatch.setenv("GIS_DATABASE_URL", world.url)
    upload(pat, 4)
    [job] = [job for job in JOBS if job.name == "paint_days"]
    assert run_due_jobs(world.url, [job]) == {"paint_days": "done"}
    assert world.ask("SELECT count(*) FROM app.patrol_change") == [(0,)]
    [(detail,)] = world.ask("SELECT detail FROM app.job_run WHERE name = 'paint_days'")
    assert detail.endswith("days painted") and not detail.startswith("0")
