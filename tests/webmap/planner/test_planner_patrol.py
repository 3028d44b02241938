"""The page of patrol coverage, what it fetches, its targets and the API beside it, on the demo district."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from gis.zone import local_today
from tests.asking import rows

TODAY = local_today()
WEEK = {"from": str(TODAY - timedelta(days=6)), "to": str(TODAY), "radius_m": "50"}
PAGE = "/planner/patrol"


@pytest.fixture(scope="module")
def planner(client_for):
    return client_for("planner")


@pytest.fixture(scope="module")
def worst_cell(planner):
    """The cell whose gaps matter most."""
    found = planner.get(f"{PAGE}/gaps", query_string=WEEK).json
    return found["features"][0]["properties"]["cell"]


def as_rows(client, table, **asked):
    text = client.get(PAGE, query_string={**WEEK, "view": "csv", "table": table, "lang": "en", **asked})
    assert text.status_code == 200
    return list(csv.DictReader(io.StringIO(text.data.decode("utf-8-sig"))))


def test_page_table_and_csv_are_there_for_those_who_may_see_coverage(client_for):
    for role in ("planner", "dispatcher", "auditor"):
        page = client_for(role).get(PAGE, query_string=WEEK)
        assert page.status_code == 200 and "R = 50" in page.text
        assert client_for(role).get(PAGE, query_string={**WEEK, "view": "table"}).status_code == 200
    for role in ("officer", "patrol", "admin"):
        assert client_for(role).get(PAGE, query_string=WEEK).status_code == 404


def test_cells_of_the_csv_add_up_to_the_communities(planner):
    cells, communities = as_rows(planner, "cells"), as_rows(planner, "communities")
    assert (len(communities), len(cells)) == (28, 735)
    for row in communities:
        own = [float(c["Covered area (m²)"]) for c in cells if c["Community"] == row["Code"]]
        assert sum(own) == pytest.approx(float(row["Covered area (m²)"]), abs=0.1 * len(own))
        assert row["Name"]
    assert all(0 <= float(row["Share covered (%)"]) <= 100 for row in cells)
    assert {row["Radius (m)"] for row in cells} == {"50"}


def test_what_stands_beside_the_share(planner):
    page = planner.get(PAGE, query_string={**WEEK, "lang": "en"}).text
    stated = re.search(r'<p class="stated">(.*?)</p>', page, re.S)[1]
    for part in (
        "R = 50 m",
        "times estimated from begin and end",
        "fixes accurate to 50 m",
        "error of a cell",
    ):
        assert part in stated


def test_old_addresses_lead_to_the_new_page(planner):
    old = planner.get("/coverage", query_string={"from": WEEK["from"], "to": WEEK["to"], "radius": "40"})
    assert old.status_code == 301
    assert old.location == f"{PAGE}?from={WEEK['from']}&to={WEEK['to']}&radius_m=40"
    assert planner.get("/coverage.csv").location == f"{PAGE}?view=csv&table=cells"


def test_a_radius_that_is_not_kept_is_painted_by_a_planner(client_for, planner):
    asked = {**WEEK, "radius_m": "33"}
    offer = planner.get(PAGE, query_string={**asked, "lang": "en"}).text
    assert "data-slow" in offer and offer.count("notice notice-warn") == 1  # and not said twice
    dispatcher = client_for("dispatcher")
    page = dispatcher.get(PAGE, query_string=asked)
    assert page.status_code == 200 and "data-slow" not in page.text
    assert dispatcher.post(PAGE, data=asked).status_code == 404
    assert planner.flask.post(PAGE, data=asked).status_code in (400, 403)  # without its CSRF token
    painted = planner.post(PAGE, data=asked)
    assert painted.status_code == 302
    narrow = as_rows(dispatcher, "communities", radius_m="33")
    wide = as_rows(dispatcher, "communities")
    shares = [[float(row["Share covered (%)"]) for row in table] for table in (narrow, wide)]
    assert all(one <= other for one, other in zip(*shares, strict=True)) and sum(shares[0]) < sum(shares[1])


def test_windows_give_days_and_weeks_of_the_same_places(planner):
    days = planner.get(f"{PAGE}/windows", query_string=WEEK).json
    weeks = planner.get(f"{PAGE}/windows", query_string={**WEEK, "view": "weeks"}).json
    assert (len(days["starts"]), len(weeks["starts"])) == (7, 1)
    by_code = {row["Code"]: float(row["Share covered (%)"]) for row in as_rows(planner, "communities")}
    level = weeks["levels"]["community"]
    for code, share in zip(level["codes"], level["shares"][0], strict=True):
        assert 100 * share == pytest.approx(by_code[code], abs=0.1)
        column = days["levels"]["community"]["codes"].index(code)
        assert max(row[column] for row in days["levels"]["community"]["shares"]) <= share + 0.002


def test_comparison_of_two_periods(planner):
    before = {"than_from": str(TODAY - timedelta(days=13)), "than_to": str(TODAY - timedelta(days=7))}
    rows_ = as_rows(planner, "communities", **before)
    assert rows_ and all(
        float(row["Change of the share (%)"])
        == pytest.approx(
            float(row["Share covered (%)"]) - float(row["Share in the other period (%)"]), abs=0.001
        )
        for row in rows_
    )
    page = planner.get(PAGE, query_string={**WEEK, **before})
    assert page.status_code == 200 and 'data-chart="change"' in page.text


def test_detail_of_a_cell_tells_weeks_and_teams_and_nobody(demo_url, planner, worst_cell):
    found = planner.get(f"{PAGE}/place/{worst_cell}", query_string={**WEEK, "level": "cell", "lang": "en"})
    detail = found.json
    assert detail["code"] == worst_cell and len(detail["facts"]) > 15
    weeks, tracks, points = detail["rows"]
    assert len(weeks["rows"]) == 1
    assert tracks["heads"][:3] == ["Day", "Team", "Tracks"] and points["heads"] == ["Day", "Team", "Points"]
    for (name,) in rows(demo_url, "SELECT full_name FROM app.account"):
        assert name not in found.text
    assert {link["url"].partition("?")[0] for link in detail["links"]} == {
        f"{PAGE}/round",
        f"/map/cells/{worst_cell}",
    }


def test_detail_counts_the_tracks_that_touch_the_cell(demo_url, planner):
    [(code, tracks)] = rows(
        demo_url,
        "SELECT c.code, count(*) FROM app.cell AS c JOIN app.patrol_track AS t ON ST_Intersects(t.geom, c.geom)"
        " WHERE t.started_at >= %s AND t.started_at < %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
        (f"{WEEK['from']} 00:00+08", f"{TODAY + timedelta(days=1)} 00:00+08"),
    )
    found = planner.get(f"{PAGE}/place/{code}", query_string={**WEEK, "level": "cell"}).json
    assert sum(int(row[2]) for row in found["rows"][1]["rows"]) == tracks


def test_detail_of_communities_and_parcels(planner):
    community = planner.get(f"{PAGE}/place/440306007006", query_string={**WEEK, "level": "community"}).json
    assert community["title"] and community["rows"] == []
    parcel = as_rows(planner, "parcels")[0]["Code"]
    assert planner.get(f"{PAGE}/place/{parcel}", query_string=WEEK).json["code"] == parcel
    assert planner.get(f"{PAGE}/place/nowhere", query_string=WEEK).status_code == 404


def test_parcels_have_outlines_for_the_map(demo_url, planner):
    found = planner.get(f"{PAGE}/parcels").json["features"]
    assert len(found) == rows(demo_url, "SELECT count(*) FROM app.parcel")[0][0]
    assert all(feature["properties"]["code"] and feature["geometry"] for feature in found)


def test_gaps_are_ranked_and_lead_to_a_round(client_for, planner):
    found = planner.get(f"{PAGE}/gaps", query_string=WEEK).json["features"]
    ranking = [feature["properties"]["priority"] for feature in found]
    assert len(found) == 20 and ranking == sorted(ranking, reverse=True)
    cell = found[0]["properties"]["cell"]
    own = planner.get(f"{PAGE}/gaps", query_string={**WEEK, "place": cell}).json["features"]
    assert own and {feature["properties"]["cell"] for feature in own} == {cell}
    assert planner.get(f"{PAGE}/gaps", query_string={**WEEK, "place": "nowhere"}).status_code == 404
    assert "round_url" in own[0]["properties"]
    seen = client_for("dispatcher").get(f"{PAGE}/gaps", query_string=WEEK).json["features"]
    assert "round_url" not in seen[0]["properties"]


def test_round_from_gaps_is_a_plan_of_one_day_with_their_check_points(demo_url, planner):
    """In a cell with check points and gaps: those within 300 m of a gap, of one team."""
    cells = [row for row in as_rows(planner, "cells") if float(row["Share covered (%)"]) < 60]
    code = max(cells, key=lambda row: int(row["Check points"]))["Code"]
    there = planner.get(f"{PAGE}/round", query_string={**WEEK, "place": code})
    assert there.status_code == 302 and there.location.startswith("/plans/new?")
    form = planner.get(there.location).text
    tomorrow = str(local_today() + timedelta(days=1))
    assert form.count(f'value="{tomorrow}"') == 2
    chosen = re.search(r"points=([0-9%2C,]+)", there.location)[1].replace("%2C", ",").split(",")
    near = rows(
        demo_url,
        "SELECT count(*) FROM app.check_point AS p JOIN app.cell AS c ON ST_DWithin(p.geom::geography,"
        " c.geom::geography, 300) WHERE c.code = %s AND p.check_point_id = ANY (%s::integer[])",
        (code, [int(point) for point in chosen]),
    )
    assert near == [(len(chosen),)] and len(set(chosen)) == len(chosen)
    assert f'value="{",".join(chosen)}"' in form


def targets_of_hills(table) -> set[tuple[str, str]]:
    return {(row["Target: share (%)"], row["Target: days (days)"]) for row in table if row["Level"] == "hill"}


def test_targets_are_changed_by_planners(client_for, planner):
    address = "/planner/patrol/targets"
    assert "disabled" in client_for("auditor").get(address).text
    assert "disabled" not in planner.get(address).text.partition("<main")[2]
    before = as_rows(planner, "cells")
    assert planner.post(f"{address}/cell/hill", data={"share": "0", "days": "366"}).status_code == 302
    after = as_rows(planner, "cells")
    assert targets_of_hills(after) == {("0.0", "366")}
    on = [
        sum(row["On target"] == "yes" for row in table if row["Level"] == "hill") for table in (before, after)
    ]
    assert on[0] <= on[1]
    for bad in ({"share": "101", "days": "3"}, {"share": "x", "days": "3"}, {"share": "50", "days": "0"}):
        assert planner.post(f"{address}/cell/hill", data=bad).status_code == 302
    assert targets_of_hills(as_rows(planner, "cells")) == {("0.0", "366")}
    assert planner.post(f"{address}/cell/nothing", data={"share": "1", "days": "3"}).status_code == 404
    assert planner.post(f"{address}/street/hill", data={"share": "1", "days": "3"}).status_code == 404


def test_api_gives_shares_and_gaps(planner):
    computed = planner.post("/api/v1/coverage", json={**WEEK, "radius_m": 50})
    assert computed.status_code == 200
    answer = planner.get("/api/v1/coverage", query_string=WEEK).json
    assert len(answer["cells"]) == 735 and answer["is_schematic"] and answer["is_current"]
    worst = min(answer["cells"], key=lambda cell: cell["share"])
    gaps = planner.get("/api/v1/coverage/gaps", query_string={**WEEK, "cell": worst["code"]}).json
    assert gaps["uncovered_m2"] + worst["covered_m2"] == pytest.approx(worst["area_m2"], rel=1e-3)
    page = {row["Code"]: row for row in as_rows(planner, "cells")}
    for cell in answer["cells"]:
        assert float(page[cell["code"]]["Covered area (m²)"]) == pytest.approx(cell["covered_m2"], abs=0.06)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"radius_m": "x"}, "radius_m"),
        ({"radius_m": "0"}, "radius_m"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2030-01-01", "to": "2029-01-01"}, "to"),
        ({"from": "2020-01-01"}, "to"),
        ({"than_from": "2020-01-01"}, "than_to"),
    ],
)
def test_bad_parameters_are_told_beside_their_fields(planner, asked, field):
    page = planner.get(PAGE, query_string=asked)
    assert page.status_code == 400 and f'id="error-{field}"' in page.text
    assert planner.get(f"{PAGE}/windows", query_string=asked).status_code == 400


@pytest.mark.parametrize(
    "junk",
    [
        "%00",
        "%FF",
        "9999-12-31",
        "0001-01-01",
        "294277-01-01",
        "1e309",
        "NaN",
        "-1",
        "%D9%A1",
        "'--",
        "x" * 600,
        "[]",
    ],
)
def test_junk_in_any_parameter_is_answered(planner, junk):
    names = ("from", "to", "radius_m", "than_from", "view", "table", "figure", "level", "place", "surplus")
    for path in ("", "/windows", "/gaps", "/round", "/place/440306007006"):
        for name in names:
            assert planner.get(f"{PAGE}{path}?{name}={junk}").status_code < 500, (path, name)
    for name in ("team", "points", "name", "valid_from"):
        assert planner.get(f"/plans/new?{name}={junk}").status_code < 500, name


def test_no_cell_of_the_csv_is_a_formula(demo_url, planner):
    rows(
        demo_url,
        "UPDATE app.parcel SET code = '=1+1', name_zh = '@x' WHERE code = (SELECT min(code) FROM app.parcel)"
        " RETURNING 1",
    )
    answer = planner.get(PAGE, query_string={**WEEK, "view": "csv", "table": "parcels"})
    fields = [field for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) for field in row]
    assert "'=1+1" in fields and "'@x" in fields
    assert not [field for field in fields if field.startswith(("=", "+", "@", "\t", "\r"))]
