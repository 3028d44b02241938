"""Pages of runs and schedules, and results as files opened by what people open them with."""

from __future__ import annotations

import csv
import io
import json
import re

import geopandas
import openpyxl
import pyogrio
import pytest

from gis.analysis import registry
from gis.analysis.runs import service, worker
from gis.analysis.runs.model import State
from tests import analyses
from tests.conftest import sign_in_client
from tests.world import PASSWORD
from webmap.jobs import report_maker


@pytest.fixture(scope="module", autouse=True)
def known():
    before = registry.ANALYSES
    registry.ANALYSES = {**before, **analyses.HERE}
    yield
    registry.ANALYSES = before


@pytest.fixture(scope="module")
def petra(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


def ask(client, steps: int, analysis: str = "units", **form) -> int:
    parameters = json.dumps({**analyses.WEEK, "steps": steps} if analysis != "falls" else {"steps": steps})
    answer = client.post("/planner/runs", data={"analysis": analysis, "parameters": parameters, **form})
    assert answer.status_code == 302, answer.text
    return int(re.search(r"/planner/runs/(\d+)", answer.headers["Location"])[1])


@pytest.fixture(scope="module")
def done(world, world_app, petra) -> int:
    run_id = ask(petra, 1)
    worker.work_off(world.url, world.db)
    return run_id


def test_a_run_is_asked_for_watched_and_shown(world, petra):
    run_id = ask(petra, 2)
    page = petra.get(f"/planner/runs/{run_id}").text
    assert "data-under-way" in page and f"/planner/runs/{run_id}/cancel" in page
    (state,) = [one for one in petra.get("/planner/runs/states").json["runs"] if one["id"] == run_id]
    assert (state["state"], state["is_under_way"], state["done"]) == ("queued", True, 0)
    worker.work_off(world.url, world.db)
    page = petra.get(f"/planner/runs/{run_id}").text
    assert "data-under-way" not in page
    assert "440306007001001" in page and "网格1" in page and f"{run_id}/result.xlsx" in page
    again = petra.post(
        "/planner/runs", data={"analysis": "units", "parameters": json.dumps({**analyses.WEEK, "steps": 2})}
    )
    assert again.headers["Location"] == f"/planner/runs/{run_id}?known=1"
    assert ask(petra, 2, anew=1) != run_id
    worker.work_off(world.url, world.db)


def test_who_asks_for_a_report_is_led_to_it(world, petra):
    form = {"analysis": "units", "parameters": json.dumps({**analyses.WEEK, "steps": 4}), "report": "pdf"}
    address = petra.post("/planner/runs", data=form).headers["Location"]
    page = petra.get(f"{address}&lang=en").text
    assert "as soon as this is measured" in page and "report.pdf" not in page
    worker.work_off(world.url, world.db)
    page = petra.get(f"{address}&lang=en").text
    assert re.search(r'notice">The report is ready\. <a [^>]*/report\.pdf"', page)
    assert "The report is ready" not in petra.get(address.partition("?")[0]).text


def test_what_a_planner_does_with_runs(world, petra):
    run_id = ask(petra, 5)
    petra.post(f"/planner/runs/{run_id}/cancel")
    assert service.show_run(world.db, world.actor("petra"), run_id)[0].state is State.CANCELLED
    petra.post(f"/planner/runs/{run_id}/retry")
    worker.work_off(world.url, world.db)
    petra.post(f"/planner/runs/{run_id}/keep", data={"keep": 1})
    run = service.show_run(world.db, world.actor("petra"), run_id)[0]
    assert run.state is State.DONE and run.is_kept
    listed = petra.get("/planner/runs?analysis=units&lang=en").text
    assert f">{run_id}</a>" in listed and "kept" in listed
    petra.post(f"/planner/runs/{run_id}/cancel")
    assert "It has ended already." in petra.get("/planner/runs?lang=en").text
    petra.get("/planner/runs?lang=zh")


def test_a_failure_is_told_in_the_readers_language(world, petra):
    run_id = ask(petra, 1, "falls")
    worker.work_off(world.url, world.db)
    assert "the log of the server tells more" in petra.get(f"/planner/runs/{run_id}?lang=en").text
    assert "服务器日志" in petra.get(f"/planner/runs/{run_id}?lang=zh").text


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"analysis": "units", "parameters": "["}, "parameters"),
        ({"analysis": "units", "parameters": "[1]"}, "parameters"),
        ({"analysis": "units", "parameters": "{}"}, "from_on"),
    ],
)
def test_bad_parameters_are_a_problem_that_names_them(petra, form, pointer):
    answer = petra.post("/planner/runs", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert pointer in json.dumps(answer.json)


def test_a_table_as_csv_holds_no_formula(petra, done):
    text = petra.get(f"/planner/runs/{done}/tables/2.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:3] for row in rows[1:]] == [["1", "'=1+1", "12.5"], ["2", "", "3.0"]]
    cells = petra.get(f"/planner/runs/{done}/tables/1.csv?lang=en").data.decode("utf-8-sig")
    head, first, *_ = csv.reader(io.StringIO(cells))
    assert head[:4] == ["code", "Name", "share (%)", "units"]
    assert first[:2] == ["440306007001001", "网格1"] and float(first[2]) == pytest.approx(100 / 6)
    assert first[head.index("from_on")] == "2014-01-01"
    petra.get("/planner/runs?lang=zh")
    assert petra.get(f"/planner/runs/{done}/tables/9.csv").status_code == 404


def test_the_workbook_tells_what_it_is_and_holds_every_table(petra, done, world):
    answer = petra.get(f"/planner/runs/{done}/result.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames[1:] == ["cells", "gaps"]
    about = {
        row[0].value: row[1].value for row in book.worksheets[0].iter_rows() if len(row) > 1 and row[0].value
    }
    sha256 = service.show_run(world.db, world.actor("petra"), done)[0].sha256
    assert about["SHA-256"] == sha256 and about["from_on"] == "2014-01-01"
    note = book["gaps"]["B2"]
    assert (note.value, note.data_type) == ("=1+1", "s")
    assert book["cells"]["C2"].value == pytest.approx(100 / 6)
    assert book["cells"].max_row == 7


def test_the_geopackage_has_a_layer_for_each_table_with_the_outlines_of_its_rows(petra, done, tmp_path):
    file = tmp_path / "run.gpkg"
    file.write_bytes(petra.get(f"/planner/runs/{done}/result.gpkg").data)
    kinds = dict(pyogrio.list_layers(file).tolist())
    assert kinds == {"cells": "MultiPolygon", "gaps": "Unknown", "about": None}
    cells = geopandas.read_file(file, layer="cells")
    assert cells.crs.to_epsg() == 4326 and len(cells) == 6
    assert list(cells.columns) == ["code", "name", "community", "share", "units", "geometry"]
    assert cells.share.sum() == pytest.approx(1) and cells.units.tolist() == [1] * 6
    assert cells.total_bounds == pytest.approx([113.90, 22.75, 113.96, 22.76])
    gaps = geopandas.read_file(file, layer="gaps")
    assert gaps.geom_type.tolist() == ["Polygon", "Point"] and gaps.community[0] == "440306007001"
    about = pyogrio.read_dataframe(file, layer="about").set_index("name").value
    assert json.loads(about["parameters"]) == {**analyses.WEEK, "steps": 1}


def test_a_report_is_a_pdf_of_the_district_or_of_a_community(petra, done):
    for query in ("", "?paper=A3", "?community=440306007002"):
        answer = petra.get(f"/planner/runs/{done}/report.pdf{query}")
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert petra.get(f"/planner/runs/{done}/report.pdf?paper=A0").status_code == 400
    assert petra.get(f"/planner/runs/{done}/report.pdf?community=1").status_code == 400


def test_the_report_by_community_is_made_in_the_background(world, world_app, petra, done):
    petra.post(f"/planner/runs/{done}/reports", data={"paper": "A4", "locale": "en"})
    page = petra.get(f"/planner/runs/{done}").text
    assert "PDF A4 en" in page and "data-under-way" in page
    told: list[tuple[int, int]] = []
    make = report_maker(lambda: world_app)

    def making(db, actor, run_id, wish, progress):
        return make(db, actor, run_id, wish, lambda *step: (told.append(step), progress(*step)))

    assert worker.work_off(world.url, world.db, making) == 1
    assert told == [(1, 3), (2, 3), (3, 3)]
    report_id = int(
        re.search(r"/planner/runs/reports/(\d+)\.pdf", petra.get(f"/planner/runs/{done}").text)[1]
    )
    made = petra.get(f"/planner/runs/reports/{report_id}.pdf").data
    assert made.startswith(b"%PDF-") and made.count(b"/Type /Page\n") + made.count(b"/Type /Page ") != 1
    assert petra.get(f"/planner/runs/{report_id}").headers["Location"] == f"/planner/runs/{done}"


def test_schedules_are_made_from_a_run(world, petra, done):
    form = {"run": done, "last_days": 7, "weekday": 1, "hour": 6}
    assert petra.post("/planner/schedules", data=form).status_code == 302
    page = petra.get("/planner/schedules?lang=en").text
    assert "the last 7 days" in page and "Monday, 06:00" in page
    ((schedule_id,),) = world.ask(
        "SELECT analysis_schedule_id FROM app.analysis_schedule WHERE analysis = 'units'"
    )
    petra.post(f"/planner/schedules/{schedule_id}/switch", data={"on": 0})
    assert "paused" in petra.get("/planner/schedules").text
    petra.post(f"/planner/schedules/{schedule_id}/delete")
    assert (
        "Monday, 06:00"
        not in re.sub(r"<option.*?</option>", "", petra.get("/planner/schedules").text).split("patrol")[0]
    )
    petra.post("/planner/schedules", data={**form, "hour": "x"})
    assert "This is not a number." in petra.get("/planner/schedules").text
    petra.get("/planner/schedules?lang=zh")


def test_who_looks_has_no_buttons(world_app, done):
    dan = sign_in_client(world_app, "dan", PASSWORD)
    page = dan.get(f"/planner/runs/{done}").text
    assert "result.xlsx" in page
    for action in ("keep", "reports", "cancel", "retry"):
        assert f"/planner/runs/{done}/{action}" not in page
    assert 'action="/planner/schedules"' not in dan.get("/planner/schedules").text


def test_nothing_heavy_is_imported_with_the_application():
    import subprocess
    import sys

    heavy = "{'numba', 'scipy', 'hdbscan', 'dask', 'vl_convert', 'weasyprint'}"
    code = (
        "import sys\nfrom importlib import import_module\nimport webmap, webmap.jobs\n"
        "[import_module(name) for name in webmap.BLUEPRINTS]\n"
        f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr == ""
    )
