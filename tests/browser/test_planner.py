"""The frame of the planner's pages in Chromium: quiet, its own, linked, escaped, for keys and for phones."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.asking import rows
from tests.conftest import ROOT, make_app
from tests.planner_example import EVIL, add_to

pytestmark = pytest.mark.browser
AXE = ROOT / "tests/browser/vendor/axe.min.js"
CHARTS = ("ranked", "bars", "trend", "few", "many", "gain", "loads", "lorenz", "before")


@pytest.fixture(scope="module")
def app(demo_url: str):
    application = add_to(make_app(demo_url))
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def evil_cell(demo_url: str) -> str:
    """A cell whose name is markup."""
    [(code,)] = rows(demo_url, "SELECT min(code) FROM app.cell")
    rows(demo_url, "UPDATE app.cell SET name_zh = %s WHERE code = %s RETURNING 1", (EVIL, code))
    return code


def picture(page: Page, name: str) -> None:
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / name), full_page=True)


def draw_all(page: Page) -> None:
    """Bring every chart into sight once, as a reader who scrolls down does."""
    for name in CHARTS:
        chart = page.locator(f"#chart-{name}")
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 1440), ("zh", 360), ("en", 360)])
def test_page_is_whole_quiet_and_its_own(page_of, live_server: str, evil_cell, language: str, width: int):
    page = page_of("planner1", viewport={"width": width, "height": 800})
    outside, noise = [], []
    page.on("request", lambda r: r.url.startswith((live_server, "data:", "blob:")) or outside.append(r.url))
    page.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: noise.append(str(e)))
    page.on("response", lambda r: noise.append(r.url) if r.status >= 400 else None)
    page.goto(f"{live_server}/planner/example?lang={language}")
    expect(page.locator("html[data-map-ready]")).to_be_attached()
    draw_all(page)
    page.evaluate("scrollTo(0, 0)")
    picture(page, f"planner-{language}-{width}.png")
    assert (outside, noise) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
