import threading

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.division.locator import CellLocator
from gis.geometry.partition import voronoi_partition
from gis.geometry.tiling import UNSURE, Tiling

MANY = 50_000
BOX = shapely.box(113.85, 22.70, 114.00, 22.83)


def brute_force(ids, codes, geometries, lon, lat):
    points = shapely.points(lon, lat)
    answer = np.full(len(lon), -1, dtype=np.int64)
    for index in sorted(range(len(codes)), key=codes.__getitem__, reverse=True):
        answer[shapely.intersects(geometries[index], points)] = ids[index]
    return answer


def random_cells(seed, count=20):
    generator = np.random.default_rng(seed)
    seeds = np.column_stack(
        [generator.uniform(113.86, 113.99, count), generator.uniform(22.71, 22.82, count)]
    )
    cells = voronoi_partition(BOX, seeds)
    codes = [f"{number:03d}" for number in generator.permutation(count)]
    return generator.permutation(count) * 7 + 3, codes, cells


def hard_points(cells, generator):
    corners = shapely.get_coordinates(cells)
    middles = (corners[1:] + corners[:-1]) / 2
    nudged = corners + generator.choice([-1e-9, 0, 1e-9], corners.shape)
    spread = np.column_stack([generator.uniform(113.8, 114.05, 300), generator.uniform(22.65, 22.88, 300)])
    return np.vstack([corners, middles, nudged, spread])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_both_ways_equal_brute_force_also_on_vertices_and_edges(seed):
    ids, codes, cells = random_cells(seed)
    locator = CellLocator(ids, codes, cells)
    points = hard_points(cells, np.random.default_rng(seed))
    expected = brute_force(ids, codes, cells, *points.T)
    assert np.array_equal(locator.locate(*points[:1500].T), expected[:1500])
    times = MANY // len(points) + 1
    often, repeated = np.tile(points, (times, 1)), np.tile(expected, times)
    assert np.array_equal(locator.locate(*often.T), repeated)


def test_a_border_belongs_to_the_lowest_code_whatever_the_id():
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    assert CellLocator([5, 9], ["B", "A"], [left, right]).locate(
        [1.0, 0.5, 2.0], [0.5, 0.5, 1.0]
    ).tolist() == [
        9,
        5,
        9,
    ]


def test_outside_and_not_a_number_are_minus_one():
    locator = CellLocator([1], ["A"], [shapely.box(0, 0, 1, 1)])
    assert locator.locate([np.nan, 2, 0.5, np.inf], [0.5, 0.5, np.nan, 0.5]).tolist() == [-1] * 4
    many = np.full(MANY, 0.5)
    many[::2] = np.nan
    assert np.array_equal(locator.locate(many, np.full(MANY, 0.5)), np.where(np.isnan(many), -1, 1))
    assert locator.locate([], []).tolist() == []
    assert locator.locate([0.5], [0.5]).dtype == np.int64


def test_no_cells_means_everything_is_outside():
    locator = CellLocator([], [], [])
    assert len(locator) == 0
    assert locator.locate([1.0], [1.0]).tolist() == [-1]
    assert set(locator.locate(np.zeros(MANY), np.zeros(MANY))) == {-1}


@pytest.mark.parametrize(
    ("ids", "codes"), [([1, 1], ["A", "B"]), ([1, 2], ["A", "A"]), ([-1, 2], ["A", "B"]), ([1], ["A", "B"])]
)
def test_bad_cells_are_refused(ids, codes):
    with pytest.raises(ValueError, match="must"):
        CellLocator(ids, codes, [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])


def test_many_points_in_cells_that_overlap_have_holes_parts_and_nothing_between():
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))
    parts = shapely.union(shapely.box(1.5, 1.5, 2, 2), shapely.box(5, 0, 6, 1))
    cells = [ring, shapely.box(2.5, 2.5, 3.5, 3.5), parts, shapely.Polygon([(0, 5), (4, 5.3), (1, 5.1)])]
    ids, codes = [3, 1, 4, 2], ["D", "A", "C", "B"]
    corners = shapely.get_coordinates(cells)
    generator = np.random.default_rng(7)
    grid = np.stack(np.meshgrid(np.arange(-0.5, 6.5, 0.125), np.arange(-0.5, 6, 0.125)), -1).reshape(-1, 2)
    spread = generator.uniform([-1, -1], [7, 6], (MANY, 2))
    beside = np.nextafter(corners, generator.choice([-np.inf, np.inf], corners.shape))
    points = np.vstack([corners, beside, grid, spread])
    assert np.array_equal(
        CellLocator(ids, codes, cells).locate(*points.T), brute_force(ids, codes, cells, *points.T)
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 300))
def test_the_table_of_tiles_is_exact_whatever_its_size(seed, tiles):
    _ids, codes, cells = random_cells(seed, count=8)
    polygons = np.asarray(cells, dtype=object)[np.argsort(codes)]
    points = hard_points(cells, np.random.default_rng(seed))
    found, unsure = Tiling(polygons, tiles=tiles).find(*np.ascontiguousarray(points.T))
    expected = brute_force(np.arange(8), [f"{k}" for k in range(8)], polygons, *points.T)
    sure = found != UNSURE
    assert np.array_equal(np.flatnonzero(~sure), unsure)
    assert np.array_equal(found[sure], expected[sure])
    assert sure[-300:].all()


def test_threads_may_share_a_locator():
    ids, codes, cells = random_cells(3)
    points = hard_points(cells, np.random.default_rng(3))
    expected = brute_force(ids, codes, cells, *points.T)
    locator = CellLocator(ids, codes, cells)
    wrong = []

    def work():
        for _ in range(10):
            if not np.array_equal(locator.locate(*points.T), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
