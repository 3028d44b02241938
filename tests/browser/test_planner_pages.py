"""Every page of the planner on a phone, in both languages: within its width, drawn, told in one language; printed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.asking import rows
from tests.browser.map_pages import map_ready

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
PAGES = (
    "/planner",
    "/planner/patrol",
    "/planner/patrol?radius_m=70",  # not painted
    "/planner/patrol?view=table",
    "/planner/patrol/targets",
    "/planner/services",
    "/planner/sites",
    "/planner/roads",
    "/planner/hotspots",
    "/planner/workload",
    "/planner/workload/weights",
    "/planner/beats",
    "/planner/split?community=440306002001&cells=17",
    "/planner/schedules",
    "/planner/runs",
    "/planner/runs/1",
)
# What is of the other language: any Chinese, three English words in a row.
FOREIGN = {"en": re.compile("[\u4e00-\u9fff]+"), "zh": re.compile("[a-z]{2,}(?:[ ,×]+[a-z]{2,}){2,}")}
# Words of a page but of its frame, of names of parcels, which are Chinese only, and of the command one types.
WORDS = """() => {
    const words = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const { parentElement: box, textContent } = walker.currentNode;
        if (!box.closest("script, style, noscript, [lang]:not(html), [translate=no], #table-parcels")) words.push(textContent);
    }
    return words.join(" ");
}"""


@pytest.fixture(scope="module")
def filled(demo_url: str, app) -> None:
    """A run that failed and a draft of sites, so that their rows are there."""
    rows(
        demo_url,
        "INSERT INTO app.analysis_run (analysis, parameters, parameters_sha256, account_id, state, ended_at, message)"
        " SELECT 'workload', '{\"days\": 91, \"months\": 6}', sha256('x'), account_id, 'failed', now(),"
        " 'It took longer than an hour and was given up.' FROM app.account WHERE username = 'planner1' RETURNING 1",
    )
    rows(
        demo_url,
        "INSERT INTO app.site_draft (name, kind, parameters, outcome, data_version)"
        " VALUES ('Parks', 'park', '{}', '{}', 'x') RETURNING 1",
    )


def opened(page: Page, address: str) -> None:
    page.goto(address)
    if page.locator(".map-frame").count():
        map_ready(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_a_phone_and_speak_one_language(page_of, live_server, filled, language):
    page = page_of("planner1", viewport=PHONE)
    page.goto(f"{live_server}/?lang={language}")
    wide, foreign, tabless = [], {}, []
    for path in PAGES:
        opened(page, live_server + path)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            wide.append(path)
        reader = page.locator(".who").text_content()
        if found := set(FOREIGN[language].findall(page.evaluate(WORDS))) - {reader}:
            foreign[path] = found
        tab = page.locator(".tabs [aria-current]")
        if path != "/planner" and not in_sight(tab):
            tabless.append(path)
    assert (wide, foreign, tabless) == ([], {}, [])


def in_sight(tab) -> bool:
    """Whether a tab is within its row, which scrolls."""
    return tab.count() == 1 and tab.evaluate(
        """tab => {
            const [own, row] = [tab, tab.closest(".tabs")].map((one) => one.getBoundingClientRect());
            return own.left >= row.left - 1 && own.right <= row.right + 1;
        }"""
    )


@pytest.mark.parametrize("path", ["/planner/patrol", "/planner/services"])
def test_charts_of_a_phone_are_drawn_when_one_comes_to_them(page_of, live_server, path):
    page = page_of("planner1", viewport=PHONE)
    opened(page, live_server + path)
    charts = page.locator("[data-chart]:visible")
    expect(charts.first).to_be_attached()
    for chart in charts.all():
        assert chart.locator("svg").count() == 0
    for chart in charts.all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg")).to_be_visible()
        assert chart.locator(".chart-area").evaluate("area => area.scrollWidth <= area.clientWidth")


def test_what_was_not_in_sight_is_drawn_for_paper(page_of, live_server):
    page = page_of("planner1", viewport=PHONE)
    opened(page, f"{live_server}/planner/workload")
    page.wait_for_function("() => window.vegaEmbed")
    charts = page.locator("[data-chart]:visible")
    assert charts.locator("svg").count() == 0
    page.pdf()
    assert charts.locator("svg").count() == charts.count() > 2


@pytest.mark.parametrize("path", ["/planner/workload", "/planner/beats", "/planner/hotspots"])
def test_words_of_a_legend_do_not_lie_on_each_other(page_of, live_server, path):
    page = page_of("planner1", viewport=PHONE)
    opened(page, f"{live_server}{path}?lang=en")
    words = page.locator("#legend li span")
    expect(words.first).to_be_visible()
    boxes = [one.bounding_box() for one in words.all()]
    for at, one in enumerate(boxes):
        assert one["x"] >= 0 and one["x"] + one["width"] <= PHONE["width"]
        for other in boxes[at + 1 :]:
            beside = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
            below = one["y"] + one["height"] <= other["y"] + 1 or other["y"] + other["height"] <= one["y"] + 1
            assert beside or below
