"""From the phone to the planner's figure, by the processes that scripts/run starts and nothing else."""

from __future__ import annotations

import pytest

from gis.analysis.patrol import keeping
from gis.people.tokens import create_device_token
from gis.zone import local_today
from scripts.commands import own_server
from scripts.field_load import figure
from scripts.field_load.client import Client
from scripts.field_load.planner import Planner
from tests.ports import free_port
from tests.world import PASSWORD

FIFTH_CELL, IN_IT = "440306007002002", (113.942, 22.757)


@pytest.mark.slow
def test_a_synced_patrol_shows_in_the_planners_figure(world, tmp_path):
    keeping.note_all_days(world.url)
    keeping.paint_waiting(world.url)
    port = free_port()
    settings = own_server.environment(world.url, port) | {
        "WEB_CONCURRENCY": "1", "GIS_FOOTPRINT_DIR": str(tmp_path),
    }  # fmt: skip
    phone = Client(f"http://127.0.0.1:{port}", create_device_token(world.db, world.actor("pat"), "x").secret)
    with (
        own_server.running(settings, tmp_path / "server.log"),
        own_server.jobs_beside(settings, tmp_path / "jobs.log"),
    ):
        planner = Planner(f"http://127.0.0.1:{port}", "petra", PASSWORD)
        day = str(local_today())
        before = planner.covered_m2(day)
        shown = figure.show(phone, planner, IN_IT)
        grown = {code: area - before[code] for code, area in planner.covered_m2(day).items()}
        first, second = figure.places_in_gaps(planner, 2)
    assert 0 < shown.stored_s < shown.shown_s
    # 19 legs of 5.13 m: 2·R·97.5 m + π·R².
    assert grown.pop(FIFTH_CELL) == pytest.approx(17_604, abs=150)
    assert set(grown.values()) == {0}
    assert first != second
