"""Where k further sites serve the most people: the maximal covering location problem (Church, ReVelle 1974).

    max Σ w_i y_i,  y_i <= Σ x_j over the sites j that serve i,  Σ x_j <= k,  x_j in {0, 1},  0 <= y_i <= 1

y need not be whole: it is at its limit, which is, once x is. Sites that are there already stay; what they
serve counts in every objective. A good choice is found by greed and exchange, a bound by relaxation
(dual.py); what both leave undecided, a small problem of the same form, goes to HiGHS.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from gis.analysis.siting.dual import Dual, bounded, decided
from gis.analysis.siting.exchange import greedy, needed, swap
from gis.analysis.siting.highs import Program, Solved
from gis.analysis.siting.model import (
    TIME_LIMIT_S,
    Cover,
    Floats,
    Indices,
    Progress,
    Siting,
    Status,
    no_progress,
)
from gis.analysis.siting.solver import always_wanted, minimise

_NONE = np.empty(0, np.intp)


def most_served(
    cover: Cover, k: int, *, existing: Indices = _NONE, time_limit_s: float = TIME_LIMIT_S
) -> Siting:
    """At most k further sites that together serve the most people; fewer where fewer serve as many.

    `time_limit_s` 0 asks for the quick answer: mostly proven too, else with its bound.
    """
    before = cover.people(existing)
    return _best(cover.left_by(existing), k, time_limit_s, before)[0]


def gain_curve(
    cover: Cover,
    upto: int,
    *,
    existing: Indices = _NONE,
    time_limit_s: float = TIME_LIMIT_S,
    progress: Progress = no_progress,
) -> tuple[Siting, ...]:
    """The best for 0, 1, ... `upto` further sites, within one time limit for all of them together.

    `progress` is called between two numbers of sites and while HiGHS works, and can end the work there.
    """
    left, before = cover.left_by(existing), cover.people(existing)
    ends = time.monotonic() + time_limit_s
    curve: list[Siting] = []
    pays: Floats | None = None
    for k in range(upto + 1):
        progress(k, upto + 1)
        share = (ends - time.monotonic()) / (upto - k + 1)
        found, pays = _best(left, k, share, before, pays, partial(progress, k, upto + 1))
        # Out of time, one site more can seem worse than none; the sites before are a choice too.
        curve.append(
            found if not curve or found.objective >= curve[-1].objective else _carried(curve[-1], found)
        )
    progress(upto + 1, upto + 1)
    return tuple(curve)


def _best(
    left: Cover,
    k: int,
    time_limit_s: float,
    before: float,
    pays: Floats | None = None,
    still_wanted: Callable[[], None] = always_wanted,
) -> tuple[Siting, Floats | None]:
    """The best k sites for what is left, and the payments of its bound."""
    k = min(k, left.serves.shape[1])
    total = float(left.weight.sum())
    sites = needed(left, swap(left, greedy(left, k)))
    reached = left.people(sites)
    quick = Siting(sites, before + reached, before + reached, Status.OPTIMAL, "greedy and exchange")
    if reached >= total or k == 0:
        return quick, pays
    dual = bounded(left, k, reached, pays)
    if dual.bound < reached + left.step:
        return replace(quick, solver="greedy and exchange, bound by relaxation"), dual.pays
    if time_limit_s <= 0:
        top = before + min(total, _rounded(left, dual.bound))
        return replace(quick, bound=top, status=Status.HEURISTIC), dual.pays
    solve = partial(minimise, time_limit_s=time_limit_s, still_wanted=still_wanted)
    return _solved(left, k, quick, dual, solve), dual.pays


def _solved(left: Cover, k: int, quick: Siting, dual: Dual, solve: Callable[[Program], Solved]) -> Siting:
    """The rest by HiGHS: what the bound left undecided."""
    reached = left.people(quick.sites)
    before = quick.objective - reached
    must, may = decided(left, dual, k, reached)
    rest = _without(left, must, may)
    found = solve(_program(rest, k - len(must)))
    sites, best = quick.sites, reached
    if found.values is not None:
        theirs = np.concatenate([must, may[found.values[: len(may)] > 0.5]])
        if left.people(theirs) > reached:
            sites, best = needed(left, theirs), left.people(theirs)
    if found.proven:
        top = best
    else:
        top = max(best, _rounded(left, min(dual.bound, left.people(must) - found.bound)))
    status = Status.OPTIMAL if top <= best else Status.TIME_LIMIT
    return Siting(sites, before + best, before + top, status, found.message)


def _program(rest: Cover, k: int) -> Program:
    """Variables x, then y: y_i <= Σ x_j for each point, and at most k sites."""
    n, m = rest.serves.shape
    whole = np.concatenate([np.ones(m), np.zeros(n)])
    served = hstack([rest.serves, -eye_array(n)])
    rows = vstack([served, csr_array(whole[None])], format="csr")
    low, high = np.append(np.zeros(n), -np.inf), np.append(np.full(n, np.inf), float(k))
    return Program(np.concatenate([np.zeros(m), -rest.weight]), rows, low, high, whole)


def _without(left: Cover, must: Indices, may: Indices) -> Cover:
    """What is left once the decided sites are there, for the undecided ones."""
    served = left.served_by(must)
    open_weight = np.where(served, 0.0, left.weight)
    return Cover(left.serves[:, may], open_weight).left_by(_NONE)


def _carried(fewer: Siting, found: Siting) -> Siting:
    """The choice for one site less, with the bound of this number."""
    top = max(found.bound, fewer.objective)
    return Siting(fewer.sites, fewer.objective, top, found.status, found.solver)


def _rounded(left: Cover, bound: float) -> float:
    """A bound of sums of whole numbers is whole."""
    return float(np.floor(bound + 1e-6)) if left.step > 0.5 else bound
