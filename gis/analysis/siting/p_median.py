"""Where k further sites make the ways shortest on the whole: the p-median (Hakimi 1964).

    min Σ w_i d_i,  d_i = least way from point i to a chosen site or one that is there already

A good choice is found by greed and exchange, again from the sites that steps of the bound would choose
(relaxation.py). Mostly the bound proves it; else branching does, as far as the time suffices.
"""

from __future__ import annotations

import time

import numpy as np

from gis.analysis.siting import kernels
from gis.analysis.siting.branching import proven
from gis.analysis.siting.model import TIME_LIMIT_S, Floats, Indices, Progress, Siting, Status, no_progress
from gis.analysis.siting.relaxation import Best, Effort, Task, raised

_EFFORT = Effort(steps=1000, patience=20, pace=2.0, least_pace=1e-3)
_EXCHANGES_EVERY = 15
_PARTS = 1000


def shortest_ways(
    metres: Floats,
    weight: Floats,
    k: int,
    *,
    existing_m: Floats | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    progress: Progress = no_progress,
) -> Siting:
    """The k sites with the smallest sum of weight times way. Holds three tables of n times m numbers.

    Parameters
    ----------
    metres : (n, m) way from each point to each site, finite: the caller says what not being reached costs.
    weight : (n,) people or homes at each point, not negative.
    existing_m : (n,) way to the nearest site that is there already.
    time_limit_s, progress : as of `least_sum`.

    Raises
    ------
    ValueError
        If a way is not finite or k < 1.
    """
    ways = metres if existing_m is None else np.minimum(metres, existing_m[:, None])
    some = np.flatnonzero(weight > 0)
    costs = np.ascontiguousarray((ways[some] * weight[some, None]).T, dtype=float)
    return least_sum(costs, k, time_limit_s=time_limit_s, progress=progress)


def least_sum(
    costs: Floats, k: int, *, time_limit_s: float = TIME_LIMIT_S, progress: Progress = no_progress
) -> Siting:
    """The k sites with the smallest sum of what serving each point from the best of them costs.

    Parameters
    ----------
    costs : (m, n) of each site for each point, finite; rows lie together in memory.
    time_limit_s : for branching; 0 asks for the quick answer, mostly proven too, else with its bound.
    progress : called often, the first half for the bound, the second for branching; can end the work.

    Raises
    ------
    ValueError
        If a cost is not finite or k < 1.
    """
    if k < 1 or not np.isfinite(costs).all():
        raise ValueError("a p-median needs at least one site and finite ways")
    ends = time.monotonic() + time_limit_s
    k = min(k, len(costs))
    best = Best.of(costs, kernels.greedy(costs, k))
    if k == len(costs):
        return Siting(np.sort(best.chosen), best.reached, best.reached, Status.OPTIMAL, "all sites")

    tried: set[bytes] = set()

    def visit(step: int, rows: Indices, chosen: Indices) -> None:
        if step % _EXCHANGES_EVERY == _EXCHANGES_EVERY - 1:
            progress(step * _PARTS // (2 * _EFFORT.steps), _PARTS)
            if (mark := np.sort(chosen).tobytes()) not in tried:
                tried.add(mark)
                best.offer(costs, rows, chosen)

    near = np.sort(costs[best.chosen], axis=0)
    root = raised(Task(costs, 0, k), near[min(1, k - 1)], best, _EFFORT, visit)
    bound, said = root.bound, "exchange, bound by relaxation"
    if bound <= best.enough and time_limit_s > 0:
        half = _PARTS // 2
        bound = proven(costs, k, root, best, ends, lambda share: progress(half + int(half * share), _PARTS))
        said = "exchange, relaxation and branching"
    progress(_PARTS, _PARTS)
    if bound > best.enough:
        return Siting(np.sort(best.chosen), best.reached, best.reached, Status.OPTIMAL, said)
    bound = float(np.ceil(bound - 1e-6)) if best.step > 0.5 else bound
    status = Status.TIME_LIMIT if time_limit_s > 0 else Status.HEURISTIC
    return Siting(np.sort(best.chosen), best.reached, bound, status, said)
