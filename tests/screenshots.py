"""Pictures of pages, for people to look at after a run."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.conftest import ROOT


def picture(page: Page, name: str) -> None:
    """Keep the whole page under `.local/screenshots`."""
    page.screenshot(path=str(_folder() / name), full_page=True)


def keep(name: str, content: bytes) -> None:
    """Keep a file there too, a report."""
    (_folder() / name).write_bytes(content)


def _folder() -> Path:
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
