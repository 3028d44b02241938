"""From a question's page to the downloaded report: asked, watched without a reload, taken away; small screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.screenshots import picture

pytestmark = pytest.mark.browser
AXE = ROOT / "tests/browser/vendor/axe.min.js"


def downloaded(page: Page, link: str, ends: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    assert download.value.suggested_filename.endswith(ends)
    return download.value.path().read_bytes()


def test_from_the_question_to_the_report(page_of, live_server: str, working):
    page = page_of("planner1", language="en", viewport={"width": 1280, "height": 900})
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    page.goto(f"{live_server}/planner/patrol?lang=en")
    page.get_by_role("button", name="Keep as a run").click()
    expect(page).to_have_url(re.compile(r"/planner/runs/\d+"))
    # The page loads anew by itself when the run has ended.
    expect(page.get_by_role("link", name="XLSX", exact=True)).to_be_visible()
    picture(page, "run-en-1280.png")
    link = page.get_by_role("link", name="PDF A4", exact=True)
    report = page.request.get(f"{live_server}{link.get_attribute('href')}")
    assert report.headers["content-type"] == "application/pdf" and report.body().startswith(b"%PDF-")
    assert downloaded(page, "XLSX", ".xlsx").startswith(b"PK")
    assert downloaded(page, "GeoPackage", ".gpkg").startswith(b"SQLite format 3")
    run_url = page.url
    page.goto(f"{live_server}/planner/patrol")
    page.get_by_role("button", name="Keep as a run").click()
    expect(page).to_have_url(re.compile(rf"{re.escape(run_url.partition('?')[0])}\?known=1"))
    page.goto(f"{live_server}/planner/runs")
    expect(page.locator("tbody tr").first).to_contain_text("done")
    assert problems == []


def test_pages_of_runs_fit_a_phone_and_have_nothing_serious_for_axe(page_of, live_server: str, working):
    page = page_of("planner1", viewport={"width": 360, "height": 780}, bypass_csp=True)
    page.goto(f"{live_server}/planner/runs")
    first = page.locator("tbody tr a").first
    run_url = first.get_attribute("href") if first.count() else None
    serious = []
    for name, path in {"runs": "/planner/runs", "schedules": "/planner/schedules", "run": run_url}.items():
        if path is None:
            continue
        page.goto(f"{live_server}{path}")
        picture(page, f"{name}-360.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
        serious += [
            (name, one["id"], one["nodes"][0]["html"][:160])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    assert serious == []
