"""Getis and Ord's local statistic Gi*: is a cell, with its neighbours, higher than the whole? Pure.

z = (Σⱼ wᵢⱼ xⱼ − Wᵢ x̄) / (s · √((n S1ᵢ − Wᵢ²) / (n − 1))), with wᵢᵢ = 1, Wᵢ = Σⱼ wᵢⱼ, S1ᵢ = Σⱼ wᵢⱼ²,
s² = Σ x² / n − x̄² (Ord and Getis 1995, eq. 14; Getis and Ord 1996). Analytic: no simulation, no seed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gis.analysis.hotspots.weights import Floats, Weights
from gis.errors import InvalidInput

_ROUNDING = 1e-12


def gi_star(values: ArrayLike, weights: Weights) -> Floats:
    """z of each cell, (n,): above 0 where the cell and its neighbours are high. 0 where nothing varies.

    Parameters
    ----------
    values : (n,) what is compared: a rate, not a count, where cells differ in size.
    weights : of the n cells; each is made its own neighbour.

    Raises
    ------
    InvalidInput
        Values not finite, or not as many as cells.
    """
    away, star = from_mean(values, weights), weights.with_self()
    n, variance = away.size, float(np.sum(away**2)) / max(away.size, 1)
    spread = np.sqrt(variance * difference(n * star.square_sums, star.sums**2) / max(n - 1, 1))
    return ratio(star.lag(away), spread)


def two_sided(z: Floats) -> Floats:
    """Two-sided p of a standard normal z."""
    from scipy.special import erfc

    p: Floats = erfc(np.abs(z) / np.sqrt(2.0))
    return p


def from_mean(values: ArrayLike, weights: Weights) -> Floats:
    """Each value less the mean, 0 where it differs by rounding only. Raises `InvalidInput`."""
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (weights.size,) or not np.isfinite(x).all():
        raise InvalidInput("There must be one finite number for each cell.", pointer="values")
    if not x.size:
        return np.zeros(0)
    return from_rounding(x - x.mean(), np.full(x.size, np.abs(x).max()))


def from_rounding(values: Floats, size: Floats) -> Floats:
    """The values, 0 where they are nothing but what rounding leaves of numbers of this size."""
    told: Floats = np.where(np.abs(values) > _ROUNDING * size, values, 0.0)
    return told


def difference(more: Floats, less: Floats) -> Floats:
    """more - less, 0 where it is negative or nothing but rounding."""
    left: Floats = np.maximum(from_rounding(more - less, more), 0.0)
    return left


def ratio(above: Floats, below: Floats) -> Floats:
    """above / below, 0 where below is 0."""
    divided: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return divided
