"""Maps for paper: areas in their colours, names that are no markup, nothing where there is nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from defusedxml import ElementTree as ET

from webmap.maps.choropleth import Area, Outline, choropleth
from webmap.maps.names import placed

WEST, SOUTH, STEP = 113.90, 22.75, 0.01
CELLS = [shapely.box(WEST + n * STEP, SOUTH, WEST + (n + 1) * STEP, SOUTH + STEP) for n in range(3)]
NS = "{http://www.w3.org/2000/svg}"


def drawn(*arguments, **options) -> Any:
    return ET.fromstring(str(choropleth(*arguments, label="x", **options)))


def corners(path: Any) -> np.ndarray:
    return np.array(
        [[float(n) for n in pair.split(",")] for pair in re.findall(r"[\d.]+,[\d.]+", path.get("d"))]
    )


def test_areas_lie_side_by_side_in_their_colours_with_north_up():
    svg = drawn([Area(cell, colour) for cell, colour in zip(CELLS, ("#111", "#222", "#333"), strict=True)])
    paths = svg.findall(f"{NS}path[@fill-rule]")
    assert [path.get("fill") for path in paths] == ["#111", "#222", "#333"]
    first, second, _ = (corners(path) for path in paths)
    assert first[:, 0].max() == second[:, 0].min()
    assert (np.ptp(first[:, 0]) < np.ptp(first[:, 1])) and np.ptp(
        first[:, 1]
    ) > 100  # a degree east is shorter
    northern = drawn([Area(CELLS[0], "#111"), Area(shapely.affinity.translate(CELLS[0], 0, STEP), "#222")])
    south, north = (corners(path) for path in northern.findall(f"{NS}path[@fill-rule]"))
    assert north[:, 1].max() == south[:, 1].min()


def test_names_and_the_label_are_text():
    evil = '<script>alert(1)</script>"&'
    svg = ET.fromstring(
        str(choropleth([Area(CELLS[0], "#111")], label=evil, outlines=[Outline(CELLS[0], evil)]))
    )
    assert svg.get("aria-label") == evil
    assert [text.text for text in svg.findall(f"{NS}text")][:2] == [evil, evil]


def test_holes_stay_open_and_points_are_dots():
    holed = CELLS[0].difference(CELLS[0].buffer(-STEP / 4))
    svg = drawn([Area(holed, "#111")], marks=[Area(shapely.centroid(CELLS[0]), "#d55e00")])
    assert svg.find(f"{NS}path[@fill-rule]").get("d").count("M") == 2
    assert svg.find(f"{NS}circle").get("fill") == "#d55e00"


def test_neighbours_keep_a_common_border_when_detail_is_left_out():
    xs = np.linspace(0, STEP, 400)
    wave = np.column_stack([WEST + STEP + 1e-7 * np.sin(xs * 3e4), SOUTH + xs])
    left = shapely.Polygon([*wave, (WEST, SOUTH + STEP), (WEST, SOUTH)])
    right = shapely.Polygon([*wave, (WEST + 2 * STEP, SOUTH + STEP), (WEST + 2 * STEP, SOUTH)])
    paths = drawn([Area(left, "#111"), Area(right, "#222")]).findall(f"{NS}path[@fill-rule]")
    shared = {tuple(corner) for corner in corners(paths[0])} & {tuple(corner) for corner in corners(paths[1])}
    assert len(shared) >= 2 and all(len(corners(path)) < 50 for path in paths)


def test_areas_of_one_colour_are_one_path_in_which_none_cancels_another():
    holed = CELLS[0].difference(CELLS[0].buffer(-STEP / 4))
    svg = drawn([Area(holed, "#111"), Area(CELLS[1], "#111"), Area(CELLS[1].reverse(), "#111")])
    (path,) = svg.findall(f"{NS}path[@fill-rule]")
    assert path.get("fill-rule") == "nonzero"
    rings = [shapely.LinearRing(turn(ring)) for ring in path.get("d").removesuffix("Z").split("Z")]
    shell, hole, first, second = (ring.is_ccw for ring in rings)
    assert shell != hole and shell == first == second


def turn(ring: str) -> list[list[float]]:
    return [[float(n) for n in pair.split(",")] for pair in ring.removeprefix("M").split()]


def test_a_bar_of_scale_and_an_arrow_to_north_lie_below_the_map():
    svg = drawn([Area(cell, "#111") for cell in CELLS], height=300)
    words = {text.text: float(text.get("y")) for text in svg.findall(f"{NS}text")}
    assert set(words) == {"1 km", "N"}
    lowest = max(corners(path)[:, 1].max() for path in svg.findall(f"{NS}path[@fill-rule]"))
    assert lowest < min(words.values()) - 9


def test_names_keep_out_of_each_others_way():
    spots = [(100.0, 100.0), (104.0, 101.0), (96.0, 99.0), (300.0, 100.0)]
    found = placed(spots, ["合水口社区", "上村社区", "公明社区", "Baihua"], 9)
    assert found[0] == spots[0] and found[3] == spots[3]
    close = sorted(y for _, y in found[:3])
    assert all(below - above > 9 for above, below in pairwise(close))


def test_nothing_is_drawn_of_nothing():
    assert choropleth([], label="x") == ""
