"""p-medians: OR-Library's own graphs as far as they are at hand, and 40 made like them, of the same sizes.

Of OR-Library's pmed1 to pmed40 (Beasley 1985) the optimum is published. The made ones have n nodes on a ring
and further edges at random, n²/50 of 1 to 100 in all, and p sites; their gaps are from the optimum where it
is proven here, else from the bound, which makes them too large rather than too small.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.analysis.siting.model import Siting, Status
from gis.analysis.siting.p_median import shortest_ways
from scripts.benchmark.coverage.data import Data, Floats
from scripts.benchmark.coverage.row import Row, alternate, check
from scripts.commands.machine import ROOT

TITLE = "p-medians"
ORDER = 76

SIZES = {
    100: (5, 10, 10, 20, 33), 200: (5, 10, 20, 40, 67), 300: (5, 10, 30, 60, 100), 400: (5, 10, 40, 80, 133),
    500: (5, 10, 50, 100, 167), 600: (5, 10, 60, 120, 200), 700: (5, 10, 70, 140), 800: (5, 10, 80),
    900: (5, 10, 90),
}  # fmt: skip
ORLIB = ROOT / "tests/gis/analysis/siting/orlib"
_GOAL = 0.15
_LIMIT_S = 9.0
_AS_SPOPT = 2  # number of the made graph given to spopt too: 100 nodes, 10 sites


@dataclass(frozen=True)
class Graph:
    """Ways (n, n) between all nodes, how many sites to choose, the published optimum where there is one."""

    name: str
    metres: Floats
    sites: int
    optimum: float | None = None


@dataclass(frozen=True)
class Answers:
    """Of one graph the quick answer, its seconds, and the best within the time limit."""

    graph: Graph
    quick: Siting
    seconds: float
    best: Siting

    @property
    def least(self) -> float:
        """No choice is better: the published optimum, the proven one, or the bound."""
        return self.best.bound if self.graph.optimum is None else self.graph.optimum

    def off(self, found: Siting) -> float:
        """Per cent above the least."""
        return 100 * (found.objective / self.least - 1)


def rows(data: Data, rounds: int) -> list[Row]:
    """All quickly and proven; one of them beside spopt, which has to give the same optimum."""
    sizes = [(n, p) for n, of_n in SIZES.items() for p in of_n]
    made = [_answers(made_graph(data, number, n, p)) for number, (n, p) in enumerate(sizes)]
    known = [_answers(graph) for graph in orlib()]
    for one in known:
        _check_known(one)
    return [
        *_gaps(" for OR-Library", known),
        *_gaps("", made),
        _beside_spopt(made[_AS_SPOPT], rounds),
    ]


def _answers(graph: Graph) -> Answers:
    homes = np.ones(len(graph.metres))
    start = time.perf_counter()
    quick = shortest_ways(graph.metres, homes, graph.sites, time_limit_s=0.0)
    seconds = time.perf_counter() - start
    return Answers(
        graph, quick, seconds, shortest_ways(graph.metres, homes, graph.sites, time_limit_s=_LIMIT_S)
    )


def _check_known(one: Answers) -> None:
    """No answer is better than the published optimum, no bound above it."""
    for found in (one.quick, one.best):
        check(
            found.bound <= one.least <= found.objective,
            f"{one.graph.name}: {found.bound:g} to {found.objective:g}, published {one.least:g}",
        )


def _gaps(whose: str, answers: list[Answers]) -> list[Row]:
    quick, best = [one.off(one.quick) for one in answers], [one.off(one.best) for one in answers]
    seconds = [one.seconds for one in answers]
    proven = sum(one.best.status is Status.OPTIMAL for one in answers)
    return [
        Row(
            f"mean gap of {len(answers)} quick answers{whose}", value=float(np.mean(quick)), unit="%",
            at_most=_GOAL, note=f"{_told(quick)}; {np.median(seconds):.2f} s in the middle, "
            f"{max(seconds):.2f} s at most",
        ),
        Row(
            f"mean gap of {len(answers)} answers{whose} in {_LIMIT_S:g} s", value=float(np.mean(best)),
            unit="%", at_most=_GOAL, note=f"{_told(best)}; {proven} proven",
        ),
    ]  # fmt: skip


def _told(off: list[float]) -> str:
    return f"worst {max(off):.3f} %; {sum(one == 0 for one in off)} of {len(off)} are the optimum"


def _beside_spopt(ours: Answers, rounds: int) -> Row:
    import pulp
    from spopt.locate import PMedian

    graph, their_objective = ours.graph, []
    homes = np.ones(len(graph.metres))

    def theirs() -> None:
        model = PMedian.from_cost_matrix(graph.metres, homes, p_facilities=graph.sites)
        model = model.solve(pulp.PULP_CBC_CMD(msg=False))
        their_objective.append(pulp.value(model.problem.objective))

    times = alternate(rounds, ours=lambda: shortest_ways(graph.metres, homes, graph.sites), spopt=theirs)
    check(round(their_objective[0]) == ours.best.objective, "the optimum of spopt")
    name = f"p-median, {graph.sites} of {len(homes)} sites"
    return Row(name, times["ours"], "spopt, CBC", times["spopt"], note="the same optimum")


def made_graph(data: Data, number: int, n: int, sites: int) -> Graph:
    """A graph like those of OR-Library."""
    chance, nodes = data.stream(100 + number), np.arange(n)
    ring = np.column_stack([nodes, np.roll(nodes, -1)])
    ends = chance.integers(0, n, (n * n // 50 - n, 2))
    ends[:, 1] = (ends[:, 0] + 1 + ends[:, 1] % (n - 1)) % n  # another node
    ends = np.concatenate([ring, ends])
    return Graph(f"made {number + 1}", _ways(ends, chance.integers(1, 101, len(ends)), n), sites)


def orlib(folder: Path = ORLIB) -> list[Graph]:
    """The graphs of OR-Library there are, with the published optimum of each."""
    optima = dict(line.split() for line in (folder / "optima.txt").read_text(encoding="ascii").splitlines())
    names = sorted((path.stem for path in folder.glob("pmed*.txt")), key=lambda name: int(name[4:]))
    return [_read(folder / f"{name}.txt", float(optima[name])) for name in names]


def _read(path: Path, optimum: float) -> Graph:
    numbers = np.array(path.read_text(encoding="ascii").split(), dtype=np.int64)
    (n, _, sites), edges = numbers[:3].tolist(), numbers[3:].reshape(-1, 3)
    return Graph(path.stem, _ways(edges[:, :2] - 1, edges[:, 2], n), sites, optimum)


def _ways(ends: NDArray[np.int64], lengths: NDArray[np.int64], n: int) -> Floats:
    """Ways (n, n) over edges (e, 2) of lengths (e,); of an edge that stands twice the last one counts."""
    low, high = np.sort(ends, axis=1).T
    last = dict(zip(zip(low.tolist(), high.tolist(), strict=True), lengths.tolist(), strict=True))
    a, b = np.array(list(last)).T
    graph = csr_array((np.array(list(last.values()), dtype=float), (a, b)), shape=(n, n))
    found: Floats = dijkstra(graph, directed=False)
    return found
