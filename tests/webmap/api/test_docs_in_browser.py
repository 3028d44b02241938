"""The API's page in a browser, under the strict policy: drawn, no fault, nothing asked from outside."""

from __future__ import annotations

import threading

import pytest
from werkzeug.serving import make_server

from tests.conftest import make_app
from tests.world import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(world):
    application = make_app(world.url)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    application.extensions["gis"].close()


def test_page_draws_every_operation_without_fault(browser, address):
    page = browser.new_page()
    faults, foreign = [], []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:")) else None)
    page.goto(f"{address}/login")
    page.fill("#username", "petra")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/api/docs")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() >= 20
    page.locator(".opblock-summary-control").first.click()
    page.wait_for_selector(".opblock-body")
    assert (faults, foreign) == ([], [])
    page.close()
