"""The tools of the maps, used as people use them: by mouse, by finger, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_pages import map_ready

pytestmark = pytest.mark.browser
CELL = "article h2 a"
EVIL = "<img src=x onerror=\"document.title='broken'\">${document.title='broken'}</script>"


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def open_map(page: Page, url: str) -> None:
    page.goto(url)
    map_ready(page)
    page.wait_for_load_state("networkidle")


def on_map(page: Page, right: float, down: float) -> tuple[float, float]:
    """A place on the map in page pixels, as shares of its width and height."""
    box = page.locator(".folium-map").bounding_box()
    return box["x"] + box["width"] * right, box["y"] + box["height"] * down


def test_a_mouse_goes_down_from_district_to_community_by_one_click(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    open_map(desk, f"{live_server}/map?figure=overdue_units")
    x, y = on_map(desk, 0.5, 0.5)
    desk.mouse.move(x, y)
    expect(desk.locator(".leaflet-tooltip")).to_contain_text("社区")
    desk.mouse.click(x, y)
    expect(desk).to_have_url(re.compile(r"/map/communities/\d{12}\?figure=overdue_units"))
    expect(desk.locator(".breadcrumb a")).to_have_count(1)


def test_a_finger_gets_the_value_first_and_then_the_way_down(phone: Page, live_server, sign_in):
    sign_in(phone, "planner")
    open_map(phone, f"{live_server}/map")
    phone.touchscreen.tap(*on_map(phone, 0.5, 0.5))
    panel = phone.locator("#panel")
    expect(panel).to_contain_text("未结事件")
    panel.get_by_role("link").click()
    expect(phone).to_have_url(re.compile(r"/map/communities/\d{12}"))


def test_the_sheet_opens_over_the_map_without_moving_it(phone: Page, live_server, sign_in):
    sign_in(phone, "planner")
    open_map(phone, f"{live_server}/map")
    before = phone.locator(".folium-map").bounding_box()
    phone.locator("#side-handle").tap()
    expect(phone.locator("#figure-list")).to_be_in_viewport()
    assert phone.locator(".folium-map").bounding_box() == before
    phone.locator("#figure-list label", has_text="巡查覆盖率").tap()
    expect(phone.locator("#legend")).to_contain_text("%")
    phone.locator("#side-handle").tap()
    expect(phone.locator("#figure-list")).to_be_hidden()


@pytest.mark.parametrize("path", ["/map", "/query"])
def test_controls_do_not_lie_on_one_another_and_are_large_enough(phone: Page, path, live_server, sign_in):
    sign_in(phone, "officer")
    open_map(phone, live_server + path)
    boxes = {}
    for name, selector in {
        "search": "#map-search",
        "zoom": ".leaflet-control-zoom",
        "credit": ".leaflet-control-attribution",
        "scale": ".leaflet-control-scale",
        "sheet": "#side",
        **{f"tool {i}": f"#map-tools button >> nth={i}" for i in range(2 if path == "/map" else 0)},
    }.items():
        boxes[name] = phone.locator(selector).bounding_box()
    names = sorted(boxes)
    overlaps = [(a, b) for a in names for b in names if a < b and _overlap(boxes[a], boxes[b])]
    assert overlaps == []
    small = phone.evaluate(
        """() => [...document.querySelectorAll('.map-frame button, .map-frame .leaflet-bar a, .side-handle')]
        .filter((e) => e.offsetParent && (e.offsetWidth < 44 || e.offsetHeight < 44)).map((e) => e.outerHTML)"""
    )
    assert small == []


def _overlap(a: dict, b: dict) -> bool:
    across = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    down = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    return across > 0.5 and down > 0.5


def test_an_officer_reports_an_incident_and_its_words_stay_words(desk: Page, live_server, sign_in):
    sign_in(desk, "officer")
    path = desk.locator(CELL).first.get_attribute("href")
    open_map(desk, live_server + path)
    open_incidents = int(desk.locator("[data-figure=open_incidents]").inner_text())
    desk.locator("#map-tools .map-tool-main").click()
    place = on_map(desk, 0.5, 0.5)
    desk.mouse.click(*place)
    dialog = desk.get_by_role("dialog")
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()  # nothing chosen yet
    dialog.locator("select").select_option(index=1)
    dialog.locator("textarea").fill(EVIL)
    with desk.expect_response("**/api/v1/incidents") as answer:
        dialog.locator("button[type=submit]").click()
    assert answer.value.status == 201
    number = answer.value.json()["id"]
    expect(dialog).to_be_hidden()
    open_map(desk, f"{live_server}{path}?record=incident.{number}")
    expect(desk.locator("#panel")).to_contain_text(EVIL)
    expect(desk.locator("#panel img")).to_have_count(0)
    expect(desk).not_to_have_title("broken")
    expect(desk.locator("[data-figure=open_incidents]")).to_have_text(str(open_incidents + 1))


def test_measuring_a_known_distance(desk: Page, live_server, sign_in):
    """Two points one thousandth of a degree of latitude apart: 111.2 m on Leaflet's sphere."""
    sign_in(desk, "planner")
    open_map(desk, f"{live_server}/map#19/22.76000/113.93000")
    desk.locator("#map-tools button").nth(1).click()
    desk.mouse.click(*on_map(desk, 0.5, 0.5))
    # 256·2^19 px are 360°; a degree of latitude is 1/cos(22.76°) of one of longitude in Web Mercator.
    pixels = 0.001 * 256 * 2**19 / 360 / 0.92213
    x, y = on_map(desk, 0.5, 0.5)
    desk.mouse.click(x, y - pixels)
    expect(desk.locator(".mode-bar")).to_contain_text(re.compile("11[01] m"))
    desk.keyboard.press("Escape")
    expect(desk.locator(".mode-bar")).to_have_count(0)


def test_search_by_keyboard_leads_to_the_community(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    open_map(desk, f"{live_server}/map")
    box = desk.get_by_role("combobox")
    box.fill("lsl")
    expect(desk.get_by_role("option").first).to_contain_text("李松蓢")
    box.press("ArrowDown")
    expect(desk.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(desk).to_have_url(re.compile(r"/map/communities/\d{12}"))


def test_a_drawn_polygon_lists_what_lies_in_it_and_a_point_says_where_it_is(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    open_map(desk, f"{live_server}/query#15/22.78050/113.88660")
    desk.locator("#query-layer").select_option("rental_unit")
    desk.locator("label:has(input[value=polygon])").click()
    for right, down in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)):
        desk.mouse.click(*on_map(desk, right, down))
    with desk.expect_response("**/api/v1/query") as answer:
        desk.mouse.click(*on_map(desk, 0.3, 0.3))
    matched = answer.value.json()["numberMatched"]
    assert matched > 0
    expect(desk.locator("#query-results .stat-value")).to_have_text(f"{matched:,}")
    assert desk.locator("#query-results tbody tr").count() == min(matched, 200)
    desk.locator("#query-results tbody button").first.click()
    expect(desk.locator("#panel dl.record")).to_be_visible()
    desk.locator("label:has(input[value=point])").click()
    desk.mouse.click(*on_map(desk, 0.4, 0.5))
    expect(desk.locator("#query-results")).to_contain_text("责任人")
    expect(desk.locator("#query-results tbody tr")).to_have_count(5)


def test_records_come_by_area_and_a_click_opens_one(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    open_map(desk, f"{live_server}/map?layers=rental_unit")
    assert not [url for url in asked if "/clusters/" in url or "/items" in url]  # far out: colours only
    desk.goto("about:blank")
    open_map(desk, f"{live_server}/map?layers=rental_unit#15/22.78050/113.88660")
    assert [url for url in asked if "/clusters/rental_unit" in url]
    assert not [url for url in asked if "/items" in url]
    first = desk.evaluate(
        """async () => (await (await fetch('/ogc/collections/rental_unit/items?limit=1')).json()).features[0]"""
    )
    lon, lat = first["geometry"]["coordinates"]
    desk.goto("about:blank")
    open_map(desk, f"{live_server}/map?layers=rental_unit#19/{lat:.6f}/{lon:.6f}")
    assert [url for url in asked if "/collections/rental_unit/items?bbox" in url]
    desk.mouse.click(*on_map(desk, 0.5, 0.5))
    expect(desk.locator("#panel")).to_be_visible()
    expect(desk.locator("#panel")).to_contain_text("出租屋")


def test_a_table_sorts_by_its_headings(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    desk.goto(f"{live_server}/map?view=table")
    heading = desk.locator("th", has_text="出租屋").first
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    values = [int(cell.replace(",", "")) for cell in desk.locator("tbody td:nth-child(3)").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    assert len(values) == 28
