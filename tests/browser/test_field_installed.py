"""The phone page as an app: light, whole without a network, in both languages, open to everybody."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.phones import log, open_page, phone_context, ready, view, worker_ready
from tests.conftest import ROOT
from webmap.pages.field_shell import shell_files

pytestmark = pytest.mark.browser
FIRST_LOAD_BYTES = 300_000
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
VIEWS = ("log", "rounds", "map", "ledger")


@pytest.fixture(params=["zh", "en"])
def phone(request, browser: Browser, live_server: str, sign_in) -> Iterator[Page]:
    context = phone_context(browser, bypass_csp=True)  # for axe, which is injected
    page = context.new_page()
    sign_in(page, "patrol")
    page.goto(f"{live_server}/field?lang={request.param}")
    ready(page)
    yield page
    page.goto(f"{live_server}/field?lang=zh")
    context.close()


def test_nothing_serious_for_axe_in_any_view_at_360_pixels(phone: Page):
    language = phone.locator("html").get_attribute("lang")[:2]
    log(phone, "L1", "<b>渣土</b>")
    expect(phone.locator("#waiting")).to_have_text("0")
    phone.add_script_tag(path=AXE)
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for name in VIEWS:
        view(phone, name)
        if name == "ledger":
            phone.locator("#ledger summary").first.click()
        found = phone.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        serious = [
            (rule["id"], [node["html"][:120] for node in rule["nodes"]])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
        assert serious == [], name
        small = phone.evaluate(
            """() => [...document.querySelectorAll('main button, main a.btn, main label.btn, main summary, main .kind')]
            .filter((e) => e.offsetParent && (e.offsetHeight < 44 || e.offsetWidth < 44)).map((e) => e.outerHTML)"""
        )
        assert small == [], name
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert phone.evaluate(wide) <= 0, f"{name} scrolls sideways"
        phone.screenshot(path=str(folder / f"field-{name}-{language}-360.png"), full_page=name != "map")


class Scales:
    """Weighs what the application sends, by path: a middleware around it."""

    def __init__(self, wsgi_app) -> None:
        self.wsgi_app = wsgi_app
        self.sent: dict[str, int] = {}

    def __call__(self, environ, start_response):
        with closing(self.wsgi_app(environ, start_response)) as parts:
            body = b"".join(parts)
        path = environ["PATH_INFO"]
        self.sent[path] = self.sent.get(path, 0) + len(body)
        return [body]


@pytest.fixture
def scales(app) -> Iterator[Scales]:
    app.wsgi_app = scales = Scales(app.wsgi_app)
    yield scales
    app.wsgi_app = scales.wsgi_app


def test_first_load_is_light_and_the_worker_fetches_nothing_twice(
    browser: Browser, live_server: str, sign_in, scales: Scales
):
    known = phone_context(browser)
    page = known.new_page()
    sign_in(page, "patrol")
    fresh = phone_context(browser, storage_state=known.storage_state())  # signed in, with an empty cache
    known.close()
    page = fresh.new_page()
    scales.sent.clear()
    open_page(page, live_server)
    worker_ready(page)
    sent = dict(sorted(scales.sent.items(), key=lambda item: -item[1]))
    assert sum(sent.values()) <= FIRST_LOAD_BYTES, json.dumps(sent, indent=1)
    loaded = {path.removeprefix("/static/") for path in sent if path.startswith("/static/")}
    assert loaded <= {*shell_files(), "field/manifest.webmanifest"}, "all that the page loads is in its shell"
    fresh.close()


def test_the_page_opens_without_a_network_and_with_an_ended_session(
    browser: Browser, live_server: str, sign_in
):
    context = phone_context(browser)
    page = context.new_page()
    sign_in(page, "patrol")
    open_page(page, live_server)
    worker_ready(page)
    context.set_offline(True)
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.reload()
    ready(page)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    expect(page.locator("#log")).to_have_text("保存")
    view(page, "map")
    expect(page.locator(".leaflet-container canvas")).to_be_visible()
    assert failed == []
    context.set_offline(False)
    context.clear_cookies()
    page.reload()
    ready(page)
    context.close()


def test_the_worker_never_answers_for_the_api_and_its_name_is_of_its_files(client_for):
    answer = client_for("patrol").get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/field"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    assert '"/api' not in answer.text
    for name in shell_files():
        assert f'"/static/{name}"' in answer.text


def test_the_manifest_can_be_installed():
    folder = ROOT / "webmap" / "static" / "field"
    manifest = json.loads((folder / "manifest.webmanifest").read_text("utf-8"))
    assert manifest["start_url"] == "/field"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        head = (folder / icon["src"]).read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        assert icon["sizes"] == "{}x{}".format(*struct.unpack(">II", head[16:])), icon["src"]
