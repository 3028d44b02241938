"""Sites whose power diagram carries a wanted load in every cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.geometry.datum import Floats

_MOVING_ROUNDS = 30
_SETTLING_ROUNDS = 70
_GOOD_ENOUGH = 0.03  # of the target; sampling alone leaves about that


def balanced_sites(points: Floats, loads: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Place sites and weights so that each power cell holds close to its target load.

    Parameters
    ----------
    points : sample points in metres, shape (m, 2).
    loads : load of each sample, shape (m,), positive.
    targets : wanted load of each cell, shape (k,), positive; scaled to the total load.

    Returns
    -------
    sites : metres, shape (k, 2)
    weights : m², shape (k,)

    Notes
    -----
    Weights that meet the targets solve a semi-discrete optimal transport problem (Aurenhammer,
    Hoffmann, Aronov 1998). Starts from a recursive bisection by load; for a while each site also moves
    to the middle of its load, then the weights settle alone and the best round is kept. A step moves
    each weight half of the way that would meet its own target if the others stood still, which does
    not depend on how uneven the load is. A cell that lost everything is settled anew in half of the
    heaviest one. Deterministic; no random numbers.
    """
    points, loads = np.asarray(points, float), np.asarray(loads, float)
    wanted = np.asarray(targets, float) * (loads.sum() / np.sum(targets))
    origin = points.mean(axis=0)
    points = points - origin
    sites = _bisected(points, loads, wanted)
    weights = np.zeros(len(wanted))
    if len(wanted) == 1:
        return sites + origin, weights
    best = (np.inf, sites, weights)
    for turn in range(_MOVING_ROUNDS + _SETTLING_ROUNDS):
        first, second, margin = _two_nearest(points, sites, weights)
        held = np.bincount(first, loads, len(wanted)).astype(np.float64)
        if not held.all():
            sites, weights = _resettled(points, first, held, sites, weights)
            continue
        if turn < _MOVING_ROUNDS:
            sites = _middles(points, loads, first, sites)
            pace = 0.5
        else:
            worst = float(np.max(np.abs(held - wanted) / wanted))
            if worst < best[0]:
                best = (worst, sites, weights)
            if worst < _GOOD_ENOUGH:
                break
            pace = 0.5 / (1.0 + (turn - _MOVING_ROUNDS) / 40.0)
        weights = weights + pace * _way_to_target((first, second, margin), loads, wanted)
        weights = weights - weights.mean()
    return best[1] + origin, best[2]


_Nearest = tuple[NDArray[np.intp], NDArray[np.intp], Floats]


def _two_nearest(points: Floats, sites: Floats, weights: Floats) -> _Nearest:
    """Nearest and second site of each point by power distance, and the difference in m²; shape (m,) each."""
    # |p|² is the same for all sites of a point and left out.
    cost = points @ (-2.0 * sites.T) + ((sites**2).sum(axis=1) - weights)
    rows = np.arange(len(points))
    first = np.argmin(cost, axis=1)
    lowest = cost[rows, first]
    cost[rows, first] = np.inf
    second = np.argmin(cost, axis=1)
    return first, second, cost[rows, second] - lowest


def _way_to_target(nearest: _Nearest, loads: Floats, wanted: Floats) -> Floats:
    """How much each weight would have to change to meet its target alone, in m², shape (k,).

    Raising a weight by t wins the points whose margin to this site is below t: a weighted quantile
    over the points the site has (negative margins) and those it comes second for.
    """
    first, second, margin = nearest
    site = np.concatenate([first, second])
    change = np.concatenate([-margin, margin])
    order = np.lexsort((change, site))
    site, change = site[order], change[order]
    total = np.cumsum(np.concatenate([loads, loads])[order])
    begin = np.searchsorted(site, np.arange(len(wanted)))
    end = np.searchsorted(site, np.arange(len(wanted)), side="right")
    before = np.where(begin > 0, total[begin - 1], 0.0)
    at = np.minimum(np.searchsorted(total, before + wanted), np.maximum(end - 1, begin))
    return np.where(end > begin, change[np.minimum(at, len(change) - 1)], float(np.max(margin)))


def _resettled(
    points: Floats, first: NDArray[np.intp], held: Floats, sites: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Let each empty cell share the place of a heavy one: the two sites take its two halves."""
    sites, weights = sites.copy(), weights.copy()
    heaviest = np.argsort(-held, kind="stable")
    for empty, heavy in zip(np.flatnonzero(held == 0), heaviest, strict=False):
        mine = points[first == heavy]
        if len(mine) < 2:
            break
        axis = int(np.argmax(np.ptp(mine, axis=0)))
        upper = mine[:, axis] > np.median(mine[:, axis])
        if upper.any() and not upper.all():
            sites[empty], sites[heavy] = mine[upper].mean(axis=0), mine[~upper].mean(axis=0)
            weights[empty] = weights[heavy]
    return sites, weights


def _middles(points: Floats, loads: Floats, first: NDArray[np.intp], sites: Floats) -> Floats:
    count = len(sites)
    total = np.bincount(first, loads, count)
    some = total > 0
    moved = sites.copy()
    for axis in (0, 1):
        sums = np.bincount(first, loads * points[:, axis], count)
        moved[some, axis] = sums[some] / total[some]
    return moved


def _bisected(points: Floats, loads: Floats, wanted: Floats) -> Floats:
    """Middles of a recursive split of the points, across the longer side, by wanted load."""
    if len(wanted) == 1:
        return np.average(points, axis=0, weights=loads)[None, :]
    half = len(wanted) // 2
    axis = int(np.argmax(np.ptp(points, axis=0)))
    order = np.argsort(points[:, axis], kind="stable")
    share = wanted[:half].sum() / wanted.sum()
    cut = int(np.searchsorted(np.cumsum(loads[order]), share * loads.sum()))
    cut = min(max(cut, half), len(points) - (len(wanted) - half))
    low, high = order[:cut], order[cut:]
    return np.vstack(
        [
            _bisected(points[low], loads[low], wanted[:half]),
            _bisected(points[high], loads[high], wanted[half:]),
        ]
    )
