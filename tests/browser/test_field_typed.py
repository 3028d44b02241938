"""Where the phone finds no position, a place is typed or chosen on the map: with its grade, its datum, and a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from gis.geometry.crs import wgs84_to
from tests.asking import rows
from tests.browser.phones import HERE, log, open_page, phone_context, ready, view
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
SCREENSHOTS = ROOT / ".local" / "screenshots"


@pytest.fixture
def phone(browser: Browser, live_server: str, sign_in) -> Iterator[Page]:
    """A phone that finds no position."""
    context = phone_context(browser, geolocation=None, permissions=[])
    page = context.new_page()
    sign_in(page, "patrol")
    open_page(page, live_server)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    yield page
    context.close()


def in_seconds(degrees: float) -> str:
    """Degrees, minutes and seconds to 3 cm."""
    minutes, seconds = divmod(degrees * 3600, 60)
    return f"{minutes // 60:.0f}°{minutes % 60:.0f}′{seconds:.3f}″"


def type_place(page: Page, lon: str, lat: str) -> None:
    page.fill("#typed-lon", lon)
    page.fill("#typed-lat", lat)
    page.locator("dialog [type=submit]").click()


def stored(demo_url: str, note: str) -> list[tuple]:
    """Method, grade, outside, metres from `HERE`."""
    return rows(
        demo_url,
        "SELECT method, grade, is_outside, ST_DistanceSphere(geom, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"
        " FROM app.patrol_point WHERE note = %s",
        (HERE["longitude"], HERE["latitude"], note),
    )


@pytest.mark.parametrize("datum", ["wgs84", "4490", "gcj02", "bd09"])
def test_typed_place_is_brought_home_from_its_datum_and_graded_d(phone: Page, demo_url: str, datum: str):
    expect(phone.locator("#log")).to_be_disabled()
    ((lon,), (lat,)) = wgs84_to([HERE["longitude"]], [HERE["latitude"]], datum)
    phone.click("#type-place")
    phone.select_option("#typed-datum", datum)
    type_place(phone, in_seconds(lon), in_seconds(lat))
    expect(phone.locator("dialog")).to_have_count(0)
    expect(phone.locator("#fix-state")).to_contain_text("手工输入")
    expect(phone.locator("#fix-grade")).to_contain_text("D")
    if datum == "gcj02":
        expect(phone.locator("#fix-state")).to_contain_text("GCJ-02")
        phone.screenshot(path=str(SCREENSHOTS / "field-typed-place-360.png"), full_page=True)
    log(phone, "L2", f"手输{datum}")
    expect(phone.locator("#log")).to_be_disabled()  # the next one asks anew
    expect(phone.locator("#sent")).to_have_text("1")
    ((method, grade, is_outside, metres),) = stored(demo_url, f"手输{datum}")
    assert (method, grade, is_outside) == ("typed", "D", False)
    assert metres < 0.1
    view(phone, "ledger")
    phone.locator("#ledger summary").first.click()
    expect(phone.locator("#ledger .entry").first).to_contain_text("手工输入")
    expect(phone.locator("#ledger .entry").first.locator(".grade")).to_contain_text("D")


@pytest.mark.parametrize(
    ("language", "axis", "text", "words"),
    [
        ("zh", "lon", "", "请填写经度"),
        ("zh", "lon", "一百一十三", "经度无法识别"),
        ("zh", "lat", "22°70′", "纬度：分和秒应小于60"),
        ("en", "lat", "113.9", "Are the two swapped?"),
        ("en", "lon", "22.7634N", "Are the two swapped?"),
        ("en", "lon", "181", "at most 180"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(
    phone: Page, live_server: str, language: str, axis: str, text: str, words: str
):
    phone.goto(f"{live_server}/field?lang={language}")
    ready(phone)
    phone.click("#type-place")
    typed = {"lon": "113.9012", "lat": "22.7634", axis: text}
    type_place(phone, typed["lon"], typed["lat"])
    expect(phone.locator("#typed-problem")).to_contain_text(words)
    expect(phone.locator(f"#typed-{axis}")).to_have_attribute("aria-invalid", "true")
    expect(phone.locator(f"#typed-{axis}")).to_be_focused()
    phone.screenshot(path=str(SCREENSHOTS / f"field-typed-{language}-360.png"))
    type_place(phone, "113.9012", "22.7634")  # put right, it is taken
    expect(phone.locator("dialog")).to_have_count(0)
    phone.goto(f"{live_server}/field?lang=zh")


def test_place_outside_the_district_is_told_and_asked(phone: Page, demo_url: str):
    asked: list[str] = []

    def answer(accept: bool) -> Callable:
        def act(dialog):
            asked.append(dialog.message)
            if accept:
                dialog.accept()
            else:
                dialog.dismiss()

        return act

    phone.once("dialog", answer(False))
    phone.click("#type-place")
    type_place(phone, "114.5", "22.3")
    expect(phone.locator("#typed-lon")).to_have_value("114.5")  # still there to be put right
    expect(phone.locator("#log")).to_be_disabled()
    phone.once("dialog", answer(True))
    phone.locator("dialog [type=submit]").click()
    log(phone, "L3", "区外")
    expect(phone.locator("#sent")).to_have_text("1")
    assert [row[:3] for row in stored(demo_url, "区外")] == [("typed", "D", True)]
    assert len(asked) == 2 and all("光明区" in words or "辖区" in words for words in asked)


def test_place_is_chosen_on_the_map_by_a_tap(phone: Page, demo_url: str):
    phone.click("#pick-place")
    expect(phone.locator("#view-map")).to_be_visible()
    expect(phone.locator("#message")).to_contain_text("点一下")
    box = phone.locator(".folium-map").bounding_box()
    phone.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    phone.screenshot(path=str(SCREENSHOTS / "field-pick-place-360.png"))
    phone.get_by_role("button", name="在此打点").click()
    expect(phone.locator("#view-log")).to_be_visible()
    expect(phone.locator("#fix-state")).to_have_text("在地图上选点")
    expect(phone.locator("#fix-grade")).to_contain_text("C")
    log(phone, "L4", "地图点选")
    expect(phone.locator("#sent")).to_have_text("1")
    assert [row[:2] for row in stored(demo_url, "地图点选")] == [("map", "C")]
    view(phone, "map")
    phone.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    expect(phone.get_by_role("button", name="在此打点")).to_have_count(0)
