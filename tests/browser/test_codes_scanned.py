"""A label is printed by the planner and scanned by the phone, whose camera sees what was printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.asking import rows
from tests.browser.phones import HERE, open_page, phone_context, view, worker_ready
from tests.conftest import ROOT
from tests.qr_reading import labels_of
from webmap.http import pdf

pytestmark = pytest.mark.browser

# A camera that shows anything, and a reader that sees the code held before it.
SEES = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: %r }]; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  setInterval(() => pen.fillRect(Math.random() * 99, 0, 9, 9), 50);
  return canvas.captureStream(20);
};
"""


@pytest.fixture
def planned(demo_url: str) -> tuple[int, str]:
    """A round of patrol1's team of one check point; its id and the point's short code."""
    [(point, code)] = rows(
        demo_url,
        "INSERT INTO app.check_point (code, name_zh, radius_m, community_id, geom)"
        " SELECT 'A-SCAN-1', '门口', 30, min(a.community_id), ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
        " FROM app.team_area AS a JOIN app.team_member USING (team_id) JOIN app.account USING (account_id)"
        " WHERE username = 'patrol1' RETURNING check_point_id, code",
        (HERE["longitude"] + 0.002, HERE["latitude"]),
    )
    [(number,)] = rows(
        demo_url,
        "INSERT INTO app.patrol_round (team_id, planned_from, planned_to, state)"
        " SELECT team_id, now() - interval '1 minute', now() + interval '3 hours', 'planned'"
        " FROM app.team_member JOIN app.account USING (account_id) WHERE username = 'patrol1' LIMIT 1"
        " RETURNING patrol_round_id",
    )
    rows(
        demo_url,
        "INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s)"
        " VALUES (%s, 1, %s, 30, 60)",
        (number, point),
    )
    return number, code


def test_what_is_printed_is_scanned(
    browser: Browser, live_server, sign_in, page_of, planned, demo_url, monkeypatch
):
    number, code = planned
    pages: list[str] = []
    make = pdf._made
    monkeypatch.setattr(pdf, "_made", lambda text: pages.append(text) or make(text))
    for width in (360, 1280):
        planner = page_of("planner1", language="zh", viewport={"width": width, "height": 800})
        planner.goto(f"{live_server}/plans/codes")
        assert planner.evaluate("document.documentElement.scrollWidth <= innerWidth")
        planner.screenshot(path=str(ROOT / ".local" / "screenshots" / f"codes-{width}.png"))
    boxes = planner.locator("input[name=check_point]")
    planner.locator("#choose-all").check()
    assert boxes.count() > 5 and boxes.evaluate_all("boxes => boxes.every((box) => box.checked)")
    planner.locator("#choose-all").uncheck()
    assert not boxes.evaluate_all("boxes => boxes.some((box) => box.checked)")
    row = planner.locator("tr", has_text=code)
    row.locator("input[name=check_point]").check()
    with planner.context.expect_page():
        planner.get_by_role("button", name="打印所选标签").click()
    while not pages:
        planner.wait_for_timeout(100)
    assert list(labels_of(pages[0])) == [code]

    context = phone_context(browser)
    context.add_init_script(SEES % labels_of(pages[0])[code])
    phone = context.new_page()
    sign_in(phone, "patrol")
    open_page(phone, live_server)
    worker_ready(phone)
    view(phone, "rounds")
    card = phone.locator(f"[data-round='{number}']")
    phone.context.set_offline(True)
    card.get_by_role("button", name="开始").click()
    card.get_by_role("button", name="扫码").click()
    expect(card).to_contain_text("1／1")
    phone.context.set_offline(False)
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#waiting")).to_have_text("0")
    assert rows(
        demo_url, "SELECT visited_by FROM app.patrol_round_point WHERE patrol_round_id = %s", (number,)
    ) == [("qr",)]
    context.close()
