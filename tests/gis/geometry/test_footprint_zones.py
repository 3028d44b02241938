"""Areas of zones from layers: known answers, error bounds, periods, ages."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry.footprint.ages import days_covered, last_day
from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.measured import covered_within_m2
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones
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
    strips,
    swept,
)

GRID = Grid.around(SQUARE.bounds, 2.0)
HOLED = shapely.Polygon(
    SQUARE.exterior.coords, [shapely.box(X0 + 300, Y0 + 300, X0 + 500, Y0 + 600).exterior.coords]
)
APART = shapely.MultiPolygon(
    [shapely.box(X0, Y0, X0 + 100, Y0 + 80), shapely.box(X0 + 400, Y0, X0 + 600, Y0 + 900)]
)


@pytest.mark.parametrize("res_m", [5.0, 2.0, 1.0, 0.5])
@pytest.mark.parametrize("name", KNOWN)
def test_known_area(name, res_m):
    known, formula, legs, points = KNOWN[name]
    assert formula == pytest.approx(known, abs=1e-4)
    grid = Grid.around(SQUARE.bounds, res_m)
    zones = Zones.prepare(grid, [SQUARE])
    layer = paint(grid, legs_in_metres(legs), points_in_metres(points), R)
    assert zones.covered_m2([layer])[0] == pytest.approx(known, abs=zones.error_bound_m2([layer])[0])


@settings(max_examples=150, deadline=None)
@given(legs, points, radii, st.integers(0, 10**6))
def test_squares_differ_from_polygons_by_no_more_than_the_bound(legs, points, radius_m, seed):
    cells = [*pieces(seed, 5), SQUARE, HOLED, APART]
    zones = Zones.prepare(GRID, cells)
    layer = paint(GRID, legs, points, radius_m)
    drawn = shapely.area(shapely.intersection(cells, swept(legs, points, radius_m)))
    # GEOS draws inside the circle: with 64 chords to the quarter it lacks 0.01 % of a disc, less of a leg.
    lacking = 1e-4 * np.pi * radius_m**2 * (len(legs) + len(points))
    bound = zones.error_bound_m2([layer])
    assert (np.abs(zones.covered_m2([layer]) - drawn) <= bound + lacking).all()
    assert (zones.likely_error_m2([layer]) > 0).all()


@settings(max_examples=100, deadline=None)
@given(legs, points, radii, st.integers(0, 10**6))
def test_zones_that_part_an_area_part_its_squares(legs, points, radius_m, seed):
    layer = paint(GRID, legs, points, radius_m)
    whole = Zones.prepare(GRID, [SQUARE])
    for cells in (strips(137.3, 401, 777), pieces(seed)):
        zones = Zones.prepare(GRID, cells)
        assert zones.pixels.sum() == whole.pixels[0] == 250_000
        assert zones.covered_m2([layer]).sum() == whole.covered_m2([layer])[0]


@pytest.mark.parametrize("zone", [HOLED, APART, SQUARE])
def test_a_zone_has_the_squares_whose_centres_it_holds(zone):
    x, y = np.meshgrid(GRID.x_m + 2 * np.arange(500) + 1, GRID.y_m + 2 * np.arange(500) + 1)
    assert Zones.prepare(GRID, [zone]).pixels[0] == shapely.contains_xy(zone, x, y).sum()


def test_a_share_is_that_of_the_squares():
    zones = Zones.prepare(GRID, [shapely.box(X0, Y0, X0 + 101, Y0 + 101), shapely.Polygon()])
    everything = [paint(GRID, [], points_in_metres([(500, 500)]), 5000.0)]
    assert zones.share(everything).tolist() == [1.0, 0.0]
    assert zones.share([]).tolist() == [0.0, 0.0]


def test_squares_of_zones():
    west, _, east = strips(100, 300)
    whole = Zones.prepare(GRID, [SQUARE])
    assert whole.covered_m2([Zones.prepare(GRID, [west, east]).squares()])[0] == 400 * 500 * 4.0
    assert (Zones.prepare(GRID, strips(100, 300)).squares() == whole.squares()).all()


@settings(max_examples=40, deadline=None)
@given(legs, points, radii, st.integers(0, 10**6))
def test_small_zones_are_measured_within_the_bound_of_squares(legs, points, radius_m, seed):
    cells = [*pieces(seed, 40), *(piece.buffer(-30) for piece in pieces(seed, 40)), shapely.Polygon()]
    zones = Zones.prepare(GRID, cells)
    found = covered_within_m2(zones, legs, points, radius_m)
    exact = covered_exact_m2(zones.polygons, legs, points, radius_m)
    layer = paint(GRID, legs, points, radius_m)
    # Besides, a level border is told to half a row, and what is wholly covered in squares has slivers left out.
    beside = (0.125 + 2.0) * shapely.length(zones.polygons)
    assert (np.abs(found - exact) <= zones.error_bound_m2([layer]) + beside).all()
    assert ((found >= 0) & (found <= zones.area_m2 * (1 + 1e-12))).all()


def test_small_zones_are_measured_far_better_where_people_walk():
    random = np.random.default_rng(5)
    begin = np.repeat(random.uniform(0, 1000, (20, 2)), 20, axis=0) + random.normal(0, 4, (400, 2))
    walked = legs_in_metres(np.concatenate([begin, begin + random.normal(0, 40, begin.shape)], axis=1))
    zones = Zones.prepare(GRID, pieces(5, 40))
    exact = covered_exact_m2(zones.polygons, walked, [], 30.0)
    squares = np.abs(zones.share([paint(GRID, walked, [], 30.0)]) - exact / zones.area_m2)
    both = np.abs(covered_within_m2(zones, walked, [], 30.0) - exact) / zones.area_m2
    assert both.max() < 0.002
    assert both.max() < squares.max() / 1.5


def test_what_lies_off_the_grid_is_in_no_zone():
    around = shapely.box(X0 - 500, Y0 - 500, X0 + 1500, Y0 + 1500)
    beyond = shapely.box(X0 + 2000, Y0, X0 + 3000, Y0 + 1000)
    zones = Zones.prepare(GRID, [around, beyond, shapely.Polygon()])
    assert zones.pixels.tolist() == [250_000, 0, 0]
    everything = [paint(GRID, [], points_in_metres([(500, 500)]), 5000.0)]
    assert zones.covered_m2(everything).tolist() == [1_000_000.0, 0.0, 0.0]


def test_refuses_what_is_no_zone_and_no_layer():
    with pytest.raises(InvalidInput):
        Zones.prepare(GRID, [SQUARE.exterior])
    with pytest.raises(InvalidInput):
        Zones.prepare(GRID, [SQUARE]).covered_m2([np.zeros((3, 3), np.uint64)])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(legs, points), min_size=1, max_size=6), radii, st.integers(0, 10**6))
def test_any_period_is_what_painting_it_at_once_gives(days, radius_m, seed):
    layers = [paint(GRID, legs, points, radius_m) for legs, points in days]
    zones = Zones.prepare(GRID, pieces(seed))
    windows = [(start, stop) for start in range(len(days)) for stop in range(start, len(days) + 1)]
    for (start, stop), found in zip(windows, zones.series(layers, windows), strict=True):
        at_once = GRID.empty()
        for walked, stood in days[start:stop]:
            paint(GRID, walked, stood, radius_m, into=at_once)
        assert found.tolist() == zones.covered_m2([at_once]).tolist()


def test_no_layers_cover_nothing():
    zones = Zones.prepare(GRID, [SQUARE])
    assert zones.covered_m2([]).tolist() == [0.0]
    assert last_day(zones, []).never_share.tolist() == [1.0]
    assert days_covered(zones, []).quantile(0.9).tolist() == [0.0]


def test_days_since_and_numbers_of_days():
    west = paint(GRID, legs_in_metres([(100, 0, 100, 1000)]), [], 100.0)  # 0 to 200 m: a fifth of the square
    half = paint(GRID, legs_in_metres([(200, 0, 200, 1000)]), [], 200.0)  # 0 to 400 m
    layers = [half, half, west, GRID.empty()]
    zones = Zones.prepare(GRID, [SQUARE, shapely.box(X0, Y0, X0 + 200, Y0 + 1000), shapely.Polygon()])
    since = last_day(zones, layers)
    assert since.pixels[0].tolist() == [0, 50_000, 50_000, 0]
    assert since.never_share[:2].tolist() == [0.6, 0.0]
    assert since.quantile(0.2)[:2].tolist() == [1.0, 1.0]
    assert since.quantile(0.4)[0] == 2.0
    assert since.quantile(0.5)[0] == np.inf
    assert since.mean()[:2].tolist() == [1.5, 1.0]
    number = days_covered(zones, layers)
    assert number.pixels[0].tolist() == [150_000, 0, 50_000, 50_000, 0]
    assert number.quantile(0.5)[:2].tolist() == [0.0, 3.0]
    for spread in (since, number):  # a zone without squares has no days
        assert np.isnan([spread.never_share[2], spread.quantile(0.5)[2], spread.mean()[2]]).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(legs, min_size=1, max_size=5), radii, st.integers(0, 10**6))
def test_ages_agree_with_periods(days, radius_m, seed):
    layers = [paint(GRID, legs, [], radius_m) for legs in days]
    zones = Zones.prepare(GRID, pieces(seed, 4))
    since, number = last_day(zones, layers), days_covered(zones, layers)
    backwards = [(len(days) - age - 1, len(days)) for age in range(len(days))]
    assert (zones.series(layers, backwards) == np.cumsum(since.pixels, axis=1).T * 4.0).all()
    daily = zones.series(layers, [(day, day + 1) for day in range(len(days))]).sum(axis=0)
    assert (number.pixels @ np.arange(len(days) + 1) * 4.0 == daily).all()
