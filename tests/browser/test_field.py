"""The phone page: a point is safe on the phone before it is sent, and sent once."""

from __future__ import annotations

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT

pytestmark = pytest.mark.browser
HERE = {"longitude": 113.8866, "latitude": 22.7805, "accuracy": 8}


@pytest.fixture
def phone(browser: Browser, live_server: str, sign_in) -> Page:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        geolocation=HERE,
        permissions=["geolocation"],
        locale="zh-CN",
        has_touch=True,
    )
    page = context.new_page()
    sign_in(page, "patrol")
    page.goto(f"{live_server}/field")
    yield page
    context.close()


def stored(demo_url: str, note: str) -> list[tuple]:
    connection = psycopg2.connect(demo_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, is_outside, cell_id IS NOT NULL, team_id IS NOT NULL FROM app.patrol_point WHERE note = %s",
            (note,),
        )
        rows = cursor.fetchall()
    connection.close()
    return rows


def log(page: Page, kind: str, note: str) -> None:
    page.locator(f"input[value={kind}]").check(force=True)
    page.fill("#note", note)
    expect(page.locator("#log")).to_be_enabled()
    page.click("#log")
    expect(page.locator("#note")).to_have_value("")


def test_point_is_logged_at_the_position(phone: Page, demo_url: str):
    log(phone, "L1", "路边渣土堆")
    expect(phone.locator("#waiting")).to_have_text("0")
    expect(phone.locator("#sent")).to_have_text("1")
    phone.screenshot(path=_picture("field-390.png"), full_page=True)
    assert stored(demo_url, "路边渣土堆") == [("L1", False, True, True)]


def test_point_logged_without_network_waits_and_is_sent_once(phone: Page, demo_url: str, live_server: str):
    phone.context.set_offline(True)
    log(phone, "OK", "断网时")
    expect(phone.locator("#waiting")).to_have_text("1")
    assert stored(demo_url, "断网时") == []
    phone.context.set_offline(False)
    phone.goto(f"{live_server}/field")
    expect(phone.locator("#waiting")).to_have_text("0")
    assert len(stored(demo_url, "断网时")) == 1


def test_lost_answer_is_asked_for_again_and_stores_nothing_twice(phone: Page, demo_url: str):
    lost = []

    def lose_first_answer(route):
        route.fetch()
        if lost:
            route.continue_()
        else:
            lost.append(True)
            route.abort()

    phone.route("**/api/v1/field/records", lose_first_answer)
    log(phone, "L6", "答复丢失")
    phone.click("#sync")
    expect(phone.locator("#sent")).to_have_text("1", timeout=20_000)
    expect(phone.locator("#waiting")).to_have_text("0")
    assert lost and len(stored(demo_url, "答复丢失")) == 1


def test_page_makes_no_outside_request_and_no_noise(browser: Browser, live_server: str, sign_in):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    requests: list[str] = []
    problems: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    sign_in(page, "patrol")
    page.goto(f"{live_server}/field")
    expect(page.locator("#sent")).to_have_text("0")
    assert [url for url in requests if not url.startswith(live_server)] == []
    assert problems == []
    context.close()


def _picture(name: str) -> str:
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / name)
