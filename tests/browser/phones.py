"""A phone for the tests: a context with a position, and what one does with the phone page."""

from __future__ import annotations

import random
import struct
import zlib
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

HERE = {"longitude": 113.8866, "latitude": 22.7805, "accuracy": 8}


def phone_context(browser: Browser, **options: Any) -> BrowserContext:
    """A small phone that stands at `HERE`."""
    return browser.new_context(
        **{
            "viewport": {"width": 360, "height": 740},
            "geolocation": HERE,
            "permissions": ["geolocation"],
            "locale": "zh-CN",
            "has_touch": True,
            "is_mobile": True,
            **options,
        }
    )


def open_page(page: Page, live_server: str) -> None:
    """Open the phone page and wait until it works."""
    page.goto(f"{live_server}/field")
    ready(page)


def ready(page: Page) -> None:
    expect(page.locator("html[data-field-ready]")).to_be_attached()


def worker_ready(page: Page) -> None:
    """Wait until the page's worker is in charge and has kept the page."""
    page.evaluate(
        """async () => {
          const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
          while (!navigator.serviceWorker.controller) await soon();
          while (!(await caches.match("/field", { cacheName: "field-page" }))) await soon();
        }"""
    )


def view(page: Page, name: str) -> None:
    page.click(f"[data-view={name}]")
    expect(page.locator(f"#view-{name}")).to_be_visible()


def log(page: Page, kind: str, note: str, picture: bytes | None = None) -> None:
    """Log a finding as a person does."""
    page.locator(f"input[value={kind}]").check(force=True)
    if picture:
        page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": picture})
        expect(page.locator("#photo-list img")).to_have_count(1)
    page.fill("#note", note)
    expect(page.locator("#log")).to_be_enabled()
    page.click("#log")
    expect(page.locator("#note")).to_have_value("")


def log_many(page: Page, note: str, first: int, last: int) -> None:
    """Type, save and see it saved, for each number from `first` to before `last`."""
    page.evaluate(_MANY, [note, first, last])


_MANY = """async ([words, first, last]) => {
  const note = document.getElementById("note");
  for (let number = first; number < last; number += 1) {
    note.value = `${words}${number}`;
    document.getElementById("field-form").requestSubmit();
    while (note.value) await new Promise((resolve) => setTimeout(resolve, 2));
    while (document.getElementById("log").disabled) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}"""


def shows(page: Page, saved: int, sent: int, waiting: int) -> None:
    """The ledger's line comes to say this."""
    for name, number in (("saved", saved), ("sent", sent), ("waiting", waiting)):
        expect(page.locator(f"#{name}")).to_have_text(str(number))


def noise(width: int = 400, height: int = 300, seed: int = 0) -> bytes:
    """A picture no JPEG makes small, as PNG."""
    source = random.Random(seed)
    pixels = b"".join(b"\0" + source.randbytes(3 * width) for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(pixels, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
