"""Small zones by rows, and gaps as polygons."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry.footprint.gaps import Swept
from gis.geometry.footprint.lines import distinct_lines
from gis.geometry.footprint.needed import needed_lines
from gis.geometry.footprint.scanline import covered_exact_m2
from tests.known_areas import (
    KNOWN,
    SQUARE,
    X0,
    Y0,
    R,
    legs,
    legs_in_metres,
    pieces,
    points,
    points_in_metres,
    radii,
    some_legs,
    swept,
    walked_streets,
)


@pytest.mark.parametrize("name", KNOWN)
def test_known_area_by_rows(name):
    known, _, legs, points = KNOWN[name]
    found = covered_exact_m2([SQUARE], legs_in_metres(legs), points_in_metres(points), R, step_m=0.05)
    assert found[0] == pytest.approx(known, rel=2e-5)


@settings(max_examples=60, deadline=None)
@given(legs, points, radii, st.integers(0, 10**6))
def test_rows_agree_with_polygons(legs, points, radius_m, seed):
    cells = pieces(seed, 6)
    found = covered_exact_m2(cells, legs, points, radius_m)
    drawn = shapely.intersection(cells, swept(legs, points, radius_m))
    lacking = 1e-4 * np.pi * radius_m**2 * (len(legs) + len(points))
    # A level border along the middle of a row is told to half a row.
    half_a_row = 0.125 * shapely.length(drawn) + 0.01
    assert (np.abs(found - shapely.area(drawn)) <= lacking + half_a_row).all()
    assert ((found >= 0) & (found <= shapely.area(cells))).all()


@settings(max_examples=60, deadline=None)
@given(some_legs, radii, st.randoms(use_true_random=False))
def test_order_direction_and_repetition_change_nothing(legs, radius_m, random):
    again = [line if random.random() < 0.5 else line[[2, 3, 0, 1]] for line in np.concatenate([legs, legs])]
    random.shuffle(again)
    cells = pieces(3)
    assert (covered_exact_m2(cells, again, [], radius_m) == covered_exact_m2(cells, legs, [], radius_m)).all()
    gaps = Swept(legs, [], radius_m), Swept(again, [], radius_m)
    assert gaps[0].gap(SQUARE).equals_exact(gaps[1].gap(SQUARE), 0)


def test_a_zone_wholly_covered_has_its_own_area_to_the_bit():
    cells = pieces(11)
    assert covered_exact_m2(cells, [], points_in_metres([(500, 500)]), 5000.0).tolist() == [
        c.area for c in cells
    ]


def test_a_small_parcel_that_squares_would_tell_wrong():
    parcel = shapely.box(X0 + 449.0, Y0 + 480.9, X0 + 451.1, Y0 + 519.1)  # 2.1 m about the disc's edge
    disc = shapely.Point(X0 + 500, Y0 + 500).buffer(50, quad_segs=256)
    found = covered_exact_m2([parcel], [], points_in_metres([(500, 500)]), 50.0)
    assert found[0] == pytest.approx(parcel.intersection(disc).area, abs=0.1)


def test_nothing_walked_and_nothing_asked():
    assert covered_exact_m2([SQUARE], [], [], 50.0).tolist() == [0.0]
    assert covered_exact_m2([], [[0, 0, 1, 1]], [], 50.0).tolist() == []
    assert Swept([], [], 50.0).gap(SQUARE).equals(SQUARE)
    with pytest.raises(InvalidInput):
        covered_exact_m2([SQUARE], [], [], 50.0, step_m=0.0)


def zones(seed):
    """Pieces of the square, one with a hole, and one in two parts thinner than a square."""
    some = pieces(seed, 4)
    thin = [shapely.box(X0 + x, Y0 + 100, X0 + x + 0.3, Y0 + 900) for x in (333.3, 777.7)]
    return [*some, some[0].difference(some[0].buffer(-20)), shapely.MultiPolygon(thin)]


@settings(max_examples=40, deadline=None)
@given(walked_streets(), points, radii, st.integers(0, 10**6), st.sampled_from([(2.0,), (16.0, 2.0), (0.7,)]))
def test_lines_left_out_cover_nothing_beside_the_others(legs, points, radius_m, seed, squares_m):
    lines = distinct_lines(np.concatenate([legs, np.tile(points, 2)]))
    shapes = np.array(zones(seed))
    needed = needed_lines(shapes, lines, radius_m, squares_m)
    assert {tuple(line) for line in needed} <= {tuple(line) for line in lines}
    few, everything = (swept(some, np.empty((0, 2)), radius_m, quad_segs=16) for some in (needed, lines))
    lost = shapely.difference(everything, few)
    assert shapely.area(shapely.intersection(shapes, lost)).max() < 1e-6


def test_lines_within_others_and_far_away_are_left_out():
    between, one, other, far = legs_in_metres(
        [(350, 505, 650, 505), (300, 500, 700, 500), (700, 510, 300, 510), (300, 1900, 700, 1900)]
    )
    needed = needed_lines(np.array([SQUARE]), np.array([between, one, far, other, other[[2, 3, 0, 1]]]), 50.0)
    assert needed.tolist() == [one.tolist(), other[[2, 3, 0, 1]].tolist()]
    assert not len(needed_lines(np.array([], dtype=object), np.array([one]), 50.0))


@settings(max_examples=40, deadline=None)
@given(walked_streets(), points, radii, st.integers(0, 10**6))
def test_gaps_are_those_of_all_legs(legs, points, radius_m, seed):
    everything = Swept(legs, points, radius_m)
    drawn = swept(legs, points, radius_m, quad_segs=16)
    for zone in zones(seed):
        gap = everything.gap(zone)
        assert gap.symmetric_difference(zone.difference(drawn)).area < 1e-6


def test_gaps_of_many_legs_are_those_of_all_of_them():
    random = np.random.default_rng(5)
    begin = np.repeat(random.uniform(0, 1000, (40, 2)), 50, axis=0) + random.normal(0, 4, (2000, 2))
    walked = legs_in_metres(np.concatenate([begin, begin + random.normal(0, 40, begin.shape)], axis=1))
    drawn = swept(walked, np.empty((0, 2)), 30.0, quad_segs=16)
    gap = Swept(walked, [], 30.0).gap(SQUARE)
    assert 0.05 < gap.area / SQUARE.area < 0.95
    assert gap.symmetric_difference(SQUARE.difference(drawn)).area < 1e-6
    assert len(needed_lines(np.array([SQUARE]), walked, 30.0)) < len(walked) / 2
