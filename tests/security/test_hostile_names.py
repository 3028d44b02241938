"""Names that are markup, script, formula and template at once: text on every page, in every file and on paper."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import pytest

from gis.analysis.runs import worker
from scripts.attacker.planner import PlannerSamples, planner_targets
from scripts.attacker.targets import MARK
from tests.conftest import sign_in_client
from tests.world import PASSWORD
from webmap.planner.report import Report

EVIL = "=1+1\"'><img src=x onerror=alert(1)></script>${7*7}"
CELL, COMMUNITY = "440306007001001", "440306007001"


@pytest.fixture(scope="module")
def petra(world_app, world):
    for table, column in (
        ("community", "name_zh"), ("community", "name_en"), ("cell", "name_zh"), ("facility", "name_zh"),
        ("account", "full_name"), ("team", "name_zh"), ("parcel", "name_zh"), ("site_draft", "name"),
        ("road_network", "title"), ("road_network", "source"), ("incident_category", "name_zh"),
        ("incident_category", "name_en"), ("weights_version", "reason"),
    ):  # fmt: skip
        there = world.ask(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = 'app' AND table_name = %s"
            " AND column_name = %s",
            table,
            column,
        )
        if there:
            world.ask(f"UPDATE app.{table} SET {column} = %s", EVIL)
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture(scope="module")
def run_id(petra, world) -> int:
    parameters = json.dumps({"kind": "park"})
    answer = petra.post("/planner/runs", data={"analysis": "services", "parameters": parameters})
    worker.work_off(world.url, world.db)
    return int(re.search(r"/planner/runs/(\d+)", answer.headers["Location"])[1])


def is_text(page: str) -> None:
    assert "<img src=x" not in page and "alert(1)></script>" not in page


def test_on_every_page(petra, world_app, run_id):
    samples = PlannerSamples("x", "x", CELL, COMMUNITY, "F1", ("2014-01-01", "2014-01-07", "50"),
                             run=str(run_id), report="2", schedule="1", draft="1")  # fmt: skip
    reads = {t.path.replace(MARK, "") for t in planner_targets(world_app, samples) if t.body is None}
    met = 0
    for path in sorted(reads):
        answer = petra.get(path)
        assert answer.status_code < 500, path
        if answer.content_type.startswith("text/html"):
            is_text(answer.text)
            met += "img src=x" in answer.text
        elif "json" in answer.content_type:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert met > 10, "the names stand on no page: nothing was tried"


def formulas(rows) -> list[str]:
    """Cells that a spreadsheet would compute; a number below zero is none."""
    return [cell for row in rows for cell in row if cell and (cell[0] in "=+@\t\r" or re.match(r"-\D", cell))]


def test_in_csv(petra, run_id):
    seen = 0
    for path in (
        "/planner/services?kind=park&view=csv&table=communities", "/planner/services?kind=park&view=csv&table=facilities",
        "/planner/workload?view=csv&table=communities", "/planner/hotspots?view=csv&table=cells",
        "/planner/beats?beats=2&view=csv&table=cells", f"/planner/runs/{run_id}/tables/1.csv",
        f"/planner/runs/{run_id}/tables/2.csv",
    ):  # fmt: skip
        answer = petra.get(path)
        if answer.status_code == 200:
            rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
            assert not formulas(rows), path
            seen += any("img src=x" in cell for row in rows for cell in row)
    assert seen >= 3


def test_in_the_workbook(petra, run_id):
    book = openpyxl.load_workbook(io.BytesIO(petra.get(f"/planner/runs/{run_id}/result.xlsx").data))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert any("img src=x" in str(cell.value) for cell in cells)
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_on_paper(petra, world, world_app, run_id):
    for english in ("en", "zh"):
        with world_app.test_request_context(f"/?lang={english}"):
            report = Report(world.db, world.actor("petra"), run_id)
            for section in (report.district(), report.community(COMMUNITY)):
                is_text(report.page(section))
    answer = petra.get(f"/planner/runs/{run_id}/report.pdf?community={COMMUNITY}")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
