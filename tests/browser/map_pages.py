"""What the tests of pages with a map share."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def map_ready(page: Page) -> None:
    """Wait until the page has drawn its map and taken charge of it."""
    expect(page.locator("html[data-map-ready]")).to_be_attached()
