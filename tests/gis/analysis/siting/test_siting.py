"""Choices of sites: published answers, small cases tried out in full, and what must always hold."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.analysis.siting import dual, exchange, kernels
from gis.analysis.siting.branching import proven
from gis.analysis.siting.lscp import fewest_sites
from gis.analysis.siting.mclp import gain_curve, most_served
from gis.analysis.siting.model import Cover, Status
from gis.analysis.siting.p_median import shortest_ways
from gis.analysis.siting.relaxation import Best, Effort, Task, raised

seeds = st.integers(0, 100_000)


@pytest.fixture(scope="module")
def san_francisco() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Metres over the network from 205 census tracts to 16 stores, people of each tract, names of the stores.

    The files are those of spopt's own tests.
    """
    # Found without an import, which takes seconds.
    folder = Path(find_spec("spopt").origin).parent / "tests/test_locate/data"
    ways = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    table = ways.pivot_table(values="distance", index="DestinationName", columns="name")
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv").sort_values("NAME")
    assert len(tracts) == len(table) == 205
    return table.to_numpy(), tracts.POP2000.to_numpy(float), [str(name) for name in table.columns]


def covering(metres, people, within) -> Cover:
    point, site = np.nonzero(metres <= within)
    return Cover.from_pairs(point, site, people, metres.shape[1])


def test_san_francisco_fewest_stores(san_francisco):
    # spopt, test_locate/test_lscp.py: 8 stores serve all tracts within 5 km.
    metres, people, _ = san_francisco
    found = fewest_sites(covering(metres, people, 5000))
    assert (found.siting.objective, found.siting.bound, found.siting.gap) == (8, 8, 0)
    assert found.siting.status is Status.OPTIMAL
    assert len(found.out_of_reach) == 0


def test_san_francisco_most_people(san_francisco):
    # spopt, test_locate/test_mclp.py: 4 stores and 5 km; 184 of 205 tracts, 89.75609756 %.
    metres, people, _ = san_francisco
    cover = covering(metres, people, 5000)
    found = most_served(cover, 4)
    assert people.sum() == 955_113
    assert (found.objective, found.bound, found.status) == (875_247, 875_247, Status.OPTIMAL)
    assert cover.served_by(found.sites).sum() == 184


def test_san_francisco_shortest_ways(san_francisco):
    # spopt, test_locate/test_p_median.py: mean 2 982.126858 m, Stores 2, 11, 12 and 15.
    metres, people, names = san_francisco
    found = shortest_ways(metres, people, 4)
    assert found.objective / people.sum() == pytest.approx(2982.126858, abs=1e-6)
    assert {names[j] for j in found.sites} == {"Store_2", "Store_11", "Store_12", "Store_15"}
    assert found.status is Status.OPTIMAL


def drawn_cover(seed: int, points: int = 25, sites: int = 8) -> Cover:
    random = np.random.default_rng(seed)
    point, site = np.nonzero(random.random((points, sites)) < random.uniform(0.05, 0.4))
    return Cover.from_pairs(point, site, random.integers(0, 50, points).astype(float), sites)


def drawn_ways(seed: int, points: int = 20, sites: int = 8):
    random = np.random.default_rng(seed)
    places, doors = random.uniform(0, 1000, (points, 2)), random.uniform(0, 1000, (sites, 2))
    metres = np.hypot(*(places[:, None] - doors).transpose(2, 0, 1))
    return np.round(metres) if seed % 2 else metres, random.integers(0, 50, points).astype(float)


def every_choice(sites: int, k: int):
    return [np.array(choice, np.intp) for choice in combinations(range(sites), k)]


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 5), st.lists(st.integers(0, 7), max_size=2), st.booleans())
def test_most_people_of_all_choices(seed, k, existing, whole):
    cover, there = drawn_cover(seed), np.array(existing, np.intp)
    if not whole:
        cover = Cover(cover.serves, cover.weight * np.pi)
    found = most_served(cover, k, existing=there)
    best = max(cover.people(np.concatenate([there, choice])) for choice in every_choice(8, k))
    assert found.objective == pytest.approx(best)
    assert found.objective == pytest.approx(cover.people(np.concatenate([there, found.sites])))
    assert found.status is Status.OPTIMAL
    assert len(found.sites) <= k


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(1, 5))
def test_optimum_exchange_greed_and_the_bound(seed, k):
    cover = drawn_cover(seed)
    left = cover.left_by(np.empty(0, np.intp))
    assume(left.serves.shape[0])
    one_by_one = exchange.greedy(left, k)
    swapped = exchange.swap(left, one_by_one)
    best = most_served(cover, k).objective
    assert left.people(one_by_one) <= left.people(swapped) <= best
    assert dual.bounded(left, k, left.people(swapped)).bound >= best * (1 - 1e-12)


@settings(deadline=None)
@given(seeds, st.integers(1, 5))
def test_the_quick_answer_is_bounded(seed, k):
    cover = drawn_cover(seed)
    quick, best = most_served(cover, k, time_limit_s=0), most_served(cover, k)
    assert quick.objective <= best.objective <= quick.bound
    assert (quick.gap == 0) == (quick.status is Status.OPTIMAL)


@settings(deadline=None)
@given(seeds, st.lists(st.integers(0, 7), max_size=2))
def test_the_gain_curve_rises_and_is_that_of_single_answers(seed, existing):
    cover, there = drawn_cover(seed), np.array(existing, np.intp)
    steps = []
    curve = gain_curve(cover, 6, existing=there, progress=lambda done, of: steps.append((done, of)))
    served = [found.objective for found in curve]
    assert served == sorted(served)
    assert served == [most_served(cover, k, existing=there).objective for k in range(7)]
    assert steps == [(done, 7) for done in range(8)]


def test_the_gain_curve_can_be_ended():
    class Ended(Exception): ...

    def stop(done, of):
        if done == 2:
            raise Ended

    with pytest.raises(Ended):
        gain_curve(drawn_cover(1), 6, progress=stop)


@settings(deadline=None)
@given(seeds)
def test_equal_points_are_put_together_without_a_change(seed):
    cover = drawn_cover(seed, points=60, sites=4)
    left = cover.left_by(np.array([0]))
    assert left.serves.shape[0] <= 7  # sets of the three other sites that are not empty
    for choice in every_choice(4, 2):
        gain = cover.people(np.concatenate([[0], choice])) - cover.people(np.array([0]))
        assert left.people(choice) == gain


def test_no_more_sites_than_help():
    # One site serves everybody: the second and third would serve nobody more.
    cover = Cover.from_pairs(np.array([0, 1, 0]), np.array([0, 0, 1]), np.array([5.0, 6]), 3)
    assert most_served(cover, 3).sites.tolist() == [0]


@settings(max_examples=50, deadline=None)
@given(seeds, st.lists(st.integers(0, 7), max_size=2))
def test_fewest_sites_of_all_choices(seed, existing):
    cover, there = drawn_cover(seed), np.array(existing, np.intp)
    found = fewest_sites(cover, existing=there)
    can = (np.diff(cover.serves.indptr) > 0) & (cover.weight > 0)
    chosen = np.concatenate([there, found.siting.sites])
    assert cover.served_by(chosen)[can].all()
    fewest = next(
        k
        for k in range(9)
        if any(cover.served_by(np.concatenate([there, c]))[can].all() for c in every_choice(8, k))
    )
    assert (found.siting.objective, found.siting.bound) == (fewest, fewest)
    assert (
        found.out_of_reach.tolist()
        == np.flatnonzero((np.diff(cover.serves.indptr) == 0) & (cover.weight > 0)).tolist()
    )


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(1, 5), st.booleans())
def test_shortest_ways_of_all_choices(seed, k, some_exist):
    metres, people = drawn_ways(seed)
    before = metres[:, 0] if some_exist else None
    found = shortest_ways(metres, people, k, existing_m=before)

    def total(choice):
        ways = metres[:, choice].min(axis=1)
        return float(people @ (np.minimum(ways, before) if some_exist else ways))

    best = min(total(choice) for choice in every_choice(8, k))
    assert found.objective == pytest.approx(best)
    assert found.objective == pytest.approx(total(found.sites))
    assert found.bound == pytest.approx(best)
    assert found.status is Status.OPTIMAL


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 6))
def test_exchange_betters_greed_and_the_bound_holds(seed, k):
    metres, people = drawn_ways(seed)
    costs = np.ascontiguousarray((metres * people[:, None]).T)
    chosen = kernels.greedy(costs, k)
    by_greed = costs[chosen].min(axis=0).sum()
    kernels.swap(costs, np.arange(len(costs)), chosen, 1e-9)
    best, quick = shortest_ways(metres, people, k), shortest_ways(metres, people, k, time_limit_s=0)
    assert best.objective * (1 - 1e-9) <= costs[chosen].min(axis=0).sum() <= by_greed
    assert quick.bound <= best.objective * (1 + 1e-9)
    assert best.objective <= quick.objective * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 5))
def test_branching_finds_and_proves_the_best_from_a_bad_start(seed, k):
    metres, people = drawn_ways(seed, sites=10)
    costs = np.ascontiguousarray((metres * (people + 1)[:, None]).T)
    true = min(costs[choice].min(axis=0).sum() for choice in every_choice(10, k))
    best = Best(np.arange(k), float(costs[:k].min(axis=0).sum()), 1e-6)
    no_effort = Effort(steps=1, patience=1, pace=1.0, least_pace=0.1)
    root = raised(Task(costs, 0, k), np.zeros(costs.shape[1]), best, no_effort)
    shares: list[float] = []
    assert proven(costs, k, root, replace(best), 0.0, shares.append) <= true + 1e-6
    bound = proven(costs, k, root, best, time.monotonic() + 60, shares.append)
    assert best.reached == pytest.approx(true)
    assert bound == best.reached
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("seed", range(4))
def test_out_of_time_the_answer_is_bounded_all_the_same(seed):
    cover = drawn_cover(seed, points=100, sites=20)
    hasty, best = most_served(cover, 6, time_limit_s=0.001), most_served(cover, 6)
    assert hasty.objective <= best.objective <= hasty.bound
    curve = gain_curve(cover, 6, time_limit_s=0.001)
    assert [found.objective for found in curve] == sorted(found.objective for found in curve)
    few, fewest = fewest_sites(cover, time_limit_s=0.001).siting, fewest_sites(cover).siting
    assert few.bound <= fewest.objective <= few.objective
    metres = np.random.default_rng(seed).integers(1, 100, (40, 20)).astype(float)
    short, shortest = (shortest_ways(metres, np.ones(40), 4, time_limit_s=limit) for limit in (1e-6, 60))
    assert short.bound <= shortest.objective * (1 + 1e-9)
    assert shortest.objective <= short.objective * (1 + 1e-9)
    assert all((one.gap == 0) == (one.status is Status.OPTIMAL) for one in (hasty, few, short, *curve))


def test_where_nobody_lives_no_way_is_long():
    found = shortest_ways(np.ones((3, 4)), np.zeros(3), 2)
    assert (len(found.sites), found.objective, found.bound, found.status) == (2, 0, 0, Status.OPTIMAL)


def test_ways_must_be_finite():
    with pytest.raises(ValueError, match="finite"):
        shortest_ways(np.array([[np.inf, 1.0]]), np.ones(1), 1)


def test_the_same_question_has_the_same_answer():
    metres, people = drawn_ways(4, points=60, sites=30)
    first, again = (shortest_ways(metres, people, 6) for _ in range(2))
    assert first.sites.tolist() == again.sites.tolist()
    cover = covering(metres, people, 200)
    assert most_served(cover, 4).sites.tolist() == most_served(cover, 4).sites.tolist()
