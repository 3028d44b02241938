"""Pictures of pages, for people to look at after a run."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.conftest import ROOT


def picture(page: Page, name: str) -> None:
    """Keep the whole page under `.local/screenshots`."""
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / name), full_page=True)
