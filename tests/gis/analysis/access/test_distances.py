"""Ways over a network against networkx on the network cut at every place, and in a straight line."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from shapely import LineString

from gis.analysis.access.distances import (
    nearest,
    nearest_straight,
    ways,
    ways_straight,
    within,
    within_straight,
)
from gis.analysis.access.network import Network
from gis.analysis.access.reach import catchment, reach
from gis.analysis.access.snapping import NOWHERE, snap
from tests.gis.analysis.access.streets import by_networkx, scattered, seeds, town

ONE_STREET = Network.from_lines(np.array([LineString([(0, 0), (100, 0)])], dtype=object))


def placed(seed: int, count: int = 30, facilities: int = 6):
    net = town(seed)
    return net, snap(net, scattered(seed, count)), snap(net, scattered(seed + 1, facilities))


def test_a_point_goes_to_the_place_nearest_to_it():
    at = snap(ONE_STREET, np.array([[30.0, 4.0], [-3.0, 4.0], [50.0, 500.0], [np.nan, 0.0]]), within_m=100)
    assert at.edge.tolist() == [0, 0, NOWHERE, NOWHERE]
    assert at.along_m[:2].tolist() == [30, 0]
    assert at.offset_m[:2].tolist() == [4, 5]


@settings(deadline=None)
@given(seeds)
def test_snapping_is_the_nearest_of_all_streets(seed):
    net = town(seed)
    points = scattered(seed, 20)
    at = snap(net, points)
    metres = shapely.distance(shapely.points(points)[:, None], net.lines[None, :])
    assert np.allclose(at.offset_m, metres.min(axis=1), atol=1e-9)
    on = shapely.line_interpolate_point(net.lines[at.edge], at.along_m)
    assert np.allclose(shapely.distance(on, shapely.points(points)), at.offset_m, atol=1e-9)


@settings(deadline=None)
@given(st.floats(0, 100), st.floats(0, 50), st.floats(0, 100), st.floats(0, 50))
def test_on_one_street_the_way_is_direct(x, up, other, down):
    points, facilities = snap(ONE_STREET, np.array([[x, up]])), snap(ONE_STREET, np.array([[other, -down]]))
    assert nearest(ONE_STREET, points, facilities).metres[0] == pytest.approx(abs(x - other) + up + down)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_ways_are_those_of_networkx(seed):
    net, points, facilities = placed(seed)
    true = by_networkx(net, points, facilities)
    found = nearest(net, points, facilities)
    assert np.allclose(found.metres, true.min(axis=1), rtol=0, atol=1e-9)
    reached = np.flatnonzero(np.isfinite(found.metres))
    assert np.allclose(true[reached, found.facility[reached]], found.metres[reached], rtol=0, atol=1e-9)
    assert (found.facility[~np.isfinite(found.metres)] == NOWHERE).all()


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(20, 600))
def test_pairs_within_a_limit_are_those_of_networkx(seed, limit):
    net, points, facilities = placed(seed)
    true = by_networkx(net, points, facilities)
    pairs = within(net, points, facilities, limit)
    dense = np.full(true.shape, np.inf)
    dense[pairs.point, pairs.facility] = pairs.metres
    assert len(pairs) == len(set(zip(pairs.point.tolist(), pairs.facility.tolist(), strict=True)))
    sure = np.abs(true - limit) > 1e-9
    assert np.array_equal((true <= limit)[sure], np.isfinite(dense)[sure])
    assert np.allclose(pairs.metres, true[pairs.point, pairs.facility], rtol=0, atol=1e-9)
    assert np.array_equal(np.lexsort([pairs.facility, pairs.point]), np.arange(len(pairs)))


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(20, 600))
def test_all_ways_are_those_of_the_pairs(seed, limit):
    net, points, facilities = placed(seed)
    pairs = within(net, points, facilities, limit)
    dense = np.full((len(facilities), len(points)), np.inf)
    dense[pairs.facility, pairs.point] = pairs.metres
    assert np.array_equal(ways(net, points, facilities, limit), dense)


@settings(deadline=None)
@given(seeds)
def test_no_way_is_shorter_than_the_straight_line(seed):
    net = town(seed)
    points, facilities = scattered(seed, 30), scattered(seed + 1, 6)
    over = nearest(net, snap(net, points), snap(net, facilities))
    assert (over.metres >= nearest_straight(points, facilities, detour=1.0).metres - 1e-9).all()


@settings(deadline=None)
@given(seeds)
def test_one_more_facility_makes_no_way_longer(seed):
    net, points, facilities = placed(seed)
    fewer = nearest(net, points, facilities[np.arange(len(facilities) - 1)])
    assert (nearest(net, points, facilities).metres <= fewer.metres).all()


@settings(deadline=None)
@given(seeds, st.integers(0, 20), st.integers(0, 8), st.floats(0, 400), st.floats(1, 2))
def test_straight_lines_are_those_of_all_pairs(seed, count, others, limit, detour):
    points, facilities = scattered(seed, count), scattered(seed + 1, others)
    true = cdist(points, facilities) * detour
    pairs = within_straight(points, facilities, limit, detour)
    assert set(zip(pairs.point.tolist(), pairs.facility.tolist(), strict=True)) == set(
        zip(*(index.tolist() for index in np.nonzero(true <= limit)), strict=True)
    )
    found = nearest_straight(points, facilities, detour)
    assert np.allclose(found.metres, true.min(axis=1, initial=np.inf))
    dense = ways_straight(points, facilities, limit, detour)
    assert np.array_equal(dense, np.where(true <= limit, true, np.inf).T)


def test_points_and_facilities_off_the_network_are_not_reached():
    nobody = snap(ONE_STREET, np.array([[0.0, 900.0]]), within_m=10)
    somebody = snap(ONE_STREET, np.array([[10.0, 0.0]]))
    assert nearest(ONE_STREET, nobody, somebody).facility.tolist() == [NOWHERE]
    assert nearest(ONE_STREET, somebody, nobody).facility.tolist() == [NOWHERE]
    assert (
        len(within(ONE_STREET, nobody, somebody, 1e6)) == len(within(ONE_STREET, somebody, nobody, 1e6)) == 0
    )


def test_reach_on_one_street():
    # A facility 6 m beside the middle of 100 m of street, 20 m to walk: 14 m to each side.
    found = reach(ONE_STREET, snap(ONE_STREET, np.array([[50.0, 6.0]])), 20.0)
    assert (found.start_m.tolist(), found.end_m.tolist()) == ([36], [64])
    area = catchment(ONE_STREET, found, beside_m=10.0)
    assert area.area == pytest.approx(28 * 20 + np.pi * 100, rel=5e-3)


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(10, 500))
def test_reach_holds_the_places_within_the_limit_and_no_others(seed, limit):
    net, _, facilities = placed(seed)
    stretches = reach(net, facilities, limit)
    inside = np.zeros((len(net.lengths), 50), bool)
    share = (np.arange(50) + 0.5) / 50
    for edge, start, end in zip(stretches.edge, stretches.start_m, stretches.end_m, strict=True):
        along = share * net.lengths[edge]
        inside[edge] |= (along >= start) & (along <= end)
    edge = np.repeat(np.arange(len(net.lengths)), 50)
    places = type(facilities)(edge, (share * net.lengths[:, None]).ravel(), np.zeros(len(edge)))
    metres = nearest(net, places, facilities).metres
    sure = np.abs(metres - limit) > 1e-6
    assert np.array_equal((metres <= limit)[sure], inside.ravel()[sure])
    assert stretches.metres == pytest.approx(shapely.length(stretches.lines(net)).sum())
    assert (stretches.start_m[1:] > stretches.end_m[:-1])[stretches.edge[1:] == stretches.edge[:-1]].all()
