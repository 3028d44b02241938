"""Every map page in Chromium: no failed or outside request, no console error, light and ready in time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_pages import map_ready
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
PAGES = {
    "district": ("planner", "/map"),
    "community": ("planner", "/map/communities/440306007006"),
    "cell": ("officer", None),
    "query": ("planner", "/query"),
    "coverage": ("planner", "/planner/patrol"),
    "home": ("officer", "/"),
}
FIRST_VIEW_BYTES = 1_500_000


class Watch:
    """Writes down everything a page asks for and complains about."""

    def __init__(self, page: Page, home: str) -> None:
        self.outside: list[str] = []
        self.failed: list[str] = []
        self.noise: list[str] = []
        self.bytes = 0
        page.on("request", lambda r: r.url.startswith((home, "data:", "blob:")) or self.outside.append(r.url))
        page.on("requestfailed", lambda r: self.failed.append(f"{r.url} {r.failure}"))
        page.on("console", lambda m: self.noise.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.noise.append(str(e)))
        page.on("response", self._count)

    def _count(self, response) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.url} {response.status}")
        self.bytes += int(response.headers.get("content-length", 0))


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desktop", "phone"])
def page(request, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_quiet_and_its_own(page: Page, name: str, live_server: str, sign_in):
    role, path = PAGES[name]
    sign_in(page, role)
    path = path or page.locator("article h2 a").first.get_attribute("href")
    page.wait_for_load_state("networkidle")
    watch = Watch(page, live_server)
    started = time.monotonic()
    page.goto(live_server + path)
    if name != "home":
        map_ready(page)
    ready_s = time.monotonic() - started
    page.wait_for_load_state("networkidle")
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{name}-{page.viewport_size['width']}.png"))
    assert (watch.outside, watch.failed, watch.noise) == ([], [], [])
    assert watch.bytes <= FIRST_VIEW_BYTES, f"{watch.bytes:,} bytes, ready after {ready_s:.1f} s"
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page scrolls sideways"


def test_figure_switch_is_kept_in_the_address_and_drill_down_leads_to_the_cell(
    page: Page, live_server: str, sign_in
):
    sign_in(page, "planner")
    page.goto(f"{live_server}/map?figure=rental_units")
    expect(page.locator("#legend")).to_contain_text("出租屋")
    page.locator("input[name=figure][value=overdue_units]").dispatch_event("click")
    expect(page).to_have_url(re.compile("figure=overdue_units"))
    page.goto(f"{live_server}/map/communities/440306007006?figure=overdue_units")
    expect(page.locator("#legend")).to_contain_text("超期未走访")


def test_search_finds_a_community_by_pinyin_initials(page: Page, live_server: str, sign_in):
    sign_in(page, "planner")
    page.goto(f"{live_server}/map")
    page.locator("#map-search input").fill("lsl")
    expect(page.locator("#map-search")).to_contain_text("李松蓢")


def test_table_twin_holds_every_community(page: Page, live_server: str, sign_in):
    sign_in(page, "planner")
    page.goto(f"{live_server}/map?view=table")
    assert page.locator("table.data tbody tr").count() == 28
