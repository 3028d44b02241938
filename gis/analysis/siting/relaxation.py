"""How short all ways together can be at least with k sites: a bound of the p-median found without a solver.

Lagrangian relaxation (Cornuéjols, Fisher, Nemhauser 1977): point i pays u_i in place of having to be served,

    L(u) = Σ u_i + Σ ρ_j over the k sites that save most,   ρ_j = Σ min(0, c_ij - u_i),

is a lower bound for any u; steps along its subgradient make it large (Held, Wolfe, Crowder 1974).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gis.analysis.siting import kernels
from gis.analysis.siting.model import Floats, Indices

_LEAST_GAIN = 1e-9  # what exchanges gain less than this share of the objective is rounding
_DECIDE_EVERY = 10


@dataclass
class Best:
    """The best choice known, and how near to it a bound must come to prove it.

    Attributes
    ----------
    step : two different objectives are farther apart: nearly 1 where all costs are whole numbers.
    """

    chosen: Indices
    reached: float
    step: float

    @classmethod
    def of(cls, costs: Floats, chosen: Indices) -> Best:
        """A first choice, bettered by exchanges."""
        best = cls(chosen, np.inf, 0.0)
        best.offer(costs, np.arange(len(costs)), chosen)
        whole = np.array_equal(costs, np.round(costs))
        best.step = 1.0 - 1e-6 if whole else _LEAST_GAIN * max(best.reached, 1.0)
        return best

    @property
    def enough(self) -> float:
        """A bound above this leaves nothing better."""
        return self.reached - self.step

    def offer(self, costs: Floats, rows: Indices, chosen: Indices) -> None:
        """Better a choice by exchanges for some of `rows`, and take it if it is the best so far."""
        tried = chosen.copy()
        kernels.swap(costs, rows, tried, _LEAST_GAIN * float(costs[tried].min(axis=0).sum()))
        reached = float(costs[tried].min(axis=0).sum())
        if reached < self.reached:
            self.chosen, self.reached = tried, reached


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A bound, what the points pay for it, and what each site then saves.

    `worth` is not above 0; infinite for sites that were left out before.
    """

    bound: float
    pays: Floats
    worth: Floats


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look for a better bound: steps in all, steps without success, first and last pace."""

    steps: int
    patience: int
    pace: float
    least_pace: float


@dataclass(frozen=True, slots=True)
class Task:
    """Choose k of the rows of `costs` (m, n), the first `musts` rows among them."""

    costs: Floats
    musts: int
    k: int


def raised(
    task: Task,
    start: Floats,
    best: Best,
    effort: Effort,
    visit: Callable[[int, Indices, Indices], None] = lambda step, rows, chosen: None,
) -> Relaxed:
    """Raise the bound of a task, beginning with payments `start`, until it proves `best` or effort is spent.

    Rows that no better choice can have are left out on the way, so that steps become quicker. `visit` is told
    each step, the rows left and those of them it would choose; `best` may become better by that.
    """
    costs, musts, k = task.costs, task.musts, task.k
    pays, pace, bad = start, effort.pace, 0
    rows = np.arange(len(costs))
    found = Relaxed(-np.inf, pays, np.zeros(len(costs)))
    for step in range(effort.steps):
        worth = np.full(len(costs), np.inf)
        worth[rows] = kernels.worth(costs, rows, pays)
        others = np.argsort(worth[musts:], kind="stable")[: k - musts] + musts
        chosen = np.concatenate([np.arange(musts), others])
        bound = float(pays.sum() + worth[chosen].sum())
        bad = 0 if bound > found.bound + 1e-5 * abs(found.bound) else bad + 1
        if bound > found.bound:
            found = Relaxed(bound, pays, worth)
        visit(step, rows, chosen)
        if found.bound > best.enough or pace < effort.least_pace:
            break
        if step % _DECIDE_EVERY == _DECIDE_EVERY - 1:
            rows = np.sort(np.concatenate([np.arange(musts), *decided(task, found, best)]))
        if bad >= effort.patience:
            pace, bad, pays = pace / 2.0, 0, found.pays
        slope = 1.0 - kernels.takers(costs, chosen, pays)
        steep = float(slope @ slope)
        if not steep:
            break
        pays = pays + pace * (best.reached - bound) / steep * slope
    return found


def decided(task: Task, relaxed: Relaxed, best: Best) -> tuple[Indices, Indices]:
    """Of the rows after the musts: those every better choice has, and those it may have besides."""
    worth, others = relaxed.worth[task.musts :], task.k - task.musts
    order = np.argsort(worth, kind="stable")[: np.isfinite(worth).sum()]
    among, beside = order[:others], order[others:]
    following = worth[beside[0]] if len(beside) else np.inf
    is_must = relaxed.bound - worth[among] + following > best.enough
    is_out = relaxed.bound + worth[beside] - worth[among[-1]] > best.enough
    may = np.concatenate([among[~is_must], beside[~is_out]])
    return np.sort(among[is_must]) + task.musts, np.sort(may) + task.musts
