"""The phone page: a point is safe on the phone before it is sent, and sent once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import rows
from tests.browser.phones import log, open_page, phone_context, ready, shows, view

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(browser: Browser, live_server: str, sign_in) -> Iterator[Page]:
    context = phone_context(browser)
    page = context.new_page()
    sign_in(page, "patrol")
    open_page(page, live_server)
    yield page
    context.close()


def stored(demo_url: str, note: str) -> list[tuple]:
    return rows(
        demo_url,
        "SELECT kind, is_outside, cell_id IS NOT NULL, team_id IS NOT NULL FROM app.patrol_point WHERE note = %s",
        (note,),
    )


def test_point_is_logged_at_the_position_with_its_grade_and_receipt(phone: Page, demo_url: str):
    log(phone, "L1", "路边渣土堆")
    expect(phone.locator("#waiting")).to_have_text("0")
    expect(phone.locator("#sent")).to_have_text("1")
    assert stored(demo_url, "路边渣土堆") == [("L1", False, True, True)]
    view(phone, "ledger")
    phone.locator("#ledger summary").first.click()
    entry = phone.locator("#ledger .entry").first
    expect(entry.locator(".grade")).to_contain_text("A")
    kept = rows(
        demo_url,
        "SELECT encode(r.content_sha256, 'hex'), p.grade FROM app.field_receipt AS r"
        " JOIN app.patrol_point AS p USING (client_id) WHERE p.note = '路边渣土堆'",
    )
    assert kept[0][1] == "A"
    expect(entry).to_contain_text(kept[0][0][:12])


def test_point_logged_without_network_waits_and_is_sent_once(phone: Page, demo_url: str, live_server: str):
    phone.context.set_offline(True)
    log(phone, "OK", "断网时")
    expect(phone.locator("#waiting")).to_have_text("1")
    assert stored(demo_url, "断网时") == []
    phone.context.set_offline(False)
    open_page(phone, live_server)
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
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#sent")).to_have_text("1")
    expect(phone.locator("#waiting")).to_have_text("0")
    assert lost and len(stored(demo_url, "答复丢失")) == 1


def test_a_corrected_record_is_a_revision(phone: Page, demo_url: str):
    log(phone, "L1", "写错了")
    expect(phone.locator("#sent")).to_have_text("1")
    view(phone, "ledger")
    phone.locator("#ledger summary").first.click()
    phone.get_by_role("button", name="更正").click()
    phone.fill("#correct-note", "改对了")
    phone.get_by_role("button", name="保存更正").click()
    expect(phone.locator("#ledger .entry").first).to_contain_text("改对了")
    expect(phone.locator("#sent")).to_have_text("1")
    expect(phone.locator("#waiting")).to_have_text("0")
    found = rows(demo_url, "SELECT note, revision FROM app.patrol_point WHERE note IN ('写错了', '改对了')")
    assert found == [("改对了", 2)]


def test_a_refused_record_stays_with_its_reason_and_others_go_through(phone: Page, demo_url: str):
    def with_a_bad_kind(route):
        body = json.loads(route.request.post_data)
        for record in body["records"]:
            if record["note"] == "坏的":
                record["kind"] = "L99"
        route.continue_(post_data=json.dumps(body))

    phone.route("**/api/v1/field/records", with_a_bad_kind)
    phone.context.set_offline(True)
    log(phone, "L1", "坏的")
    log(phone, "L1", "好的")
    phone.context.set_offline(False)
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#waiting")).to_have_text("0")
    expect(phone.locator("#refused")).to_have_text("1")
    refused = phone.locator("#ledger .entry", has=phone.locator(".badge-danger", has_text="被拒"))
    refused.locator("summary").click()
    expect(refused.locator(".error")).to_contain_text("L99")
    assert len(stored(demo_url, "好的")) == 1 and stored(demo_url, "坏的") == []


def test_storage_of_the_first_version_is_carried_over(browser: Browser, live_server: str, sign_in, demo_url):
    context = phone_context(browser)
    page = context.new_page()
    sign_in(page, "patrol")
    account = rows(demo_url, "SELECT account_id FROM app.account WHERE username = 'patrol1'")[0][0]
    page.goto(f"{live_server}/static/img/brand.svg")  # the same origin, but not the page that would open it
    page.evaluate(_VERSION_1, account)
    open_page(page, live_server)
    expect(page.locator("#saved")).to_have_text("3")
    expect(page.locator("#waiting")).to_have_text("0")
    found = rows(
        demo_url, "SELECT note, sequence FROM app.patrol_point WHERE note LIKE '旧版%%' ORDER BY sequence"
    )
    assert found == [("旧版1", 1), ("旧版2", 2)], (
        "the third was on the server before, as far as the phone knew"
    )
    log(page, "OK", "旧版4")
    expect(page.locator("#sent")).to_have_text("4")
    assert rows(demo_url, "SELECT sequence FROM app.patrol_point WHERE note = '旧版4'") == [(4,)]
    context.close()


def test_a_full_phone_is_warned_of_and_loses_nothing_of_the_form(phone: Page):
    expect(phone.locator("#storage-warning")).to_be_hidden()
    phone.evaluate(
        """() => { navigator.storage.estimate = async () => ({ usage: 81, quota: 100 });
        IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    phone.fill("#note", "空间满")
    phone.click("#log")
    expect(phone.locator("#message")).to_contain_text("空间已满")
    expect(phone.locator("#note")).to_have_value("空间满")
    shows(phone, 0, 0, 0)
    view(phone, "ledger")
    expect(phone.locator("#storage-warning")).to_be_visible()
    view(phone, "log")
    expect(phone.locator("#storage-warning")).to_be_visible()


def test_a_revoked_token_is_asked_for_anew_or_its_person_to_sign_in(phone: Page, demo_url: str):
    expect(phone.locator("#sign-in")).to_be_hidden()
    log(phone, "OK", "令牌一")
    expect(phone.locator("#sent")).to_have_text("1")
    revoke = "UPDATE app.api_token SET revoked_at = now() WHERE kind = 'device' AND revoked_at IS NULL"
    rows(demo_url, revoke)
    log(phone, "OK", "令牌二")  # the session still stands: a new token is made
    expect(phone.locator("#sent")).to_have_text("2")
    rows(demo_url, revoke)
    rows(demo_url, "DELETE FROM app.session")
    log(phone, "OK", "令牌三")
    expect(phone.locator("#sign-in")).to_be_visible()
    shows(phone, 3, 2, 1)


_VERSION_1 = """(account) => new Promise((resolve, reject) => {
  const request = indexedDB.open("guangming-field", 1);
  request.onerror = () => reject(request.error);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("points", { keyPath: "client_id" }).createIndex("account", "account");
  };
  request.onsuccess = () => {
    const transaction = request.result.transaction("points", "readwrite");
    for (const [sequence, state] of [[1, "waiting"], [2, "waiting"], [3, "sent"]]) {
      transaction.objectStore("points").put({
        client_id: `00000000-0000-4000-8000-00000000000${sequence}`, account, state, lon: 113.8866, lat: 22.7805,
        accuracy_m: 8, device_at: new Date().toISOString(), sequence, kind: "L2", note: `旧版${sequence}`,
      });
    }
    transaction.oncomplete = () => { request.result.close(); resolve(); };
  };
})"""


def test_a_clock_three_years_behind_is_stored_flagged_and_in_order(
    browser: Browser, live_server: str, sign_in, demo_url: str
):
    context = phone_context(browser)
    context.add_init_script(
        "const Real = Date; const shift = 3 * 365 * 86400e3;"
        "Date = class extends Real { constructor(...given) {"
        " if (given.length) super(...given); else super(Real.now() - shift); }"
        " static now() { return Real.now() - shift; } };"
    )
    page = context.new_page()
    sign_in(page, "patrol")
    open_page(page, live_server)
    for number in range(3):
        log(page, "L3", f"钟慢{number}")
    expect(page.locator("#sent")).to_have_text("3")
    found = rows(
        demo_url,
        "SELECT note, grade, at > now() - interval '1 hour', device_at < now() - interval '2 years',"
        " clock_offset_s > 60000000 FROM app.patrol_point WHERE note LIKE '钟慢%%' ORDER BY sequence",
    )
    assert found == [(f"钟慢{number}", "C", True, True, True) for number in range(3)]
    view(page, "ledger")
    expect(page.locator("#ledger .entry")).to_have_count(3)
    ready(page)
    shows(page, 3, 3, 0)  # nothing is forgotten by the phone's own clock
    context.close()


def test_page_makes_no_outside_request_and_no_noise(browser: Browser, live_server: str, sign_in):
    context = phone_context(browser)
    page = context.new_page()
    requests: list[str] = []
    problems: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    sign_in(page, "patrol")
    open_page(page, live_server)
    for name in ("rounds", "map", "ledger", "log"):
        view(page, name)
    assert [url for url in requests if not url.startswith((live_server, "blob:", "data:"))] == []
    assert problems == []
    context.close()
