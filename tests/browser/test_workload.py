"""Is the work shared fairly, and how should the cells be divided: from the page to the file, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_pages import map_ready
from tests.papers import Paper, pages
from tests.screenshots import keep, picture

pytestmark = pytest.mark.browser
A4, A3 = (210, 297), (420, 297)
MISSING = "\N{REPLACEMENT CHARACTER}"


@pytest.fixture
def desk(page_of, live_server: str):
    """A planner's page, painted."""

    def opened(path: str, *, width: int = 1440, language: str = "en") -> Page:
        page = page_of("planner1", viewport={"width": width, "height": 1000})
        page.goto(f"{live_server}{path}{'&' if '?' in path else '?'}lang={language}")
        map_ready(page)
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
    map_ready(page)
    for chart in page.locator("figure.chart:not(#chart-ranked)").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    picture(page, f"{name}-{language}-{width}.png")
    assert noise == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_from_the_heaviest_cell_to_its_rows(desk):
    page = desk("/planner/workload")
    page.get_by_role("list", name="In short").get_by_role("button").first.click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("Minutes by term")
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
    expect(page.locator(".findings")).to_contain_text("40 beats")
    page.select_option("#figure-list", "before_colour")
    expect(page.locator("#legend")).to_contain_text("colour 1")
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


@pytest.fixture
def paper(live_server: str, working):
    """From a question's page to the pages of its report: asked for, waited for, taken away."""

    def taken(page: Page, name: str, query: str = "") -> list[Paper]:
        page.locator(".keep-form button[name=report]").click()
        expect(page).to_have_url(re.compile(r"/planner/runs/\d+\?.*report=1"))
        link = page.locator(".notice a[href$='report.pdf']")
        expect(link).to_be_visible()
        return paper_of(page, live_server, name, query)

    return taken


def paper_of(page: Page, live_server: str, name: str, query: str) -> list[Paper]:
    """The pages of the report of the run one looks at; every glyph of them is known."""
    address = page.url.partition("?")[0].removeprefix(live_server)
    answer = page.request.get(f"{live_server}{address}/report.pdf?{query}")
    assert answer.headers["content-type"] == "application/pdf"
    keep(f"report-{name}.pdf", answer.body())
    found = pages(answer.body())
    assert not [text for one in found for text in one.texts if MISSING in text]
    return found


def by_navigation(page: Page, live_server: str, language: str, tab: str) -> None:
    """To a question as a planner goes: the start page, planning, the question."""
    page.goto(f"{live_server}/?lang={language}")
    page.get_by_role("navigation").get_by_role(
        "button", name={"zh": "规划", "en": "Planning"}[language]
    ).click()
    page.get_by_role("navigation").locator("a[href='/planner']").click()
    page.locator(".questions").get_by_role("link", name=tab, exact=True).click()
    map_ready(page)


def test_from_who_has_too_much_work_to_the_paper(page_of, live_server: str, paper):
    page = page_of("planner1", viewport={"width": 1440, "height": 1000})
    by_navigation(page, live_server, "zh", "工作量")
    page.fill("#ask-days", "60")
    page.locator(".asked-button button").click()
    expect(page).to_have_url(re.compile("days=60"))
    expect(page.locator(".stated")).to_contain_text("60")
    page.locator("#level-list label", has_text="网格").click()
    page.locator("#places-table tbody button").nth(100).click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("每月分钟数")
    expect(panel.locator("table tbody tr").first).to_be_visible()
    assert "layer=rental_unit" in panel.get_by_role("link", name="本网格的出租屋").get_attribute("href")
    found = paper(page, "workload")
    assert {one.size for one in found} == {A4}
    words = "".join(one.text for one in found)
    assert found[0].text.startswith("工作量") and "全区" in found[0].text
    assert found[0].lines > 700  # every cell of the district is drawn
    assert "逐月变化" in found[0].text and len(found) <= 5  # map and charts stand together
    for said in ("每月分钟数", "洛伦兹曲线", "逐月变化", "各社区排序", "指标说明", "0.7124", "假设"):
        assert said in words, said
    one = paper_of(page, live_server, "workload-a3", "paper=A3&lang=en&community=440306007001")
    assert {sheet.size for sheet in one} == {A3}
    assert "Workload" in one[0].text and "440306007001" in one[0].text and one[0].lines > 20


def test_from_how_to_divide_anew_to_the_paper(page_of, live_server: str, paper):
    page = page_of("planner1", viewport={"width": 1440, "height": 1000})
    by_navigation(page, live_server, "en", "Beats")
    page.select_option("#ask-today", "community")
    page.fill("#ask-beats", "60")
    page.locator(".asked-button button").click()
    expect(page.locator(".findings")).to_contain_text("60 beats")
    expect(page.locator(".border-label").first).to_be_visible()
    row = page.locator("#places-table tbody tr").nth(7)
    row.get_by_role("button").click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("Beats proposed")
    work = panel.get_by_role("link", name="Its work, line by line")
    expect(work).to_have_attribute("href", re.compile("/planner/workload\\?place=[0-9]+"))
    found = paper(page, "beats", "lang=en")
    assert {one.size for one in found} == {A4}
    words = "".join(one.text for one in found)
    assert found[0].text.startswith("Beats") and "The whole district" in found[0].text
    assert found[0].lines > 700 and found[1].lines > 700  # today's beats and those proposed
    digits = [text for one in found[:2] for text in one.texts if len(text) == 1 and text.isdigit()]
    assert len(digits) >= 2 * (
        9 + 2 * 51
    )  # the number of every beat on its map, letter by letter, with its halo
    assert "Minutes of each beat" in found[1].text and len(found) <= 5
    for said in ("Beats proposed", "Beats today", "Minutes of each beat", "Before and after", "Lower bound"):
        assert said in words, said
    own = paper_of(page, live_server, "beats-a3", "paper=A3&lang=zh&community=440306007001")
    assert {one.size for one in own} == {A3}
    assert "440306007001" in own[0].text and "建议片区" in "".join(one.text for one in own)


def test_from_a_community_divided_anew_to_the_paper(page_of, live_server: str, paper):
    page = page_of("planner1", viewport={"width": 1440, "height": 1000})
    by_navigation(page, live_server, "zh", "片区划分")
    page.locator(".notice a[href*='/planner/split']").click()
    page.fill("#ask-cells", "12")
    page.locator(".asked-button button").click()
    expect(page.locator(".border-label").first).to_be_visible()
    page.locator(".border-label").first.click()
    expect(page.locator("#panel")).to_contain_text("每月分钟数")
    found = paper(page, "split")
    words = "".join(one.text for one in found)
    assert "光明社区" in found[0].text and sum(one.lines for one in found) > 24
    assert "各新网格分钟数" in found[0].text and len(found) <= 3
    for said in ("每月分钟数", "现每月分钟数", "各新网格分钟数", "012", "现有网格"):
        assert said in words, said
