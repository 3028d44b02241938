"""An incident goes from report to close in the panel of the cell map, by two people."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.asking import rows

pytestmark = pytest.mark.browser
LABELS = {
    "accepted": "Accept", "filed": "File the case", "dispatched": "Dispatch", "handling": "Start handling",
    "handled": "Report as handled", "checking": "Start the check", "closed": "Close the case",
}  # fmt: skip


@pytest.fixture
def case(demo_url: str) -> tuple[int, str]:
    """A new incident in a cell of officer1: its id and the cell's code."""
    return rows(
        demo_url,
        "INSERT INTO app.incident (client_id, category, description, occurred_at, due_at, cell_id, community_id, geom)"
        " SELECT gen_random_uuid(), 'SR0102', '垃圾', now(), now() + interval '4 hours', c.cell_id, c.community_id,"
        " ST_PointOnSurface(c.geom) FROM app.cell AS c JOIN app.assignment AS a USING (cell_id)"
        " JOIN app.account AS p USING (account_id) WHERE p.username = 'officer1' AND c.valid_to IS NULL"
        " AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity') ORDER BY c.code LIMIT 1"
        " RETURNING incident_id, (SELECT code FROM app.cell AS d WHERE d.cell_id = incident.cell_id)",
    )[0]


@pytest.fixture
def person(page_of, live_server: str, case):
    """Open the incident on its cell's map as the demo account of a name."""

    def opened(username: str) -> Page:
        page = page_of(username, language="en", viewport={"width": 1280, "height": 900}, locale="en-GB")
        number, cell = case
        page.goto(f"{live_server}/map/cells/{cell}?layers=incident&record=incident.{number}&lang=en")
        expect(page.locator("#panel .steps")).to_be_attached()
        return page

    return opened


def offered(page: Page) -> list[str]:
    return [act.get_attribute("data-state") for act in page.locator("#panel [data-state]").all()]


def take(page: Page, state: str, note: str = "") -> None:
    panel = page.locator("#panel")
    act = panel.locator(f"[data-state={state}]")
    expect(act).to_have_text(LABELS[state])
    if note:
        panel.get_by_label("Note on the next step").fill(note)
    steps = panel.locator(".steps-past li")
    before = steps.count()
    act.click()
    expect(steps).to_have_count(before + 1)


def reopened(page: Page) -> Page:
    page.reload()
    expect(page.locator("#panel .steps")).to_be_attached()
    return page


def test_two_people_bring_an_incident_to_its_close(person, case, demo_url):
    desk, officer = person("dispatcher1"), person("officer1")
    assert offered(officer) == []
    for state in ("accepted", "filed", "dispatched", "handling"):
        take(desk, state)
    assert offered(reopened(officer)) == ["handled"]
    take(officer, "handled", "已清运 <b>完</b>")
    assert offered(officer) == [], "who handled it neither checks nor closes it"
    take(reopened(desk), "checking")
    expect(desk.locator("#panel .steps-past")).to_contain_text("已清运 <b>完</b>")
    take(desk, "closed")
    assert offered(desk) == ["archived"]
    stored = rows(
        demo_url, "SELECT state, closed_at IS NOT NULL FROM app.incident WHERE incident_id = %s", case[:1]
    )
    assert stored == [("closed", True)]


def test_a_dispatcher_who_handled_it_is_not_offered_the_close(person):
    desk = person("dispatcher1")
    for state in ("accepted", "filed", "dispatched", "handling", "handled", "checking"):
        take(desk, state)
    assert offered(desk) == ["rework", "voided"]


def test_whoever_comes_second_is_told(person):
    first, second = person("dispatcher1"), person("dispatcher1")
    take(first, "accepted")
    second.locator("#panel [data-state=accepted]").click()
    expect(second.locator("#panel [role=alert]")).to_contain_text("has changed since")
    expect(second.locator("#panel [data-state=accepted]")).to_be_disabled()
