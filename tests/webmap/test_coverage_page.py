"""The coverage page, its table, its CSV and its API on the demo district."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg2
import pytest

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(scope="module")
def week(client_for):
    """Parameters of the last seven days at 40 m, computed by the planner."""
    parameters = {"from": str(TODAY - timedelta(days=6)), "to": str(TODAY), "radius": "40"}
    answer = client_for("planner").post("/coverage", data=parameters)
    assert answer.status_code == 302
    return parameters


def test_page_table_and_csv_tell_the_same(client_for, week):
    client = client_for("planner")
    page = client.get("/coverage", query_string=week)
    table = client.get("/coverage", query_string={**week, "view": "table"})
    assert (page.status_code, table.status_code) == (200, 200)
    text = client.get("/coverage.csv", query_string={**week, "lang": "en"}).data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    communities = [row for row in rows if row["Level"] == "Community"]
    cells = [row for row in rows if row["Level"] == "Cell"]
    assert (len(communities), len(cells)) == (28, 735)
    for row in communities:
        own = [float(c["Covered (m²)"]) for c in cells if c["Community code"] == row["Community code"]]
        assert sum(own) == pytest.approx(float(row["Covered (m²)"]), abs=0.1 * len(own))
        assert row["Note"] == "Schematic, not legal boundaries"
    assert all(
        "within 40 m" in row["What it means"] and "0.05 m too far in" in row["What it means"] for row in rows
    )
    assert all(0 <= float(row["Share (%)"]) <= 100 for row in rows)
    assert sum(float(row["Covered (m²)"]) for row in communities) > 0


def test_api_gives_shares_and_gaps(client_for, week):
    client = client_for("planner")
    asked = {"from": week["from"], "to": week["to"], "radius_m": week["radius"]}
    answer = client.get("/api/v1/coverage", query_string=asked).json
    assert len(answer["cells"]) == 735 and answer["is_schematic"]
    worst = min(answer["cells"], key=lambda cell: cell["share"])
    gaps = client.get("/api/v1/coverage/gaps", query_string={**asked, "cell": worst["code"]}).json
    assert gaps["uncovered_m2"] + worst["covered_m2"] == pytest.approx(worst["area_m2"], rel=1e-3)


def test_question_never_computed_offers_to_compute(client_for):
    asked = {"from": "2020-01-01", "to": "2020-01-02", "radius": "50"}
    assert "data-slow" in client_for("planner").get("/coverage", query_string=asked).text
    assert "data-slow" not in client_for("dispatcher").get("/coverage", query_string=asked).text
    assert client_for("planner").get("/coverage.csv", query_string=asked).status_code == 302


def test_no_cell_of_the_csv_is_a_formula(app, demo_url, client_for, week):
    connection = psycopg2.connect(demo_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE app.cell SET code = '=1+1', name_zh = '@x' WHERE code = (SELECT min(code) FROM app.cell)"
        )
    text = client_for("auditor").get("/coverage.csv", query_string=week).data.decode("utf-8-sig")
    fields = [field for row in csv.reader(io.StringIO(text)) for field in row]
    assert "'=1+1" in fields and "'@x" in fields
    assert not [field for field in fields if field.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    "asked", [{"radius": "x"}, {"radius": "0"}, {"from": "yesterday"}, {"from": "2030-01-01"}]
)
def test_bad_parameters_are_refused(client_for, asked):
    assert client_for("planner").get("/coverage", query_string=asked).status_code == 400
