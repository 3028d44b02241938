"""The groups of destinations in the header: opened by click and key, one at a time, flat on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_groups_open_one_at_a_time_and_close_by_escape_and_elsewhere(page_of, live_server):
    page = page_of("admin1")
    page.goto(f"{live_server}/?lang=en")
    patrol = page.get_by_role("button", name="On patrol")
    administration = page.get_by_role("button", name="Administration")
    people = page.locator(".nav-group").get_by_role("link", name="People", exact=True)
    expect(people).to_be_hidden()
    patrol.click()
    expect(page.get_by_role("link", name="Rounds", exact=True)).to_be_visible()
    administration.focus()
    page.keyboard.press("Enter")
    expect(people).to_be_visible()
    expect(patrol).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(administration).to_be_focused()
    administration.click()
    page.locator("h1").click()
    expect(people).to_be_hidden()
    administration.click()
    people.click()
    page.wait_for_url("**/people")
    expect(page.get_by_role("button", name="Administration")).to_have_class("here")


def test_all_destinations_are_listed_on_a_phone(page_of, live_server):
    page = page_of("admin1", viewport={"width": 360, "height": 740})
    page.goto(f"{live_server}/?lang=en")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="People", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="Rounds", exact=True)).to_be_visible()
