"""Local Moran: is a cell like its neighbours, or their opposite? Pure.

Iᵢ = zᵢ Σⱼ wᵢⱼ zⱼ / m2, z the difference from the mean, w row-standardised, m2 = Σ z² / (n − 1) as esda
divides; spdep divides by n (0.7217814 and 0.7368185 for the first tract of Columbus). p is analytic, from the
moments of Σⱼ wᵢⱼ zⱼ when the other cells' values are dealt anew and the cell keeps its own (conditional
randomisation: Anselin 1995; Sokal, Oden and Thomson 1998), so no number of permutations limits it: the
first step of Benjamini and Hochberg over 800 cells is 0.00006, below what 999 permutations can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.analysis.hotspots.gi_star import difference, from_mean, from_rounding, ratio, two_sided
from gis.analysis.hotspots.weights import Floats, Weights


class Kind(StrEnum):
    """A cell against its neighbours."""

    HIGH_AMONG_HIGH = "high_high"
    LOW_AMONG_LOW = "low_low"
    HIGH_AMONG_LOW = "high_low"
    LOW_AMONG_HIGH = "low_high"
    ALONE = "alone"  # no neighbours, or nothing varies


@dataclass(frozen=True, slots=True, eq=False)
class LocalMoran:
    """Arrays of shape (n,) in the order of the cells."""

    statistic: Floats
    z: Floats
    p: Floats
    kind: NDArray[np.object_]


def local_moran(values: ArrayLike, weights: Weights) -> LocalMoran:
    """Measure each cell against its neighbours.

    Parameters
    ----------
    values : (n,) rates.
    weights : of the n cells, without the cell itself; standardised by row here.

    Raises
    ------
    InvalidInput
        Values not finite, or not as many as cells.
    """
    away, rows = from_mean(values, weights), weights.row_standardised()
    n = away.size
    squares = float(np.sum(away**2))
    lag = from_rounding(rows.lag(away), rows.lag(np.abs(away)))
    statistic = ratio(away * lag, np.full(n, squares / max(n - 1, 1)))
    # The n - 1 others: their mean, and the variance of a weighted sum drawn from them without return.
    mean = -away / max(n - 1, 1)
    variance = np.maximum((squares - away**2) / max(n - 1, 1) - mean**2, 0.0)
    spread = np.sqrt(variance * difference((n - 1) * rows.square_sums, rows.sums**2) / max(n - 2, 1))
    z = np.sign(away) * ratio(lag - rows.sums * mean, spread)
    return LocalMoran(statistic, z, two_sided(z), _kinds(away, lag, rows.sums > 0))


def _kinds(away: Floats, lag: Floats, has_neighbours: NDArray[np.bool_]) -> NDArray[np.object_]:
    told = has_neighbours & (away != 0) & (lag != 0)
    rules = {
        Kind.HIGH_AMONG_HIGH: (away > 0) & (lag > 0),
        Kind.LOW_AMONG_LOW: (away < 0) & (lag < 0),
        Kind.HIGH_AMONG_LOW: (away > 0) & (lag < 0),
        Kind.LOW_AMONG_HIGH: (away < 0) & (lag > 0),
    }
    names = np.array([*rules, Kind.ALONE], dtype=object)
    number = np.select([told & rule for rule in rules.values()], range(len(rules)), len(rules))
    kinds: NDArray[np.object_] = names[number]
    return kinds
