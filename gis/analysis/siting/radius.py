"""The p-median as a program for HiGHS in which points have distances, not assignments (Elloumi 2010).

For point i with the different costs D1 < D2 < ... of the sites: z_it is 1 if no chosen site costs Dt or less,

    min Σ_i (D1 + Σ_t (D(t+1) - Dt) z_it),   z_it + Σ x_j over the sites that cost Dt >= z_i(t-1),   z_i0 = 1.

Costs beyond `far` count as the next one only, which makes the program smaller and its value, if anything, too
small: a bound it stays; a choice whose true cost is that value is the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from gis.analysis.siting.model import Floats, Indices
from gis.analysis.siting.solver import minimise

_MOST_ENTRIES = 3_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A choice of sites, None if none was found, and a bound of what any choice costs."""

    sites: Indices | None
    bound: float
    message: str


@dataclass(frozen=True, slots=True)
class _Program:
    """Rows of the program: coefficients of x and z, what each row must reach, and what each z costs."""

    rows: Indices
    columns: Indices
    values: Floats
    least: Floats
    costs: Floats
    constant: float


def solved(costs: Floats, k: int, must: Indices, may: Indices, far: Floats, time_limit_s: float) -> Found:
    """Choose k sites, all of `must` and the others of `may`.

    Parameters
    ----------
    costs : (m, n) of each site for each point.
    far : (n,) costs beyond which a point's ways are not told apart.
    """
    sites = np.concatenate([must, may])
    program = _program(costs[sites], len(must), far)
    if len(program.rows) > _MOST_ENTRIES:
        return Found(None, -np.inf, "too large to be solved: only bounded")
    m, size = len(sites), len(sites) + len(program.costs)
    shape = (len(program.least), size)
    rows = csr_array((program.values, (program.rows, program.columns)), shape=shape)
    whole = np.concatenate([np.ones(m), np.zeros(size - m)])
    at_least = np.zeros(size)
    at_least[: len(must)] = 1.0
    found = minimise(
        np.concatenate([np.zeros(m), program.costs]),
        [LinearConstraint(rows, lb=program.least), LinearConstraint(whole[None], k, k)],
        whole,
        time_limit_s,
        lower=at_least,
    )
    chosen = None if found.values is None else sites[found.values[:m] > 0.5]
    return Found(chosen, found.bound + program.constant, found.message)


def _program(costs: Floats, musts: int, far: Floats) -> _Program:
    """Rows for the points one after the other."""
    near = costs[:musts].min(axis=0) if musts else np.full(costs.shape[1], np.inf)
    rows: list[Indices] = []
    columns: list[Indices] = []
    values: list[Floats] = []
    least: list[Floats] = []
    steps: list[Floats] = []
    constant, row, column = 0.0, 0, len(costs)
    for i in range(costs.shape[1]):
        levels = _levels(costs[:, i], near[i], far[i])
        constant += levels[0]
        count = len(levels) - 1
        at = np.searchsorted(levels, costs[:, i])
        site = np.flatnonzero((at < count) & (costs[:, i] == levels[np.minimum(at, count)]))
        z = np.arange(count)
        rows += [row + at[site], row + z, row + z[1:]]
        columns += [site, column + z, column + z[:-1]]
        values += [np.ones(len(site)), np.ones(count), -np.ones(max(count - 1, 0))]
        least.append((z == 0).astype(float))
        steps.append(np.diff(levels))
        row, column = row + count, column + count
    return _Program(
        np.concatenate(rows).astype(np.intp),
        np.concatenate(columns).astype(np.intp),
        np.concatenate(values),
        np.concatenate(least),
        np.concatenate(steps),
        float(constant),
    )


def _levels(costs: Floats, near: float, far: float) -> Floats:
    """Ascending different costs that matter: up to the nearest decided site, and one beyond `far`."""
    levels: Floats = np.unique(costs)
    levels = levels[levels <= near]
    return levels[: max(int(np.searchsorted(levels, far, side="right")), 1) + 1]
