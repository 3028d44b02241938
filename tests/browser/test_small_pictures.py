"""Small pictures on the page of a violation, a broken one among them; a refused photo on the administrator's page."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.asking import rows
from tests.pictures import webp

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("RESCUE_SHOTS")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def scene() -> bytes:
    picture = Image.radial_gradient("L").resize((800, 600)).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def insert(url: str, record_id: str, content: bytes, media_type: str, refusal: str | None = None) -> int:
    state = "refused" if refusal else "complete"
    size = (None, None, None) if refusal else (800, 600, "now")
    return rows(
        url,
        "WITH made AS (INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes,"
        " received_bytes, media_type, state, refusal, width, height, completed_at)"
        " SELECT gen_random_uuid(), %s, account_id, now(), %s, %s, %s, %s, %s, %s, %s, %s, %s::timestamptz"
        " FROM app.account WHERE username = 'patrol1' RETURNING photo_id)"
        ", piece AS (INSERT INTO app.photo_piece SELECT photo_id, 0, %s FROM made) SELECT photo_id FROM made",
        (record_id, hashlib.sha256(content).digest(), len(content), len(content), media_type, state, refusal, *size,
         content),
    )[0][0]  # fmt: skip


def width_of(picture: Locator) -> int:
    picture.scroll_into_view_if_needed()
    return picture.evaluate("image => image.decode().then(() => image.naturalWidth)")


def a_finding(url: str) -> tuple[int, str]:
    statement = "SELECT incident_id, client_id::text FROM app.incident WHERE violation IS NOT NULL ORDER BY incident_id LIMIT 1"
    return rows(url, statement)[0]


@pytest.mark.parametrize(("name", "size"), [("phone", PHONE), ("desk", DESK)])
def test_the_page_of_a_violation_shows_its_photos_small(page_of, live_server, demo_url, name, size):
    number, record_id = a_finding(demo_url)
    rows(demo_url, "DELETE FROM app.photo_piece")
    rows(demo_url, "DELETE FROM app.photo")
    insert(demo_url, record_id, scene(), "image/jpeg")
    insert(demo_url, record_id, webp(8, 8), "image/webp")
    page = page_of("dispatcher1", viewport=size)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/photos/" in request.url else None)
    page.goto(f"{live_server}/findings/{number}?lang=zh")
    thumbs = page.locator("#photos .photo-thumb img")
    expect(thumbs).to_have_count(2)
    assert [width_of(picture) for picture in thumbs.all()] == [320, 320]
    assert asked and all(url.endswith("/thumbnail") for url in asked)
    shot(page, f"finding-{name}-zh")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.locator("#photos .photo-thumb").first.click()
    assert width_of(page.get_by_role("dialog").locator("img")) == 800


def test_the_administrator_looks_at_a_refused_photo_and_deletes_it(page_of, live_server, demo_url):
    photo = insert(demo_url, a_finding(demo_url)[1], scene(), "image/png", "wrong-type")
    page = page_of("admin1", viewport=PHONE)
    page.goto(f"{live_server}/admin/refused-photos?lang=en")
    shot(page, "refused-phone-en")
    page.get_by_role("link", name=f"Open photo {photo}").click()
    page.locator("#look summary").click()
    assert width_of(page.locator("#look img")) == 800
    shot(page, "refused-photo-phone-en")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_label("Reason").fill("taken twice")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".flash")).to_have_text("The photo is deleted.")
    assert rows(demo_url, "SELECT count(*) FROM app.photo WHERE photo_id = %s", (photo,)) == [(0,)]
