"""Beats: invariants on random grids, known answers on small ones, the goals on the district's cells."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis.workload.beats import Present, Wishes, allot, propose_beats
from gis.analysis.workload.fairness import spread
from gis.analysis.workload.flips import Plan, smooth
from gis.analysis.workload.graph import cell_graph
from gis.analysis.workload.growth import divide
from gis.division.schematic import build_schematic_division
from gis.errors import InvalidInput
from gis.geometry.crs import to_metric


def grid(columns: int, rows: int = 1) -> np.ndarray:
    """Squares of 100 m, row by row."""
    return np.array(
        [
            shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100)
            for y in range(rows)
            for x in range(columns)
        ]
    )


def nobody(count: int) -> np.ndarray:
    return np.zeros(count, dtype=np.int64)


def test_neighbours_share_a_border_not_a_corner():
    graph = cell_graph(grid(2, 2))
    assert graph.border == (
        {1: 100.0, 2: 100.0},
        {0: 100.0, 3: 100.0},
        {0: 100.0, 3: 100.0},
        {1: 100.0, 2: 100.0},
    )
    assert graph.links == ()


def test_an_island_is_joined_to_the_nearest_cell_and_told():
    shapes = np.concatenate([grid(3), [shapely.box(500, 0, 600, 100)]])
    graph = cell_graph(shapes)
    assert [(link.first, link.second, link.metres) for link in graph.links] == [(2, 3, 200.0)]
    assert graph.is_contiguous([0, 0, 1, 1]) and not graph.is_contiguous([0, 1, 1, 0])
    assert len(graph.components()) == 1


def test_cells_of_two_regions_are_no_neighbours():
    graph = cell_graph(grid(4), [0, 0, 1, 1])
    assert graph.components() == [[0, 1], [2, 3]]
    # A region in two parts is joined over the other one.
    cut = cell_graph(grid(3), [0, 1, 0])
    assert [(link.first, link.second, link.metres) for link in cut.links] == [(0, 2, 100.0)]


@pytest.mark.parametrize(
    ("loads", "beats", "expected"),
    [
        ([1, 1, 1, 1], 2, [0, 0, 1, 1]),
        ([3, 1, 1, 1], 2, [0, 1, 1, 1]),
        ([1, 1, 4, 1, 1], 3, [0, 0, 1, 2, 2]),
        ([5, 5, 5], 3, [0, 1, 2]),
        ([2, 1], 1, [0, 0]),
    ],
)
def test_a_row_of_cells_falls_apart_where_it_must(loads, beats, expected):
    found = propose_beats(
        cell_graph(grid(len(loads))), np.array(loads, float), Wishes(beats), regions=nobody(len(loads))
    )
    assert found.labels.tolist() == expected


def test_a_heavy_cell_bounds_what_can_be_reached():
    found = propose_beats(cell_graph(grid(4)), np.array([10.0, 1, 1, 1]), Wishes(2), regions=nobody(4))
    assert found.lower_bound == pytest.approx(10 / 6.5)
    assert found.after.max_over_mean == pytest.approx(found.lower_bound)
    assert found.outside == 2


def test_a_star_falls_into_one_middle_and_its_rays():
    middle = shapely.Point(0, 0).buffer(100, quad_segs=2)
    corners = shapely.get_coordinates(shapely.boundary(middle))[:-1]
    rays = [
        shapely.Polygon([a, b, 3 * b, 3 * a]).difference(shapely.LineString([b, 3 * b]).buffer(1))
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    graph = cell_graph(np.array([middle, *rays]))
    assert all(len(graph.border[ray]) == 1 for ray in range(1, len(graph)))
    found = propose_beats(graph, np.ones(len(graph)), Wishes(6), regions=nobody(len(graph)))
    assert sorted(np.bincount(found.labels).tolist()) == [1] * 5 + [len(graph) - 5]
    assert graph.is_contiguous(found.labels)


def test_beats_are_allotted_by_equal_proportions():
    regions = np.array([0, 0, 0, 1, 1, 1, 2])
    loads = np.array([4.0, 4, 4, 2, 2, 2, 50])
    assert allot(loads, regions, 3).tolist() == [1, 1, 1]
    # 12/√2 = 8.5 and 12/√6 = 4.9 come before 6/√2 = 4.2; the third region has one cell alone.
    assert allot(loads, regions, 5).tolist() == [3, 1, 1]
    assert allot(loads, regions, 6).tolist() == [3, 2, 1]
    assert allot(loads, regions, 7).tolist() == [3, 3, 1]  # a cell cannot be in two beats
    for beats in (2, 8):
        with pytest.raises(InvalidInput) as refused:
            allot(loads, regions, beats)
        assert refused.value.pointer == "beats"


@st.composite
def districts(draw):
    columns, rows = draw(st.integers(2, 6)), draw(st.integers(1, 6))
    count = columns * rows
    loads = np.array(draw(st.lists(st.floats(0, 1000), min_size=count, max_size=count)))
    regions = np.array([int(x >= columns // 2) for _ in range(rows) for x in range(columns)])
    if draw(st.booleans()):
        regions[:] = 0
    beats = draw(st.integers(int(regions.max()) + 1, count))
    return cell_graph(grid(columns, rows), regions), loads, regions, beats


@settings(max_examples=60, deadline=None)
@given(districts(), st.data())
def test_invariants_of_every_proposal(district, data):
    graph, loads, regions, beats = district
    count = len(loads)
    labels = np.array(data.draw(st.lists(st.integers(-1, 4), min_size=count, max_size=count)))
    size = np.array(data.draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)), float)
    wishes = Wishes(beats, data.draw(st.sampled_from([0.0, 0.5, 0.9])), 0.1)
    found = propose_beats(graph, loads, wishes, regions=regions, present=Present(labels, size))
    assert found.labels.shape == (count,)
    assert set(found.labels.tolist()) == set(range(beats))
    assert graph.is_contiguous(found.labels)
    assert all(len(set(regions[found.labels == beat].tolist())) == 1 for beat in range(beats))
    held = np.bincount(found.labels, loads)
    assert held.sum() == pytest.approx(loads.sum())
    assert found.after == spread(held)
    old = [heir for heir in found.heir_of.tolist() if heir >= 0]
    assert len(old) == len(set(old))
    assert 0 <= found.kept <= 1
    again = propose_beats(graph, loads, wishes, regions=regions, present=Present(labels, size))
    assert again.labels.tolist() == found.labels.tolist()


@settings(max_examples=60, deadline=None)
@given(districts(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.6, 0.9, 1.0]))
def test_never_less_even_than_a_connected_plan_and_as_much_is_kept_as_wished(district, seed, keep):
    graph, loads, regions, beats = district
    counts = allot(loads, regions, beats)
    today, first = np.zeros(len(loads), dtype=np.int64), 0
    for region, number in enumerate(counts.tolist()):
        nodes = np.flatnonzero(regions == region)
        today[nodes] = first + divide(graph, nodes, np.ones(len(loads)), number, np.random.default_rng(seed))
        first += number
    present = Present(today, np.ones(len(loads)))
    found = propose_beats(graph, loads, Wishes(beats, keep), regions=regions, present=present)
    assert found.after.cv <= found.before.cv + 1e-9
    assert found.kept >= keep - 1e-9
    if keep == 1.0:
        assert not found.moved.any()


def test_what_is_kept_is_counted_by_size():
    # The heavy left end makes the middle cell go over; it holds 3 of 10 buildings.
    today = Present(np.array([0, 0, 1]), np.array([5.0, 3.0, 2.0]))
    found = propose_beats(
        cell_graph(grid(3)), np.array([4.0, 2.0, 1.0]), Wishes(2), regions=nobody(3), present=today
    )
    assert found.labels.tolist() == [0, 1, 1]
    assert found.moved.tolist() == [False, True, False]
    assert found.kept == pytest.approx(0.7)
    assert found.heir_of.tolist() == [0, 1]
    # With 80 % to stay the cell has to stay.
    stays = propose_beats(
        cell_graph(grid(3)), np.array([4.0, 2.0, 1.0]), Wishes(2, 0.8), regions=nobody(3), present=today
    )
    assert stays.kept == 1.0


def test_smoothing_shortens_borders_within_the_deviation():
    graph = cell_graph(grid(4, 2))
    ragged = Plan(graph, np.ones(8), np.array([0, 0, 0, 1, 0, 1, 1, 1]))
    smooth(ragged, 0.3)
    straight = [0, 0, 1, 1, 0, 0, 1, 1]
    tight = Plan(graph, np.ones(8), np.array([0, 0, 0, 1, 0, 1, 1, 1]))
    smooth(tight, 0.0)
    assert tight.labels == [0, 0, 0, 1, 0, 1, 1, 1]
    assert ragged.labels == straight


@pytest.fixture(scope="module")
def district():
    """The 735 schematic cells, with loads as uneven as those of the reference: max/mean 7.5, CV 1.0."""
    cells = build_schematic_division().cells
    shapes = to_metric(np.array([cell.geometry for cell in cells], dtype=object))
    people = np.array([cell.population for cell in cells], float)
    loads = people * np.exp(np.random.default_rng(7).normal(0, 0.9, len(people)))
    loads = np.minimum(loads, 7.4 * loads.mean())
    communities = np.unique([cell.community_code for cell in cells], return_inverse=True)[1]
    return shapes, loads, communities


@pytest.mark.parametrize(("beats", "cv"), [(28, 0.03), (100, 0.08)])
def test_the_district_in_even_beats(district, beats, cv):
    shapes, loads, _ = district
    graph = cell_graph(shapes)
    found = propose_beats(graph, loads, Wishes(beats, max_dev=cv), regions=nobody(len(loads)))
    assert found.after.cv <= cv
    assert graph.is_contiguous(found.labels)
    assert set(found.labels.tolist()) == set(range(beats))


def test_the_district_within_its_communities(district):
    shapes, loads, communities = district
    graph = cell_graph(shapes, communities)
    found = propose_beats(
        graph, loads, Wishes(100), regions=communities, present=Present(communities, np.ones(735))
    )
    assert graph.is_contiguous(found.labels)
    assert all(len(set(communities[found.labels == beat].tolist())) == 1 for beat in range(100))
    assert found.after.cv < 0.15  # whole communities take so many beats: the rounding cannot be balanced
