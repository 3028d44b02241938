"""The frame's pages on the demo district: map, tables, CSV, faults, keeping, and the way there."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from pydantic import BaseModel

from tests.conftest import make_app
from tests.planner_example import EVIL, add_to
from webmap.planner.frame import Question
from webmap.planner.landing import LATEST_RUNS


@pytest.fixture(scope="module")
def app(demo_url: str):
    application = add_to(make_app(demo_url))
    yield application
    application.extensions["gis"].close()


def data_of(page: str) -> dict:
    """What the scripts of a page are told."""
    blocks = re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.S)
    return next(found for found in map(json.loads, blocks) if "figures" in found and "levels" in found)


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_page_holds_every_place_of_both_levels_once(client_for):
    answer = client_for("planner").get("/planner/example?lang=en")
    assert answer.status_code == 200
    data = data_of(answer.text)
    assert [len(data["levels"][level]["codes"]) for level in ("community", "cell")] == [28, 735]
    mapped = [figure["name"] for figure in data["figures"] if figure["is_mapped"]]
    assert mapped == ["share", "age", "change", "kind"]
    assert (
        data["levels"]["community"]["columns"]["last_on"]["values"][0] == "2026-11-01"
    )  # a column, no colour
    assert data["figure"] == "share" and data["place_url"].startswith("/planner/example/place/?")
    for column in data["levels"]["cell"]["columns"].values():
        assert len(column["values"]) == 735
    assert "R 50 m" in answer.text and "2026-11-26 09:00" in answer.text and "r1·2026-11-26" in answer.text


def test_markup_of_records_is_escaped_wherever_the_page_holds_it(client_for):
    for view in ("map", "table"):
        page = client_for("planner").get(f"/planner/example?view={view}").text
        assert "<img" not in re.sub(r'<img src="/static/img/brand.svg"', "", page)
        assert "&lt;img src=x" in page or "\\u003cimg src=x" in page


@pytest.mark.parametrize("asked", ["figure=age", "figure=nonsense", "view=nonsense", "level=cell&place=1"])
def test_how_it_is_shown_is_no_parameter_of_the_question(client_for, asked):
    page = client_for("planner").get(f"/planner/example?{asked}")
    assert page.status_code == 200
    assert data_of(page.text)["figure"] == ("age" if asked == "figure=age" else "share")


def test_table_twin_holds_all_tables_findings_and_definitions(client_for):
    page = client_for("planner").get("/planner/example?view=table&radius_m=70&lang=zh").text
    assert page.count("<tr data-code=") == 28 + 735 + 2
    assert "area(zone ∩ covered) / area(zone)" in page and "塘家社区" in page
    assert 'href="/planner/example?from=2026-11-01&amp;radius_m=70&amp;kinds=clinic&amp;exact=false"' in page


def test_csv_holds_numbers_names_and_what_was_asked(client_for):
    answer = client_for("planner").get("/planner/example?view=csv&table=communities&radius_m=70&lang=zh")
    assert answer.mimetype == "text/csv"
    rows = rows_of(answer)
    assert len(rows) == 28
    assert rows[1]["覆盖率 (%)"] == "3.0" and rows[0]["半径（米）"] == "70" and rows[0]["名称"] == "光明社区"
    assert {row["类别"] for row in rows} == {"热点", "冷点", "新出现", ""}


def test_a_table_nobody_has_is_not_there(client_for):
    assert client_for("planner").get("/planner/example?view=csv&table=x").status_code == 404
    assert client_for("planner").get("/planner/example?view=csv").status_code == 404


def test_faults_are_told_beside_the_field_to_people_and_by_pointer_to_programs(client_for):
    client = client_for("planner")
    page = client.get("/planner/example?radius_m=0&lang=en")
    assert page.status_code == 400
    assert re.search(r'<input id="ask-radius_m"[^>]* value="0"[^>]*aria-invalid="true"', page.text)
    assert '<p class="error" id="error-radius_m">At least 1.0.</p>' in page.text
    assert data_of(page.text)["levels"] == {}
    problem = client.get("/planner/example?radius_m=0", headers={"Accept": "application/json"})
    assert problem.status_code == 400 and problem.mimetype == "application/problem+json"
    assert problem.json["errors"][0]["pointer"] == "radius_m"
    assert client.get("/planner/example/place/1?radius_m=0").status_code == 400


def test_rules_the_service_knows_are_told_beside_the_field_too(client_for):
    page = client_for("planner").get("/planner/example?radius_m=666&lang=en")
    assert page.status_code == 400
    assert '<p class="error" id="error-radius_m">Choose another radius.</p>' in page.text


def test_what_was_never_computed_is_told(client_for):
    page = client_for("planner").get("/planner/example?radius_m=999&lang=en")
    assert page.status_code == 200
    assert "Nothing was computed for these parameters yet." in page.text
    assert client_for("planner").get("/planner/example?radius_m=999&view=csv&table=cells").status_code == 404


def test_only_who_may_compute_may_keep(client_for):
    page = client_for("planner").get("/planner/example?radius_m=70").text
    kept = re.search(r'name="parameters" value="([^"]*)"', page)[1].replace("&#34;", '"')
    assert json.loads(kept) == {"from": "2026-11-01", "radius_m": 70.0, "kinds": ["clinic"], "exact": False}
    assert 'name="analysis" value="example"' in page and 'name="report" value="pdf"' in page
    for role in ("dispatcher", "auditor"):
        page = client_for(role).get("/planner/example").text
        assert 'name="analysis"' not in page
    for role in ("officer", "patrol"):
        assert client_for(role).get("/planner/example").status_code == 404


def test_detail_of_a_place_is_text(client_for):
    answer = client_for("planner").get("/planner/example/place/440306007006?radius_m=70")
    assert answer.json["title"] == EVIL and answer.json["facts"] == [{"title": "半径", "text": "70 m"}]
    assert answer.json["rows"][0]["links"] == ["/map"]


def test_entrance_lists_what_the_reader_may_open_and_the_latest_run(app, client_for, monkeypatch):
    from datetime import UTC, datetime

    from webmap.planner import questions

    entry = questions.Entry("example", "Example", "What for?", "For trying.")
    monkeypatch.setattr(questions, "ENTRIES", (*questions.ENTRIES, entry))
    monkeypatch.setitem(
        app.extensions, LATEST_RUNS, lambda db, actor: {"example": datetime(2026, 11, 25, 1, tzinfo=UTC)}
    )
    page = client_for("planner").get("/planner?lang=en").text
    assert 'href="/planner/example"' in page and "What for?" in page
    assert "Last run 2026-11-25 09:00" in page
    assert client_for("officer").get("/planner").status_code == 404


def test_navigation_groups_what_planners_open(client_for):
    page = client_for("planner").get("/planner?lang=en").text
    group = re.search(r">Planning</button>\s*<ul[^>]*>(.*?)</ul>", page, re.S)[1]
    assert 'href="/planner"' in group and group.count("<li>") > 1
    assert ">Planning</button>" not in client_for("officer").get("/?lang=en").text


def test_parameters_of_the_frame_are_nobodys_own():
    class Asked(BaseModel):
        level: int = 1

    with pytest.raises(ValueError, match="level"):
        Question("example", Asked)
