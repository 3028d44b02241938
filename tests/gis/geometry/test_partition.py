import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.geometry.balance import balanced_sites
from gis.geometry.crs import area_m2
from gis.geometry.partition import (
    Plane,
    Sites,
    nested_partition,
    power_diagram_edges,
    power_nearest,
    voronoi_partition,
)

M2_PER_SQUARE_DEGREE = 111_000.0 * 103_000.0
PLANE = Plane(113.93, 22.76)


def planar_m2(geometry):
    """Area where lon/lat edges are straight, which is where a partition is exact."""
    return geometry.area * M2_PER_SQUARE_DEGREE


def star(seed):
    """A spiky outline on thousandths of a degree, as the district's is; often far from convex."""
    generator = np.random.default_rng(seed)
    angles = np.sort(generator.uniform(0, 2 * np.pi, generator.integers(5, 40)))
    radii = generator.uniform(0.02, 0.07, len(angles))
    ring = np.column_stack([113.93 + radii * np.cos(angles), 22.76 + radii * np.sin(angles)]).round(3)
    return shapely.Polygon(ring)


def inside(outline, count, seed):
    generator = np.random.default_rng(seed)
    left, bottom, right, top = outline.bounds
    found = []
    while len(found) < count:
        place = generator.uniform((left, bottom), (right, top))
        if shapely.contains_xy(outline, *place):
            found.append(place)
    return np.array(found)


def assert_exact_partition(cells, outline):
    assert shapely.is_valid(cells).all()
    assert {cell.geom_type for cell in cells} == {"Polygon"}
    assert shapely.coverage_is_valid(cells)
    assert planar_m2(shapely.symmetric_difference(shapely.coverage_union_all(cells), outline)) < 1.0
    first, second = shapely.STRtree(cells).query(cells, predicate="intersects")
    pairs = first < second
    cells = np.array(cells)
    assert (
        planar_m2(shapely.union_all(shapely.intersection(cells[first[pairs]], cells[second[pairs]]))) == 0.0
    )
    coordinates = shapely.get_coordinates(cells)
    assert np.array_equal(coordinates, np.rint(coordinates * 1e7) / 1e7)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 25))
def test_voronoi_cells_tile_any_outline_exactly(seed, count):
    outline = star(seed)
    assume(outline.is_valid and outline.area > 1e-4)
    cells = voronoi_partition(outline, inside(outline, count, seed))
    assert len(cells) == count
    assert_exact_partition(cells, outline)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 8))
def test_nested_cells_share_vertices_across_the_borders_of_their_parents(seed, count):
    outline = star(seed)
    assume(outline.is_valid and outline.area > 1e-4)
    parents = voronoi_partition(outline, inside(outline, count, seed))
    nested = nested_partition(
        parents, [Sites.voronoi(inside(parent, 1 + index % 7, seed)) for index, parent in enumerate(parents)]
    )
    assert_exact_partition([cell for cells in nested for cell in cells], outline)
    for parent, cells in zip(parents, nested, strict=True):
        joined = shapely.coverage_union_all(cells)
        assert joined.geom_type == "Polygon"
        # A parent's border bends by the rounding of the corners that meet it, half a grid step each.
        assert planar_m2(shapely.symmetric_difference(joined, parent)) < parent.length * 111_000 * 0.011


def test_each_place_belongs_to_the_nearest_seed():
    outline = shapely.box(113.88, 22.72, 113.98, 22.80)
    seeds = inside(outline, 12, 1)
    cells = voronoi_partition(outline, seeds)
    points = inside(outline, 500, 2)
    middle = Plane(113.93, 22.76)
    distances = np.hypot(
        *(middle.to_metres(points)[:, None] - middle.to_metres(seeds)[None]).transpose(2, 0, 1)
    )
    nearest = distances.argmin(axis=1)
    gap = np.sort(distances, axis=1)
    clear = gap[:, 1] - gap[:, 0] > 0.1
    hit = [shapely.intersects_xy(cells[cell], *point) for cell, point in zip(nearest, points, strict=True)]
    assert np.all(np.array(hit)[clear])


def test_a_piece_cut_off_by_the_outline_goes_to_a_neighbour():
    # A U whose right arm is nearer to the left seed at no place reachable from it.
    outline = shapely.Polygon(
        [(113.9, 22.7), (114.0, 22.7), (114.0, 22.8), (113.99, 22.8), (113.99, 22.71), (113.91, 22.71),
         (113.91, 22.8), (113.9, 22.8)]
    )  # fmt: skip
    seeds = np.array([[113.905, 22.79], [113.995, 22.705], [113.905, 22.705]])
    cells = voronoi_partition(outline, seeds)
    assert_exact_partition(cells, outline)


def test_two_seeds_at_one_place_are_refused():
    with pytest.raises(ValueError, match="same place"):
        voronoi_partition(shapely.box(0, 0, 1, 1), np.array([[0.2, 0.2], [0.8, 0.8], [0.8, 0.8]]))


def test_one_seed_keeps_the_outline():
    outline = shapely.box(113.9, 22.7, 114.0, 22.8)
    (cell,) = voronoi_partition(outline, np.array([[113.95, 22.75]]))
    assert cell.equals(outline)


def test_power_diagram_of_two_sites_known_answer():
    # Radical axis of weights 0 and 12 at distance 6: (36 + 0 - 12) / 12 = 2 from the first site.
    edges = power_diagram_edges(
        np.array([[0.0, 0.0], [6.0, 0.0]]), np.array([0.0, 12.0]), np.array([[-1.0, -1.0], [7.0, 7.0]])
    )
    assert edges.shape == (1, 2, 2)
    assert np.allclose(edges[0][:, 0], 2.0)


def test_an_outweighed_site_has_no_edges():
    edges = power_diagram_edges(
        np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([0.0, 1e6]), np.array([[-5.0, -5.0], [5.0, 5.0]])
    )
    assert edges.shape == (0, 2, 2)


def test_the_local_plane_is_within_a_thousandth_of_the_metric_system():
    square = shapely.box(113.92, 22.75, 113.94, 22.77)
    corners = PLANE.to_metres(shapely.get_coordinates(square))
    assert shapely.Polygon(corners).area == pytest.approx(area_m2([square])[0], rel=1e-3)
    assert np.allclose(PLANE.to_degrees(corners), shapely.get_coordinates(square), atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 30))
def test_loads_come_close_to_their_targets_even_when_very_uneven(seed, count):
    generator = np.random.default_rng(seed)
    core = generator.normal(0, 150, (60 * count, 2))
    hills = generator.uniform(-2_000, 2_000, (60 * count, 2))
    points, loads = np.vstack([core, hills]), np.repeat([10.0, 1.0], 60 * count)
    targets = np.exp(generator.normal(0, 0.35, count))
    sites, weights = balanced_sites(points, loads, targets)
    held = np.bincount(power_nearest(points, sites, weights), loads, count)
    wanted = targets * loads.sum() / targets.sum()
    assert np.all(held > 0)
    assert np.mean(np.abs(held - wanted) / wanted) < 0.05
    again = balanced_sites(points, loads, targets)
    assert np.array_equal(again[0], sites)
    assert np.array_equal(again[1], weights)
