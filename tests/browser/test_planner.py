"""The frame of the planner's pages in Chromium: quiet, its own, linked, escaped, for keys and for phones."""

from __future__ import annotations

import re

import pytest
from flask_babel import force_locale
from playwright.sync_api import Page, Route, expect

from gis.analysis.result import Unit
from tests.asking import rows
from tests.browser.map_pages import map_ready
from tests.conftest import ROOT, make_app
from tests.planner_example import EVIL, add_to
from tests.screenshots import picture
from webmap.planner.definitions import Class, Word
from webmap.planner.values import sign_of, value_text

pytestmark = pytest.mark.browser
AXE = ROOT / "tests/browser/vendor/axe.min.js"
CHARTS = ("ranked", "bars", "trend", "few", "many", "gain", "loads", "lorenz", "before")


@pytest.fixture(scope="module")
def app(demo_url: str):
    application = add_to(make_app(demo_url))
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def evil_cell(demo_url: str) -> str:
    """A cell whose name is markup."""
    [(code,)] = rows(demo_url, "SELECT min(code) FROM app.cell")
    rows(demo_url, "UPDATE app.cell SET name_zh = %s WHERE code = %s RETURNING 1", (EVIL, code))
    return code


@pytest.fixture
def desk(page_of, live_server: str, evil_cell):
    """The example's page, painted, at a desk."""

    def opened(query: str = "", **options) -> Page:
        page = page_of("planner1", **{"viewport": {"width": 1440, "height": 1000}, **options})
        page.goto(f"{live_server}/planner/example?lang=zh&{query}")
        map_ready(page)
        return page

    return opened


def outline(page: Page, code: str, what: str):
    """Something of a place's outline on the map, by a Leaflet expression on `layer` and `map`."""
    return page.evaluate(
        f"""code => {{
            const map = gridTools[0].map; let found = null;
            map.eachLayer(layer => {{ if (layer.feature?.properties?.code === code && layer.getLatLngs) found = layer; }});
            const layer = found; return {what};
        }}""",
        code,
    )


def click_on_map(page: Page, code: str) -> None:
    page.locator("#map-frame").scroll_into_view_if_needed()
    at = outline(page, code, "map.latLngToContainerPoint(layer.getCenter())")
    page.locator(".folium-map").click(position={"x": at["x"], "y": at["y"]})


def selected(page: Page) -> str | None:
    """The selected place in the address."""
    found = re.search(r"[?&]place=(\d+)", page.url)
    return found[1] if found else None


def draw_all(page: Page) -> None:
    """Bring every chart into sight once, as a reader who scrolls down does."""
    for name in CHARTS:
        chart = page.locator(f"#chart-{name}")
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 1440), ("zh", 360), ("en", 360)])
def test_page_is_whole_quiet_and_its_own(page_of, live_server: str, evil_cell, language: str, width: int):
    page = page_of("planner1", viewport={"width": width, "height": 800})
    outside, noise = [], []
    page.on("request", lambda r: r.url.startswith((live_server, "data:", "blob:")) or outside.append(r.url))
    page.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: noise.append(str(e)))
    page.on("response", lambda r: noise.append(r.url) if r.status >= 400 else None)
    page.goto(f"{live_server}/planner/example?lang={language}")
    map_ready(page)
    draw_all(page)
    page.evaluate("scrollTo(0, 0)")
    picture(page, f"planner-{language}-{width}.png")
    assert (outside, noise) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_click_on_the_map_selects_everywhere(desk):
    page = desk()
    code = "440306007006"
    click_on_map(page, code)
    expect(page).to_have_url(re.compile(f"place={code}"))
    expect(page.locator("#places-table tr.selected")).to_have_attribute("data-code", code)
    expect(page.locator("#panel h2")).to_have_text(EVIL)  # its own words, from the detail's address
    expect(page.locator("#panel td a")).to_have_attribute("href", "/map")
    expect(page.locator("#panel")).to_contain_text("50 m")
    ring = page.locator("#chart-ranked path[stroke='#17252e']")
    expect(ring).to_have_count(1)
    assert outline(page, code, "layer.options.weight") == 4
    page.locator("#panel").get_by_role("button", name="关闭").click()
    expect(page).not_to_have_url(re.compile("place="))
    expect(ring).to_have_count(0)


def test_a_panel_says_that_its_rows_are_on_their_way_and_when_they_do_not_come(desk):
    page = desk()
    panel = page.locator("#panel")
    meanwhile: list[tuple[str, bool]] = []

    def unanswered(route: Route) -> None:
        knows_itself = panel.locator("dl.record").is_visible()
        meanwhile.append((panel.get_by_role("status").inner_text(), knows_itself))
        route.abort()

    page.route("**/planner/example/place/**", unanswered)
    page.locator("#places-table tbody button").first.click()
    expect(panel.get_by_role("alert")).to_have_text("无法连接服务器")
    expect(panel.get_by_role("status")).to_have_count(0)
    assert meanwhile == [("正在加载……", True)]


def test_click_on_a_bar_selects_on_map_and_in_table_and_hovering_rings(desk):
    page = desk()
    bars = page.locator("#chart-ranked .mark-rect path")
    expect(bars).to_have_count(28)
    bars.nth(5).hover()
    hovered = page.locator("#places-table tr.hovered").get_attribute("data-code")
    assert outline(page, hovered, "layer.options.weight") == 2.5
    expect(page.locator(".chart-tip")).to_be_visible()
    bars.nth(5).click()
    expect(page.locator("#places-table tr.selected")).to_have_attribute("data-code", hovered)
    assert selected(page) == hovered
    assert outline(page, hovered, "layer.options.weight") == 4
    page.mouse.move(5, 5)
    expect(page.locator("#places-table tr.hovered")).to_have_count(0)


def test_a_link_reproduces_figure_level_and_place(desk, live_server: str):
    page = desk()
    page.select_option("#figure-list", "age")
    page.locator("#level-list").get_by_text("网格").click()
    row = page.locator("#places-table tbody tr").nth(200)
    code = row.get_attribute("data-code")
    expect(row).to_be_attached()
    row.get_by_role("button").click()
    expect(page).to_have_url(re.compile(f"figure=age.*place={code}|place={code}.*figure=age"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#places-table tr.selected")).to_have_attribute("data-code", code)
    expect(page.locator("#figure-list")).to_have_value("age")
    expect(page.locator("#level-list input[value=cell]")).to_be_checked()
    expect(page.locator("#panel")).to_contain_text(code)
    assert outline(page, code, "layer.options.weight") == 4
    page.locator("#asked button[type=submit]").click()  # the form keeps what is shown
    expect(page.locator("#places-table tr.selected")).to_have_attribute("data-code", code)


def test_figures_of_classes_colour_the_map_with_their_legend(desk):
    page = desk("figure=kind")
    expect(page.locator("#legend")).to_contain_text("新出现")
    expect(page.locator("#legend")).to_contain_text("无数据")
    expect(page.locator("#chart-ranked")).to_be_hidden()
    page.select_option("#figure-list", "change")
    expect(page.locator("#legend li")).to_have_count(7)


def test_arrow_keys_go_through_a_chart_and_stay_there(desk):
    page = desk()
    area = page.locator("#chart-ranked .chart-area")
    expect(area.locator("svg")).to_be_visible()
    area.focus()
    page.keyboard.press("ArrowDown")
    first = selected(page)
    page.keyboard.press("ArrowDown")
    assert first and selected(page) != first
    expect(page.locator("#panel")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("覆盖率")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def test_definitions_open_in_a_drawer_and_close_by_escape(desk):
    page = desk()
    opener = page.locator("#meanings-button")
    opener.click()
    expect(page.locator("#meanings .chosen")).to_contain_text("area(zone ∩ covered) / area(zone)")
    page.keyboard.press("Escape")
    expect(page.locator("#meanings")).to_be_hidden()
    expect(opener).to_be_focused()


def test_markup_in_a_name_is_shown_as_text(desk, evil_cell):
    page = desk("level=cell")
    draw_all(page)
    page.locator("#chart-bars .mark-rect path").first.scroll_into_view_if_needed()
    page.locator("#chart-lorenz .mark-symbol path").nth(3).hover()
    expect(page.locator(".chart-tip")).to_be_visible()
    page.locator("#chart-before .mark-symbol path").first.hover()
    expect(page.locator(".chart-tip b")).to_have_text(EVIL)
    expect(page.locator(f"#places-table tr[data-code='{evil_cell}'] th")).to_have_text(EVIL)
    page.locator(f"#places-table tr[data-code='{evil_cell}'] button").click()
    expect(page.locator("#panel h2")).to_have_text(EVIL)
    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "owned"


def test_shapes_have_a_legend_that_hides_them_and_tell_their_row(desk):
    page = desk()
    choice = page.locator("#shape-legend").get_by_label("未覆盖的地块")
    at = page.evaluate(
        """() => { const map = gridTools[0].map; const p = map.latLngToContainerPoint([22.755, 113.935]); return [p.x, p.y]; }"""
    )
    page.locator(".folium-map").click(position={"x": at[0], "y": at[1]})
    expect(page.locator("#panel h2")).to_have_text("未覆盖的地块")
    expect(page.locator("#panel")).to_contain_text(EVIL)
    page.keyboard.press("Escape")
    choice.uncheck()
    page.locator(".folium-map").click(position={"x": at[0], "y": at[1]})
    expect(page).to_have_url(re.compile("place="))  # the community below it


VALUES = [
    (None, Unit.SHARE),
    *((value, Unit.SHARE) for value in (0, 0.12345, 0.9996, 1)),
    *((value, Unit.NUMBER) for value in (0, 0.12345, -9.9994, 12.345, -12.25, 1234567.89, -0.0001)),
    *((value, Unit.COUNT) for value in (0, 1234567)),
    *((value, Unit.DAYS) for value in (3, 12.34)),
    *((1234.5, unit) for unit in (Unit.METRES, Unit.SQUARE_METRES, Unit.MINUTES)),
    (True, Unit.YES_NO),
    ("hot", Unit.CODE),
    ("", Unit.TEXT),
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_scripts_write_values_as_the_server_does(app, page_of, live_server: str, language: str):
    page = page_of("planner1", language=language)
    page.goto(f"{live_server}/planner?lang={language}")
    with app.test_request_context(), force_locale(language):
        word = Word("", "", classes={"hot": Class("热点", "#000000")})
        ours = [value_text(value, unit, word) for value, unit in VALUES]
        given = [[value, {"unit": unit.value, "sign": sign_of(unit)}] for value, unit in VALUES]
    theirs = page.evaluate(
        """async given => {
            const { valueText } = await import("/static/js/planner/values.js");
            return given.map(([value, figure]) => valueText(value, figure, [{ code: "hot", title: "热点" }]));
        }""",
        given,
    )
    assert theirs == ours


@pytest.mark.parametrize("width", [1440, 360])
def test_nothing_serious_for_axe(desk, live_server: str, width: int):
    page = desk(viewport={"width": width, "height": 900}, bypass_csp=True)  # axe is injected
    page.locator("#chart-ranked").scroll_into_view_if_needed()
    expect(page.locator("#chart-ranked svg")).to_be_attached()
    page.locator("#places-table tbody button").first.click()
    page.locator("#meanings-button").click()
    serious = axe(page)
    for path in ("/planner", "/planner/example?view=table", "/planner/example?radius_m=0"):
        page.goto(live_server + path)
        serious += axe(page, exclude="#table-cells tbody tr:nth-child(n + 5)")  # 735 rows of a kind
    assert serious == []


def axe(page: Page, exclude: str = "#places-table tbody tr:nth-child(n + 5)") -> list[str]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        """exclude => axe.run(document.querySelector(exclude) ? { exclude: [exclude] } : document,
            { resultTypes: ["violations"] })""",
        exclude,
    )["violations"]
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")
    ]
