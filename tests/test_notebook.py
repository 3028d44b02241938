"""The notebook in docs/ does through `gis` alone what a run does, and gets the same result."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from gis.analysis.runs import service, worker
from tests.conftest import ROOT, as_web
from tests.world import PASSWORD

# Of the kernel's own libraries.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def test_the_notebook_measures_what_a_run_measured(world, monkeypatch):
    petra = world.actor("petra")
    ((first, last),) = world.ask("SELECT app.today() - 6, app.today()")
    asked = {"from_on": str(first), "to_on": str(last), "radius_m": 50}
    run_id = service.ask_run(world.db, petra, "patrol", asked).run_id
    worker.work_off(world.url, world.db)
    for name, value in {
        "GIS_DATABASE_URL": world.url,
        "GIS_WEB_DATABASE_URL": as_web(world.url),
        "GIS_NOTEBOOK_USER": "petra",
        "GIS_NOTEBOOK_PASSWORD": PASSWORD,
        "PYTHONPATH": str(ROOT),
    }.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(ROOT / "docs" / "analysis.ipynb", as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code"), (
        "kept without outputs"
    )
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output.data for output in outputs if "data" in output]
    assert any("image/png" in data for data in shown)
    assert any(f"[({run_id}, True, True)]" in data.get("text/plain", "") for data in shown)
