"""Check points drawn for paper: north up, true to scale, told apart without colour."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from webmap.maps.sketch import Spot, rings_of, sketch

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*spots: Spot, label: str = "x", **more) -> ET.Element:
    return ET.fromstring(str(sketch(spots, label=label, **more)))  # noqa: S314 - our own drawing


def places(svg: ET.Element) -> list[tuple[float, float]]:
    return [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter(f"{SVG}circle")]


def test_north_is_up_east_right_and_one_scale_holds_for_both():
    # 0.01 degrees north are 1113 m, 0.01 degrees east at 22.75 N 1027 m.
    south_west, north, east = places(
        drawn(Spot(113.90, 22.75, 1, "open"), Spot(113.90, 22.76, 2, "open"), Spot(113.91, 22.75, 3, "open"))
    )
    assert north[0] == pytest.approx(south_west[0], abs=0.1) and north[1] < south_west[1]
    assert east[1] == pytest.approx(south_west[1], abs=0.1) and east[0] > south_west[0]
    up, right = south_west[1] - north[1], east[0] - south_west[0]
    assert right / up == pytest.approx(1027 / 1113, rel=0.005)


def test_the_bar_is_as_long_as_it_says():
    svg = drawn(Spot(113.90, 22.75, 1, "open"), Spot(113.90, 22.76, 2, "open"))
    (_, low), (_, high) = places(svg)
    start, end = re.match(r"M(\d+) .*H([\d.]+)V", svg.find(f"{SVG}path").get("d")).groups()
    metres = int(svg.findall(f"{SVG}text")[-1].text.removesuffix(" m"))
    assert (float(end) - float(start)) / metres == pytest.approx(abs(low - high) / 1113.2, rel=0.01)


def test_everything_lies_inside_the_drawing_also_a_single_point():
    ring = [(113.90, 22.75), (113.95, 22.75), (113.95, 22.751), (113.90, 22.75)]
    for svg in (
        drawn(Spot(113.90, 22.75, 1, "visited")),
        drawn(Spot(113.90, 22.70, 1, "open"), Spot(113.901, 22.80, 2, "open")),
        drawn(Spot(113.92, 22.75, 1, "open"), rings=[ring]),
    ):
        for x, y in places(svg):
            assert 8 <= x <= 312 and 8 <= y <= 206


def test_visited_is_filled_and_missed_is_hollow_and_dashed():
    svg = drawn(
        Spot(113.90, 22.75, 1, "visited"), Spot(113.91, 22.75, 2, "open"), Spot(113.92, 22.75, 3, "short")
    )
    visited, missed, short = svg.iter(f"{SVG}circle")
    assert visited.get("fill") != "#fff"
    assert (missed.get("fill"), short.get("fill")) == ("#fff", "#fff")
    assert missed.get("stroke-dasharray") and not short.get("stroke-dasharray")
    assert [text.text for text in svg.iter(f"{SVG}text")][:3] == ["1", "2", "3"]


def test_a_label_is_text_and_nothing_is_styled_or_scripted():
    spot, label = Spot(113.9, 22.75, 1, "open"), '"><script>'
    made = sketch([spot], label=label)
    assert "<script" not in made and "style=" not in made
    assert drawn(spot, label=label).get("aria-label") == label


def test_nothing_to_draw_is_nothing():
    assert sketch([], label="x") == ""
    assert rings_of(None) == []
