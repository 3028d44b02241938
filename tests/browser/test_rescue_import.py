"""A phone's own export is taken in by the administrator, in the name of who walked, photos and walk included."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import rows
from tests.browser.phones import HERE, log, noise, open_page, phone_context, view

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("RESCUE_SHOTS")
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 900}}


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def export(browser: Browser, live_server: str, sign_in, tmp_path: Path) -> Path:
    """What a phone logged without a network, as a file; the phone is lost afterwards."""
    context = phone_context(browser)
    phone = context.new_page()
    sign_in(phone, "patrol")
    open_page(phone, live_server)
    context.set_offline(True)
    log(phone, "L4", "进水的手机", noise(seed=7))
    log(phone, "OK", "进水的手机")
    view(phone, "rounds")
    phone.get_by_role("button", name="开始自由巡查").click()
    for step in range(1, 4):
        context.set_geolocation({**HERE, "longitude": HERE["longitude"] + step * 1e-5})
        phone.wait_for_timeout(300)
    view(phone, "ledger")
    with phone.expect_download() as download:
        phone.click("#export")
    file = tmp_path / "export.json"
    download.value.save_as(file)
    context.close()
    return file


def numbers(page: Page, table: str, kind: str) -> list[str]:
    return page.locator(f"#{table} tr[data-kind={kind}] td").all_inner_texts()


def test_the_administrator_takes_in_what_the_phone_wrote(
    page_of, live_server: str, export: Path, demo_url: str
):
    page = page_of("admin1", language="en", viewport=SIZES["desk"])
    page.goto(f"{live_server}/admin/quarantine?lang=en")
    page.get_by_role("link", name="Rescue files").click()
    damaged = export.with_name("damaged.json")
    damaged.write_text(export.read_text("utf-8").replace("进水", "篡改"), "utf-8")
    page.set_input_files("#file", damaged)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert")).to_contain_text("damaged")
    page.set_input_files("#file", export)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#sender")).to_contain_text("patrol1")
    assert numbers(page, "content", "point") == ["2", "0", "0"]
    assert numbers(page, "content", "walk") == numbers(page, "content", "photo") == ["1", "0", "0"]
    shot(page, "preview-desk-en")
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("#outcome")).to_have_count(0)  # not before the person is confirmed
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("#state")).to_have_text("taken in")
    for kind, number in (("point", "2"), ("walk", "1"), ("photo", "1")):
        assert numbers(page, "outcome", kind) == [number, "0", "0", "0", "0"]
    shot(page, "outcome-desk-en")
    found = rows(
        demo_url,
        "SELECT a.username, p.note, (SELECT count(*) FROM app.photo AS f WHERE f.record_id = p.client_id"
        "  AND f.state = 'complete' AND f.account_id = p.account_id AND length(f.thumbnail) > 0)"
        " FROM app.patrol_point AS p JOIN app.account AS a USING (account_id) WHERE p.note = '进水的手机' ORDER BY 3",
    )
    assert found == [("patrol1", "进水的手机", 0), ("patrol1", "进水的手机", 1)]
    assert rows(
        demo_url,
        "SELECT a.username, s.next_sequence >= 2, s.closed_at IS NOT NULL FROM app.track_stream AS s"
        " JOIN app.account AS a USING (account_id)",
    ) == [("patrol1", True, True)]

    small = page_of("admin1", language="zh", viewport=SIZES["phone"])
    small.goto(f"{live_server}/admin/rescue?lang=zh")
    shot(small, "list-phone-zh")
    small.set_input_files("#file", export)
    small.get_by_role("button", name="检查").click()
    assert numbers(small, "content", "point") == ["2", "2", "0"]
    assert small.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    small.get_by_role("checkbox").check()
    small.locator("form[action$='/take-in'] button").click()
    expect(small.locator("#outcome")).to_be_visible()
    assert numbers(small, "outcome", "point") == ["0", "0", "2", "0", "0"]
    shot(small, "outcome-phone-zh")
    assert small.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert rows(demo_url, "SELECT count(*) FROM app.patrol_point WHERE note = '进水的手机'") == [(2,)]
