"""Sites whose power diagram carries a wanted load in every cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.geometry.datum import Floats

_MOVES = 6
_STEPS_BETWEEN_MOVES = 2
_LAST_STEPS = 25
_GOOD_ENOUGH = 0.02  # mean deviation from the targets, of the target
_SMALLEST_PACE = 1 / 64


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
    Hoffmann, Aronov 1998), here by damped Newton steps (Kitagawa, Mérigot, Thibert 2019) with the
    derivative counted from the samples near each border. Starts from a recursive bisection by load;
    between steps each site moves to the middle of its load. Deterministic; no random numbers.
    """
    points, loads = np.asarray(points, float), np.asarray(loads, float)
    wanted = np.asarray(targets, float) * (loads.sum() / np.sum(targets))
    origin = points.mean(axis=0)
    points = points - origin
    sites = _bisected(points, loads, wanted)
    weights = np.zeros(len(wanted))
    if len(wanted) == 1:
        return sites + origin, weights
    for _ in range(_MOVES):
        sites, weights = _none_empty(points, loads, sites, weights)
        weights = _settled(points, loads, wanted, sites, weights, steps=_STEPS_BETWEEN_MOVES)
        first, _, _ = _two_nearest(points, sites, weights)
        sites = _middles(points, loads, first, sites)
    sites, weights = _none_empty(points, loads, sites, weights)
    weights = _settled(points, loads, wanted, sites, weights, steps=_LAST_STEPS)
    return sites + origin, weights


def _settled(
    points: Floats, loads: Floats, wanted: Floats, sites: Floats, weights: Floats, *, steps: int
) -> Floats:
    """Newton steps on the weights, each halved until it helps and empties no cell."""
    nearest = _two_nearest(points, sites, weights)
    held = _held(nearest, loads, len(wanted))
    pace = 1.0
    for _ in range(steps):
        if np.abs(held - wanted).sum() < _GOOD_ENOUGH * wanted.sum():
            break
        direction = _newton_direction(nearest, loads, wanted - held)
        while pace >= _SMALLEST_PACE:
            tried = weights + pace * direction
            tried_nearest = _two_nearest(points, sites, tried)
            tried_held = _held(tried_nearest, loads, len(wanted))
            better = np.abs(tried_held - wanted).sum() < np.abs(held - wanted).sum()
            if better and tried_held.all():
                break
            pace /= 2.0
        else:
            break
        weights, nearest, held = tried - tried.mean(), tried_nearest, tried_held
        pace = min(1.0, 2.0 * pace)
    return weights


def _held(nearest: _Nearest, loads: Floats, count: int) -> Floats:
    return np.bincount(nearest[0], loads, count).astype(np.float64)


def _none_empty(points: Floats, loads: Floats, sites: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Put the site of an empty cell on the outermost sample of the heaviest cell, all weights zero.

    Without weights a site that is on a sample keeps at least that one.
    """
    for _ in range(2 * len(sites)):
        nearest = _two_nearest(points, sites, weights)
        held = _held(nearest, loads, len(sites))
        empty = np.flatnonzero(held == 0)
        if not len(empty):
            break
        if weights.any():
            weights = np.zeros(len(sites))
            continue
        heavy = int(np.argmax(held))
        mine = points[nearest[0] == heavy]
        sites = sites.copy()
        sites[empty[0]] = mine[np.argmax(((mine - sites[heavy]) ** 2).sum(axis=1))]
    return sites, weights


_Nearest = tuple[NDArray[np.intp], NDArray[np.intp], Floats]


def _two_nearest(points: Floats, sites: Floats, weights: Floats) -> _Nearest:
    """Nearest and second site of each point by power distance, and the difference in m²; shape (m,) each."""
    # |p|² is the same for all sites of a point and left out.
    cost = np.multiply.outer(points[:, 0], -2.0 * sites[:, 0])
    cost += np.multiply.outer(points[:, 1], -2.0 * sites[:, 1])
    cost += (sites**2).sum(axis=1) - weights
    rows = np.arange(len(points))
    first = np.argmin(cost, axis=1)
    lowest = cost[rows, first]
    cost[rows, first] = np.inf
    second = np.argmin(cost, axis=1)
    return first, second, cost[rows, second] - lowest


def _newton_direction(nearest: _Nearest, loads: Floats, missing: Floats) -> Floats:
    """Change of the weights, in m², that would bring the missing loads to first order, shape (k,).

    The derivative of a cell's load by a neighbour's weight is the load along their border; it is
    counted among the third of a cell's load that is nearest to any border.
    """
    first, second, margin = nearest
    count = len(missing)
    order = np.lexsort((margin, first))
    site, width, load = first[order], margin[order], loads[order]
    total = np.cumsum(load)
    begin = np.searchsorted(site, np.arange(count))
    end = np.searchsorted(site, np.arange(count), side="right")
    before = np.where(begin > 0, total[begin - 1], 0.0)
    third = np.searchsorted(total, before + (total[end - 1] - before) / 3.0)
    reach = np.maximum(width[np.clip(third, begin, end - 1)], 1e-9)
    close = margin <= reach[first]
    flow = np.zeros((count, count))
    np.add.at(flow, (first[close], second[close]), (loads / reach[first])[close])
    flow = (flow + flow.T) / 2.0
    laplacian = np.diag(flow.sum(axis=1)) - flow
    # All weights may rise together at no effect; the small term makes the answer unique.
    laplacian += np.eye(count) * (1e-6 * np.trace(laplacian) / count)
    return np.asarray(np.linalg.solve(laplacian, missing), dtype=np.float64)


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
