"""A round is walked on the phone without a network: visits by passing, by code, by hand; the track; and what the server makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import rows
from tests.browser.phones import HERE, log, open_page, phone_context, ready, view, worker_ready
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
STEP = 0.002  # degrees of longitude between check points: 205 m


@dataclass
class Round:
    """A round of three check points, eastwards from where the phone stands, and the codes that stand there."""

    id: int
    codes: list[str]


@pytest.fixture
def planned(demo_url: str) -> Round:
    points = rows(
        demo_url,
        "INSERT INTO app.check_point (code, name_zh, radius_m, community_id, geom)"
        " SELECT 'TEST-' || n || substr(md5(random()::text), 1, 8), '测试点' || n, 30, a.community_id,"
        " ST_SetSRID(ST_MakePoint(%s + n * %s, %s), 4326)"
        " FROM generate_series(0, 2) AS n, (SELECT min(community_id) AS community_id FROM app.team_area"
        " JOIN app.team_member USING (team_id) JOIN app.account USING (account_id) WHERE username = 'patrol1') AS a"
        " RETURNING check_point_id, qr_token",
        (HERE["longitude"], STEP, HERE["latitude"]),
    )
    number = rows(
        demo_url,
        "INSERT INTO app.patrol_round (team_id, planned_from, planned_to, state)"
        " SELECT team_id, now() - interval '1 minute', now() + interval '3 hours', 'planned'"
        " FROM app.team_member JOIN app.account USING (account_id) WHERE username = 'patrol1' LIMIT 1"
        " RETURNING patrol_round_id",
    )[0][0]
    for position, (check_point_id, _) in enumerate(points, 1):
        rows(
            demo_url,
            "INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s)"
            " VALUES (%s, %s, %s, 30, 1)",
            (number, position, check_point_id),
        )
    return Round(number, [token for _, token in points])


@pytest.fixture
def phone(browser: Browser, live_server: str, sign_in, planned: Round) -> Iterator[Page]:
    context = phone_context(browser)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    sign_in(page, "patrol")
    open_page(page, live_server)
    worker_ready(page)
    yield page
    context.close()
    assert problems == []


def stand(page: Page, east: float) -> None:
    page.context.set_geolocation({**HERE, "longitude": HERE["longitude"] + east})
    page.wait_for_timeout(1_200)


def test_a_round_is_walked_without_a_network(phone: Page, planned: Round, demo_url: str):
    card = phone.locator(f"[data-round='{planned.id}']")
    view(phone, "rounds")
    expect(card).to_contain_text("0／3")
    phone.context.set_offline(True)
    card.get_by_role("button", name="开始").click()
    expect(phone.locator("#walk")).to_be_visible()
    for step in range(3):
        stand(phone, step * 2e-5)
    expect(card.locator(".check-visited")).to_have_count(1)
    card.screenshot(path=str(ROOT / ".local" / "screenshots" / "field-round-360.png"))

    phone.reload()  # the walk goes on where it was
    ready(phone)
    view(phone, "rounds")
    expect(card).to_contain_text("1／3")
    phone.fill("#code-typed", "gg" + "0" * 32)
    card.locator(".code-form [type=submit]").click()
    expect(phone.locator("#message")).to_contain_text("没有这个码")
    phone.fill("#code-typed", planned.codes[1])
    card.locator(".code-form [type=submit]").click()
    expect(card).to_contain_text("2／3")
    card.get_by_role("button", name="手工: 测试点2").click()
    expect(card).to_contain_text("3／3")
    view(phone, "log")
    log(phone, "L2", "巡查中发现")
    view(phone, "rounds")
    card.get_by_role("button", name="暂停").click()
    stand(phone, STEP)
    stand(phone, 0)
    expect(phone.locator("#fix-detail")).to_have_text(f"{HERE['longitude']:.5f}, {HERE['latitude']:.5f}")
    card.get_by_role("button", name="继续").click()
    card.get_by_role("button", name="结束").click()
    expect(card).to_contain_text("完成")
    phone.context.set_offline(False)
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#waiting")).to_have_text("0")
    expect(phone.locator("#track-count")).to_contain_text("待传 0 个")

    assert rows(
        demo_url, "SELECT state, paused_at FROM app.patrol_round WHERE patrol_round_id = %s", (planned.id,)
    ) == [("done", None)]
    visits = rows(
        demo_url,
        "SELECT visited_by, grade FROM app.patrol_round_point WHERE patrol_round_id = %s ORDER BY position",
        (planned.id,),
    )
    assert visits == [("pass", "A"), ("qr", "C"), ("manual", "D")]
    told = rows(
        demo_url,
        "SELECT kind FROM app.round_event WHERE patrol_round_id = %s ORDER BY sequence",
        (planned.id,),
    )
    assert [kind for (kind,) in told] == ["start", "visit", "visit", "visit", "pause", "resume", "end"]
    assert rows(
        demo_url, "SELECT count(*) FROM app.patrol_point WHERE patrol_round_id = %s", (planned.id,)
    ) == [(1,)]
    streams = rows(
        demo_url,
        "SELECT s.next_sequence >= 3, s.closed_at IS NOT NULL, count(f.*) = s.next_sequence,"
        " max(abs(f.lon - %s)) < 0.001"
        " FROM app.track_stream AS s JOIN app.patrol_fix AS f USING (stream_id)"
        " WHERE s.patrol_round_id = %s GROUP BY s.stream_id",
        (HERE["longitude"], planned.id),
    )
    assert streams == [(True, True, True, True)], "and nothing of the pause is in it"


# Another tab's transaction that lasts until it is told to end: the disk is slow.
_SLOW_DISK = """() => new Promise((resolve) => {
  indexedDB.open("guangming-field").onsuccess = ({ target }) => {
    const records = target.result.transaction(["records"], "readwrite").objectStore("records");
    const goOn = () => { if (!window.diskIsFast) records.count().onsuccess = goOn; };
    goOn();
    resolve();
  };
})"""


def test_a_pause_begins_with_the_tap_however_long_its_writing_takes(
    phone: Page, planned: Round, demo_url: str
):
    view(phone, "rounds")
    card = phone.locator(f"[data-round='{planned.id}']")
    card.get_by_role("button", name="开始").click()
    expect(card.get_by_role("button", name="暂停")).to_be_enabled()
    stand(phone, 1e-5)
    phone.evaluate(_SLOW_DISK)
    card.get_by_role("button", name="暂停").click()
    stand(phone, STEP)
    expect(card.get_by_role("button", name="结束")).to_be_disabled()
    phone.evaluate("window.diskIsFast = true")
    expect(card.get_by_role("button", name="继续")).to_be_enabled()
    card.get_by_role("button", name="结束").click()
    expect(phone.locator("#walk")).to_be_hidden()
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#waiting")).to_have_text("0")
    expect(phone.locator("#track-count")).to_contain_text("待传 0 个")
    walked = rows(
        demo_url,
        "SELECT count(*) > 0, max(abs(f.lon - %s)) < 0.001 FROM app.patrol_fix AS f"
        " JOIN app.track_stream AS s USING (stream_id) WHERE s.patrol_round_id = %s",
        (HERE["longitude"], planned.id),
    )
    assert walked == [(True, True)]


def test_of_a_round_that_is_gone_records_are_refused_and_can_be_sent_without_it(
    phone: Page, planned: Round, demo_url: str
):
    view(phone, "rounds")
    phone.context.set_offline(True)
    phone.locator(f"[data-round='{planned.id}']").get_by_role("button", name="开始").click()
    expect(phone.locator("#waiting")).to_have_text("1")
    stand(phone, 1e-5)
    view(phone, "log")
    log(phone, "OK", "任务没了")
    rows(demo_url, "DELETE FROM app.patrol_round WHERE patrol_round_id = %s", (planned.id,))
    phone.context.set_offline(False)
    view(phone, "ledger")
    phone.click("#sync")
    expect(phone.locator("#refused")).to_have_text("2")
    expect(phone.locator("#waiting")).to_have_text("0")
    expect(phone.locator("#track-count")).to_contain_text("待传 0 个")
    phone.locator("#ledger .entry", has_text="任务没了").locator("summary").click()
    phone.get_by_role("button", name="更正").click()
    phone.get_by_role("button", name="保存更正").click()
    expect(phone.locator("#refused")).to_have_text("1")
    expect(phone.locator("#sent")).to_have_text("1")
    assert rows(demo_url, "SELECT count(*) FROM app.patrol_point WHERE note = '任务没了'") == [(1,)]


def test_an_area_is_saved_and_drawn_without_a_network(phone: Page):
    with phone.expect_response("**/api/v1/field/area") as answer:
        view(phone, "map")
    assert answer.value.status == 200
    assert int(answer.value.headers["content-length"]) < 15_000_000
    expect(phone.locator("#area-state")).to_contain_text("MB")
    phone.context.set_offline(True)
    phone.reload()
    ready(phone)
    view(phone, "map")
    expect(phone.locator("#area-state")).to_contain_text("MB")
    drawn = phone.evaluate(
        """() => { const canvas = document.querySelector(".leaflet-container canvas");
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let set = 0; for (let at = 3; at < pixels.length; at += 4) if (pixels[at]) set += 1; return set; }"""
    )
    assert drawn > 2_000
    phone.screenshot(path=str(ROOT / ".local" / "screenshots" / "field-area-360.png"))
    phone.locator("#map-hint").scroll_into_view_if_needed()
    phone.locator(".folium-map").evaluate(
        """(map) => { const box = map.getBoundingClientRect();
        const place = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
        map.dispatchEvent(new MouseEvent("contextmenu", place)); }"""  # as a long press makes one
    )
    phone.get_by_role("button", name="在此打点").click()
    expect(phone.locator("#fix-grade")).to_contain_text("C")
    log(phone, "L3", "地图选点")
    view(phone, "ledger")
    expect(phone.locator("#ledger .entry").first.locator(".grade")).to_contain_text("C")
