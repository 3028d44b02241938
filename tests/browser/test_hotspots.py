"""The question of hot spots in a browser: from the sentences to a cell, its weeks, its incidents and the PDF."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_pages import map_ready
from tests.conftest import ROOT
from tests.screenshots import picture

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(page_of, live_server: str):
    """The page, painted."""

    def show(query: str = "", **options) -> Page:
        page = page_of("planner1", **{"viewport": {"width": 1440, "height": 1000}, **options})
        page.goto(f"{live_server}/planner/hotspots?{query}")
        map_ready(page)
        expect(page.locator("#legend li")).not_to_have_count(0)
        return page

    return show


def test_from_a_sentence_to_a_cell_and_its_weeks(opened):
    page = opened("lang=en")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sentence = page.locator(".findings [data-select]").first
    code = sentence.get_attribute("data-select")
    sentence.click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text(code)
    expect(panel.get_by_role("heading", name="Incidents behind it")).to_be_visible()
    expect(page.locator("#chart-weeks .card-title")).to_contain_text("week by week")
    page.locator("#chart-weeks").scroll_into_view_if_needed()
    drawn = page.locator("#chart-weeks svg")
    expect(drawn).to_contain_text("This cellExpected")
    assert f"place={code}" in page.url
    assert errors == []
    picture(page, "hotspots.png")


def test_effort_is_one_choice_away_and_a_click_beside_the_map_selects(opened):
    page = opened("lang=en")
    page.select_option("#figure-list", "effort_m")
    expect(page.locator("#figure-note")).to_contain_text("incidents are found where people walk")
    path = page.locator("svg.twin path").nth(3)
    path.dispatch_event("click")
    expect(page.locator("#panel")).to_contain_text(path.get_attribute("data-select"))


def test_a_kind_is_chosen_from_a_list_and_stands_in_the_address(opened):
    page = opened("lang=en")
    page.select_option("#ask-kind", "SR")
    page.locator(".asked-button button").click()
    page.wait_for_url(re.compile("kind=SR"))
    expect(page.locator(".stated")).to_contain_text("city appearance")
    expect(page.locator("#ask-kind")).to_have_value("SR")


def test_on_a_phone_nothing_hangs_over_the_edge(opened):
    page = opened("lang=zh", viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator(".findings li").first).to_contain_text("网格")
    picture(page, "hotspots-phone.png")


def test_from_the_question_to_the_paper(opened, live_server: str, working):
    page = opened("lang=zh")
    page.locator(".keep-form button").first.click()
    expect(page).to_have_url(re.compile(r"/planner/runs/\d+"))
    link = page.get_by_role("link", name=re.compile("PDF A4"))
    expect(link).to_be_visible()
    paper = page.request.get(f"{live_server}{link.get_attribute('href')}")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF-")
    (ROOT / ".local" / "screenshots" / "hotspots.pdf").write_bytes(paper.body())
