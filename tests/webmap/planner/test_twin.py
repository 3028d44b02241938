"""The small map beside the large one."""

from __future__ import annotations

import re

import numpy as np
import shapely

from webmap.planner.twin import twin


def test_every_part_and_hole_is_drawn_and_codes_are_escaped():
    pair = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)])
    holed = shapely.Polygon(shapely.box(0, 100, 400, 200).exterior, [shapely.box(10, 110, 20, 120).exterior])
    drawn = twin(np.array([pair, holed], dtype=object), ["A", '"><b>'], ["#111111", "#222222"], label="<i>")
    paths = re.findall(r'<path d="([^"]+)" fill="(#\d+)" data-select="([^"]+)"/>', drawn)
    assert [len(re.findall("M[^Z]+Z", d)) for d, _, _ in paths] == [2, 2]
    assert [code for _, _, code in paths] == ["A", "&#34;&gt;&lt;b&gt;"]
    assert 'viewBox="0 0 400 200"' in drawn
    assert "<i>" not in drawn


def test_nothing_is_an_empty_drawing():
    assert "<path" not in twin(np.array([], dtype=object), [], [], label="")
