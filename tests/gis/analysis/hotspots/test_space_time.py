"""Bunches in place and time: against brute force, on implanted clusters, on data without any."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.analysis.hotspots.chance import Chance
from gis.analysis.hotspots.space_time import NOISE, Bunches, Near
from gis.errors import InvalidInput

NEAR = Near(150.0, 5.0, 12)
points = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(-20, 20), st.integers(0, 40)), min_size=1, max_size=60
)
patient = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _brute(xy, t, near):
    """DBSCAN as its paper tells it, in the order of rows."""
    close = (np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= near.radius_m) & (
        np.abs(t[:, None] - t[None]) <= near.days
    )
    core = close.sum(axis=1) >= near.least
    labels, clusters = np.full(len(xy), NOISE), 0
    for seed in np.flatnonzero(core):
        if labels[seed] != NOISE:
            continue
        waiting = [seed]
        while waiting:
            i = waiting.pop()
            if labels[i] == NOISE:
                labels[i] = clusters
                waiting.extend(np.flatnonzero(close[i])) if core[i] else None
        clusters += 1
    return labels


@given(points, st.sampled_from([2, 3, 5]))
@patient
def test_equal_to_brute_force(rows, least):
    table = np.array(rows, dtype=float)
    near = Near(6.0, 5.0, least)
    found = Bunches(table[:, :2], near).labels(table[:, 2])
    assert found.tolist() == _brute(table[:, :2], table[:, 2], near).tolist()


@given(points, st.randoms())
@patient
def test_order_changes_no_cluster_of_cores(rows, random):
    table = np.array(rows, dtype=float)
    order = list(range(len(table)))
    random.shuffle(order)
    near = Near(6.0, 5.0, 3)
    before = Bunches(table[:, :2], near).labels(table[:, 2])
    after = Bunches(table[order, :2], near).labels(table[order, 2])
    assert ((before >= 0)[order] == (after >= 0)).all()
    assert before.max() == after.max()


def _district(seed, *, implanted):
    """30,000 incidents of a year about 2,000 buildings, some with many, and bunches of 40 within 8 days."""
    rng = np.random.default_rng(seed)
    buildings = rng.uniform(0, 6_000, (2_000, 2))
    often = rng.pareto(1.5, 2_000) + 0.1
    xy = buildings[rng.choice(2_000, 30_000, p=often / often.sum())] + rng.normal(0, 20, (30_000, 2))
    day = rng.uniform(0, 365, 30_000)
    truth = np.full(30_000, NOISE)
    for k in range(implanted):
        rows = slice(40 * k, 40 * (k + 1))
        xy[rows] = rng.uniform(500, 5_500, 2) + rng.normal(0, 50, (40, 2))
        day[rows] = rng.uniform(5, 350) + rng.uniform(0, 8, 40)
        truth[rows] = k
    return xy, day, truth


def _significant(xy, day):
    labels = Bunches(xy, NEAR).labels(day)
    chance = Chance(xy, np.floor(day))
    bunches = (np.flatnonzero(labels == k) for k in range(labels.max() + 1))
    return [members for members in bunches if chance.evidence(members).p <= 0.05], labels.max() + 1


def test_implanted_bunches_are_found_and_dense_housing_is_not():
    xy, day, truth = _district(3, implanted=6)
    found, clusters = _significant(xy, day)
    assert clusters > len(found), "some buildings are dense at any time"
    assert sorted({int(k) for members in found for k in truth[members] if k >= 0}) == list(range(6))
    assert len(found) == 6
    assert all((truth[members] >= 0).sum() == 40 for members in found)
    assert all((truth[members] >= 0).mean() > 0.6 for members in found)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_invented_where_there_is_nothing(seed):
    xy, day, _ = _district(10 + seed, implanted=0)
    found, clusters = _significant(xy, day)
    assert clusters > 0
    assert found == []


def test_evidence_of_a_bunch_by_hand():
    """Ten incidents at one place on day 0 among 90 elsewhere, one a day: C(10, 10)-like tail, exactly."""
    xy = np.concatenate([np.zeros((10, 2)), np.full((90, 2), 5_000.0)])
    day = np.concatenate([np.zeros(10), np.arange(1, 91)])
    told = Chance(xy, day).evidence(np.arange(10))
    assert (told.count, told.expected, told.first_day, told.last_day) == (10, pytest.approx(1.0), 0, 0)
    # All ten of 100 that were on the day fall on the ten of the place: 1 / C(100, 10), by 100 centres, nine
    # radii and 91·92/2 periods.
    assert told.p == pytest.approx(1 / 17_310_309_456_440 * 100 * 9 * 4_186, rel=1e-6)


def test_tail_is_that_of_scipy():
    from scipy.stats import hypergeom

    from gis.analysis.hotspots.chance import _bounded_tail

    count, there = np.array([3, 12, 40, 0, 9]), np.array([10, 40, 60, 5, 9])
    found = _bounded_tail(count, (1_000, there, 100), 1)
    exact = hypergeom.sf(count - 1, 1_000, there, 100)
    above = count > there * 0.1
    assert found[above] == pytest.approx(exact[above], rel=1e-9)
    assert (found[~above] == 1).all()


def test_knox_of_burkitt():
    """188 cases of Burkitt's lymphoma in Uganda, 20 units and 5 days: statistic 13 (libpysal, spdep's Knox)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import libpysal

        table = libpysal.io.open(libpysal.examples.get_path("burkitt.dbf"))
        xy = np.array([table.by_col("X"), table.by_col("Y")], dtype=float).T
        t = np.array(table.by_col("T"), dtype=float)
        table.close()
    assert Bunches(xy, Near(20.0, 5.0)).near_pairs(t) == 13


def test_nothing_in_nothing_out():
    assert Bunches(np.empty((0, 2)), NEAR).labels([]).size == 0
    with pytest.raises(InvalidInput):
        Near(0.0, 5.0)
    with pytest.raises(InvalidInput):
        Bunches([[0, 0]], NEAR).labels([np.nan])
    with pytest.raises(InvalidInput):
        Bunches([[0, np.inf]], NEAR)
