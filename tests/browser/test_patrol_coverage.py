"""Patrol coverage in Chromium: the slider over the days, the gaps, the way to a round, phones and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_pages import map_ready
from tests.conftest import ROOT
from tests.screenshots import picture

pytestmark = pytest.mark.browser
AXE = ROOT / "tests/browser/vendor/axe.min.js"


@pytest.fixture
def desk(page_of, live_server: str):
    """The page of the last 30 days, painted, at a desk, with what the browser complained about."""

    def opened(query: str = "", **options) -> Page:
        page = page_of("planner1", language="en", **{"viewport": {"width": 1440, "height": 1000}, **options})
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: page.complaints.append(message.text) if message.type == "error" else None,
        )
        page.goto(f"{live_server}/planner/patrol?lang=en&{query}")
        map_ready(page)
        expect(page.locator("#legend ul")).to_be_visible()
        return page

    return opened


def colours(page: Page) -> list[str]:
    """Fill colours of the outlines on the map, in the order of their codes."""
    return page.evaluate(
        """() => {
            const found = [];
            gridTools[0].map.eachLayer((layer) => {
                const code = layer.feature?.properties?.code;
                if (code && layer.options.fillColor) found.push([code, layer.options.fillColor]);
            });
            return found.sort().map(([, colour]) => colour);
        }"""
    )


def test_slider_colours_the_map_by_day_and_back(desk):
    page = desk()
    whole = colours(page)
    page.select_option("#time-step", "days")
    expect(page.locator("#time-at")).to_be_enabled()
    expect(page.locator("#time-label")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d$"))
    last = page.locator("#time-label").inner_text()
    day = colours(page)
    assert len(day) == len(whole) and day != whole
    page.locator("#time-at").press("ArrowLeft")
    expect(page.locator("#time-label")).not_to_have_text(last)
    before = page.locator("#time-label").inner_text()
    assert f"from={before}&to={before}" in page.locator("#time-open").get_attribute("href")
    page.select_option("#time-step", "weeks")
    expect(page.locator("#time-label")).to_have_text(re.compile(r" – "))
    page.select_option("#time-step", "")
    expect(page.locator("#time-open")).to_be_hidden()
    assert colours(page) == whole
    assert page.complaints == []


def test_day_of_the_slider_opens_as_the_period(desk):
    page = desk()
    page.select_option("#time-step", "days")
    expect(page.locator("#time-open")).to_be_visible()
    day = page.locator("#time-label").inner_text()
    page.click("#time-open")
    expect(page.locator("#ask-from")).to_have_value(day)
    expect(page.locator("#ask-to")).to_have_value(day)


def test_gaps_lead_from_the_map_to_a_plan(desk):
    page = desk("level=cell")
    page.click("#gaps-button")
    expect(page.locator("#gaps-rows tr")).to_have_count(20)
    page.locator("#gaps-rows button.link").first.click()
    expect(page.locator("#panel h2")).to_be_visible()
    expect(page.locator("#panel")).to_contain_text("Tracks that touch the cell")
    picture(page, "patrol-gaps.png")
    page.click("#gaps-button")
    expect(page.locator("#gaps")).to_be_hidden()
    assert page.complaints == []


def test_cell_one_clicks_shows_its_own_gaps(desk):
    page = desk("level=cell")
    page.click("#gaps-button")
    expect(page.locator("#gaps-rows tr")).to_have_count(20)
    page.locator("#places-table tbody tr >> nth=3").locator("button, a").first.click()
    expect(page.locator("#gaps-rows tr")).not_to_have_count(20)


def test_two_periods_are_compared(desk, live_server):
    page = desk()
    first, last = page.input_value("#ask-from"), page.input_value("#ask-to")
    page.goto(f"{live_server}/planner/patrol?from={last}&to={last}&than_from={first}&than_to={first}")
    expect(page.locator("#chart-change")).to_be_attached()
    expect(page.locator("#figure-list")).to_have_value("share_change")
    picture(page, "patrol-compared.png")
    assert page.complaints == []


def test_parcels_are_a_level_of_the_map(desk):
    page = desk()
    page.locator("#level-list label", has_text="Parcel").click()
    expect(page.locator("#chart-ranked")).to_be_visible()
    page.wait_for_function("() => new URL(location.href).searchParams.get('level') === 'parcel'")
    assert len(colours(page)) > 100
    assert page.complaints == []


@pytest.mark.parametrize(("width", "height"), [(360, 780), (1440, 1000)])
def test_nothing_overflows_and_axe_finds_nothing(desk, width, height):
    page = desk(viewport={"width": width, "height": height}, bypass_csp=True)  # axe is injected
    page.click("#gaps-button")
    expect(page.locator("#gaps-rows tr").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    picture(page, f"patrol-{width}.png")


def test_page_without_a_script_has_the_tables(page_of, live_server):
    page = page_of("planner1", language="en", java_script_enabled=False)
    page.goto(f"{live_server}/planner/patrol?view=table")
    expect(page.locator("#table-communities tbody tr")).to_have_count(28)
    expect(page.locator("#table-cells tbody tr")).to_have_count(735)
