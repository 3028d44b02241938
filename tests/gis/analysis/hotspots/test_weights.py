"""Which cells are neighbours."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.analysis.hotspots.weights import contiguity, within_distance
from gis.errors import InvalidInput

SQUARES = [shapely.box(x, y, x + 100, y + 100) for y in (0, 100, 200) for x in (0, 100, 200)]


def test_cells_touch_by_border_and_corner():
    weights = contiguity(SQUARES)
    assert weights.sums.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert not (weights.begin == weights.end).any()
    assert (weights.with_self().sums - weights.sums).tolist() == [1] * 9
    assert weights.with_self().with_self().sums.tolist() == weights.with_self().sums.tolist()


def test_a_sliver_between_cells_is_no_border_and_a_road_is():
    pair = [shapely.box(0, 0, 100, 100), shapely.box(100.4, 0, 200, 100), shapely.box(230, 0, 300, 100)]
    assert contiguity(pair).sums.tolist() == [1, 1, 0]


def test_distance_is_included():
    xy = [(0, 0), (30, 0), (60.001, 0)]
    assert within_distance(xy, 30.0).sums.tolist() == [1, 1, 0]
    with pytest.raises(InvalidInput):
        within_distance(xy, 0)


def test_only_some_cells():
    kept = np.array([True, True, False, False, True, False, False, False, True])
    few = contiguity(SQUARES).among(kept)
    assert few.size == 4
    pairs = list(zip(few.begin.tolist(), few.end.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 3), (3, 2)]


def test_rows_add_up_to_one():
    assert np.allclose(contiguity(SQUARES).row_standardised().sums, 1)
