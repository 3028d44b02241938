"""Results of runs as a collection: rows with an area, by run, for who may see coverage."""

from __future__ import annotations

import json

import pytest

from gis.analysis import registry
from gis.analysis.runs import service, worker
from tests import analyses
from tests.gis.publish.mvt import read

ITEMS = "/ogc/collections/analysis_result/items"
TILE = "/ogc/collections/analysis_result/tiles/WebMercatorQuad/13/{y}/{x}"


@pytest.fixture(scope="module")
def runs(world) -> list[int]:
    """Two runs of different steps."""
    known = registry.ANALYSES
    registry.ANALYSES = {**known, **analyses.HERE}
    petra = world.actor("petra")
    asked = [
        service.ask_run(world.db, petra, "units", {**analyses.WEEK, "steps": steps}).run_id
        for steps in (1, 2)
    ]
    worker.work_off(world.url, world.db)
    registry.ANALYSES = known
    return asked


def test_features_of_a_run_are_its_rows_with_an_area(client, runs):
    found = client.get(f"{ITEMS}?run={runs[0]}").json
    assert found["numberMatched"] == 7  # six cells and a gap; the point is none
    parts = [feature["properties"]["part"] for feature in found["features"]]
    assert parts == ["cells"] * 6 + ["gaps"]
    first = found["features"][0]
    assert first["geometry"]["type"] == "MultiPolygon"
    told = first["properties"]
    assert (told["code"], told["cell"], told["kind"], told["figure"]) == (
        "440306007001001", "440306007001001", "cell", "share",
    )  # fmt: skip
    assert told["value"] == 1 / 6
    assert json.loads(told["figures"]) == {"code": "440306007001001", "share": 1 / 6, "units": 1}
    gap = found["features"][-1]["properties"]
    assert (gap["figure"], gap["value"], gap["kind"]) == ("number", 1, None)
    assert gap["cell"] == "440306007001001"  # that of its inner point


def test_features_are_filtered_by_run_analysis_place_and_value(client, runs):
    def number(query: str) -> int:
        return client.get(f"{ITEMS}?{query}").json["numberMatched"]

    assert number(f"run={runs[1]}&analysis=units&part=gaps") == 1
    assert number(f"run={runs[1]}&analysis=patrol") == 0
    assert number(f"run={runs[1]}&filter=value<0.5 AND figure='share'") == 6
    assert number(f"run={runs[1]}&community=440306007002") == 3
    assert number(f"run={runs[1]}&bbox=113.93,22.75,113.96,22.76") == 4  # the border touches one more
    assert number("datetime=2014-01-01/2014-01-02") == 0


def test_without_a_filter_the_number_is_that_of_all(client, world, runs):
    ((rows,),) = world.ask("SELECT count(*) FROM app.analysis_row WHERE has_area")
    assert client.get(f"{ITEMS}?limit=1").json["numberMatched"] == rows


def test_a_tile_shows_the_first_table_of_the_latest_run(client, runs):
    tile = client.get(TILE.format(x=6687, y=3564))
    assert tile.status_code == 200
    shown = read(tile.data)["analysis_result"]
    assert {feature["properties"]["run"] for feature in shown} == {runs[1]}
    assert {feature["properties"]["part"] for feature in shown} == {"cells"}


@pytest.mark.parametrize("name", ["alice", "pat", "adam"])
def test_who_may_not_see_coverage_is_told_there_is_none(as_person, runs, name):
    client = as_person(name)
    answers = [
        client.get(address)
        for address in (ITEMS, "/ogc/collections/analysis_result", TILE.format(x=6687, y=3564))
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    listed = client.get("/ogc/collections?f=json").json["collections"]
    assert "analysis_result" not in [entry["id"] for entry in listed]


@pytest.mark.parametrize("name", ["dan", "audrey"])
def test_who_watches_reads_the_same(as_person, client, runs, name):
    ids = [
        [feature["id"] for feature in asked.get(f"{ITEMS}?run={runs[0]}").json["features"]]
        for asked in (as_person(name), client)
    ]
    assert ids[0] == ids[1] != []
