"""Maps for paper: areas in their colours, names that are no markup, nothing where there is nothing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import shapely
from defusedxml import ElementTree as ET

from webmap.maps.choropleth import Area, Outline, choropleth

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


def test_nothing_is_drawn_of_nothing():
    assert choropleth([], label="x") == ""
