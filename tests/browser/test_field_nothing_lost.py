"""Two hundred points and twenty photos without a network, then everything that goes wrong: none lost, none doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import rows
from tests.browser.phones import (
    HERE,
    log,
    log_many,
    noise,
    open_page,
    phone_context,
    shows,
    view,
    worker_ready,
)
from tests.conftest import DEMO_PASSWORD

pytestmark = pytest.mark.browser
POINTS, PHOTOS = 200, 20


@pytest.fixture
def phone(browser: Browser, live_server: str, sign_in) -> Iterator[Page]:
    context = phone_context(browser)
    page = context.new_page()
    sign_in(page, "patrol")
    open_page(page, live_server)
    worker_ready(page)
    yield page
    context.close()


def test_two_hundred_points_and_twenty_photos_survive(phone: Page, demo_url: str):
    phone.context.set_offline(True)
    for number in range(PHOTOS):
        log(phone, "L1", f"批量{number}", noise(seed=number))
    log_many(phone, "批量", PHOTOS, POINTS)
    shows(phone, POINTS + PHOTOS, 0, POINTS + PHOTOS)

    phone.reload()  # still without a network: the page comes from the cache, the records from the disk
    expect(phone.locator("html[data-field-ready]")).to_be_attached()
    shows(phone, POINTS + PHOTOS, 0, POINTS + PHOTOS)

    rows(demo_url, "DELETE FROM app.session")  # the session ends while the phone is away
    sent: list[str] = []

    def lose_the_first(route):
        route.fetch()
        sent.append(route.request.headers.get("authorization", ""))
        if len(sent) == 1:
            route.abort()
        else:
            route.continue_()

    phone.context.route("**/api/v1/field/records", lose_the_first)
    phone.context.set_offline(False)
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#waiting")).to_have_text("0")
    shows(phone, POINTS + PHOTOS, POINTS + PHOTOS, 0)
    assert all(token.startswith("Bearer gg_") for token in sent)

    points = rows(
        demo_url, "SELECT note, sequence FROM app.patrol_point WHERE note LIKE '批量%%' ORDER BY sequence"
    )
    assert [note for note, _ in points] == [f"批量{number}" for number in range(POINTS)]
    photos = rows(
        demo_url,
        "SELECT count(*), count(DISTINCT f.client_id), count(DISTINCT p.note) FROM app.photo AS f"
        " JOIN app.patrol_point AS p ON p.client_id = f.record_id WHERE f.state = 'complete'",
    )
    assert photos == [(PHOTOS, PHOTOS, PHOTOS)]
    expect(phone.locator("#sign-in")).to_be_hidden()


def test_what_is_exported_can_be_sent_from_another_phone(
    phone: Page, browser: Browser, live_server: str, sign_in, demo_url: str, tmp_path: Path
):
    phone.context.set_offline(True)
    log(phone, "L4", "救援", noise(seed=99))
    log(phone, "L5", "救援")
    view(phone, "rounds")
    phone.get_by_role("button", name="开始自由巡查").click()
    for step in range(1, 4):
        phone.context.set_geolocation({**HERE, "longitude": HERE["longitude"] + step * 1e-5})
        phone.wait_for_timeout(300)
    view(phone, "ledger")
    with phone.expect_download() as download:
        phone.click("#export")
    file = tmp_path / "export.json"
    download.value.save_as(file)
    content = json.loads(file.read_text("utf-8"))["content"]
    assert [record["body"]["note"] for record in content["records"]] == ["救援", "救援"]
    assert len(content["photos"]) == 1
    walked = content["streams"][0]["fixes"]
    assert len(walked) >= 2

    other = phone_context(browser)
    page = other.new_page()
    sign_in(page, "patrol")
    open_page(page, live_server)
    view(page, "ledger")
    damaged = tmp_path / "damaged.json"
    damaged.write_text(file.read_text("utf-8").replace("救援", "篡改"), "utf-8")
    page.set_input_files("#import", damaged)
    expect(page.locator("#message")).to_contain_text("损坏")
    page.set_input_files("#import", file)
    expect(page.locator("#sent")).to_have_text("3")
    page.set_input_files("#import", file)
    expect(page.locator("#message")).to_contain_text("0")
    shows(page, 3, 3, 0)
    expect(page.locator("#track-count")).to_contain_text("待传 0 个")
    assert rows(demo_url, "SELECT next_sequence, closed_at IS NOT NULL FROM app.track_stream") == [
        (len(walked), True)
    ]
    other.close()

    # The first phone finds its network again: the server knows it all already.
    phone.context.set_offline(False)
    phone.click("#sync")
    expect(phone.locator("#waiting")).to_have_text("0")
    found = rows(demo_url, "SELECT count(*) FROM app.patrol_point WHERE note = '救援'")
    assert found == [(2,)]
    assert rows(demo_url, "SELECT count(*) FROM app.photo") == rows(
        demo_url, "SELECT count(DISTINCT client_id) FROM app.photo"
    )


def test_records_of_one_person_are_sent_while_another_is_signed_in_and_not_shown(
    phone: Page, live_server: str, demo_url: str
):
    phone.context.set_offline(True)
    log(phone, "L2", "甲的")
    phone.context.set_offline(False)
    phone.route("**/api/v1/field/records", lambda route: route.abort())  # nothing gets through yet
    phone.locator(".menu-button").click()
    phone.locator("form[action='/logout'] button").click()
    phone.wait_for_url("**/login**")
    phone.unroute("**/api/v1/field/records")
    phone.goto(f"{live_server}/field")
    expect(phone.locator("#username")).to_be_visible()  # signed out, the page opens for nobody
    phone.fill("#username", "officer1")
    phone.fill("#password", DEMO_PASSWORD)
    phone.click("main button[type=submit]")
    phone.wait_for_url("**/field")
    expect(phone.locator("html[data-field-ready]")).to_be_attached()
    shows(phone, 0, 0, 0)
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#sync-state")).to_be_empty()
    found = rows(
        demo_url,
        "SELECT a.username FROM app.patrol_point AS p JOIN app.account AS a USING (account_id) WHERE note = '甲的'",
    )
    assert found == [("patrol1",)]
