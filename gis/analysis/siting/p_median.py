"""Where k further sites make the ways shortest on the whole: the p-median (Hakimi 1964).

    min Σ w_i d_i,  d_i = least way from point i to a chosen site or one that is there already

Found by greed and exchange, again from the sites each step of the bound would choose; bounded by relaxation
(Cornuéjols, Fisher, Nemhauser 1977): point i pays u_i instead of having to be served,

    L(u) = Σ u_i + the k least of ρ_j,   ρ_j = Σ min(0, c_ij - u_i),

a lower bound for any u. Sites that would raise it above what is reached already are left out; what then is
undecided goes to HiGHS (radius.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.analysis.siting import kernels, radius
from gis.analysis.siting.model import TIME_LIMIT_S, Floats, Indices, Progress, Siting, Status, no_progress

_STEPS = 1000
_PATIENCE = 20
_LEAST_PACE = 1e-3
_EXCHANGES_EVERY = 15
_LEAST_GAIN = 1e-9


@dataclass
class _Search:
    """What is known on the way: the best choice, the best bound and what it was found with."""

    chosen: Indices
    reached: float
    bound: float
    pays: Floats
    worth: Floats
    step: float

    @property
    def proven(self) -> bool:
        return self.bound > self.reached - self.step


def shortest_ways(
    metres: Floats,
    weight: Floats,
    k: int,
    *,
    existing_m: Floats | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    progress: Progress = no_progress,
) -> Siting:
    """The k sites with the smallest sum of weight times way.

    Parameters
    ----------
    metres : (n, m) way from each point to each site, finite: the caller says what not being reached costs.
    weight : (n,) people or homes at each point, not negative.
    existing_m : (n,) way to the nearest site that is there already.
    time_limit_s : for HiGHS; 0 asks for the quick answer, mostly proven too, else with its bound.
    progress : called about once a tenth of a second and before HiGHS begins, which cannot be interrupted.

    Raises
    ------
    ValueError
        If a way is not finite or k < 1.
    """
    m = metres.shape[1]
    if k < 1 or not np.isfinite(metres).all():
        raise ValueError("a p-median needs at least one site and finite ways")
    ways = metres if existing_m is None else np.minimum(metres, existing_m[:, None])
    some = np.flatnonzero(weight > 0)
    costs = np.ascontiguousarray((ways[some] * weight[some, None]).T, dtype=float)
    k = min(k, m)
    search = _started(costs, k)
    _bounded(costs, k, search, progress)
    status, said = Status.OPTIMAL, "exchange, bound by relaxation"
    if search.proven:
        search.bound = search.reached
    elif time_limit_s <= 0:
        status = Status.HEURISTIC
    else:
        said = _solved(costs, k, search, time_limit_s)
        status = Status.OPTIMAL if search.proven else Status.TIME_LIMIT
    bound = search.reached if status is Status.OPTIMAL else min(search.bound, search.reached)
    return Siting(np.sort(search.chosen), search.reached, bound, status, said)


def _started(costs: Floats, k: int) -> _Search:
    """Greed and exchange; every point begins by paying its second best way."""
    chosen = kernels.greedy(costs, k)
    reached = _exchanged(costs, chosen)
    near = np.sort(costs[chosen], axis=0)
    whole = np.array_equal(costs, np.round(costs))
    step = 1.0 - 1e-6 if whole else _LEAST_GAIN * max(reached, 1.0)
    return _Search(chosen, reached, -np.inf, near[min(1, k - 1)], np.empty(0), step)


def _bounded(costs: Floats, k: int, search: _Search, progress: Progress) -> None:
    """Raise the bound by steps along its subgradient (Held, Wolfe, Crowder 1974); exchange on the way."""
    pays, pace, bad = search.pays, 2.0, 0
    worth = np.empty(len(costs))
    for step in range(_STEPS):
        kernels.worth(costs, pays, worth)
        chosen = np.argsort(worth, kind="stable")[:k]
        bound = float(pays.sum() + worth[chosen].sum())
        bad = 0 if bound > search.bound + 1e-5 * abs(search.bound) else bad + 1
        if bound > search.bound:
            search.bound, search.pays, search.worth = bound, pays, worth.copy()
        if step % _EXCHANGES_EVERY == _EXCHANGES_EVERY - 1:
            _tried(costs, chosen.copy(), search)
            progress(step, _STEPS)
        if search.proven or pace < _LEAST_PACE:
            break
        if bad >= _PATIENCE:
            pace, bad, pays = pace / 2.0, 0, search.pays
        slope = 1.0 - kernels.takers(costs, chosen, pays)
        steep = float(slope @ slope)
        if not steep:
            break
        pays = pays + pace * (search.reached - bound) / steep * slope
    progress(_STEPS, _STEPS)


def _tried(costs: Floats, chosen: Indices, search: _Search) -> None:
    """Take a choice, bettered by exchanges, if it is the best so far."""
    reached = _exchanged(costs, chosen)
    if reached < search.reached:
        search.chosen, search.reached = chosen, reached


def _exchanged(costs: Floats, chosen: Indices) -> float:
    """Exchange in place, and the objective counted anew."""
    kernels.swap(costs, chosen, _LEAST_GAIN * float(costs[chosen].min(axis=0).sum()))
    return float(costs[chosen].min(axis=0).sum())


def _solved(costs: Floats, k: int, search: _Search, time_limit_s: float) -> str:
    """Leave the undecided sites to HiGHS; the search learns what it finds."""
    order = np.argsort(search.worth, kind="stable")
    among = np.zeros(len(order), bool)
    among[order[:k]] = True
    following = search.worth[order[k]] if k < len(order) else 0.0
    most = search.reached - search.step
    must = among & (search.bound - search.worth + following > most)
    out = ~among & (search.bound + search.worth - search.worth[order[k - 1]] > most)
    undecided = np.flatnonzero(~must & ~out)
    far = np.maximum(search.pays, np.sort(costs[search.chosen], axis=0)[min(1, k - 1)])
    found = radius.solved(costs, k, np.flatnonzero(must), undecided, far, time_limit_s)
    if found.sites is not None:
        _tried(costs, found.sites.copy(), search)
    # Choices without the sites left out are all that could be better: their bound is one of everything.
    search.bound = max(search.bound, min(found.bound, search.reached))
    return found.message
