"""Sites that serve many: chosen one by one, then exchanged one for one. Quick, near the best, not proven."""

from __future__ import annotations

import numpy as np

from gis.analysis.siting.model import Cover, Floats, Indices

_LEAST = 1e-9  # a gain smaller than this share of the largest is rounding


def greedy(left: Cover, k: int) -> Indices:
    """Up to k sites one after the other, each with the largest gain, the lowest number of equals."""
    open_to, chosen = left.weight.copy(), []
    for _ in range(min(k, left.serves.shape[1])):
        gain = left.by_site @ open_to
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        chosen.append(best)
        open_to[left.points_of(best)] = 0.0
    return np.array(chosen, np.intp)


def swap(left: Cover, chosen: Indices) -> Indices:
    """Exchange one chosen site for another while that serves more, always the best exchange there is."""
    chosen = chosen.copy()
    while len(chosen):
        net, place, other = _best_exchange(left, chosen)
        if net <= _LEAST * left.weight.max():
            break
        chosen[place] = other
    return np.sort(chosen)


def _best_exchange(left: Cover, chosen: Indices) -> tuple[float, int, int]:
    """What the best exchange gains, the place in `chosen` to give up, and the site to take."""
    times = left.serves[:, chosen].sum(axis=1)
    gain = left.by_site @ np.where(times == 0, left.weight, 0.0)
    best = (0.0, 0, 0)
    for place, site in enumerate(chosen):
        points = left.points_of(site)
        alone = points[times[points] == 1]
        lost: Floats = left.weight[alone]
        # Another site gains what is open and, once this one is given up, what it alone served.
        net = gain + left.serves[alone].T @ lost - lost.sum()
        other = int(net.argmax())
        if net[other] > best[0]:
            best = (float(net[other]), place, other)
    return best


def needed(left: Cover, sites: Indices) -> Indices:
    """The sites, ascending, without those whose points the others serve too, high numbers dropped first."""
    times = left.serves[:, sites].sum(axis=1)
    kept = []
    for site in np.sort(sites)[::-1].tolist():
        points = left.points_of(site)
        if (times[points] > 1).all():
            times[points] -= 1
        else:
            kept.append(site)
    return np.array(kept[::-1], np.intp)
