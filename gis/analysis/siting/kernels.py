"""The loops of the p-median in machine code; the first call of a process takes about two seconds to compile,
later ones read it from numba's cache. `costs` is always (m, n): a row for each site, a column for each point.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gis.analysis.siting.model import Floats, Indices


@njit(cache=True, nogil=True)
def greedy(costs: Floats, k: int) -> Indices:
    """(k,) sites one after the other, each making the sum of least costs smallest, the lowest of equals."""
    m, n = costs.shape
    least = np.full(n, np.inf)
    chosen = np.empty(k, np.intp)
    taken = np.zeros(m, np.bool_)
    for step in range(k):
        best, which = np.inf, -1
        for j in range(m):
            if taken[j]:
                continue
            total = 0.0
            for i in range(n):
                total += min(least[i], costs[j, i])
            if total < best:
                best, which = total, j
        chosen[step], taken[which] = which, True
        for i in range(n):
            least[i] = min(least[i], costs[which, i])
    return chosen


@njit(cache=True, nogil=True)
def swap(costs: Floats, rows: Indices, chosen: Indices, least_gain: float) -> None:
    """Exchange sites of `chosen` in place for some of `rows` while one gains more than `least_gain`.

    Always the best exchange. Fast interchange (Whitaker 1983; Resende, Werneck 2007): for each site that
    could come in, one pass over the points finds what it gains with every site that could go.
    """
    m, n = costs.shape
    first, d1, d2 = np.empty(n, np.intp), np.empty(n), np.empty(n)
    loss, extra, taken = np.empty(len(chosen)), np.empty(len(chosen)), np.zeros(m, np.bool_)
    far = costs.max() if costs.size else 0.0  # finite, so that a single site can be exchanged too
    into = 0
    while into >= 0:
        _two_nearest(costs, chosen, far, first, d1, d2)
        taken[:] = False
        taken[chosen] = True
        loss[:] = 0.0
        for i in range(n):
            loss[first[i]] += d2[i] - d1[i]
        best, into, out = least_gain, -1, -1
        for j in rows:
            if not taken[j]:
                gain = _gained(costs[j], first, d1, d2, extra)
                for s in range(len(chosen)):
                    net = gain - loss[s] + extra[s]
                    if net > best:
                        best, into, out = net, j, s
        if into >= 0:
            chosen[out] = into


@njit(cache=True, nogil=True)
def _gained(costs: Floats, first: Indices, d1: Floats, d2: Floats, extra: Floats) -> float:
    """What a further site gains, and in `extra` how much less the loss of each chosen one then hurts."""
    extra[:] = 0.0
    gain = 0.0
    for i in range(len(costs)):
        if costs[i] < d1[i]:
            gain += d1[i] - costs[i]
            extra[first[i]] += d2[i] - d1[i]
        elif costs[i] < d2[i]:
            extra[first[i]] += d2[i] - costs[i]
    return gain


@njit(cache=True, nogil=True)
def _two_nearest(costs: Floats, chosen: Indices, far: float, first: Indices, d1: Floats, d2: Floats) -> None:
    """The least and second least cost of each point over the chosen sites, and where the least is."""
    for i in range(costs.shape[1]):
        a, b, which = np.inf, far, 0
        for s in range(len(chosen)):
            cost = costs[chosen[s], i]
            if cost < a:
                if s:
                    b = a
                a, which = cost, s
            elif cost < b:
                b = cost
        first[i], d1[i], d2[i] = which, a, b


# Sums in any order go three times as fast; the bound is wrong by rounding alone, within the step of a proof.
@njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def worth(costs: Floats, rows: Indices, pays: Floats) -> Floats:
    """What each of some sites would save if every point paid `pays`: Σ min(0, cost - pays)."""
    out = np.empty(len(rows))
    for r in range(len(rows)):
        total = 0.0
        for i in range(costs.shape[1]):
            total += min(0.0, costs[rows[r], i] - pays[i])
        out[r] = total
    return out


@njit(cache=True, nogil=True)
def takers(costs: Floats, chosen: Indices, pays: Floats) -> Floats:
    """(n,) how many of the chosen sites would serve each point for what it pays."""
    out = np.zeros(costs.shape[1])
    for j in chosen:
        for i in range(costs.shape[1]):
            if costs[j, i] < pays[i]:
                out[i] += 1.0
    return out
