"""The live map: a position arrives and an end is told while the page stands open, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests import patrols
from tests.asking import rows
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
LON, LAT = 113.8866, 22.7805
EVIL = "<img src=x onerror=alert(1)>${alert(2)}"
WIDTHS = pytest.mark.parametrize("width", [1280, 360])


@pytest.fixture
def walker(demo_url: str) -> tuple[int, int]:
    """patrol1 and a team of his; what others have under way is ended, what he found is nobody's."""
    rows(
        demo_url,
        "UPDATE app.patrol_round SET state = 'done', patrol_plan_id = NULL WHERE state IN ('started', 'paused')",
    )
    patrols.forget_streams(demo_url)
    [found] = rows(
        demo_url,
        "SELECT account_id, min(team_id) FROM app.team_member JOIN app.account USING (account_id)"
        " WHERE username = 'patrol1' GROUP BY account_id",
    )
    return found


@pytest.fixture
def desk(page_of):
    """Open the live map as the dispatcher; its clock goes on only when told to."""

    def opened(live_server: str, width: int, language: str = "zh", is_judged: bool = False) -> Page:
        page = page_of("dispatcher1", viewport={"width": width, "height": 900}, bypass_csp=is_judged)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.clock.install()
        page.goto(f"{live_server}/rounds/live?lang={language}")
        expect(page.locator("html[data-live]")).to_be_attached()
        return page

    return opened


def ask_again(page: Page) -> int:
    """Let time pass, second by second, until the page asks and is answered; how many seconds that took.

    On a busy machine it hears a second or two late that the page asked.

    No further, or the page would lose its patience with an answer that is on its way.
    """
    asked: list[Request] = []
    page.on(
        "request", lambda request: asked.append(request) if "/api/v1/rounds/live" in request.url else None
    )
    for seconds in range(1, 200):
        page.clock.run_for(1_000)
        if asked:
            asked[0].response()
            return seconds
    raise AssertionError("the page asks no more")


def picture(page: Page, name: str) -> None:
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / name))


@WIDTHS
def test_a_position_arrives_moves_grows_old_and_goes_without_a_reload(
    desk, live_server: str, demo_url: str, walker, width: int
):
    account_id, team_id = walker
    round_id = patrols.begin(demo_url, team_id, account_id)
    key = f"{round_id}-{account_id}"
    page = desk(live_server, width)
    row, sign = page.locator(f"#out tr[data-key='{key}']"), page.locator(f"[data-sign='{key}']")
    expect(row).to_contain_text("暂无位置")
    expect(sign).to_have_count(0)

    stream_id = patrols.stream(demo_url, account_id, round_id)
    patrols.walk_on(demo_url, stream_id, LON, lat=LAT, minutes=0.2)
    ask_again(page)
    expect(row).to_contain_text("± 7 m")
    expect(sign).to_have_attribute("data-age", "fresh")
    first, seen = sign.bounding_box(), row.locator("[data-at]")
    at = seen.get_attribute("data-at")
    patrols.walk_on(demo_url, stream_id, LON + 0.002, lat=LAT)
    ask_again(page)
    expect(seen).not_to_have_attribute("data-at", at)
    assert sign.bounding_box()["x"] > first["x"]

    row.get_by_role("button").click()
    expect(page.locator(".leaflet-popup a")).to_have_attribute("href", f"/rounds/{round_id}")
    rows(
        demo_url,
        "UPDATE app.patrol_fix SET received_at = now() - interval '7 minutes' WHERE stream_id = %s",
        (stream_id,),
    )
    ask_again(page)
    expect(sign).to_have_attribute("data-age", "stale")
    expect(row.locator("[data-at]")).to_have_text("7 分钟")
    rows(
        demo_url,
        "UPDATE app.patrol_fix SET received_at = now() - interval '16 minutes' WHERE stream_id = %s",
        (stream_id,),
    )
    ask_again(page)
    expect(sign).to_have_attribute("data-age", "old")
    expect(page.locator("[data-count=old]")).to_have_text("1")
    picture(page, f"live-{width}.png")

    rows(demo_url, "UPDATE app.patrol_round SET state = 'done' WHERE patrol_round_id = %s", (round_id,))
    ask_again(page)
    expect(row).to_have_count(0)
    expect(sign).to_have_count(0)
    expect(page.locator(f"#today tr[data-key='{round_id}'] .badge")).to_have_text("完成")


@WIDTHS
def test_the_page_fits_and_shows_every_state(desk, live_server: str, demo_url: str, walker, width: int):
    account_id, team_id = walker
    rows(
        demo_url,
        "UPDATE app.patrol_plan SET name = %s WHERE patrol_plan_id = (SELECT min(patrol_plan_id) FROM app.patrol_plan)",
        (EVIL,),
    )
    for number, state in enumerate(("started", "started", "paused", "started")):
        round_id = patrols.begin(demo_url, team_id, account_id, state=state)
        stream_id = patrols.stream(demo_url, account_id, round_id)
        patrols.walk_on(demo_url, stream_id, LON + 0.004 * number, lat=LAT, minutes=7 * number)
        rows(
            demo_url,
            "UPDATE app.patrol_round SET patrol_plan_id = (SELECT min(patrol_plan_id) FROM app.patrol_plan), number = %s"
            " WHERE patrol_round_id = %s",
            (17 + number, round_id),
        )
    [(late,)] = rows(
        demo_url,
        "UPDATE app.patrol_round SET planned_from = now() - interval '40 minutes', planned_to = now() + interval '1 hour'"
        " WHERE patrol_round_id = (SELECT min(patrol_round_id) FROM app.patrol_round WHERE state = 'planned')"
        " RETURNING patrol_round_id",
    )
    page = desk(live_server, width, language="en" if width == 360 else "zh")
    expect(page.locator(f"[data-sign='{late}'][data-state=overdue]")).to_have_count(1)
    first = page.locator("#today tbody tr").first
    expect(first.locator(".badge")).to_have_text("逾期未开始" if width == 1280 else "Overdue to start")
    expect(page.locator("[data-state=paused]")).to_have_count(1)
    expect(page.get_by_text(EVIL).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, f"live-states-{width}.png")
    for name in ("out", "today"):
        page.locator(f"#{name}").evaluate("node => node.scrollIntoView()")
        picture(page, f"live-{name}-{width}.png")


@WIDTHS
def test_nothing_serious_for_axe(desk, live_server: str, demo_url: str, walker, width: int):
    account_id, team_id = walker
    round_id = patrols.begin(demo_url, team_id, account_id)
    patrols.stream(demo_url, account_id, round_id, (6, LON))
    page = desk(live_server, width, is_judged=True)  # axe is injected
    page.locator("#out tbody button").click()
    expect(page.locator(".leaflet-popup")).to_be_visible()
    page.add_script_tag(content=AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []


def test_a_filter_asks_at_once_and_stays_in_the_address(desk, live_server: str, demo_url: str, walker):
    account_id, team_id = walker
    round_id = patrols.begin(demo_url, team_id, account_id, state="paused")
    page = desk(live_server, 1280)
    rounds = page.locator("#today tbody tr")
    assert rounds.count() > 1
    with page.expect_response("**/api/v1/rounds/live?state=paused"):
        page.select_option("#state", "paused")
    expect(rounds).to_have_count(1)
    expect(rounds).to_have_attribute("data-key", str(round_id))
    assert page.url.endswith("/rounds/live?state=paused")
    page.reload()
    expect(rounds).to_have_count(1)


def test_silence_of_the_server_is_told_and_asked_more_rarely(desk, live_server: str, walker):
    page = desk(live_server, 1280)
    shown = page.locator("#as-of").inner_text()
    page.route("**/api/v1/rounds/live*", lambda route: route.abort())
    trouble = page.locator("#trouble")
    ask_again(page)
    expect(trouble).to_contain_text("服务器没有响应")
    expect(trouble).to_contain_text(shown[-8:])
    assert 14 <= ask_again(page) <= 23
    assert 29 <= ask_again(page) <= 43
    expect(trouble).to_be_visible()
    page.unroute("**/api/v1/rounds/live*")
    ask_again(page)
    expect(trouble).to_be_hidden()


def test_nobody_is_asked_while_nobody_looks(desk, live_server: str, walker):
    page = desk(live_server, 1280)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live" in request.url else None)
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.clock.run_for(60_000)
    assert asked == []
    with page.expect_response("**/api/v1/rounds/live*"):
        page.evaluate(
            "() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }"
        )


def test_an_ended_session_is_told(desk, live_server: str, walker):
    page = desk(live_server, 1280)
    page.context.clear_cookies()
    ask_again(page)
    expect(page.locator("#trouble a")).to_have_attribute("href", f"{live_server}/rounds/live?lang=zh")
