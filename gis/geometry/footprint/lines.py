"""Legs and lone fixes, checked, as one table."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InvalidInput

Floats = NDArray[np.float64]

_FARTHEST_M = 1e9  # farther than any place on a map, and few enough squares to count


def table(values: ArrayLike, columns: int, name: str) -> Floats:
    """Values as an array (n, columns); raises InvalidInput if they are not, or no places."""
    found = np.ascontiguousarray(values, dtype=np.float64)
    if found.size == 0:
        return np.empty((0, columns))
    if found.ndim != 2 or found.shape[1] != columns:
        raise InvalidInput(f"{name} must be an array of {columns} columns.", pointer=name)
    if not (found.min() > -_FARTHEST_M and found.max() < _FARTHEST_M):  # neither is so of a NaN
        raise InvalidInput(f"{name} must be finite numbers of metres.", pointer=name)
    return found


def checked_radius(radius_m: float) -> float:
    """The radius; raises InvalidInput if it is not a positive number."""
    if not (math.isfinite(radius_m) and radius_m > 0):
        raise InvalidInput("The radius must be a positive number of metres.", pointer="radius_m")
    return float(radius_m)


def lines_of(legs: ArrayLike, points: ArrayLike) -> Floats:
    """Legs (n, 4) and after them points (m, 2), as legs without length, in one table (n + m, 4)."""
    lines, xy = table(legs, 4, "legs"), table(points, 2, "points")
    return np.concatenate([lines, np.column_stack([xy, xy])]) if len(xy) else lines


def distinct_lines(lines: Floats) -> Floats:
    """The different lines, each with its lower end first, in an order that does not depend on theirs."""
    x1, y1, x2, y2 = lines.T
    turned = (y1 > y2) | ((y1 == y2) & (x1 > x2))
    rows = np.where(turned[:, None], lines[:, [2, 3, 0, 1]], lines)
    rows = rows[np.lexsort(rows.T[::-1])]
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    found: Floats = rows[is_new]
    return found
