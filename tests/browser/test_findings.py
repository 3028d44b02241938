"""From a violation logged on the phone to the closed case: three people and two phones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.asking import rows
from tests.browser import phones
from tests.browser.map_pages import map_ready
from tests.screenshots import picture

pytestmark = pytest.mark.browser
HERE = {"longitude": 113.8866, "latitude": 22.7805, "accuracy": 8}
NOTE = "新搭铁皮棚"


def let_sign_in(url: str, username: str) -> str:
    """Give a demo person without a password that of patrol1."""
    rows(
        url,
        "INSERT INTO app.credential (account_id, password_hash)"
        " SELECT p.account_id, c.password_hash FROM app.account AS p, app.credential AS c JOIN app.account AS o USING (account_id)"
        " WHERE p.username = %s AND o.username = 'patrol1' ON CONFLICT DO NOTHING",
        (username,),
    )
    return username


@pytest.fixture
def person(page_of):
    """Open a page as somebody, in Chinese."""

    def opened(username: str, width: int = 1280) -> Page:
        return page_of(
            username,
            viewport={"width": width, "height": 900},
            geolocation=HERE,
            permissions=["geolocation"],
            locale="zh-CN",
        )

    return opened


def log(page: Page, live_server: str, kind: str, note: str) -> None:
    phones.open_page(page, live_server)
    with page.expect_response("**/api/v1/field/records"):
        phones.log(page, kind, note)


def take(page: Page, state: str) -> None:
    """Take a step; the page comes back with it in the course."""
    past = page.locator("#steps .steps-past li")
    expect(page.locator(f"#steps [data-state={state}]")).to_be_visible()
    before = past.count()
    page.click(f"#steps [data-state={state}]")
    expect(past).to_have_count(before + 1)


def test_from_the_phone_to_the_closed_case(person, live_server: str, demo_url: str):
    phone = person("patrol1", 360)
    log(phone, live_server, "L2", NOTE)
    [(incident_id, officer)] = rows(
        demo_url,
        "SELECT i.incident_id, p.username FROM app.incident AS i JOIN app.assignment AS a USING (cell_id)"
        " JOIN app.account AS p ON p.account_id = a.account_id"
        " WHERE i.description = %s AND a.duty = 'primary' AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')",
        (NOTE,),
    )

    desk = person("dispatcher1")
    desk.goto(f"{live_server}/findings?kind=L2")
    desk.locator("table.findings").get_by_role("row").filter(has_text=NOTE).get_by_role("link").click()
    expect(desk.locator("h1")).to_contain_text("违法乱搭建")
    notice = desk.locator("[data-step=stop_notice]")
    notice.get_by_label("办理情况").fill("已现场送达停工通知")
    notice.get_by_role("button").click()
    expect(notice).to_contain_text("已现场送达停工通知")
    for state in ("accepted", "filed", "dispatched", "handling"):
        take(desk, state)

    handler = person(let_sign_in(demo_url, officer))
    [(cell,)] = rows(
        demo_url,
        "SELECT c.code FROM app.incident JOIN app.cell AS c USING (cell_id) WHERE incident_id = %s",
        (incident_id,),
    )
    handler.goto(f"{live_server}/map/cells/{cell}?layers=incident&record=incident.{incident_id}")
    handler.click("#panel [data-state=handled]")
    expect(handler.locator("#panel .steps-past li")).to_have_count(5)

    desk.reload()
    take(desk, "checking")
    expect(desk.locator("#steps [data-state=rework]")).to_be_visible()
    expect(desk.locator("#steps [data-state=closed]")).to_have_count(0)
    picture(desk, "finding-1280.png")
    log(phone, live_server, "OK", "发现人当天再看")
    desk.reload()
    expect(desk.locator("#steps [data-state=rework]")).to_be_visible()
    expect(desk.locator("#steps [data-state=closed]")).to_have_count(0)

    [(mate,)] = rows(
        demo_url,
        "SELECT p.username FROM app.incident AS i JOIN app.team_area AS a USING (community_id)"
        " JOIN app.team_member AS m USING (team_id) JOIN app.account AS p ON p.account_id = m.account_id"
        " WHERE i.incident_id = %s AND p.username <> 'patrol1' ORDER BY 1 LIMIT 1",
        (incident_id,),
    )
    other = person(let_sign_in(demo_url, mate), 360)
    items = other.request.get(f"{live_server}/api/v1/field/rechecks").json()["items"]
    assert incident_id in [item["incident_id"] for item in items]
    log(other, live_server, "OK", "已拆除")
    desk.reload()
    expect(desk.locator(".notice-ok")).to_contain_text("已拆除")
    take(desk, "closed")
    expect(desk.locator("#state")).to_have_text("已结")
    assert rows(
        demo_url,
        "SELECT state, recheck_client_id IS NOT NULL FROM app.incident WHERE incident_id = %s",
        (incident_id,),
    ) == [("closed", True)]


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_their_screen_and_make_no_noise(person, live_server: str, demo_url: str, width: int):
    desk, admin = person("dispatcher1", width), person("admin1", width)
    problems: list[str] = []
    for page in (desk, admin):
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: problems.append(str(e)))
    [(incident_id,)] = rows(
        demo_url, "SELECT max(incident_id) FROM app.incident WHERE violation <> '' AND state = 'checking'"
    )
    for page, path, name in (
        (desk, "/findings", "findings"),
        (desk, "/findings?view=map", "findings-map"),
        (desk, f"/findings/{incident_id}", "finding"),
        (admin, "/admin/calendar", "calendar"),
        (admin, "/admin/deadlines?lang=en", "deadlines"),
    ):
        page.goto(f"{live_server}{path}")
        if name.endswith("map"):
            map_ready(page)
        if name == "finding":
            expect(page.locator("#steps .step-acts")).to_be_visible()
        picture(page, f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert problems == []
