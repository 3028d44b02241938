"""Two hundred points and twenty photos sent while the server is killed again and again: none lost, none doubled."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from scripts.commands import machine
from scripts.drilling.faults import Faults
from scripts.drilling.server import Server, server
from tests.asking import rows
from tests.browser.phones import log, log_many, noise, open_page, phone_context, shows, view, worker_ready
from tests.conftest import DEMO_PASSWORD
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POINTS, PHOTOS = 200, 20
# So slow that the sending lasts while workers are killed and come back: 100 points in half a second, a photo in one.
UPLOAD_BYTES_S = 80_000
PATIENCE_S = 150


@pytest.fixture
def drilled() -> Iterator[Server]:
    """A server of the test's own, on a cluster of its own: these are killed."""
    with server(machine.LOCAL / "phone-drill", free_port(), password=DEMO_PASSWORD) as running:
        yield running


@pytest.fixture
def phone(browser: Browser, drilled: Server) -> Iterator[Page]:
    address = f"http://127.0.0.1:{drilled.port}"
    context = phone_context(browser)
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("#username", "patrol1")
    page.fill("#password", DEMO_PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{address}/")
    open_page(page, address)
    worker_ready(page)
    yield page
    context.close()


def network(line: CDPSession, *, offline: bool) -> None:
    """Take the phone's network away, or give it a slow one."""
    slow = {"latency": 20, "downloadThroughput": -1, "uploadThroughput": UPLOAD_BYTES_S}
    line.send("Network.emulateNetworkConditions", {"offline": offline, **slow})


def number(page: Page, name: str) -> int:
    return int(page.locator(f"#{name}").inner_text())


def test_killed_workers_and_databases_lose_and_double_nothing(phone: Page, drilled: Server):
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    network(line, offline=True)
    for each in range(PHOTOS):
        log(phone, "L1", f"杀不死{each}", noise(seed=each))
    log_many(phone, "杀不死", PHOTOS, POINTS)
    shows(phone, POINTS + PHOTOS, 0, POINTS + PHOTOS)
    view(phone, "ledger")

    sent = 0
    # After the first batch of points, and among the photos.
    faults = Faults(drilled, lambda: sent / (POINTS + PHOTOS), database_at=(0.4, 0.9))
    faults.start()
    network(line, offline=False)
    deadline = time.monotonic() + PATIENCE_S
    while number(phone, "waiting") and time.monotonic() < deadline:
        sent = number(phone, "sent")
        phone.wait_for_timeout(100)
    faults.stop()
    shows(phone, POINTS + PHOTOS, POINTS + PHOTOS, 0)
    assert faults.databases_killed == 2
    assert faults.workers_killed >= 5

    expect(phone.locator("#photo-count")).to_contain_text(re.compile(rf"{PHOTOS}\D+{PHOTOS}"))
    points = rows(
        drilled.url, "SELECT note FROM app.patrol_point WHERE note LIKE '杀不死%%' ORDER BY sequence"
    )
    assert [note for (note,) in points] == [f"杀不死{each}" for each in range(POINTS)]
    photos = rows(
        drilled.url,
        "SELECT count(*), count(DISTINCT f.client_id), count(DISTINCT p.note) FROM app.photo AS f"
        " JOIN app.patrol_point AS p ON p.client_id = f.record_id WHERE f.state = 'complete'",
    )
    assert photos == [(PHOTOS, PHOTOS, PHOTOS)]
    assert rows(drilled.url, "SELECT count(*) FROM app.quarantine") == [(0,)]
