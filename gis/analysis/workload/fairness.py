"""How evenly loads are spread. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """Figures of a set of loads; all zero where there are none or they are all zero.

    Attributes
    ----------
    cv : standard deviation (of the population, by n) by mean.
    gini : half the mean difference of two loads by the mean; 0 all equal, towards 1 one has all.
    """

    count: int
    total: float
    mean: float
    max_over_mean: float
    cv: float
    gini: float


def spread(loads: ArrayLike) -> Spread:
    """Figures of how evenly loads (n,), none negative, are spread."""
    values = np.sort(np.asarray(loads, dtype=np.float64))
    total = float(values.sum())
    if total <= 0:
        return Spread(len(values), 0.0, 0.0, 0.0, 0.0, 0.0)
    count, mean = len(values), total / len(values)
    ranks = np.arange(1, count + 1)
    gini = 2.0 * float(ranks @ values) / (count * total) - (count + 1) / count
    return Spread(
        count, total, mean, float(values[-1]) / mean, float(values.std()) / mean, max(0.0, float(gini))
    )


def lorenz(loads: ArrayLike, steps: int = 50) -> Floats:
    """The Lorenz curve of loads: (steps + 1, 2) of share of places, lightest first, and share of the load.

    Between places it is straight, as if each place's load were spread over it.
    """
    values = np.sort(np.asarray(loads, dtype=np.float64))
    x = np.linspace(0.0, 1.0, steps + 1)
    total = values.sum()
    if total <= 0:
        return np.column_stack([x, x])
    known = np.concatenate([[0.0], np.cumsum(values)]) / total
    return np.column_stack([x, np.interp(x, np.linspace(0.0, 1.0, len(known)), known)])


def share_of_heaviest(loads: ArrayLike, part: float = 0.2) -> float:
    """What part of the load the heaviest `part` of the places carries, 0 to 1."""
    curve = lorenz(loads, 100)
    return float(1.0 - np.interp(1.0 - part, curve[:, 0], curve[:, 1]))
