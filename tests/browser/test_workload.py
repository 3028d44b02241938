"""Is the work shared fairly, and how should the cells be divided: from the page to the file, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.screenshots import picture

pytestmark = pytest.mark.browser
PATIENT = 30_000  # milliseconds for what the server counts


@pytest.fixture
def desk(page_of, live_server: str):
    """A planner's page, painted."""

    def opened(path: str, *, width: int = 1440, language: str = "en") -> Page:
        page = page_of("planner1", viewport={"width": width, "height": 1000})
        page.goto(f"{live_server}{path}{'&' if '?' in path else '?'}lang={language}")
        expect(page.locator("html[data-map-ready]")).to_be_attached(timeout=PATIENT)
        return page

    return opened


@pytest.mark.parametrize(("path", "name"), [
    ("/planner/workload", "workload"),
    ("/planner/beats?beats=60&today=community", "beats"),
    ("/planner/split?community=440306007001&cells=12", "split"),
])  # fmt: skip
@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 360)])
def test_pages_are_whole_and_quiet(page_of, live_server: str, path, name, language, width):
    page = page_of("planner1", viewport={"width": width, "height": 900})
    noise: list[str] = []
    page.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: noise.append(str(e)))
    page.goto(f"{live_server}{path}{'&' if '?' in path else '?'}lang={language}")
    expect(page.locator("html[data-map-ready]")).to_be_attached(timeout=PATIENT)
    for chart in page.locator("figure.chart:not(#chart-ranked)").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible(timeout=PATIENT)
    page.evaluate("scrollTo(0, 0)")
    picture(page, f"{name}-{language}-{width}.png")
    assert noise == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_from_the_heaviest_cell_to_its_rows(desk):
    page = desk("/planner/workload")
    page.get_by_role("list", name="In short").get_by_role("button").first.click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("Minutes by term", timeout=PATIENT)
    expect(panel).to_contain_text("Place in order")
    expect(panel).to_contain_text("1 / ")
    panel.get_by_role("link", name="Rental units of the cell").click()
    expect(page).to_have_url(re.compile("/map/cells/[0-9]+.*layer=rental_unit"))


def test_other_weights_are_tried_kept_and_told(desk):
    page = desk("/planner/workload")
    page.locator("#formula summary").click()
    page.fill('input[name="w-check.watch"]', "30")
    page.get_by_role("button", name="Try these weights").click()
    expect(page.locator(".notice-warn")).to_contain_text("weights tried out")
    assert "what_if=check.watch" in page.url
    picture(page, "workload-tried.png")
    page.get_by_role("link", name="Versions, measured values, keep").click()
    expect(page.locator('input[name="w-check.watch"]')).to_have_value("30")
    picture(page, "workload-weights.png")
    page.fill("#reason", "Watched units need more time")
    page.get_by_role("button", name="Keep as a new version").click()
    expect(page.locator("#versions")).to_contain_text("8 → 30")
    page.get_by_role("link", name="Workload", exact=True).last.click()
    expect(page.locator(".stated")).to_contain_text("weights of version 2")


def test_beats_are_asked_for_shown_and_taken_along(desk):
    page = desk("/planner/beats?today=community")
    page.fill("#ask-beats", "40")
    page.fill("#ask-max_dev", "0.05")
    page.select_option("#ask-within_communities", "false")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".findings")).to_contain_text("40 beats", timeout=PATIENT)
    page.select_option("#figure-list", "before_colour")
    expect(page.locator("#legend")).to_contain_text("colour 1", timeout=PATIENT)
    with page.expect_download() as taken:
        page.locator("#table-beats").get_by_role("link", name="CSV").click()
    assert len(taken.value.path().read_text("utf-8-sig").splitlines()) == 41


def test_a_draft_division_is_drawn_and_taken_along(desk):
    page = desk("/planner/beats?beats=60&today=community")
    page.get_by_role("link", name="Make a draft division").click()
    expect(page.locator(".findings")).to_contain_text("passed the check")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Draft division (GeoPackage)").click()
    assert taken.value.path().read_bytes().startswith(b"SQLite format 3")
