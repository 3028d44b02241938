"""Layers: what is painted, whatever the order and the parts, and layers as bytes."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry.footprint.grid import Grid, pack, unpack
from gis.geometry.footprint.painter import paint
from tests.known_areas import (
    CORNER,
    SQUARE,
    X0,
    Y0,
    legs,
    legs_in_metres,
    points,
    radii,
    some_legs,
)

NO_LEGS, NO_POINTS = np.empty((0, 4)), np.empty((0, 2))
GRID = Grid.around(SQUARE.bounds, 2.0)


def is_set(layer, grid) -> np.ndarray:
    """Squares as booleans (rows, columns)."""
    bits = np.unpackbits(layer.astype("<u8").view(np.uint8), axis=1, bitorder="little").astype(bool)
    assert not bits[:, grid.columns :].any(), "bits beyond the last column"
    return bits[:, : grid.columns]


def centres(grid) -> np.ndarray:
    x = grid.x_m + (np.arange(grid.columns) + 0.5) * grid.res_m
    y = grid.y_m + (np.arange(grid.rows) + 0.5) * grid.res_m
    return shapely.points(*np.meshgrid(x, y))


@settings(max_examples=60, deadline=None)
@given(legs, points, radii, st.sampled_from([20.0, 31.0]))
def test_a_square_is_covered_if_its_centre_is_within_the_radius(legs, points, radius_m, res_m):
    grid = Grid.around(SQUARE.bounds, res_m)
    distance = np.full(grid.columns * grid.rows, np.inf).reshape(grid.rows, grid.columns)
    for line in shapely.linestrings(np.concatenate([legs, np.tile(points, 2)]).reshape(-1, 2, 2)):
        distance = np.minimum(distance, shapely.distance(centres(grid), line))
    found = is_set(paint(grid, legs, points, radius_m), grid)
    sure = np.abs(distance - radius_m) > 1e-6
    assert (found == (distance <= radius_m))[sure].all()


@settings(max_examples=150, deadline=None)
@given(some_legs, points, radii, st.randoms(use_true_random=False))
def test_order_direction_and_repetition_change_no_bit(legs, points, radius_m, random):
    again = [line if random.random() < 0.5 else line[[2, 3, 0, 1]] for line in np.concatenate([legs, legs])]
    random.shuffle(again)
    mixed = np.concatenate([points[::-1], points])
    assert (paint(GRID, again, mixed, radius_m) == paint(GRID, legs, points, radius_m)).all()


@settings(max_examples=150, deadline=None)
@given(legs, points, legs, points, radii)
def test_painting_in_parts_is_painting_at_once(legs, points, more_legs, more_points, radius_m):
    together = paint(GRID, np.concatenate([legs, more_legs]), np.concatenate([points, more_points]), radius_m)
    first = paint(GRID, legs, points, radius_m)
    assert (together == (first | paint(GRID, more_legs, more_points, radius_m))).all()
    assert paint(GRID, more_legs, more_points, radius_m, into=first) is first
    assert (first == together).all()


@settings(max_examples=150, deadline=None)
@given(legs, points, radii, st.floats(0.01, 50))
def test_a_larger_radius_covers_no_less(legs, points, radius_m, more_m):
    less, more = (paint(GRID, legs, points, metres) for metres in (radius_m, radius_m + more_m))
    assert not (less & ~more).any()


def test_many_legs_in_threads_are_the_same_bits_as_few_at_a_time():
    random = np.random.default_rng(7)
    many = random.uniform(0, 1000, (3000, 2)) + CORNER
    many = np.concatenate([many, many + random.normal(0, 20, many.shape)], axis=1)
    parts = np.bitwise_or.reduce([paint(GRID, part, [], 3.0) for part in np.array_split(many, 30)])
    at_once = paint(GRID, many, [], 3.0)
    assert 0.2 < is_set(at_once, GRID).mean() < 0.9
    assert (at_once == parts).all()


@pytest.mark.parametrize("far", [-9e8, 9e8])
def test_what_lies_far_away_sets_no_bit_here(far):
    legs = [[far, Y0, far, Y0 + 500], [X0, far, X0 + 500, far], [far, far, far, far]]
    assert not paint(GRID, legs, [[far, Y0 + 300]], 50.0).any()


def test_a_leg_across_the_grid_from_far_away_is_painted():
    across = paint(GRID, [[X0 - 8e8, Y0 + 501, X0 + 8e8, Y0 + 501]], [], 10.0)
    assert is_set(across, GRID).any(axis=1).sum() == 11  # centres from 491 to 511 m, both within
    assert is_set(across, GRID).all(axis=1).sum() == 11


def test_a_leg_cut_in_two_is_the_same_leg():
    whole = legs_in_metres([(100, 200, 900, 200)])
    halves = legs_in_metres([(100, 200, 356, 200), (356, 200, 900, 200)])
    assert (paint(GRID, whole, [], 50.0) == paint(GRID, halves, [], 50.0)).all()


@pytest.mark.parametrize(
    ("legs", "points", "radius_m", "pointer"),
    [
        ([[1, 2, 3]], [], 50.0, "legs"),
        ([[1, 2, 3, np.nan]], [], 50.0, "legs"),
        ([[1, 2, 3, 1e300]], [], 50.0, "legs"),
        ([], [[1, 2, 3]], 50.0, "points"),
        ([], [[np.inf, 2]], 50.0, "points"),
        ([], [], 0.0, "radius_m"),
        ([], [], np.nan, "radius_m"),
    ],
)
def test_refuses_what_cannot_be_painted(legs, points, radius_m, pointer):
    with pytest.raises(InvalidInput) as refused:
        paint(GRID, legs, points, radius_m)
    assert refused.value.pointer == pointer


def test_grids_of_one_resolution_lie_on_each_other():
    grid = Grid.around((X0 + 0.7, Y0 - 0.3, X0 + 131.2, Y0 + 9.9), 2.0)
    assert (grid.x_m, grid.y_m, grid.columns, grid.rows) == (X0, Y0 - 2, 66, 6)
    assert grid.shape == (6, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Grid(X0 + 1, Y0, 10, 10, 2.0),
        lambda: Grid(X0, Y0, 0, 10, 2.0),
        lambda: Grid(X0, Y0, 1 << 20, 1 << 20, 2.0),
        lambda: Grid.around(SQUARE.bounds, 0.0),
        lambda: Grid.around((X0, Y0, np.nan, Y0), 2.0),
    ],
)
def test_refuses_a_grid_that_is_none(make):
    with pytest.raises(InvalidInput):
        make()


@settings(max_examples=30, deadline=None)
@given(legs, radii)
def test_a_layer_comes_back_from_its_bytes(legs, radius_m):
    layer = paint(GRID, legs, [], radius_m)
    found = unpack(pack(layer), GRID)
    assert found.dtype == np.uint64
    assert (found == layer).all()


@pytest.mark.parametrize(
    "packed", [b"nothing", pack(np.zeros((1, 1), np.uint64)), pack(np.zeros((9999, 99), np.uint64))]
)
def test_refuses_bytes_of_another_grid(packed):
    with pytest.raises(InvalidInput):
        unpack(packed, GRID)


def test_refuses_a_layer_of_another_grid():
    with pytest.raises(InvalidInput):
        paint(GRID, [], [], 50.0, into=np.zeros((1, 1), np.uint64))
