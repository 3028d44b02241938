"""The pages of plans and check points, by mouse and by keyboard, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.map_pages import map_ready
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    yield page
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN", has_touch=True)
    yield context.new_page()
    context.close()


def open_page(page: Page, url: str) -> None:
    page.goto(url)
    map_ready(page)


def picture(page: Page, name: str) -> None:
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / name, full_page=True)


def names(page: Page) -> list[str]:
    return page.locator("#chosen .chosen-name").all_inner_texts()


def chosen_ids(page: Page) -> list[str]:
    return [part for part in page.locator("#points").input_value().split(",") if part]


def test_a_plan_is_made_with_the_mouse_previewed_and_saved(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    open_page(desk, f"{live_server}/plans/new")
    for number in (0, 1, 2):
        desk.locator(".leaflet-marker-icon").nth(number).dispatch_event("click")
    before = names(desk)
    assert len(before) == 3 and len(chosen_ids(desk)) == 3
    desk.locator("#chosen li").nth(2).drag_to(desk.locator("#chosen li").nth(0))
    assert names(desk) == [before[2], before[0], before[1]]
    desk.locator("#is_ordered").check()
    desk.fill("#name", "浏览器计划")
    wanted = chosen_ids(desk)
    picture(desk, "plan-new-1280.png")
    desk.get_by_role("button", name="预览").click()
    expect(desk.locator("#preview")).to_be_focused()
    expect(desk.locator("#preview tbody tr")).not_to_have_count(0)
    assert chosen_ids(desk) == wanted
    picture(desk, "plan-preview-1280.png")
    desk.get_by_role("button", name="保存").click()
    expect(desk).to_have_url(re.compile(r"/plans/\d+$"))
    assert chosen_ids(desk) == wanted
    desk.goto(f"{live_server}/plans")
    expect(desk.get_by_role("link", name="浏览器计划")).to_be_visible()
    picture(desk, "plans-1280.png")


def test_a_plan_is_put_in_order_by_keyboard_alone(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    open_page(desk, f"{live_server}/plans/new")
    adders = desk.locator("details [data-point]")
    for number in (0, 1, 2):
        adders.nth(number).focus()
        desk.keyboard.press("Enter")
    first, second, third = names(desk)
    expect(adders.nth(0)).to_have_attribute("aria-pressed", "true")
    desk.locator("#chosen li").nth(2).get_by_role("button").nth(0).focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Enter")  # the focus went with it
    assert names(desk) == [third, first, second]
    expect(desk.locator("#chosen-status")).not_to_be_empty()
    desk.locator("#chosen li").nth(1).get_by_role("button").nth(2).focus()
    desk.keyboard.press("Enter")
    assert names(desk) == [third, second]


def test_the_plan_page_fits_a_phone(phone: Page, live_server, sign_in):
    sign_in(phone, "planner")
    phone.goto(f"{live_server}/plans")
    phone.locator("tbody a[href^='/plans/']").first.click()
    map_ready(phone)
    wide = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0
    small = phone.evaluate(
        "() => [...document.querySelectorAll('#chosen button')]"
        ".filter((e) => e.offsetWidth < 44 || e.offsetHeight < 44).length"
    )
    assert small == 0
    picture(phone, "plan-360.png")
    for path, name in {
        "/rounds": "rounds",
        "/plans/seasons": "seasons",
        "/plans/check-points": "points",
    }.items():
        phone.goto(live_server + path)
        phone.wait_for_load_state("networkidle")
        assert (
            phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        )
        picture(phone, f"{name}-360.png")


def middle(disc: Locator) -> tuple[float, float]:
    box = disc.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_check_points_are_added_moved_and_removed(desk: Page, live_server, sign_in):
    sign_in(desk, "planner")
    open_page(desk, f"{live_server}/plans/check-points")
    box = desk.locator(".folium-map").bounding_box()
    count = desk.locator("tbody tr").count()
    desk.mouse.click(box["x"] + 12, box["y"] + box["height"] / 2)
    dialog = desk.get_by_role("dialog")
    assert 113 < float(dialog.locator("#point-lon").input_value()) < 115
    assert 22 < float(dialog.locator("#point-lat").input_value()) < 23
    # Where the click went may lie outside the team's area; the parcel of a check point does not.
    dialog.get_by_role("button", name="取消").click()
    desk.locator("tbody [data-point]").first.click()
    place = dialog.locator("#point-lon").input_value(), dialog.locator("#point-lat").input_value()
    parcel = dialog.locator("#point-parcel").input_value()
    dialog.get_by_role("button", name="取消").click()
    desk.locator("#add-point").click()
    for field, value in {
        "name": "浏览器点",
        "code": "BR-1",
        "dwell": "120",
        "lon": place[0],
        "lat": place[1],
    }.items():
        dialog.locator(f"#point-{field}").fill(value)
    dialog.locator("#point-parcel").select_option(parcel)
    picture(desk, "points-dialog-1280.png")
    with desk.expect_navigation():
        dialog.get_by_role("button", name="保存").click()
    expect(desk.locator("tbody tr")).to_have_count(count + 1)
    own = desk.get_by_role("row", name=re.compile("浏览器点"))
    expect(own).to_contain_text("120")
    spot = desk.locator(".leaflet-marker-icon[title='浏览器点']")
    spot.scroll_into_view_if_needed()
    x, y = middle(spot)
    # Discs of neighbours may lie over it: the one on top is moved.
    name = desk.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('.leaflet-marker-icon').title", [x, y]
    )
    row = desk.get_by_role("row", name=re.compile(name))
    row.get_by_role("button").click()
    before = dialog.locator("#point-lon").input_value()
    dialog.get_by_role("button", name="取消").click()
    spot.scroll_into_view_if_needed()
    x, y = middle(spot)
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x + 6, y, steps=4)
    desk.mouse.move(x + 10, y, steps=4)
    desk.mouse.up()
    expect(desk.locator("#message")).to_contain_text(name)
    desk.reload()
    map_ready(desk)
    row.get_by_role("button").click()
    assert float(dialog.locator("#point-lon").input_value()) > float(before)
    dialog.get_by_role("button", name="取消").click()
    own.get_by_role("button").click()
    with desk.expect_navigation():
        dialog.get_by_role("button", name="删除").click()
    expect(desk.locator("tbody tr")).to_have_count(count)


def test_a_round_shows_what_was_visited_and_a_team_asks_for_an_excuse(desk: Page, live_server, sign_in):
    sign_in(desk, "patrol")
    desk.goto(f"{live_server}/rounds")
    desk.locator("tbody a[href^='/rounds/']").last.click()
    map_ready(desk)
    picture(desk, "round-1280.png")
    desk.fill("#reason", "台风停巡")
    desk.get_by_role("button", name="申请").click()
    expect(desk.get_by_text("台风停巡")).to_be_visible()
    address = desk.url
    desk.context.clear_cookies()
    sign_in(desk, "dispatcher")
    desk.goto(address)
    desk.get_by_role("button", name="批准").click()
    expect(desk.locator("h1 .badge")).to_have_text("已豁免")
