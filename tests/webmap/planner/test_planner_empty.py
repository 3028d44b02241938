"""What the planner's pages say where there is nothing to show: no patrol, no facility, no site, no run."""

from __future__ import annotations

import pytest

from tests.conftest import sign_in_client
from tests.world import PASSWORD

LONG_AGO = "from=2001-01-01&to=2001-03-25"


@pytest.fixture(scope="module")
def petra(world_app, world):
    client = sign_in_client(world_app, "petra", PASSWORD)
    client.get("/?lang=en")
    return client


@pytest.mark.parametrize(("language", "told"), [
    ("en", "No patrol covered anything in this period."), ("zh", "这一时段没有任何巡查覆盖。"),
])  # fmt: skip
def test_a_period_without_patrols_tells_of_none(petra, language, told):
    page = petra.get(f"/planner/patrol?{LONG_AGO}&lang={language}").text
    petra.get("/?lang=en")
    assert page.count("<li>" + told) == 1
    assert "is covered least" not in page and "覆盖最低" not in page


def test_a_period_without_incidents_tells_of_none(petra):
    assert (
        "No incident (all kinds) happened in this period." in petra.get(f"/planner/hotspots?{LONG_AGO}").text
    )


def test_without_a_facility_there_is_no_curve(petra):
    page = petra.get("/planner/services?kind=hospital").text
    assert "There is no facility of this kind." in page and 'id="chart-ranked"' in page
    assert 'id="chart-curve"' not in page


def test_without_a_site_there_is_nothing_to_keep_and_no_curve(petra):
    page = petra.get("/planner/sites").text
    assert "There is no candidate of this sort." in page
    assert "Keep these sites as a draft" not in page
    assert 'id="chart-gain"' not in page and 'id="chart-equity"' not in page


def test_work_that_stays_is_not_said_to_fall(petra):
    page = petra.get("/planner/workload").text
    assert "the work has stayed as it was." in page and "fallen by 0" not in page


def test_lists_without_rows_say_so(petra):
    assert "Nothing was run yet." in petra.get("/planner/runs?analysis=beats").text


def test_the_version_nobody_kept_is_explained_in_the_readers_language(petra):
    page = petra.get("/planner/workload/weights?lang=zh").text
    petra.get("/?lang=en")
    assert "系统自带的权重" in page and "Weights the system" not in page


@pytest.mark.parametrize("path", ["/planner/workload/weights", "/planner/roads", "/planner/patrol/targets"])
def test_pages_below_a_question_belong_to_planning_and_to_its_tab(petra, path):
    page = petra.get(path).text
    assert page.count('class="here"') == 1 and page.count('aria-current="page"') == 1
