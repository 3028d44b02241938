"""Floating catchments: a case by hand, the package `access` as a second opinion, and what must always hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from access import fca
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis.access.distances import Pairs
from gis.analysis.access.floating import Decay, floating, weights

CATCHMENT = 1500.0


def cases(seed: int, points: int = 40, facilities: int = 7):
    random = np.random.default_rng(seed)
    point, facility = np.nonzero(random.random((points, facilities)) < 0.4)
    pairs = Pairs(point, facility, random.uniform(0, CATCHMENT * 1.2, len(point)))
    return (
        pairs,
        random.integers(0, 60, points).astype(float),
        random.integers(1, 30, facilities).astype(float),
    )


def test_hand_case():
    # 100, 200 and 50 people; 10 places for the first two, 5 for the last two: 10/300, 10/300 + 5/250, 5/250.
    pairs = Pairs(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), np.zeros(4))
    found = floating(pairs, np.array([100.0, 200, 50]), np.array([10.0, 5]), CATCHMENT, Decay.NONE)
    assert found.per_person == pytest.approx([0.0333333333, 0.0533333333, 0.02], abs=1e-9)
    assert (found.per_person * [100, 200, 50]).sum() == pytest.approx(15)


@pytest.mark.parametrize(
    ("decay", "metres", "weight"),
    [
        (Decay.NONE, [0, 1500, 1500.1], [1, 1, 0]),
        (Decay.STEPS, [0, 500, 500.1, 1000, 1000.1, 1500, 1500.1], [1, 1, 0.68, 0.68, 0.22, 0.22, 0]),
        # Dai 2010: 1 at the facility, 0 at the edge; half way (e^(-1/8) - e^(-1/2)) / (1 - e^(-1/2)).
        (Decay.GAUSSIAN, [0, 750, 1500, 1501], [1, 0.70137, 0, 0]),
    ],
)
def test_weights_by_distance(decay, metres, weight):
    assert weights(np.array(metres, float), CATCHMENT, decay) == pytest.approx(weight, abs=1e-5)


@pytest.mark.parametrize("decay", list(Decay))
@pytest.mark.parametrize("seed", range(5))
def test_equal_to_the_package_access(decay, seed):
    pairs, people, supply = cases(seed)
    people += 1  # access divides by zero where nobody reaches a facility
    near = pairs.metres <= CATCHMENT
    costs = pd.DataFrame(
        {"origin": pairs.point[near], "dest": pairs.facility[near], "cost": pairs.metres[near]}
    )
    theirs = fca.two_stage_fca(
        pd.DataFrame({"demand": people}, index=pd.Index(np.arange(len(people)), name="geoid")),
        pd.DataFrame({"supply": supply}, index=pd.Index(np.arange(len(supply)), name="geoid")),
        costs,
        weight_fn=lambda cost: weights(np.array([cost]), CATCHMENT, decay)[0],
    )
    theirs = theirs.reindex(range(len(people))).fillna(0).to_numpy()
    ours = floating(pairs, people, supply, CATCHMENT, decay).per_person
    assert np.abs(ours - theirs).max() < 1e-12


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(Decay)))
def test_no_supply_is_lost(seed, decay):
    pairs, people, supply = cases(seed)
    found = floating(pairs, people, supply, CATCHMENT, decay)
    assert (found.per_person * people).sum() == pytest.approx(supply[found.reached].sum())
    near = (weights(pairs.metres, CATCHMENT, decay) > 0) & (people[pairs.point] > 0)
    assert set(np.flatnonzero(found.reached)) == set(pairs.facility[near])


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(Decay)), st.floats(0.1, 10))
def test_scales_with_supply_and_inversely_with_people(seed, decay, factor):
    pairs, people, supply = cases(seed)
    once = floating(pairs, people, supply, CATCHMENT, decay).per_person
    assert floating(pairs, people, supply * factor, CATCHMENT, decay).per_person == pytest.approx(
        once * factor
    )
    assert floating(pairs, people * factor, supply, CATCHMENT, decay).per_person == pytest.approx(
        once / factor
    )
