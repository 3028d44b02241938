"""The pages of the OGC API in Chromium: whole, quiet, their own, and no wider than the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_pages import map_ready
from tests.browser.test_maps import Watch, page
from tests.conftest import ROOT

__all__ = ["page"]
pytestmark = pytest.mark.browser
PAGES = {
    "landing": "/ogc",
    "conformance": "/ogc/conformance",
    "collections": "/ogc/collections",
    "collection": "/ogc/collections/rental_unit",
    "queryables": "/ogc/collections/incident/queryables",
    "tilesets": "/ogc/collections/rental_unit/tiles",
    "tileset": "/ogc/collections/rental_unit/tiles/WebMercatorQuad",
    "grid": "/ogc/tileMatrixSets/WebMercatorQuad",
    "items": "/ogc/collections/rental_unit/items?limit=30",
    "item": "/ogc/collections/incident/items/1",
}


def test_pages_are_whole_quiet_and_their_own(page: Page, live_server: str, sign_in):
    sign_in(page, "planner")
    page.wait_for_load_state("networkidle")
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in PAGES.items():
        watch = Watch(page, live_server)
        page.goto(live_server + path)
        map_ready(page)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(folder / f"ogc-{name}-{page.viewport_size['width']}.png"), full_page=True)
        assert (watch.outside, watch.failed, watch.noise) == ([], [], []), path
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, f"{path} scrolls sideways"


def test_a_browser_walks_from_the_landing_page_to_a_collection(page: Page, live_server: str, sign_in):
    sign_in(page, "officer")
    page.goto(f"{live_server}/ogc")
    page.click("a.card[href='/ogc/collections']")
    page.click("a[href='/ogc/collections/cell']")
    expect(page.locator("h1")).to_have_text("网格")
    expect(page.locator(".small-map .leaflet-container, .small-map.leaflet-container")).to_be_visible()
    page.locator("[data-copy=how-root]").click()
    expect(page.locator("[data-copy=how-root]")).not_to_have_text("Copy")
    assert page.locator("#how-root").inner_text() == f"{live_server}/ogc"
