"""Rates that small numbers do not deceive: empirical-Bayes smoothing after Marshall (1991). Pure.

A cell's rate rᵢ = Oᵢ / Pᵢ is drawn towards a mean b the more, the fewer units Pᵢ it has:
θᵢ = b + C (rᵢ − b) with C = a / (a + b / Pᵢ), b = Σ O / Σ P and a = Σ P (r − b)² / Σ P − b / P̄, at least 0.
The sums go over the whole district (global), or over a cell and its neighbours (local).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gis.analysis.hotspots.weights import Floats, Weights
from gis.errors import InvalidInput


def raw_rates(counts: ArrayLike, sizes: ArrayLike) -> Floats:
    """O / P, (n,); NaN where a cell has no size. Raises `InvalidInput` for negative or missing numbers."""
    events, units = _pair(counts, sizes)
    rate: Floats = np.divide(events, units, out=np.full(events.size, np.nan), where=units > 0)
    return rate


def smoothed_rates(counts: ArrayLike, sizes: ArrayLike) -> Floats:
    """Rates drawn towards the rate of all cells, (n,); where a cell has no size it is that rate.

    Parameters
    ----------
    counts, sizes : (n,) numbers of at least 0.

    Raises
    ------
    InvalidInput
        A number is negative or not finite, or the lengths differ.
    """
    events, units = _pair(counts, sizes)
    if not units.sum() > 0:
        return np.zeros(events.size)
    ones = np.ones(events.size)
    mean = ones * events.sum() / units.sum()
    rate = np.divide(events, units, out=mean.copy(), where=units > 0)
    between = np.sum(units * (rate - mean) ** 2) / units.sum() - mean / (units.sum() / (units > 0).sum())
    return _drawn(rate, units, mean, between)


def smoothed_by_neighbours(counts: ArrayLike, sizes: ArrayLike, weights: Weights) -> Floats:
    """Rates drawn towards the rate of the cell and its neighbours together. As `smoothed_rates`.

    For maps, not for tests: what was smoothed by neighbours looks like its neighbours.
    """
    events, units = _pair(counts, sizes)
    star = weights.with_self()
    around = star.lag(units)
    mean = np.divide(star.lag(events), around, out=np.zeros(events.size), where=around > 0)
    rate = np.divide(events, units, out=mean.copy(), where=units > 0)
    begin, end = star.begin, star.end
    squares = np.bincount(begin, star.value * units[end] * (rate[end] - mean[begin]) ** 2, star.size)
    members = star.lag((units > 0).astype(np.float64))
    left = np.divide(squares, around, out=np.zeros(events.size), where=around > 0)
    right = np.divide(mean * members, around, out=np.zeros(events.size), where=around > 0)
    return _drawn(rate, units, mean, left - right)


def chance_of_counts(counts: ArrayLike, sizes: ArrayLike, weights: Weights) -> Floats:
    """How likely so many (or so few) incidents are in a cell and its neighbours, were they spread by size.

    The tail of a Poisson number on the side where the count lies, (n,). Exact where numbers are small, as
    the normal tail of Gi* is not.
    """
    from scipy.special import gammainc, gammaincc

    events, units = _pair(counts, sizes)
    star = weights.with_self()
    seen, mean = star.lag(events), events.sum() / max(float(units.sum()), 1.0)
    expected = star.lag(units) * mean
    upper = np.where(seen > 0, gammainc(np.maximum(seen, 1.0), expected), 1.0)  # P(X >= seen)
    lower = gammaincc(seen + 1.0, expected)  # P(X <= seen)
    p: Floats = np.where(seen >= expected, upper, lower)
    return p


def _drawn(rate: Floats, units: Floats, mean: Floats, between: Floats) -> Floats:
    spread = np.maximum(between, 0.0) * units
    trust = np.divide(spread, spread + mean, out=np.zeros(rate.size), where=spread + mean > 0)
    return mean + trust * (rate - mean)


def _pair(counts: ArrayLike, sizes: ArrayLike) -> tuple[Floats, Floats]:
    events, units = np.asarray(counts, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    if events.shape != units.shape or events.ndim != 1:
        raise InvalidInput("There must be as many sizes as counts.", pointer="sizes")
    for values, name in ((events, "counts"), (units, "sizes")):
        if not (np.isfinite(values) & (values >= 0)).all():
            raise InvalidInput("Counts and sizes are finite and not negative.", pointer=name)
    return events, units
