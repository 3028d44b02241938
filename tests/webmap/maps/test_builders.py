"""The Folium builders: nothing from outside, a nonce on every block, no text of a record inside a script."""

from __future__ import annotations

import json
import re

import folium
import pytest
from folium.plugins import MarkerCluster

from webmap.maps.basemap import Tiles
from webmap.maps.builders import MapOptions, cell_map, community_map, district_map, query_map
from webmap.maps.elements import GridMap, Tool, bounds_of
from webmap.maps.offline import OfflineError, OfflineFigure

NONCE = "n0nce-for-this-answer"
EVIL = (
    "</script><script>alert(1)</script>${alert(2)}`${alert(3)}`{{ 7*7 }}{% raw %}<img src=x onerror=alert(4)>"
)
FIGURES = [{"id": "open_incidents", "label": "Open incidents"}]


def outlines(*names: str) -> dict:
    """Unit squares side by side, lon/lat."""
    features = []
    for index, name in enumerate(names):
        west = 113.9 + index * 0.01
        ring = [[west, 22.7], [west + 0.01, 22.7], [west + 0.01, 22.71], [west, 22.71], [west, 22.7]]
        properties = {"code": f"c{index}", "name": name, "community_code": "c", "mine": True}
        features.append(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def build(kind: str, options: MapOptions, name: str = "甲") -> GridMap:
    shapes = outlines(name, "乙")
    if kind == "district":
        return district_map(shapes, figures=FIGURES, figure="open_incidents", options=options)
    if kind == "community":
        return community_map(
            shapes, community_code="c", figures=FIGURES, figure="open_incidents", options=options
        )
    if kind == "cell":
        return cell_map(shapes, cell_code="c0", community_code="c", figures=FIGURES, options=options)
    return query_map(shapes, options=options)


def render(built: folium.Map) -> str:
    figure = OfflineFigure(vendor_url="/static/vendor/", nonce=NONCE)
    figure.add_child(built)
    return figure.render()


@pytest.fixture(params=["district", "community", "cell", "query"])
def kind(request) -> str:
    return request.param


def test_every_address_is_the_applications_own(kind):
    html = render(build(kind, MapOptions()))
    assert re.findall(r"""(?:src|href)=["']([^"']+)""", html) == [
        "/static/vendor/leaflet/leaflet.js",
        "/static/vendor/leaflet/leaflet.css",
    ]
    assert "http:" not in html
    assert "https:" not in html


def test_every_inline_block_has_the_nonce_and_there_are_no_inline_styles_or_handlers(kind):
    html = render(build(kind, MapOptions(can_report=True)))
    blocks = re.findall(r"<(?:script|style)\b[^>]*>", html)
    assert blocks
    assert all(f'nonce="{NONCE}"' in block for block in blocks if "src=" not in block)
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", html)


def test_names_reach_the_page_as_data_and_never_as_script(kind):
    html = render(build(kind, MapOptions(attribution=EVIL), name=EVIL))
    blocks = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
    data = [text for attributes, text in blocks if "application/json" in attributes]
    scripts = [text for attributes, text in blocks if "application/json" not in attributes and text]
    assert len(scripts) == 1
    assert "alert" not in scripts[0]
    configs = [json.loads(block) for block in data]
    shapes = next(config["outlines"] for config in configs if "outlines" in config)
    assert shapes["features"][0]["properties"]["name"] == EVIL
    assert not any(sign in block for block in data for sign in "<>&'")


def test_two_maps_do_not_share_state():
    first, second = render(build("district", MapOptions())), render(build("district", MapOptions()))
    ids = [set(re.findall(r"(?:map|areas|frame)_[0-9a-f]{32}", html)) for html in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_plugin_with_a_file_that_is_not_vendored_is_refused():
    built = build("district", MapOptions())
    MarkerCluster().add_to(built)
    with pytest.raises(OfflineError, match="markercluster"):
        render(built)


def test_a_plain_folium_map_loses_what_it_does_not_need_and_keeps_leaflet():
    html = render(folium.Map(location=(22.76, 113.93), tiles=None))
    assert "/static/vendor/leaflet/leaflet.js" in html
    assert not re.search("bootstrap|jquery|fontawesome|awesome-markers", html)
    assert "<style>" not in html
    assert "<script>" not in html


def test_reporting_is_offered_on_the_cell_map_to_those_who_may():
    assert '"report"' in render(build("cell", MapOptions(can_report=True)))
    assert '"report"' not in render(build("cell", MapOptions()))
    assert '"report"' not in render(build("district", MapOptions(can_report=True)))


def test_a_basemap_is_drawn_only_when_configured():
    tiles = (Tiles("https://tiles.example.invalid/{z}/{x}/{y}.png", "示例"),)
    assert "https://tiles.example.invalid/{z}/{x}/{y}.png" in render(
        build("district", MapOptions(tiles=tiles))
    )


def test_the_map_opens_on_its_outlines_in_lat_lon_order():
    assert bounds_of(outlines("甲", "乙")["features"]) == pytest.approx((113.9, 22.7, 113.92, 22.71))
    assert build("district", MapOptions()).location == pytest.approx([22.705, 113.91])
    assert bounds_of([]) is None


def test_an_empty_division_still_gives_a_map():
    empty = {"type": "FeatureCollection", "features": []}
    built = district_map(empty, figures=FIGURES, figure="open_incidents", options=MapOptions())
    assert built.location == pytest.approx([22.76, 113.94])


def test_a_tool_name_cannot_carry_script():
    with pytest.raises(ValueError, match="tool name"):
        Tool('x"});alert(1)//', {})
