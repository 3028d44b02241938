"""What is served, and where to put new sites: from the way to the page to the report on paper, as planners go it."""

from __future__ import annotations

import logging
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_pages import map_ready
from tests.papers import pages as pages_of
from tests.pdf_pictures import pictures_of
from tests.screenshots import picture
from webmap.planner.palette import ramp

pytestmark = pytest.mark.browser
A4, A3 = (210, 297), (420, 297)
COMMUNITIES = 28
ENOUGH = 100  # pixels of a colour that are more than the edge of a line


@pytest.fixture
def desk(page_of, live_server: str):
    """A planner at a desk on a question's page, come by the navigation, with what the browser complained about."""

    def opened(title: str) -> Page:
        page = page_of("planner1", language="zh", viewport={"width": 1440, "height": 1000})
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.get_by_role("button", name="规划", exact=True).click()
        page.get_by_role("link", name="全部问题", exact=True).click()
        page.locator("main").get_by_role("link", name=title, exact=True).click()
        painted(page)
        return page

    return opened


def painted(page: Page) -> None:
    map_ready(page)
    expect(page.locator("#legend li")).not_to_have_count(0)


def ask(page: Page, **values: str) -> None:
    """Change some parameters and ask again."""
    for name, value in values.items():
        field = page.locator(f"#ask-{name}")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("#asked button[type=submit]").click()
    page.wait_for_url(lambda url: all(f"{name}={value}" in url for name, value in values.items()))
    painted(page)


def click_on_map(page: Page, code: str) -> None:
    page.locator("#map-frame").scroll_into_view_if_needed()
    at = page.evaluate(
        """code => {
            const map = gridTools[0].map; let found = null;
            map.eachLayer(layer => { if (layer.feature?.properties?.code === code && layer.getLatLngs) found = layer; });
            map.fitBounds(found.getBounds(), { animate: false });
            return map.latLngToContainerPoint(found.getCenter());
        }""",
        code,
    )
    page.locator(".folium-map").click(position={"x": at["x"], "y": at["y"]})


def reports(page: Page, live_server: str, caplog) -> dict[str, bytes]:
    """Keep what is asked as a run, wait for it, and take away its report on both sizes of paper."""
    page.locator(".keep-form button").first.click()
    expect(page).to_have_url(re.compile(r"/planner/runs/\d+"))
    expect(page.get_by_role("link", name="PDF A4", exact=True)).to_be_visible()
    found = {}
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        for paper in ("A4", "A3"):
            way = page.get_by_role("link", name=f"PDF {paper}", exact=True).get_attribute("href")
            answer = page.request.get(f"{live_server}{way}")
            assert answer.headers["content-type"] == "application/pdf"
            found[paper] = answer.body()
    assert [said.getMessage() for said in caplog.records if ".notdef" in said.getMessage()] == []
    return found


def said_on(pdf: bytes, size: tuple[int, int], name: str, *, good: str) -> str:
    """The words of a report: its pages have that size, none is blank, and the first shows a coloured map."""
    read = pages_of(pdf)
    assert {page.size for page in read} == {size} and 2 <= len(read) <= 8
    pages = pictures_of(pdf, name, pages=len(read))
    for page in pages:
        shades = page.convert("L").histogram()
        assert sum(shades[:128]) > 0.0005 * sum(shades), "a page is blank"
    counts = {colour: count for count, colour in pages[0].getcolors(1 << 24)}
    of_the_map = [colour for colour in map(rgb, ramp(good, 5)) if counts.get(colour, 0) > ENOUGH]
    assert len(of_the_map) >= 2, "the map has no colours"
    return "".join(page.text for page in read)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_what_is_served_from_the_way_there_to_the_paper(desk, live_server: str, working, caplog):
    page = desk("公共服务")
    ask(page, kind="hospital", minutes="15")
    code = page.locator("#places-table tbody tr").first.get_attribute("data-code")
    click_on_map(page, code)
    panel = page.locator("#panel")
    expect(panel).to_contain_text("步行最远的楼栋")
    expect(panel).to_contain_text(code)
    assert panel.locator("table tbody tr").count() > 5
    expect(panel.locator("dl dd").first).to_have_text(re.compile(r"\d"))
    picture(page, "services-zh-1440.png")
    papers = reports(page, live_server, caplog)
    for name, size in (("A4", A4), ("A3", A3)):
        text = said_on(papers[name], size, f"services-zh-{name}", good="high")
        for words in ("服务可达性", "全区", "医院", "15", "按分钟计的居民", "该类设施", "指标说明", "虚构"):
            assert words in text, (name, words)
        assert text.count("社区") > COMMUNITIES  # the map has their names, the chart and the table have them
    assert page.complaints == []


def test_where_to_put_new_sites_from_the_way_there_to_the_paper(desk, live_server: str, working, caplog):
    page = desk("新增站点")
    ask(page, kind="hospital", minutes="15", candidates="streets", k="2")
    expect(page.locator("#table-sites tbody tr")).to_have_count(2)
    page.select_option("#figure-list", "gained")
    row = page.locator("#places-table tbody tr").first
    code = row.get_attribute("data-code")
    click_on_map(page, code)
    panel = page.locator("#panel")
    expect(panel).to_contain_text("楼栋")
    assert panel.locator("table tbody tr").count() > 5
    picture(page, "sites-zh-1440.png")
    papers = reports(page, live_server, caplog)
    for name, size in (("A4", A4), ("A3", A3)):
        text = said_on(papers[name], size, f"sites-zh-{name}", good="")
        for words in ("新增站点", "全区", "选定的点", "再增加点的效果", "街道沿线", "指标说明", "虚构"):
            assert words in text, (name, words)
    assert page.complaints == []
