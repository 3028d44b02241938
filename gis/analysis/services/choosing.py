"""Choosing sites for a goal: the quick answer with its bound, or the exact one within a minute."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gis.analysis.access.network import Floats, Indices
from gis.analysis.result import Progress
from gis.analysis.services.candidates import Candidates
from gis.analysis.services.ground import Ground
from gis.analysis.services.sites_model import MOST_SITES, TIME_LIMIT_S, SitesParameters
from gis.analysis.siting import kernels
from gis.analysis.siting.lscp import fewest_sites
from gis.analysis.siting.mclp import gain_curve
from gis.analysis.siting.model import Cover, Siting, Status
from gis.analysis.siting.p_median import least_sum

_MOST_COVER, _MOST_MEDIAN = 3_000, 500
_SQUARE_M = 100.0
_QUICK_S = 3.0  # of the fewest sites: without HiGHS their bound is one site
_FARTHEST_MIN = 60.0
"""Who walks longer, or reaches nothing, counts as walking an hour in the sum of ways. An assumption."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Sites chosen out of the candidates that were looked at.

    Attributes
    ----------
    candidates : those looked at: the ones that would serve the most people where there are too many.
    curve : the choice for 0, 1, … sites; a single one for the fewest sites.
    chosen : the answer.
    is_bounded : whether each of the curve has its bound.
    out_of_reach : weight that no site and no candidate serves.
    """

    candidates: Candidates
    curve: tuple[Siting, ...]
    chosen: Siting
    is_bounded: tuple[bool, ...]
    out_of_reach: float


def choose(ground: Ground, candidates: Candidates, asked: SitesParameters, progress: Progress) -> Choice:
    """The best sites for the goal asked for. `progress` counts in parts of a whole of its own."""
    weight = ground.demand.weight(asked.weight)
    most = _MOST_MEDIAN if asked.goal == "pmedian" else _MOST_COVER
    if len(candidates.names) > most:
        pairs = ground.within(asked, candidates.xy)
        reach = np.bincount(pairs.facility, weight[pairs.point], minlength=len(candidates.names))
        candidates = candidates.some(np.sort(np.argsort(-reach, kind="stable")[:most]))
    if not len(candidates.names):
        return _nothing(ground, candidates, asked)
    if asked.goal == "pmedian":
        return _shortest(ground, candidates, asked, progress)
    pairs = ground.within(asked, candidates.xy)
    there = np.flatnonzero(before(ground, asked) <= asked.limit_m)
    point = np.concatenate([there, pairs.point])
    site = np.concatenate([np.zeros(len(there), np.intp), pairs.facility + 1])
    cover = Cover.from_pairs(point, site, weight, len(candidates.names) + 1)
    if asked.goal == "lscp":
        return _fewest(cover, candidates, asked, progress)
    return _most(cover, candidates, asked, progress)


def before(ground: Ground, asked: SitesParameters) -> Floats:
    """(n,) metres to the nearest facility that stays; infinite where none does."""
    if not asked.keep:
        return np.full(len(ground.demand.codes), np.inf)
    which = ground.facilities.of_kind(asked.kind)
    return ground.nearest(asked, ground.facilities.xy[which], ("kind", asked.kind)).metres


def _most(cover: Cover, candidates: Candidates, asked: SitesParameters, progress: Progress) -> Choice:
    """Site 0 of the cover stands for all that is there already."""
    limit_s = TIME_LIMIT_S if asked.exact else 0.0
    found = gain_curve(cover, MOST_SITES, existing=_THERE, time_limit_s=limit_s, progress=progress)
    curve = tuple(_without_there(one) for one in found)
    served = np.diff(cover.serves.indptr) > 0
    return Choice(candidates, curve, curve[asked.k], (True,) * len(curve), float(cover.weight[~served].sum()))


def _fewest(cover: Cover, candidates: Candidates, asked: SitesParameters, progress: Progress) -> Choice:
    limit_s = TIME_LIMIT_S if asked.exact else _QUICK_S
    found = fewest_sites(cover, existing=_THERE, time_limit_s=limit_s, progress=progress)
    siting = _without_there(found.siting)
    if not asked.exact and siting.status is Status.TIME_LIMIT:
        siting = replace(siting, status=Status.HEURISTIC)
    return Choice(candidates, (siting,), siting, (True,), float(cover.weight[found.out_of_reach].sum()))


def _shortest(ground: Ground, candidates: Candidates, asked: SitesParameters, progress: Progress) -> Choice:
    """The p-median over people put together by squares of 100 m."""
    points, weight = _squares(ground, ground.demand.weight(asked.weight))
    longest = _FARTHEST_MIN * asked.metres_per_minute
    # Whole metres: then sums are whole too, and a choice is proven when the bound is less than one away.
    there = np.asarray(np.round(np.minimum(before(ground, asked)[points], longest)), np.float64)
    metres = np.round(np.minimum(ground.ways(asked, candidates.xy, points, longest), longest))
    costs = np.minimum(metres, there) * weight
    alone = float((there * weight).sum())
    curve = [Siting(np.empty(0, np.intp), alone, alone, Status.OPTIMAL, "nothing to choose")]
    bounded = [True]
    most = min(MOST_SITES, len(candidates.names))
    one_by_one = kernels.greedy(costs, most)
    for k in range(1, most + 1):
        if asked.exact or k == min(asked.k, most):
            limit_s = TIME_LIMIT_S / MOST_SITES if asked.exact else 0.0
            found = least_sum(costs, k, time_limit_s=limit_s, progress=_within_step(k, progress))
        else:
            found = _quick(costs, one_by_one[:k].copy())
        curve.append(found)
        bounded.append(asked.exact or k == min(asked.k, most))
    progress(MOST_SITES, MOST_SITES)
    chosen = curve[min(asked.k, len(curve) - 1)]
    return Choice(candidates, tuple(curve), chosen, tuple(bounded), 0.0)


def _within_step(k: int, progress: Progress) -> Progress:
    """How far the k-th of the choices is, as a part of all of them."""
    return lambda done, of: progress((k - 1) * of + done, MOST_SITES * of)


def _quick(costs: Floats, chosen: Indices) -> Siting:
    """A choice bettered by exchanges, without a bound."""
    kernels.swap(costs, np.arange(len(costs)), chosen, 1e-9 * float(costs.max(initial=1.0)))
    reached = float(costs[chosen].min(axis=0).sum())
    return Siting(np.sort(chosen), reached, 0.0, Status.HEURISTIC, "greedy and exchange")


def _squares(ground: Ground, weight: Floats) -> tuple[Indices, Floats]:
    """The heaviest building of each square of 100 m where people live, with the weight of them all."""
    some = np.flatnonzero(weight > 0)
    squares = np.floor(ground.demand.xy[some] / _SQUARE_M)
    _, number = np.unique(squares, axis=0, return_inverse=True)
    number = number.reshape(-1)
    order = np.lexsort([some, -weight[some], number])
    first = order[np.r_[True, np.diff(number[order]) > 0][: len(order)]]
    total = np.bincount(number, weight[some])
    return some[first], total.astype(np.float64)


def _without_there(siting: Siting) -> Siting:
    """Numbers of candidates in place of those of the cover, whose first site is what is there."""
    return replace(siting, sites=siting.sites[siting.sites > 0] - 1)


def _nothing(ground: Ground, candidates: Candidates, asked: SitesParameters) -> Choice:
    weight = ground.demand.weight(asked.weight)
    ways = before(ground, asked)
    reached = float(weight[ways <= asked.limit_m].sum())
    none = Siting(np.empty(0, np.intp), reached, reached, Status.OPTIMAL, "no candidates")
    return Choice(candidates, (none,), none, (True,), float(weight.sum() - reached))


_THERE = np.zeros(1, np.intp)
