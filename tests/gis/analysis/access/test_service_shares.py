"""Shares of people by minutes, the worst served, and who is served by whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis.access.coverage import quantile, served, shares, worst_served

points = st.lists(
    st.tuples(
        st.sampled_from([1.0, 4.0, 5.0, 9.0, 15.0, 30.0, np.inf]), st.integers(0, 20), st.integers(0, 3)
    ),
    max_size=30,
)


def columns(drawn):
    minutes, people, group = (np.array(c) for c in zip(*drawn, strict=True)) if drawn else (np.empty(0),) * 3
    return minutes.astype(float), people.astype(float), group.astype(np.intp)


def test_shares_of_two_communities():
    minutes, people = np.array([3.0, 5.0, 5.1, 14.0, np.inf]), np.array([10.0, 20, 30, 40, 100])
    found = shares(minutes, people, np.array([0, 0, 0, 1, 1]), 3)
    assert found.people.tolist() == [60, 140, 0]
    assert found.share[0].tolist() == [0.5, 1, 1]
    assert found.share[1] == pytest.approx([0, 0, 40 / 140])
    assert np.isnan(found.share[2]).all()
    assert found.unreached.tolist() == [0, 100, 0]
    assert found.p95.tolist()[:2] == [5.1, np.inf]


def test_the_worst_served_are_the_last_in_twenty():
    minutes, people = np.array([9.0, 2.0, 30.0, 4.0]), np.array([500.0, 450, 30, 20])
    assert worst_served(minutes, people).tolist() == [False, False, True, False]
    # More than one in twenty reach nothing: all of them.
    assert worst_served(np.array([1.0, np.inf, np.inf]), np.array([10.0, 1, 0])).tolist() == [
        False,
        True,
        False,
    ]


def test_who_is_served_by_whom():
    people, walked = served(np.array([1, 1, -1]), np.array([2.0, 8.0, np.inf]), np.array([30.0, 10, 5]), 2)
    assert people.tolist() == [0, 40]
    assert np.isnan(walked[0])
    assert walked[1] == 3.5


@settings(deadline=None)
@given(points, st.floats(0, 1))
def test_quantile_is_the_least_value_enough_people_are_within(drawn, level):
    minutes, people, group = columns(drawn)
    found = quantile(minutes, people, group, 4, level)
    for g in range(4):
        mine, weight = minutes[group == g], people[group == g]
        if not weight.sum():
            assert np.isnan(found[g])
            continue
        need = level * weight.sum() * (1 - 1e-12)
        assert weight[mine <= found[g]].sum() >= need
        assert weight[mine < found[g]].sum() < need or not weight[mine < found[g]].sum()


@settings(deadline=None)
@given(points)
def test_shares_grow_with_time_and_add_up(drawn):
    minutes, people, group = columns(drawn)
    found = shares(minutes, people, group, 4)
    whole = shares(minutes, people, np.zeros(len(group), np.intp), 1)
    some = found.people > 0
    assert (np.diff(found.share[some], axis=1) >= 0).all()
    assert ((found.share[some] >= 0) & (found.share[some] <= 1)).all()
    if people.sum():
        assert found.people[some] @ found.share[some] == pytest.approx(whole.people[0] * whole.share[0])
        assert (
            people[worst_served(minutes, people)].sum() <= max(0.05 * people.sum(), whole.unreached[0]) + 1e-9
        )
