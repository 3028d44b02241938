"""Photos go out with a report, through a lost reply, and are seen in the panel by whoever sees the incident."""

from __future__ import annotations

import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.asking import rows
from tests.browser.map_pages import map_ready
from tests.pictures import chunk, exif, jpeg

pytestmark = pytest.mark.browser
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1440, "height": 900}}
SHOTS = os.environ.get("PHOTO_SHOTS")


def scene(width: int = 2400, height: int = 1500) -> bytes:
    """A camera's picture: sky over ground, with a hut, as PNG with its position in a comment."""
    lines = []
    for y in range(height):
        if y < height * 0.55:
            line = bytes((120 + y // 12, 170 + y // 24, 230)) * width
        else:
            line = bytes((150 - y // 30, 120, 70)) * width
        if height * 0.35 < y < height * 0.7:
            left, right = int(width * 0.35), int(width * 0.62)
            line = line[: left * 3] + bytes((200, 60, 50)) * (right - left) + line[right * 3 :]
        lines.append(b"\0" + line)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"Comment\0GPS 22.7 113.9")
    return start + chunk(b"IDAT", zlib.compress(b"".join(lines), 1)) + chunk(b"IEND", b"")


FILES = [
    {"name": "hut.png", "mimeType": "image/png", "buffer": scene()},
    {"name": "grey.jpg", "mimeType": "image/jpeg", "buffer": jpeg(800, 600, extra=exif(6, secret=b"4711"))},
]


@pytest.fixture
def person(page_of):
    def opened(username: str, size: str, language: str = "zh") -> Page:
        return page_of(username, language=language, viewport=SIZES[size], locale=language)

    return opened


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def open_report(page: Page, address: str) -> None:
    page.goto(address)
    map_ready(page)
    page.locator("#map-tools .map-tool-main").click()
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    dialog = page.get_by_role("dialog")
    dialog.locator("select").select_option(index=1)
    dialog.locator("textarea").fill("空地倾倒渣土")


def report_with_photos(page: Page, address: str) -> int:
    open_report(page, address)
    page.set_input_files("#report-photos", FILES)
    field = page.locator("#report-photos").bounding_box()
    assert field["height"] >= 44 and field["x"] + field["width"] <= page.viewport_size["width"]
    shot(page, "report")
    with page.expect_response("**/api/v1/incidents") as answer:
        page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog")).to_have_count(0)
    return answer.value.json()["id"]


def loads(picture) -> None:
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_photos_go_with_a_report_and_are_seen_by_its_officer_and_the_dispatcher(
    person, live_server, demo_url
):
    officer = person("officer1", "phone")
    path = officer.locator("article h2 a").first.get_attribute("href")
    lost = []

    def lose_the_first_reply(route: Route) -> None:
        if route.request.method == "PATCH" and not lost:
            lost.append(route.fetch().status)  # the server has it, the phone never learns so
            route.abort()
        else:
            route.continue_()

    officer.route("**/api/v1/field/photos/*", lose_the_first_reply)
    number = report_with_photos(officer, live_server + path)
    assert lost == [200]
    stored = rows(
        demo_url,
        "SELECT f.state, f.media_type, f.width, f.height, f.bytes < 500000,"
        " (SELECT string_agg(p.content, ''::bytea ORDER BY p.first_byte) FROM app.photo_piece AS p"
        "  WHERE p.photo_id = f.photo_id)"
        " FROM app.photo AS f JOIN app.incident AS i ON i.client_id = f.record_id WHERE i.incident_id = %s"
        " ORDER BY f.photo_id",
        (number,),
    )
    assert [row[:5] for row in stored] == [
        ("complete", "image/jpeg", 1600, 1000, True),
        ("complete", "image/jpeg", 600, 800, True),
    ]
    assert not [row for row in stored if b"Exif" in bytes(row[5]) or b"GPS" in bytes(row[5])]
    for username, size, language in (("officer1", "phone", "zh"), ("dispatcher1", "desk", "en")):
        page = person(username, size, language)
        failures = []
        page.on(
            "console",
            lambda line, failures=failures: failures.append(line.text) if line.type == "error" else None,
        )
        page.goto(f"{live_server}{path}?layers=incident&record=incident.{number}&lang={language}")
        thumbs = page.locator("#panel .photo-thumb")
        expect(thumbs).to_have_count(2)
        for picture in thumbs.locator("img").all():
            picture.scroll_into_view_if_needed()
            loads(picture)
        shot(page, f"panel-{size}-{language}")
        thumbs.first.click()
        dialog = page.get_by_role("dialog")
        loads(dialog.locator("img"))
        box = dialog.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= SIZES[size]["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= SIZES[size]["height"]
        shot(page, f"photo-{size}-{language}")
        first = dialog.locator("[role=status]").inner_text()
        page.keyboard.press("ArrowRight")
        expect(dialog.locator("[role=status]")).not_to_have_text(first)
        expect(dialog.locator("a[download]")).to_have_attribute("href", re.compile(r"/original$"))
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(page.locator("#panel")).to_be_visible()
        assert failures == []
    page.goto(f"{live_server}{path}?view=table&layer=incident&lang=en")
    expect(page.locator("table.data tbody tr", has_text="2").first).to_be_visible()
    heads = page.locator("table.data thead th").all_inner_texts()
    assert "Photos" in heads[-1]
    shot(page, "table-desk-en")


def test_a_report_stays_when_its_photo_is_none_and_goes_on_with_another(person, live_server, demo_url):
    officer = person("officer1", "desk")
    path = officer.locator("article h2 a").first.get_attribute("href")
    open_report(officer, live_server + path)
    officer.set_input_files(
        "#report-photos", [{"name": "<b>.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"}]
    )
    with officer.expect_response("**/api/v1/incidents") as answer:
        officer.locator("dialog button[type=submit]").click()
    expect(officer.locator("dialog [role=alert]")).to_contain_text("<b>.png")
    shot(officer, "report-failed-desk-zh")
    officer.set_input_files("#report-photos", FILES[:1])
    officer.locator("dialog button[type=submit]").click()
    expect(officer.locator("dialog")).to_have_count(0)
    number = answer.value.json()["id"]
    found = rows(
        demo_url,
        "SELECT count(DISTINCT i.incident_id), count(f.photo_id) FROM app.incident AS i"
        " JOIN app.photo AS f ON f.record_id = i.client_id AND f.state = 'complete' WHERE i.incident_id = %s",
        (number,),
    )
    assert found == [(1, 1)]


def test_photos_of_a_patrol_point_are_in_its_panel(person, live_server, demo_url):
    page = person("dispatcher1", "phone")
    point, cell = rows(
        demo_url,
        "INSERT INTO app.photo (client_id, record_id, account_id, taken_at, completed_at, sha256, bytes,"
        " received_bytes, media_type, width, height, state)"
        " SELECT '00000000-0000-4000-8000-00000000000a', p.client_id, a.account_id, now(), now(), sha256(%s),"
        " length(%s), length(%s), 'image/jpeg', 800, 600, 'complete'"
        " FROM app.patrol_point AS p JOIN app.account AS a ON a.username = 'patrol1'"
        " WHERE p.cell_id IS NOT NULL ORDER BY p.patrol_point_id LIMIT 1"
        " RETURNING (SELECT p.patrol_point_id FROM app.patrol_point AS p WHERE p.client_id = record_id),"
        " (SELECT c.code FROM app.patrol_point AS p JOIN app.cell AS c USING (cell_id)"
        "  WHERE p.client_id = record_id)",
        [jpeg(800, 600)] * 3,
    )[0]
    rows(
        demo_url,
        "INSERT INTO app.photo_piece SELECT photo_id, 0, %s FROM app.photo"
        " WHERE client_id = '00000000-0000-4000-8000-00000000000a' RETURNING 1",
        (jpeg(800, 600),),
    )
    page.goto(f"{live_server}/map/cells/{cell}?layers=patrol_point&record=patrol_point.{point}&lang=en")
    thumb = page.locator("#panel .photo-thumb")
    expect(thumb).to_have_count(1)
    thumb.scroll_into_view_if_needed()
    loads(thumb.locator("img"))
    thumb.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Next photo")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
