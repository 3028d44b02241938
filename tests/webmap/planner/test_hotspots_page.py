"""The page of hot spots on the demo district: what it shows, tells and refuses."""

from __future__ import annotations

import csv
import io
import re
import threading
from datetime import date, timedelta

import pytest

from gis.analysis.hotspots import service
from gis.analysis.hotspots.model import HotspotQuestion, last_weeks
from gis.people.model import Actor, Role
from gis.zone import local_today
from tests.asking import rows

YESTERDAY = local_today() - timedelta(days=1)
PAGE = "/planner/hotspots"


@pytest.fixture(scope="module")
def weeks():
    from_on, to_on = last_weeks(YESTERDAY)
    return {"from": str(from_on), "to": str(to_on)}


@pytest.fixture(scope="module")
def planner(client_for):
    return client_for("planner")


@pytest.fixture(scope="module")
def answer(app, demo_url, weeks):
    """What the service tells the planner."""
    [(account_id,)] = rows(demo_url, "SELECT account_id FROM app.account WHERE username = 'planner1'")
    actor = Actor(account_id, Role.PLANNER, "planner1", "planner1")
    question = HotspotQuestion(**{name: date.fromisoformat(day) for name, day in weeks.items()})
    return service.hotspots(app.extensions["gis"], actor, question)


def _cells(answer):
    table = answer.result.tables[0]
    return [dict(zip([f.name for f in table.figures], row, strict=True)) for row in table.rows]


def test_findings_stand_before_the_map_and_effort_beside_it(planner, weeks):
    text = planner.get(PAGE, query_string={**weeks, "lang": "en"}).text
    assert text.index("judged cells") < text.index('id="map-frame"') < text.index('class="twin"')
    assert "Where patrols walked" in text
    assert len(re.findall(r'<path d="M[^"]+Z" fill="#\w+" data-select', text)) == 735


def test_every_finding_and_figure_has_words_in_both_languages(planner, weeks, answer):
    for language in ("zh", "en"):
        text = planner.get(PAGE, query_string={**weeks, "view": "table", "lang": language}).text
        assert len(re.findall(r"<li>", text.split('class="findings"')[1].split("</ul>")[0])) == len(
            answer.result.findings
        )
        assert "hotspots_" not in text.split("<main")[1].split("</main>")[0]
        for table in answer.result.tables:
            for figure in table.figures:
                assert f">{figure.name}<" not in text


def test_cells_are_named_in_the_readers_language(planner, weeks):
    page = {
        language: planner.get(PAGE, query_string={**weeks, "view": "table", "lang": language}).text
        for language in ("zh", "en")
    }
    findings = {
        language: text.split('class="findings"')[1].split("</ul>")[0] for language, text in page.items()
    }
    assert re.search("[\u4e00-\u9fff]+\\d{3}网格", findings["zh"])
    assert re.search(r"[A-Z]\w+ Cell \d{3}", findings["en"]) and not re.search(
        "[\u4e00-\u9fff]", findings["en"]
    )


def test_counts_are_those_of_the_database(demo_url, weeks, answer):
    known = dict(
        rows(
            demo_url,
            """SELECT c.code, count(*) FROM app.incident AS i JOIN app.cell AS c USING (cell_id)
            WHERE c.valid_to IS NULL AND i.state NOT IN ('rejected', 'voided')
              AND (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %s AND %s GROUP BY c.code""",
            (weeks["from"], weeks["to"]),
        )
    )
    units = dict(
        rows(
            demo_url,
            "SELECT c.code, count(*) FROM app.rental_unit JOIN app.cell AS c USING (cell_id) GROUP BY 1",
        )
    )
    cells = _cells(answer)
    assert {row["code"]: row["incidents"] for row in cells if row["incidents"]} == known
    assert {row["code"]: row["units"] for row in cells if row["units"]} == units


def test_a_kind_is_counted_alone(planner, demo_url, weeks):
    text = planner.get(
        PAGE, query_string={**weeks, "kind": "SR0102", "view": "csv", "table": "cells", "lang": "en"}
    ).data.decode("utf-8-sig")
    [(known,)] = rows(
        demo_url,
        """SELECT count(*) FROM app.incident WHERE category = 'SR0102' AND state NOT IN ('rejected', 'voided')
        AND cell_id IS NOT NULL AND (occurred_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %s AND %s""",
        (weeks["from"], weeks["to"]),
    )
    assert sum(int(row["Incidents"]) for row in csv.DictReader(io.StringIO(text))) == known > 0


def test_a_cell_leads_to_its_weeks_and_the_incidents_behind(planner, weeks, answer):
    cell = max(_cells(answer), key=lambda row: row["incidents"])
    found = planner.get(f"{PAGE}/place/{cell['code']}", query_string={**weeks, "lang": "en"}).json
    by_week, behind = found["rows"]
    assert len(by_week["rows"]) == 12
    assert sum(int(row[1]) for row in by_week["rows"]) == cell["incidents"] == len(behind["rows"])
    assert re.fullmatch(r"/ogc/collections/incident/items/\d+", behind["links"][0])
    assert planner.get(behind["links"][0]).status_code == 200
    assert "演示" not in str(behind), "what people wrote stays with the record"


def test_a_community_has_figures_and_no_rows(planner, weeks, answer):
    code = answer.result.tables[1].rows[0][0]
    found = planner.get(f"{PAGE}/place/{code}", query_string=weeks).json
    assert found["rows"] == []
    assert len(found["facts"]) == 7


def test_the_chart_of_a_cell_has_both_series(planner, weeks, answer):
    found = planner.get(f"{PAGE}/weeks/cells/{answer.codes[0]}", query_string={**weeks, "lang": "en"}).json
    points = found["spec"]["data"]["values"]
    assert {point["label"] for point in points} == {"This cell", "Expected"}
    assert [len(point["day"]) for point in points] == [12, 12]


@pytest.mark.parametrize("address", ["place/nowhere", "weeks/cells/nowhere", "weeks/cells/440306002001"])
def test_unknown_places_are_missing(planner, weeks, address):
    assert planner.get(f"{PAGE}/{address}", query_string=weeks).status_code == 404


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"to": "2020-01-01"}, "to"),
        ({"from": str(YESTERDAY - timedelta(days=9))}, "to"),
        ({"kind": "XX99"}, "kind"),
        ({"kind": "'; --"}, "kind"),
        ({"least_units": "0"}, "least_units"),
        ({"false_share": "0.9"}, "false_share"),
    ],
)
def test_bad_questions_are_refused_by_name(planner, weeks, changed, named):
    answer = planner.get(
        f"{PAGE}/weeks/cells/440306002001001",
        query_string={**weeks, **changed},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert named in answer.text


def test_the_same_question_is_measured_once_until_something_is_written(planner, demo_url, weeks, monkeypatch):
    measured = []
    real = service._measured
    monkeypatch.setattr(service, "_measured", lambda *asked: measured.append(1) or real(*asked))
    asked = {**weeks, "least_incidents": "7"}

    def ask():
        assert planner.get(PAGE, query_string=asked).status_code == 200

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(measured) == 1
    rows(demo_url, "UPDATE app.incident SET severity = severity WHERE incident_id = 1 RETURNING 1")
    ask()
    assert len(measured) == 2


def test_who_may_not_see_coverage_finds_nothing(client_for, weeks):
    for role in ("officer", "patrol", "admin"):
        assert client_for(role).get(PAGE, query_string=weeks).status_code == 404
    for role in ("dispatcher", "auditor"):
        assert client_for(role).get(PAGE, query_string=weeks).status_code == 200
