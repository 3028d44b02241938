"""p-medians on 40 graphs made like OR-Library's pmed1 to pmed40 (Beasley 1985), of the same sizes.

n nodes, n²/50 edges of 1 to 100 between nodes at random, a tree first, so that all are connected; p sites.
The graphs are not OR-Library's own, so no published optimum is known: gaps are from the optimum where it is
proven here, else from the bound, which makes them too large rather than too small.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.analysis.siting.model import Siting, Status
from gis.analysis.siting.p_median import shortest_ways
from scripts.benchmark.coverage.data import Data, Floats
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "p-medians"
ORDER = 76

SIZES = {
    100: (5, 10, 10, 20, 33), 200: (5, 10, 20, 40, 67), 300: (5, 10, 30, 60, 100), 400: (5, 10, 40, 80, 133),
    500: (5, 10, 50, 100, 167), 600: (5, 10, 60, 120, 200), 700: (5, 10, 70, 140), 800: (5, 10, 80),
    900: (5, 10, 90),
}  # fmt: skip
_LIMIT_S = 30.0
_AS_SPOPT = 2  # number of the graph given to spopt too: 100 nodes, 10 sites


def rows(data: Data, rounds: int) -> list[Row]:
    """All 40 quickly and proven; one of them beside spopt, which has to give the same optimum."""
    import pulp
    from spopt.locate import PMedian

    sizes = [(n, p) for n, of_n in SIZES.items() for p in of_n]
    quick, best, seconds = [], [], []
    for number, (n, p) in enumerate(sizes):
        metres = graph(data, number, n)
        start = time.perf_counter()
        quick.append(shortest_ways(metres, np.ones(n), p, time_limit_s=0.0))
        seconds.append(time.perf_counter() - start)
        best.append(shortest_ways(metres, np.ones(n), p, time_limit_s=_LIMIT_S))
    n, p = sizes[_AS_SPOPT]
    metres, their_objective = graph(data, _AS_SPOPT, n), []

    def theirs() -> None:
        model = PMedian.from_cost_matrix(metres, np.ones(n), p_facilities=p)
        model = model.solve(pulp.PULP_CBC_CMD(msg=False))
        their_objective.append(pulp.value(model.problem.objective))

    times = alternate(rounds, ours=lambda: shortest_ways(metres, np.ones(n), p), spopt=theirs)
    check(round(their_objective[0]) == best[_AS_SPOPT].objective, "the optimum of spopt")
    proven = sum(found.status is Status.OPTIMAL for found in best)
    off = [_off(one, true) for one, true in zip(quick, best, strict=True)]
    gaps = [100 * found.gap for found in best]
    return [
        Row(
            "mean gap of 40 quick answers", value=float(np.mean(off)), unit="%", at_most=0.15,
            note=f"from {proven} proven optima and {40 - proven} bounds; worst {max(off):.3f} %; "
            f"{sum(one == 0 for one in off)} are the optimum; {np.median(seconds):.2f} s in the middle, "
            f"{max(seconds):.2f} s at most",
        ),
        Row(
            f"mean gap of 40 answers in {_LIMIT_S:g} s", value=float(np.mean(gaps)), unit="%", at_most=0.15,
            note=f"{proven} proven, worst {max(gaps):.3f} %",
        ),
        Row(
            f"p-median, {p} of {n} sites", times["ours"], "spopt, CBC", times["spopt"],
            note="the same optimum",
        ),
    ]  # fmt: skip


def graph(data: Data, number: int, n: int) -> Floats:
    """Ways (n, n) between all nodes of a graph."""
    chance = data.stream(100 + number)
    tree = np.column_stack([np.arange(1, n), (chance.random(n - 1) * np.arange(1, n)).astype(int)])
    edges = np.concatenate([tree, chance.integers(0, n, (n * n // 50 - n + 1, 2))])
    lengths = chance.integers(1, 101, len(edges)).astype(float)
    table = np.full((n, n), np.inf)
    low, high = np.sort(edges, axis=1).T
    np.minimum.at(table, (low, high), lengths)
    np.fill_diagonal(table, np.inf)
    a, b = np.nonzero(np.isfinite(table))
    found: Floats = dijkstra(csr_array((table[a, b], (a, b)), shape=(n, n)), directed=False)
    return found


def _off(found: Siting, true: Siting) -> float:
    """Per cent above the optimum, or above its bound where it is not proven."""
    return 100 * (found.objective / true.bound - 1)
