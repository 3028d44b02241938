"""The pages of workload, weights, beats and drafts on the small world."""

from __future__ import annotations

import re

import pytest

from gis.analysis.workload import service
from gis.analysis.workload.draft import SplitQuestion, split_community
from gis.analysis.workload.model import WorkloadQuestion
from gis.analysis.workload.proposal import BeatsQuestion
from gis.analysis.workload.splitting import told
from tests.conftest import sign_in_client
from tests.world import PASSWORD
from webmap.planner.definitions import words_of
from webmap.planner.tables import findings

CELL, COMMUNITY = "440306007001001", "440306007001"


@pytest.fixture(scope="module")
def petra(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture(scope="module")
def dan(world_app):
    return sign_in_client(world_app, "dan", PASSWORD)


def test_the_page_tells_formula_weights_and_findings(petra):
    page = petra.get("/planner/workload?lang=en").text
    assert "The formula and its weights" in page
    assert 'name="w-check.watch"' in page
    assert "The heaviest cell" in page
    assert "weights of version 1" in page
    table = petra.get("/planner/workload?view=table").text
    assert CELL in table
    assert "演示alice" not in page + table


def test_who_only_looks_gets_no_fields(dan):
    page = dan.get("/planner/workload").text
    assert 'name="w-check.watch"' not in page
    assert dan.get("/planner/workload?what_if=detour:1.2").status_code == 404
    assert dan.get("/planner/workload/try?w-detour=1.2").status_code == 404
    assert dan.post("/planner/workload/weights", data={"w-detour": "1.2"}).status_code == 404
    assert dan.get("/planner/split").status_code == 404


def test_a_cell_leads_to_its_lines_and_rows(petra):
    found = petra.get(f"/planner/workload/place/{CELL}?lang=en").json
    assert found["code"] == CELL and found["title"] == "网格1"
    heads, rows = found["rows"][0]["heads"], found["rows"][0]["rows"]
    assert len(heads) == 5 and all(len(row) == 5 for row in rows)
    assert any("layer=rental_unit" in link["url"] for link in found["links"])
    community = petra.get(f"/planner/workload/place/{COMMUNITY}").json
    assert community["code"] == COMMUNITY and "社区1" in community["title"]
    assert petra.get("/planner/workload/place/nothing").status_code == 404


def test_weights_are_tried_in_the_address_and_not_kept(petra):
    plain = petra.get("/planner/workload?view=csv&table=cells").text
    answer = petra.get("/planner/workload/try?days=91&w-check.watch=16&w-detour=1.3")
    assert answer.status_code == 302
    assert "what_if=check.watch:16" in answer.location.replace("%3A", ":")
    assert "detour" not in answer.location
    page = petra.get(answer.location).text
    assert "weights tried out" in petra.get(answer.location + "&lang=en").text
    assert re.search(r'name="w-check.watch"[^>]*value="16"', page)
    tried = petra.get(answer.location + "&view=csv&table=cells").text
    assert tried != plain
    assert petra.get("/planner/workload?view=csv&table=cells").text == plain


@pytest.mark.parametrize("what_if", ["nothing:1", "detour:0.1", "check.watch:-1"])
def test_a_weight_that_cannot_be_is_refused(petra, what_if):
    answer = petra.get(f"/planner/workload?what_if={what_if}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"].endswith(what_if.partition(":")[0])


def test_a_new_version_is_kept_with_its_reason(petra):
    form = {"follows": "1", "reason": "Checks <grew>", "w-check.watch": "10", "w-detour": "1.3"}
    answer = petra.post("/planner/workload/weights", data=form)
    assert answer.status_code == 302
    page = petra.get("/planner/workload/weights?lang=en").text
    assert "Checks &lt;grew&gt;" in page and "演示petra" in page
    assert "8 → 10" in page
    assert "weights of version 2" in petra.get("/planner/workload?lang=en").text
    assert "weights of version 1" in petra.get("/planner/workload?weights_version=1&lang=en").text
    assert petra.post("/planner/workload/weights", data=form).status_code == 409
    assert petra.post("/planner/workload/weights", data={**form, "follows": "2"}).status_code == 400


def test_no_version_without_the_token_of_the_page(world_app):
    client = sign_in_client(world_app, "petra", PASSWORD)
    answer = client.flask.post("/planner/workload/weights", data={"follows": "1", "reason": "x"})
    assert answer.status_code in (400, 403)


def test_beats_stand_beside_those_of_today(petra):
    page = petra.get("/planner/beats?beats=4&lang=en").text
    assert "4 beats" in page and "Make a draft division" in page
    csv = petra.get("/planner/beats?beats=4&view=csv&table=cells").text
    assert csv.count("\n") == 7
    told = petra.get("/planner/beats?beats=1&lang=en")
    assert told.status_code == 400 and 'id="error-beats"' in told.text
    few = petra.get("/planner/beats?beats=1", headers={"Accept": "application/json"})
    assert few.status_code == 400
    found = petra.get(f"/planner/beats/place/{CELL}?beats=4").json
    assert found["links"][0]["url"] == f"/map/cells/{CELL}"
    assert petra.get("/planner/beats/place/nothing").status_code == 404


def test_everything_told_has_words(world, world_app):
    actor = world.actor("petra")
    split = split_community(world.db, actor, SplitQuestion(community=COMMUNITY, cells=2))
    results = {
        "workload": service.workload(world.db, actor, WorkloadQuestion()).result,
        "beats": service.beats(world.db, actor, BeatsQuestion(beats=4, keep=1.0, max_dev=0.0)).result,
        "split": told(split),
    }
    with world_app.test_request_context():
        for name, result in results.items():
            words = words_of(name)
            for table in result.tables:
                assert table.name in words.tables, name
                assert not [figure.name for figure in table.figures if figure.name not in words.figures]
                for at, figure in enumerate(table.figures):
                    known = words.figure(figure.name).classes
                    assert not known or {str(row[at]) for row in table.rows} <= known.keys(), figure
            for sentence in findings(result, words):
                assert "%(" not in sentence["text"] and sentence["text"] not in words.findings


def test_a_community_is_divided_anew_and_its_draft_given(petra):
    assert petra.get("/planner/split").status_code == 302
    page = petra.get(f"/planner/split?community={COMMUNITY}&cells=2&lang=en").text
    assert "passed the check" in page and "Draft division" in page
    file = petra.get(f"/planner/split/draft.gpkg?community={COMMUNITY}&cells=2")
    assert file.data.startswith(b"SQLite format 3")
    many = petra.get(f"/planner/split?community={COMMUNITY}&cells=50", headers={"Accept": "application/json"})
    assert many.status_code == 400
