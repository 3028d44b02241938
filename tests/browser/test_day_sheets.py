"""Day sheets, months and the calendar of rounds on a desk and on a phone, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.asking import rows
from tests.conftest import ROOT
from tests.screenshots import picture

pytestmark = pytest.mark.browser
AXE = ROOT / "tests/browser/vendor/axe.min.js"


@pytest.fixture(scope="module")
def walked(demo_url: str) -> tuple[int, str, int]:
    """The team of patrol1, a day on which it walked rounds with check points, and a parcel of one."""
    [(team, day, parcel)] = rows(
        demo_url,
        "SELECT r.team_id, r.on_date::text, r.parcel_id FROM app.patrol_round AS r"
        " JOIN app.team_member AS m USING (team_id) JOIN app.account AS a USING (account_id)"
        " WHERE a.username = 'patrol1' AND r.state = 'partly_done' AND r.parcel_id IS NOT NULL"
        " AND EXISTS (SELECT FROM app.patrol_track AS t WHERE t.patrol_round_id = r.patrol_round_id)"
        " ORDER BY r.planned_from DESC LIMIT 1",
    )
    return team, day, parcel


def pages(team: int, day: str, parcel: int) -> dict[str, str]:
    """Addresses without a language."""
    return {
        "rounds": f"/rounds?day={day}",
        "sheets": f"/rounds/sheets?day={day}",
        "sheet-team": f"/rounds/sheets/teams/{team}?day={day}",
        "sheet-parcel": f"/rounds/sheets/parcels/{parcel}?day={day}",
        "month": f"/rounds/months/{team}?month={day[:7]}",
        "round-calendar": f"/rounds/calendar?month={day[:7]}",
    }


@pytest.mark.parametrize(("language", "width"), [("zh", 360), ("en", 360), ("zh", 1280)])
def test_sheets_fit_their_screen_and_make_no_noise(
    page_of, live_server: str, walked, language: str, width: int
):
    page = page_of("dispatcher1", viewport={"width": width, "height": 900})
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    for name, path in pages(*walked).items():
        page.goto(f"{live_server}{path}&lang={language}")
        picture(page, f"{name}-{language}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert problems == []


def test_nothing_serious_for_axe(page_of, live_server: str, walked):
    page = page_of(
        "dispatcher1",
        viewport={"width": 360, "height": 780},
        bypass_csp=True,  # for axe, which is injected
    )
    serious = []
    for name, path in pages(*walked).items():
        page.goto(f"{live_server}{path}&lang=zh")
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        serious += [
            (name, rule["id"], [node["html"][:120] for node in rule["nodes"]])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
    assert serious == []


def test_from_the_calendar_to_the_day_and_its_sheet(page_of, live_server: str, walked):
    team, day, _ = walked
    page = page_of("patrol1", viewport={"width": 360, "height": 780}, locale="zh-CN")
    page.goto(f"{live_server}/rounds/calendar?month={day[:7]}&lang=zh")
    page.locator(f"a[href='/rounds?day={day}']").click()
    expect(page).to_have_url(re.compile(rf"/rounds\?day={day}$"))
    page.get_by_role("link", name="巡查日报").click()
    page.locator(f"a[href='/rounds/sheets/teams/{team}?day={day}']").click()
    expect(page.locator("h1")).to_contain_text(day)
    expect(page.locator(".sheet-drawing svg circle").first).to_be_visible()
    answer = page.request.get(f"{live_server}/rounds/sheets/teams/{team}.pdf?day={day}")
    assert answer.headers["content-type"] == "application/pdf" and answer.body().startswith(b"%PDF-")
    page.get_by_role("link", name="查看个人明细").click()
    expect(page.locator("#people table")).to_be_visible()
