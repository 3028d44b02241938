"""The pages of findings and of the working calendar, and what the phone is asked to look at again."""

from __future__ import annotations

import io

import pytest

from gis.patrol.service import log_points
from tests.conftest import sign_in_client
from tests.gis.findings.cases import finding, handled, incident_of, log, point, take
from tests.world import PASSWORD


@pytest.fixture(scope="module")
def dan(world_app):
    return sign_in_client(world_app, "dan", PASSWORD)


@pytest.fixture(scope="module")
def adam(world_app):
    return sign_in_client(world_app, "adam", PASSWORD)


def test_list_and_map_show_findings_with_their_clocks_and_escape_what_people_wrote(world, dan):
    incident_id = finding(world, note="<b>铁皮棚</b> ${alert(1)}")
    table = dan.get("/findings").text
    assert f'href="/findings/{incident_id}"' in table
    assert "&lt;b&gt;铁皮棚" in table and "<b>铁皮棚" not in table
    assert "停工通知" in table and "badge-ok" in table
    on_map = dan.get("/findings?view=map&kind=L2").text
    assert f"/findings/{incident_id}" in on_map and "<b>铁皮棚" not in on_map
    assert f'href="/findings/{incident_id}"' not in dan.get("/findings?kind=L6").text


@pytest.mark.parametrize(
    "query", ["kind=%27%3B--", "community=x", "team=%F0%9F%98%80", "page=0", "page=x", "page=99999999999"]
)
def test_odd_filters_find_nothing_or_everything_and_break_nothing(dan, query):
    assert dan.get(f"/findings?{query}").status_code == 200


@pytest.mark.parametrize("query", ["standing=gone", "kind=a%00b"])
def test_wrong_filters_are_refused(dan, query):
    assert dan.get(f"/findings?{query}").status_code == 400


def test_a_step_is_ticked_off_on_the_page(world, dan):
    incident_id = finding(world)
    page = dan.get(f"/findings/{incident_id}").text
    assert f'action="/findings/{incident_id}/steps/stop_notice"' in page
    dan.post(f"/findings/{incident_id}/steps/stop_notice", data={"note": "已送达 <i>"})
    page = dan.get(f"/findings/{incident_id}").text
    assert f'action="/findings/{incident_id}/steps/stop_notice"' not in page
    assert "已送达 &lt;i&gt;" in page
    assert dan.post(f"/findings/{incident_id}/steps/demolition", data={"note": "x"}).status_code == 404
    assert dan.get("/findings/1").status_code == 404  # an incident, but no finding


def test_what_nobody_can_reach_is_closed_with_a_reason_on_the_page(world, dan):
    incident_id = handled(world)
    assert f'action="/findings/{incident_id}/close"' not in dan.get(f"/findings/{incident_id}").text
    take(world, incident_id, "checking")
    assert f'action="/findings/{incident_id}/close"' in dan.get(f"/findings/{incident_id}").text
    dan.post(f"/findings/{incident_id}/close", data={"reason": "短"})
    assert world.ask("SELECT state FROM app.incident WHERE incident_id = %s", incident_id) == [("checking",)]
    dan.post(f"/findings/{incident_id}/close", data={"reason": "道路被洪水冲断，无法到达"})
    assert "道路被洪水冲断" in dan.get(f"/findings/{incident_id}").text
    assert world.ask("SELECT state FROM app.incident WHERE incident_id = %s", incident_id) == [("closed",)]


def test_a_case_in_hand_whose_finder_revised_it_says_so(world, dan):
    sent = point()
    for revision, kind, said in ((1, "L2", False), (2, "OK", True)):
        log_points(world.db, world.actor("pat"), [{**sent, "revision": revision, "kind": kind}])
        incident_id = incident_of(world, sent["client_id"])
        if revision == 1:
            take(world, incident_id, "accepted")
        page = dan.get(f"/findings/{incident_id}").text
        assert ('id="revised"' in page) is said
        assert ("发现人已更正" in dan.get("/findings").text) is said
    take(world, incident_id, "voided")
    assert 'id="revised"' not in dan.get(f"/findings/{incident_id}").text


def test_planner_reads_and_is_offered_nothing_to_do(world, world_app):
    incident_id = finding(world)
    page = sign_in_client(world_app, "petra", PASSWORD).get(f"/findings/{incident_id}").text
    assert "/steps/" not in page and "/close" not in page


def test_the_phone_is_told_what_to_look_at_until_somebody_did(world, world_app):
    incident_id = handled(world)
    pat = sign_in_client(world_app, "pat", PASSWORD)
    answer = pat.get("/api/v1/field/rechecks")
    assert answer.json["radius_m"] == 50
    item = next(item for item in answer.json["items"] if item["incident_id"] == incident_id)
    assert (item["violation"], item["parcel_code"], item["lon"], item["lat"]) == ("L2", "P1", 113.905, 22.755)
    assert not {"reporter_id", "found_by", "account_id"} & set(item)
    assert "违法乱搭建" in pat.get("/").text.partition('id="rechecks"')[2]
    log(world, "alice", kind="OK")
    left = pat.get("/api/v1/field/rechecks").json["items"]
    assert incident_id not in [item["incident_id"] for item in left]
    assert pat.get("/api/v1/field/rechecks?x=1").status_code == 400


def test_closing_too_early_is_a_problem_that_says_why(world, dan):
    incident_id = handled(world)
    take(world, incident_id, "checking")
    path = f"/ogc/collections/incident/items/{incident_id}"
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    answer = dan.open(path, "PATCH", json={"properties": {"state": "closed"}}, headers=headers)
    assert answer.status_code == 409
    assert answer.json["type"].endswith("no-recheck")


def test_features_tell_the_violation_and_can_be_filtered_by_it(world, dan):
    incident_id = finding(world, kind="L3")
    page = dan.get("/ogc/collections/incident/items?violation=L3&limit=100").json["features"]
    assert {f["properties"]["violation"] for f in page} == {"L3"}
    assert next(f for f in page if f["id"] == incident_id)["properties"]["parcel_id"] == 1
    full = dan.get(f"/ogc/collections/incident/items/{incident_id}").json["properties"]
    assert (full["violation_name_zh"], full["parcel_code"]) == ("违法建筑", "P1")


def upload(adam, text, year="2031"):
    data = {"year": year, "file": (io.BytesIO(text.encode()), "holidays.csv")}
    return adam.post("/admin/calendar/import", data=data, content_type="multipart/form-data")


def test_the_administrator_adds_and_removes_a_day(world, adam):
    form = {"on_date": "2030-05-01", "kind": "off", "name_zh": "劳动<节"}
    assert adam.post("/admin/calendar", data=form).headers["Location"].endswith("year=2030")
    page = adam.get("/admin/calendar?year=2030").text
    assert "劳动&lt;节" in page and page.count('class="month"') == 12
    adam.post("/admin/calendar/2030-05-01/remove")
    assert (
        "劳动"
        not in adam.get("/admin/calendar?year=2030").text.partition("<tbody>")[2].rpartition("2030-05")[2]
    )
    assert adam.post("/admin/calendar/2030-05-01/remove").status_code == 404
    assert adam.post("/admin/calendar/yesterday/remove").status_code == 404


def test_an_unknown_year_says_that_its_holidays_are_missing(adam):
    assert "notice-warn" in adam.get("/admin/calendar?year=2040").text
    assert "notice-warn" not in adam.get("/admin/calendar?year=2026").text
    for year in ("x", "1999", "20311"):
        assert adam.get(f"/admin/calendar?year={year}").status_code == 400


def test_a_year_is_loaded_from_a_file_and_faults_are_shown_row_by_row(world, adam):
    assert upload(adam, "on_date,kind,name_zh\n2031-01-01,off,元旦\n").status_code == 302
    refused = upload(adam, "on_date,kind,name_zh\n2031-01-01,off,元旦\n2031-05-05,work,<script>\n")
    assert refused.status_code == 400
    rejects = refused.text.partition('id="rejects"')[2].partition("</table>")[0]
    assert '<td class="num">3</td><td><code>kind</code></td>' in rejects
    assert "<script>" not in rejects
    days = world.ask("SELECT on_date::text FROM app.holiday WHERE extract(year FROM on_date) = 2031")
    assert days == [("2031-01-01",)]
    for text, year in (
        ("", "2031"),
        ("a,b\n1,2\n", "2031"),
        ("on_date,kind,name_zh\n2031-01-01,off,x\n", "1900"),
    ):
        assert upload(adam, text, year).status_code == 302
    assert world.ask("SELECT count(*) FROM app.holiday WHERE extract(year FROM on_date) = 2031") == [(1,)]


def rules_of(world, kind, step):
    return world.ask(
        "SELECT days, in_working_days, valid_from = app.today(), valid_to = app.today() - 1 FROM app.finding_rule"
        " WHERE kind = %s AND step = %s ORDER BY valid_from",
        kind,
        step,
    )


def test_the_administrator_sets_a_deadline_from_a_day_on(world, adam):
    [(today, tomorrow)] = world.ask("SELECT app.today()::text, (app.today() + 1)::text")
    form = {"kind": "L4", "step": "correction", "days": "7", "unit": "calendar", "source": "区规定"}
    adam.post("/admin/deadlines", data={**form, "valid_from": tomorrow})
    adam.post("/admin/deadlines", data={**form, "valid_from": today, "days": "2", "unit": "working"})
    assert rules_of(world, "L4", "correction") == [(3, False, False, True), (2, True, True, None)]
    assert "区规定" in adam.get("/admin/deadlines").text
    found = finding(world, kind="L4")
    assert world.ask(
        "SELECT days, in_working_days FROM app.finding_deadline WHERE incident_id = %s AND step = 'correction'",
        found,
    ) == [(2, True)]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "OK"}, {"kind": "L9"}, {"step": "demolition"}, {"days": "0"}, {"days": "367"}, {"days": "x"},
        {"valid_from": "2014-01-01"}, {"valid_from": "soon"}, {"source": " "}, {"source": "x" * 201},
    ],
)  # fmt: skip
def test_a_deadline_that_cannot_be_is_refused_in_words(world, adam, change):
    [(today,)] = world.ask("SELECT app.today()::text")
    before = world.ask("SELECT count(*) FROM app.finding_rule")
    form = {
        "kind": "L5",
        "step": "correction",
        "days": "7",
        "unit": "working",
        "valid_from": today,
        "source": "x",
    }
    adam.post("/admin/deadlines", data={**form, **change})
    assert "flash-danger" in adam.get("/admin/deadlines").text
    assert world.ask("SELECT count(*) FROM app.finding_rule") == before
