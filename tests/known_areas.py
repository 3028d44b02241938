"""Covered areas known from geometry, and legs as hypothesis draws them, in a square of a kilometre."""

from math import acos, cos, pi, radians, sin, sqrt

import numpy as np
import shapely
from hypothesis import strategies as st

X0, Y0 = 492_000.0, 2_516_000.0  # EPSG:4547, Guangming
CORNER = np.array([X0, Y0])
SQUARE = shapely.box(X0, Y0, X0 + 1000, Y0 + 1000)
R = 50.0
DISC = pi * R * R
LENS = 2 * R * R * acos(30 / R) - 30 * sqrt(4 * R * R - 3600)  # of two discs 60 m apart


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
    "a disc beyond reach": (0.0, 0.0, (), [(-51, 500)]),
    "nothing": (0.0, 0.0, (), ()),
} | {
    f"a leg of 200 m at {degrees} degrees": (27_853.9816, 2 * R * 200 + DISC, [leg_at(degrees)], ())
    for degrees in (0, 17, 45, 90, 133)
}
"""By name: the area in m² as published, its formula, legs and points from the corner of the square; R = 50 m."""


def legs_in_metres(legs) -> np.ndarray:
    """Legs from the corner of the square, (n, 4), as EPSG:4547."""
    return np.array(legs, float).reshape(-1, 4) + np.tile(CORNER, 2)


def points_in_metres(points) -> np.ndarray:
    """Points from the corner of the square, (n, 2), as EPSG:4547."""
    return np.array(points, float).reshape(-1, 2) + CORNER


_place = st.floats(-100, 1100)
legs = st.lists(st.tuples(_place, _place, _place, _place), max_size=12).map(legs_in_metres)
some_legs = st.lists(st.tuples(_place, _place, _place, _place), min_size=1, max_size=12).map(legs_in_metres)
points = st.lists(st.tuples(_place, _place), max_size=6).map(points_in_metres)
radii = st.floats(5, 120)


@st.composite
def walked_streets(draw):
    """Legs (n, 4) along a few streets, each walked many times and a little beside."""
    streets = draw(st.lists(st.tuples(_place, _place, _place, _place), min_size=1, max_size=4))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    often = np.repeat(legs_in_metres(streets), draw(st.integers(1, 12)), axis=0)
    beside_m = draw(st.sampled_from([0.0, 0.01, 0.3, 2.0, 8.0]))
    return often + random.normal(0, beside_m, often.shape)


def swept(legs, points, radius_m, quad_segs=64):
    """What GEOS draws within the radius."""
    lines = shapely.linestrings(np.concatenate([legs, np.tile(points, 2)]).reshape(-1, 2, 2))
    return shapely.union_all(shapely.buffer(lines, radius_m, quad_segs=quad_segs))


def strips(*cuts):
    """The square cut from west to east."""
    west = (0, *cuts)
    return [shapely.box(X0 + a, Y0, X0 + b, Y0 + 1000) for a, b in zip(west, (*cuts, 1000), strict=True)]


def pieces(seed: int, count: int = 12):
    """The square parted into pieces about points at random; no two overlap, none is missing."""
    places = np.random.default_rng(seed).uniform(0, 1000, (count, 2)) + CORNER
    about = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=SQUARE))
    return [piece for piece in shapely.intersection(about, SQUARE) if piece.area > 0]
