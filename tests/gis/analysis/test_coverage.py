"""Patrol coverage against areas known from geometry, and what must hold whatever was walked."""

from itertools import pairwise
from math import acos, cos, hypot, pi, radians, sin, sqrt

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis.coverage import (
    discretisation_m,
    legs_from_tracks,
    measure_coverage,
    uncovered,
)
from gis.errors import InvalidInput

X0, Y0 = 492_000.0, 2_516_000.0  # EPSG:4547, Guangming
SQUARE = shapely.box(X0, Y0, X0 + 1000, Y0 + 1000)
NO_LEGS, NO_POINTS = np.empty((0, 4)), np.empty((0, 2))
R = 50.0
DISC = pi * R * R
LENS = 2 * R * R * acos(30 / R) - 30 * sqrt(4 * R * R - 3600)  # of two discs 60 m apart


def in_metres(legs, points=()) -> tuple[np.ndarray, np.ndarray]:
    """Legs and points, given from the corner of the square."""
    corner = np.array([X0, Y0])
    legs, points = np.array(legs, float).reshape(-1, 2, 2), np.array(points, float).reshape(-1, 2)
    return (legs + corner).reshape(-1, 4), points + corner


def area(legs=(), points=(), *, radius_m=R, zone=SQUARE, quad_segs=16) -> float:
    return measure_coverage([zone], *in_metres(legs, points), radius_m, quad_segs=quad_segs).covered_m2[0]


def leg_at(degrees: float) -> tuple[float, float, float, float]:
    """200 m long about the middle of the square."""
    x, y = 100 * cos(radians(degrees)), 100 * sin(radians(degrees))
    return 500 - x, 500 - y, 500 + x, 500 + y


KNOWN = {
    "one disc": (7_853.9816, DISC, (), [(500, 500)]),
    "two discs 60 m apart": (13_471.4872, 2 * DISC - LENS, (), [(400, 500), (460, 500)]),
    "two legs of 400 m crossing": (
        85_707.9633,
        2 * (2 * R * 400 + DISC) - (2 * R) ** 2,
        [(300, 500, 700, 500), (500, 300, 500, 700)],
        (),
    ),
    "a disc on the border": (DISC / 2, DISC / 2, (), [(0, 500)]),
    "a disc beyond reach": (0.0, 0.0, (), [(-50.1, 500)]),
    "nothing": (0.0, 0.0, (), ()),
} | {
    f"a leg of 200 m at {degrees} degrees": (27_853.9816, 2 * R * 200 + DISC, [leg_at(degrees)], ())
    for degrees in (0, 17, 45, 90, 133)
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_area(name):
    known, formula, legs, points = KNOWN[name]
    assert formula == pytest.approx(known, abs=1e-4)
    for quad_segs in (8, 16, 64):
        # Chords lie inside the circle: the disc loses 1 - sin(a)/a with a = π/(2·quad_segs), 0.16 % at 16.
        angle = pi / (2 * quad_segs)
        at_most_lost = 4 * DISC * (1 - sin(angle) / angle)
        got = area(legs, points, quad_segs=quad_segs)
        assert known - at_most_lost - 1e-3 <= got <= known + 1e-3


def test_disc_loses_what_the_module_says():
    assert 1 - area((), [(500, 500)]) / DISC == pytest.approx(0.0016, abs=5e-5)
    assert discretisation_m(50.0, 16) == pytest.approx(0.060, abs=5e-4)
    assert discretisation_m(50.0, 8) == pytest.approx(0.241, abs=5e-4)


def test_fully_covered_zone_has_share_one_and_no_gap():
    legs = np.array([[X0, Y0 + 500, X0 + 1000, Y0 + 500]])
    measured = measure_coverage([SQUARE], legs, NO_POINTS, 2000)
    assert measured.share[0] == 1.0
    assert uncovered([SQUARE], legs, NO_POINTS, 2000)[0].is_empty


def test_zone_without_area_and_no_zones():
    assert measure_coverage([shapely.Polygon()], NO_LEGS, [(X0, Y0)], R).share.tolist() == [0.0]
    assert measure_coverage([], NO_LEGS, [(X0, Y0)], R).share.tolist() == []


def test_zone_of_several_parts_with_a_hole():
    ring = SQUARE.difference(shapely.box(X0 + 400, Y0 + 400, X0 + 600, Y0 + 600))
    zone = shapely.union(ring, shapely.box(X0 + 1100, Y0, X0 + 1200, Y0 + 100))
    assert area((), [(500, 500)], zone=zone) == 0.0
    assert area((), [(1150, 50)], zone=zone) == pytest.approx(DISC, rel=2e-3)


def test_many_legs_along_one_street_are_as_their_union():
    """So many that samples are taken: still the union of all of them."""
    random = np.random.default_rng(7)
    begin = np.column_stack([random.uniform(0, 1000, 3000), 500 + random.normal(0, 4, 3000)])
    end = begin + random.normal(0, 20, (3000, 2))
    legs, _ = in_metres(np.column_stack([begin, end]))
    drawn = shapely.buffer(shapely.linestrings(legs.reshape(-1, 2, 2)), R, quad_segs=16)
    expected = shapely.area(shapely.intersection(SQUARE, shapely.union_all(drawn)))
    assert measure_coverage([SQUARE], legs, NO_POINTS, R).covered_m2[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("legs", "points", "radius_m", "pointer"),
    [
        ([[1, 2, 3]], NO_POINTS, R, "legs"),
        (NO_LEGS, [[1, 2, 3]], R, "points"),
        (NO_LEGS, [[1, float("nan")]], R, "points"),
        (NO_LEGS, NO_POINTS, 0.0, "radius_m"),
        (NO_LEGS, NO_POINTS, float("nan"), "radius_m"),
    ],
)
def test_bad_input_is_named(legs, points, radius_m, pointer):
    with pytest.raises(InvalidInput) as refused:
        measure_coverage([SQUARE], legs, points, radius_m)
    assert refused.value.pointer == pointer


def test_progress_is_told_and_may_stop_the_work():
    told = []
    measure_coverage([SQUARE, SQUARE], NO_LEGS, NO_POINTS, R, progress=lambda *step: told.append(step))
    assert told == [(1, 2), (2, 2)]

    def stop(done: int, of: int) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        measure_coverage([SQUARE], NO_LEGS, NO_POINTS, R, progress=stop)


# Legs from tracks ----------------------------------------------------------------------------------


def test_track_is_taken_apart_and_long_jumps_are_no_legs():
    track = shapely.MultiLineString([[(0, 0), (150, 0), (351, 0), (351, 200)], [(2000, 0), (2000, 10)]])
    legs, lone = legs_from_tracks([track])
    assert legs.tolist() == [[0, 0, 150, 0], [351, 0, 351, 200], [2000, 0, 2000, 10]]
    assert lone.tolist() == []


def test_fix_between_two_long_jumps_is_a_lone_fix():
    legs, lone = legs_from_tracks([shapely.LineString([(0, 0), (500, 0), (1000, 0), (1000, 200)])])
    assert legs.tolist() == [[1000, 0, 1000, 200]]
    assert lone.tolist() == [[0, 0], [500, 0]]


def test_tracks_are_not_joined_and_standing_still_is_a_fix():
    legs, lone = legs_from_tracks(
        [shapely.LineString([(0, 0), (10, 0)]), shapely.LineString([(20, 0), (20, 0)])]
    )
    assert legs.tolist() == [[0, 0, 10, 0]]
    assert lone.tolist() == [[20, 0], [20, 0]]
    assert [part.shape for part in legs_from_tracks([])] == [(0, 4), (0, 2)]


# Properties ----------------------------------------------------------------------------------------

coordinate = st.floats(-100, 1100, allow_nan=False).map(lambda v: round(v, 3))
xy = st.tuples(coordinate, coordinate)
some_legs = st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), min_size=1, max_size=12)
some_points = st.lists(xy, max_size=6)
examples = settings(max_examples=60, deadline=None)
TINY_M2 = 1e-3  # rounding of coordinates of 2.5e6 m over a square of 1 km²


@examples
@given(some_legs, some_points, st.randoms(use_true_random=False))
def test_order_direction_and_repetition_change_nothing(legs, points, random):
    again = [leg if random.random() < 0.5 else leg[2:] + leg[:2] for leg in legs * 2]
    more_points = points * 2
    random.shuffle(again)
    random.shuffle(more_points)
    assert area(again, more_points) == area(legs, points)


@examples
@given(some_legs, some_points, st.floats(1, 200), st.floats(0, 100))
def test_larger_radius_never_covers_less(legs, points, radius_m, more):
    assert area(legs, points, radius_m=radius_m + more) >= area(legs, points, radius_m=radius_m) - TINY_M2


@examples
@given(some_legs, some_legs, some_points)
def test_more_tracks_never_cover_less(legs, more, points):
    together = area(legs + more, points)
    assert together >= area(legs, points) - TINY_M2
    assert together <= area(legs, points) + area(more) + TINY_M2


@examples
@given(some_legs, st.floats(0.05, 0.95))
def test_splitting_legs_changes_nothing(legs, at):
    halves = []
    for x1, y1, x2, y2 in legs:
        x, y = x1 + at * (x2 - x1), y1 + at * (y2 - y1)
        halves += [(x1, y1, x, y), (x, y, x2, y2)]
    # The round ends of a piece are drawn inside the whole leg, but a piece turned end for end draws them
    # from the other side: nowhere off by more than the chord.
    border = sum(2 * hypot(x2 - x1, y2 - y1) + 2 * pi * R for x1, y1, x2, y2 in legs)
    assert area(halves) == pytest.approx(area(legs), abs=TINY_M2 + discretisation_m(R) * border)


@examples
@given(some_legs, some_points)
def test_cells_add_up_to_their_community(legs, points):
    cuts = [0, 137.3, 401, 777, 1000]
    cells = [shapely.box(X0 + a, Y0, X0 + b, Y0 + 1000) for a, b in pairwise(cuts)]
    legs, points = in_metres(legs, points)
    by_cell = measure_coverage(cells, legs, points, R)
    whole = measure_coverage([SQUARE], legs, points, R)
    assert by_cell.covered_m2.sum() == pytest.approx(whole.covered_m2[0], abs=TINY_M2)
    assert ((by_cell.share >= 0) & (by_cell.share <= 1)).all()


@examples
@given(some_legs, some_points, st.floats(1, 400))
def test_covered_and_gap_are_the_zone(legs, points, radius_m):
    legs, points = in_metres(legs, points)
    measured = measure_coverage([SQUARE], legs, points, radius_m)
    gap = uncovered([SQUARE], legs, points, radius_m)[0]
    assert shapely.is_valid(gap)
    assert measured.covered_m2[0] + gap.area == pytest.approx(SQUARE.area, abs=TINY_M2)
    # No place in the gap is nearer to a leg than the drawn radius.
    if not gap.is_empty:
        inside = shapely.point_on_surface(gap)
        lines = shapely.linestrings(legs.reshape(-1, 2, 2))
        assert shapely.distance(lines, inside).min() >= radius_m - discretisation_m(radius_m) - 1e-6
