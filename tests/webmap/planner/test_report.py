"""Sections of a report: a community's own rows and sentences, the main figure, only what paper takes."""

from __future__ import annotations

import re

import pytest

from gis.analysis import registry
from gis.analysis.result import Figure, Place, Result, Table, Unit
from gis.analysis.runs import service, worker
from gis.analysis.runs.service import Outcome, PlaceName
from gis.errors import InvalidInput, NotFound
from tests import analyses
from webmap.planner.definitions import Class, Word, Words
from webmap.planner.report import Report, report_of
from webmap.planner.report_figure import shown_of
from webmap.planner.report_tables import Tables, tells

WEST = "440306007001"


@pytest.fixture(scope="module")
def run_id(world) -> int:
    known = registry.ANALYSES
    registry.ANALYSES = {**known, **analyses.HERE}
    asked = service.ask_run(world.db, world.actor("petra"), "units", analyses.WEEK)
    worker.work_off(world.url, world.db)
    registry.ANALYSES = known
    return asked.run_id


@pytest.fixture
def report(world, world_app, run_id):
    with world_app.test_request_context("/?lang=en"):
        yield Report(world.db, world.actor("petra"), run_id)


def shapes_on(drawing: str) -> int:
    """How many rings are coloured."""
    return sum(path.count("M") for path in re.findall(r'd="([^"]+)"[^>]*fill-rule', drawing))


def test_the_district_has_all_rows_and_marks(report):
    section = report.district()
    assert [(table["title"], len(table["grid"].rows)) for table in section["tables"]] == [
        ("cells", 6),
        ("gaps", 2),
    ]
    cells = section["tables"][0]["grid"]
    assert cells.heads == (("code", False), ("Name", False), ("share (%)", True), ("units", True))
    assert cells.rows[0] == ("440306007001001", "网格1", "16.7", "1")
    (shown,) = section["maps"]
    assert shown["figure"] == "share (%)"
    assert shapes_on(shown["svg"]) == 6
    assert shown["svg"].count("<circle") == 1 and "社区1" in shown["svg"]
    assert shown["legend"][-1] == ("#d55e00", "gaps")
    assert [chart["id"] for chart in section["low"]] == ["spread"] and section["tall"] == []
    assert section["low"][0]["svg"].startswith("<svg")


def test_a_community_has_its_own_rows_alone(report):
    section = report.community(WEST)
    assert (section["title"], section["code"]) == ("社区1", WEST)
    cells, gaps = section["tables"]
    assert [row[0] for row in cells["grid"].rows] == [f"{WEST}00{n}" for n in (1, 2, 3)]
    assert [row[0] for row in gaps["grid"].rows] == ["1", "2"]  # a gap and a site lie in its cells
    assert shapes_on(section["maps"][0]["svg"]) == 3
    assert section["findings"] == ["most"]
    other = report.community("440306007002")
    assert [table["title"] for table in other["tables"]] == ["cells"] and other["findings"] == []
    with pytest.raises(InvalidInput):
        report.community("1")


def test_only_what_stands_on_paper_is_explained(report):
    words = {"share": Word("Share", "Of all units."), "area": Word("Area", "Of the outline.")}
    report.words = Words("units", words)
    page = report.page(report.district())
    assert "Of all units." in page and "Of the outline." not in page


def test_a_column_without_values_is_left_out_on_paper(report):
    cells = report.outcome.result.tables[0]
    assert tells(cells, 1, [0, 1])
    empty = Table(
        "x",
        (Figure("code", Unit.CODE), Figure("a", Unit.NUMBER), Figure("b", Unit.CODE)),
        (("1", None, "z"), ("2", None, "z")),
    )
    assert [tells(empty, column, [0, 1]) for column in range(3)] == [True, False, False]


def test_the_map_shows_the_asked_the_main_or_the_first_figure():
    figures = (
        Figure("code", Unit.CODE),
        Figure("kind", Unit.CODE),
        Figure("n", Unit.COUNT),
        Figure("m", Unit.METRES),
    )
    result = Result((Table("cells", figures, (("1", "hot", 3, 4.0), ("2", "cold", None, 5.0)), Place.CELL),))
    classed = {
        "kind": Word("Kind", "", classes={"hot": Class("hot", "#d55e00"), "cold": Class("cold", "#0072b2")})
    }
    assert shown_of(result, Words("x", classed)).figure.name == "n"
    assert shown_of(result, Words("x", classed), "m").figure.name == "m"
    main = shown_of(result, Words("x", classed, main=("gone", "kind")))
    assert (main.figure.name, main.colour("hot"), main.legend()) == (
        "kind", "#d55e00", [("#d55e00", "hot"), ("#0072b2", "cold")],
    )  # fmt: skip
    assert shown_of(Result(()), Words("x", {})) is None


def test_of_many_places_paper_has_those_of_the_gravest_class_then_the_others_as_they_stand(world_app):
    figures = (Figure("code", Unit.CODE), Figure("kind", Unit.CODE))
    kinds = {41: "hot", 17: "cold", 44: "hot"}
    rows = tuple((f"{number:02}", kinds.get(number, "usual")) for number in range(50))
    result = Result((Table("cells", figures, rows, Place.CELL),))
    names = (tuple(PlaceName("", "", "") for _ in rows),)
    classes = {name: Class(name, "#d55e00") for name in ("hot", "cold", "usual")}
    words = Words("x", {"code": Word("Code", ""), "kind": Word("Kind", "", classes=classes)}, main=("kind",))
    with world_app.test_request_context("/?lang=en"):
        [table] = Tables(Outcome(None, result, names), words, words.main, {}, "A4").of(None)
    first = [row[0] for row in table["grid"].rows]
    assert first[:5] == ["41", "44", "17", "00", "01"]
    assert (table["shown"], table["count"], table["by"]) == (40, 50, "Kind")


def test_only_a_run_that_is_done_has_a_report(world, world_app):
    with world_app.test_request_context("/"), pytest.raises(NotFound):
        report_of(world.db, world.actor("petra"), 2)  # itself a report
