"""The map pages and their table twins, as the roles get them."""

from __future__ import annotations

import csv
import io
import re

import pytest

COMMUNITIES = 28


@pytest.fixture(scope="module")
def own_cell(client_for) -> str:
    """A cell of the demo officer."""
    places = client_for("officer").get("/map/outlines/cells.json").json["features"]
    return next(place["properties"]["code"] for place in places if place["properties"]["mine"])


@pytest.fixture(scope="module")
def foreign_cell(client_for, own_cell) -> str:
    """A cell that is not the demo officer's, in another community."""
    places = client_for("officer").get("/map/outlines/cells.json").json["features"]
    communities = {p["properties"]["community_code"] for p in places if p["properties"]["mine"]}
    return next(
        place["properties"]["code"]
        for place in places
        if not place["properties"]["mine"] and place["properties"]["community_code"] not in communities
    )


def test_a_stranger_is_sent_to_sign_in(app):
    for path in ("/map", "/map?view=table", "/query", "/map/cells/1"):
        answer = app.test_client().get(path)
        assert answer.status_code == 302
        assert "/login" in answer.headers["Location"]


@pytest.mark.parametrize("role", ["officer", "patrol", "dispatcher", "planner", "auditor", "admin"])
def test_every_role_gets_the_district_map_with_its_own_figures_and_layers(client_for, role):
    page = client_for(role).get("/map").text
    housing = role != "patrol"
    assert ('value="rental_units"' in page) is housing
    assert ('"id":"rental_unit"' in page) is housing
    assert ('"id":"patrol_track"' in page) is (role != "admin")


def test_an_officer_gets_own_places_only(client_for, own_cell, foreign_cell):
    officer = client_for("officer")
    assert officer.get(f"/map/cells/{own_cell}").status_code == 200
    for view in ("map", "table"):
        assert officer.get(f"/map/cells/{foreign_cell}?view={view}").status_code == 404
        assert officer.get(f"/map/communities/{foreign_cell[:12]}?view={view}").status_code == 404
    assert client_for("planner").get(f"/map/cells/{foreign_cell}").status_code == 200
    assert officer.get("/map/cells/no-such-cell").status_code == 404


def test_an_officers_table_knows_figures_of_own_communities_alone(client_for, own_cell):
    rows = _csv(client_for("officer").get("/map?view=csv"))
    assert len(rows) == COMMUNITIES
    known = {row[0] for row in rows if row[3]}
    assert own_cell[:12] in known
    assert len(known) < COMMUNITIES


def test_the_table_says_what_the_figures_api_says(client_for):
    planner = client_for("planner")
    answer = planner.get("/api/v1/figures/rental_units?level=community").json
    expected = {item["code"]: item["value"] for item in answer["items"]}
    rows = _csv(planner.get("/map?view=csv"))
    assert {row[0]: float(row[3]) for row in rows} == pytest.approx(expected)
    assert sum(expected.values()) == 30_000  # domain.md 3: the small demo district


def test_the_csv_opens_in_a_spreadsheet_as_utf8(client_for):
    answer = client_for("planner").get("/map?view=csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_cells_records_come_page_by_page_without_gap_or_repeat(client_for):
    planner = client_for("planner")
    counts = planner.get("/api/v1/counts/incident?by=cell").json["items"]
    busiest = max(counts, key=lambda item: item["count"])
    assert busiest["count"] > 50
    url, seen = f"/map/cells/{busiest['code']}?view=table&layer=incident", []
    while url:
        page = planner.get(url).text
        seen += re.findall(r"record=incident\.(\d+)", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following and following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == busiest["count"]


def test_an_unknown_figure_or_layer_falls_back_to_the_first(client_for, own_cell):
    planner = client_for("planner")
    assert 'value="open_incidents" checked' in planner.get("/map?figure=%3Cscript%3E").text
    page = planner.get(f"/map/cells/{own_cell}?view=table&layer=account").text
    assert re.search(r'layer=incident[^>]*aria-current="page"', page)


def test_the_credit_line_says_schematic_in_both_languages(client_for):
    planner = client_for("planner")
    assert "示意边界，非法定界线" in planner.get("/map?lang=zh").text
    assert "Schematic, not legal boundaries" in planner.get("/map?lang=en").text
    planner.get("/map?lang=zh")


def test_the_page_runs_under_its_own_policy(client_for):
    answer = client_for("planner").get("/map")
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]
    blocks = re.findall(r"<(?:script|style)\b[^>]*>", answer.text)
    assert all(f'nonce="{nonce}"' in block for block in blocks if "src=" not in block)
    assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)=\"", answer.text)
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", answer.text)


def test_cell_outlines_are_asked_for_once(client_for):
    planner = client_for("planner")
    first = planner.get("/map/outlines/cells.json")
    assert len(first.json["features"]) > 700
    again = planner.get("/map/outlines/cells.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def _csv(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]


def test_a_past_day_is_the_same_on_the_map_and_in_the_table(client_for):
    planner = client_for("planner")
    day = "2026-01-31"
    answer = planner.get(f"/api/v1/figures/open_incidents?date={day}").json
    expected = {item["code"]: item["value"] for item in answer["items"]}
    rows = _csv(planner.get(f"/map?view=csv&date={day}"))
    assert {row[0]: float(row[2]) for row in rows} == pytest.approx(expected)
    for view in ("map", "table"):
        page = planner.get(f"/map?view={view}&date={day}").text
        assert "超期未走访出租屋" not in page  # housing is known for the present only
    refused = planner.get("/map?view=table&date=2026-02-30")
    assert refused.status_code == 400
