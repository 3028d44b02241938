"""Service coverage and the street network in Chromium on the demo district."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.map_pages import map_ready

pytestmark = pytest.mark.browser


def picture(page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1400])
def test_from_the_question_to_figures_rows_and_catchment(page_of, live_server, width):
    page = page_of("planner1", language="en", viewport={"width": width, "height": 900})
    page.goto(f"{live_server}/planner/services?lang=en&kind=hospital&minutes=15")
    map_ready(page)
    expect(page.locator("h1")).to_have_text("Services within reach")
    expect(page.get_by_text("invented for the demo", exact=False).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_selector("#places-table tbody tr")
    picture(page, f"services-{width}")
    page.locator("#places-table tbody button").first.click()
    expect(page.locator("#panel")).to_contain_text("Buildings farthest from one")
    assert page.locator("#panel table tbody tr").count() > 5
    picture(page, f"services-place-{width}")
    page.locator("#ask-weekday").select_option("Su")
    page.locator("#ask-kind").select_option("health_centre")
    page.locator("#asked button[type=submit]").click()
    map_ready(page)
    expect(page.get_by_text(re.compile("o'clock on that day"))).to_be_visible()
    assert "weekday=Su" in page.url and "kind=health_centre" in page.url


def test_a_click_on_a_facility_draws_its_catchment(page_of, live_server):
    page = page_of("planner1", language="en", viewport={"width": 1400, "height": 900})
    page.goto(f"{live_server}/planner/services?lang=en&kind=hospital&minutes=15")
    map_ready(page)
    with page.expect_response(re.compile("/planner/services/catchment/F")) as answer:
        page.evaluate(
            "(() => { const map = Object.values(window).find((one) => one instanceof L.Map);"
            " map.eachLayer((l) => { if (!window.hit && l.feature?.properties?.code && l instanceof L.CircleMarker)"
            " { window.hit = true; l.fire('click', { latlng: l.getLatLng(), originalEvent: new Event('click') }); } }); })()"
        )
    found = json.loads(answer.value.text())
    assert [one["properties"]["is_area"] for one in found["features"]] == [True, False]
    expect(page.locator("#panel")).to_contain_text("Opening hours")
    picture(page, "services-catchment")


def test_a_network_is_brought_by_the_page_and_a_broken_file_changes_nothing(
    page_of, live_server, tmp_path: Path
):
    page = page_of("planner1", language="en", viewport={"width": 1200, "height": 900})
    page.goto(f"{live_server}/planner/roads?lang=en")
    expect(page.get_by_text("These streets are invented for the demo", exact=False)).to_be_visible()
    picture(page, "roads")
    broken = tmp_path / "streets.geojson"
    broken.write_text('{"type": "FeatureCollection", "features": [')
    page.set_input_files("#file", broken)
    page.get_by_role("button", name="Replace the network").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing has changed. not JSON")
    expect(page.get_by_text("These streets are invented for the demo", exact=False)).to_be_visible()


def test_the_table_twin_holds_the_same_without_a_script(page_of, live_server):
    page = page_of("auditor1", language="en", java_script_enabled=False)
    page.goto(f"{live_server}/planner/services?lang=en&kind=park&view=table")
    for title in ("Communities", "Cells", "Every kind in the district", "Facilities of the kind"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    picture(page, "services-table")


def test_new_sites_from_the_question_to_a_kept_draft(page_of, live_server):
    page = page_of("planner1", language="en", viewport={"width": 1400, "height": 900})
    page.goto(f"{live_server}/planner/sites?lang=en&kind=hospital&minutes=15&candidates=streets&k=3")
    map_ready(page)
    expect(page.get_by_text(re.compile(r"3 new sites bring .* within 15 minutes"))).to_be_visible()
    assert page.locator("#table-sites tbody tr").count() == 3
    expect(page.locator("#ask-picked")).to_be_hidden()
    page.locator("#chart-gain").scroll_into_view_if_needed()
    expect(page.locator("#chart-gain svg, #chart-gain canvas")).to_be_visible()
    picture(page, "sites")
    page.locator("#draft-name").fill("三处医院")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("The draft is kept.")).to_be_visible()
    map_ready(page)
    page.locator("#drafts").get_by_role("button", name="Show on the map").click()
    picture(page, "sites-draft")
    page.locator("#drafts").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There are none yet.")).to_be_visible()


def test_a_click_on_the_map_picks_a_candidate(page_of, live_server):
    page = page_of("planner1", language="en", viewport={"width": 360, "height": 800})
    page.goto(f"{live_server}/planner/sites?lang=en&kind=hospital&candidates=picked")
    map_ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#map-frame .folium-map").scroll_into_view_if_needed()
    box = page.locator("#map-frame .folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert re.fullmatch(r"113\.\d+,22\.\d+", page.locator("#ask-picked").input_value())
    picture(page, "sites-360")
    page.locator("#asked button[type=submit]").click()
    map_ready(page)
    assert page.locator("#table-sites tbody tr").count() == 1
