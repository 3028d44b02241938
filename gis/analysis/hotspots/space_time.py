"""Incidents that bunch in place and time together: exact ST-DBSCAN on a grid hash.

ST-DBSCAN (Birant and Kut 2007): two incidents are near if at most `radius_m` and at most `days` apart. A core
has at least `least` incidents near it, itself included. Cores near each other are of one cluster; what is
near a core only is of that core's cluster, of the lowest number where there are several. Clusters are
numbered by their first core. So the answer depends on no order of visiting.

Incidents are sorted by square, as wide as the radius, and within it by time: what is near lies in the nine
squares around, between two marks that only move on. The first call compiles for some seconds where nothing
is cached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.analysis.hotspots.weights import Bools, Floats
from gis.errors import InvalidInput
from gis.geometry.compiled import compiled

NOISE = -1

Whole = NDArray[np.int64]
Limits = tuple[float, float]
"""Square of the radius in m², and days."""


@dataclass(frozen=True, slots=True)
class Near:
    """How near is near, both included, and how many make a core.

    Raises `InvalidInput` for what is not positive, or fewer than two.
    """

    radius_m: float
    days: float
    least: int = 2

    def __post_init__(self) -> None:
        for name, lowest in (("radius_m", 0), ("days", 0), ("least", 1)):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > lowest):
                raise InvalidInput(f"{name} must be more than {lowest}.", pointer=name)

    @property
    def limits(self) -> Limits:
        """What the kernels compare with."""
        return float(self.radius_m) ** 2, float(self.days)


class Bunches:
    """Finds clusters among fixed places; their times may be dealt anew, as a test of chance does."""

    def __init__(self, xy: ArrayLike, near: Near) -> None:
        """Sort the places into squares.

        Parameters
        ----------
        xy : (n, 2) metres, EPSG:4547.

        Raises
        ------
        InvalidInput
            A place is not finite.
        """
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        if not np.isfinite(places).all():
            raise InvalidInput("Places must be finite.", pointer="xy")
        self._near = near
        square = np.floor(places / near.radius_m).astype(np.int64)
        if len(square):
            square -= square.min(axis=0)
        width = int(square[:, 0].max(initial=0)) + 3
        self._key = (square[:, 1] + 1) * width + square[:, 0] + 1
        keys, start = np.unique(np.sort(self._key), return_index=True)
        self._bounds = np.append(start, len(places)).astype(np.int64)
        # For each square the first rows of the squares west to east below, beside and above, and their end.
        self._around = np.stack(
            [
                self._bounds[np.searchsorted(keys, keys + row * width + column)]
                for row in (-1, 0, 1)
                for column in (-1, 0, 1, 2)
            ],
            axis=1,
        )
        self._places = places

    def labels(self, at_days: ArrayLike) -> Whole:
        """Number of the cluster of each incident, (n,); -1 for what belongs to none.

        Parameters
        ----------
        at_days : (n,) times in days since any moment.

        Raises
        ------
        InvalidInput
            Times not finite, or not as many as places.
        """
        order, points = self._in_order(at_days)
        size = len(order)
        labels = np.full(size, NOISE, np.int64)
        limits = self._near.limits
        core = _cores(points, self._bounds, self._around, limits, self._near.least)
        if not core.any():
            return labels
        root = _joined(points, self._bounds, self._around, limits, core)
        first = np.full(size, size, np.int64)  # by root: the lowest number of its cores, as they were given
        np.minimum.at(first, root[core], order[core])
        leader = np.where(core, first[root], size)
        leader = _with_edges(points, self._bounds, self._around, limits, (core, leader))
        found = leader < size
        labels[order[found]] = np.unique(leader[found], return_inverse=True)[1]
        return labels

    def near_pairs(self, at_days: ArrayLike) -> int:
        """How many pairs of incidents are near in place and time: the statistic of Knox (1964)."""
        _, points = self._in_order(at_days)
        return int(_pairs(points, self._bounds, self._around, self._near.limits))

    def _in_order(self, at_days: ArrayLike) -> tuple[Whole, Floats]:
        times = np.asarray(at_days, dtype=np.float64)
        if times.shape != (len(self._places),) or not np.isfinite(times).all():
            raise InvalidInput("There must be one finite time for each incident.", pointer="at_days")
        order = np.lexsort((times, self._key)).astype(np.int64)
        return order, np.column_stack([self._places, times])[order]


@compiled
def _is_near(a: Floats, b: Floats, limits: Limits) -> bool:
    is_far = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 > limits[0] or abs(a[2] - b[2]) > limits[1]
    return not is_far


@compiled
def _cores(points: Floats, bounds: Whole, around: Whole, limits: Limits, least: int) -> Bools:
    """Which points have at least `least` near them, themselves included."""
    count = np.zeros(len(points), np.int64)
    for square in range(len(around)):
        for other in range(12):
            if other % 4 == 3:
                continue
            low, end = around[square, other], around[square, other + 1]
            for i in range(bounds[square], bounds[square + 1]):
                while low < end and points[low, 2] < points[i, 2] - limits[1]:
                    low += 1
                j = low
                while count[i] < least and j < end and points[j, 2] <= points[i, 2] + limits[1]:
                    count[i] += _is_near(points[i], points[j], limits)
                    j += 1
    return count >= least


@compiled
def _root(parent: Whole, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def _unite(points: Floats, core: Bools, parent: Whole, rows: tuple[int, int, int], limits: Limits) -> None:
    """Join a core with those near it between two rows, which are in the order of time."""
    i, j, end = rows
    while j < end and points[j, 2] <= points[i, 2] + limits[1]:
        if core[j]:
            a, b = _root(parent, i), _root(parent, j)
            if a != b and _is_near(points[i], points[j], limits):
                parent[max(a, b)] = min(a, b)
        j += 1


@compiled
def _joined(points: Floats, bounds: Whole, around: Whole, limits: Limits, core: Bools) -> Whole:
    """A point that stands for each core's cluster, the same for all of its cores."""
    parent = np.arange(len(points))
    for square in range(len(around)):
        for other in range(12):
            if other % 4 == 3:
                continue
            low, end = around[square, other], around[square, other + 1]
            if not core[low:end].any():
                continue
            for i in range(bounds[square], bounds[square + 1]):
                if not core[i]:
                    continue
                while low < end and points[low, 2] < points[i, 2] - limits[1]:
                    low += 1
                _unite(points, core, parent, (i, max(low, i + 1), end), limits)
    for i in range(len(points)):
        parent[i] = _root(parent, i)
    return parent


@compiled
def _with_edges(
    points: Floats, bounds: Whole, around: Whole, limits: Limits, cores: tuple[Bools, Whole]
) -> Whole:
    """Leaders of cores, and for the others the lowest leader of a core near them."""
    core, leader = cores
    found = leader.copy()
    for square in range(len(around)):
        for other in range(12):
            if other % 4 == 3:
                continue
            low, end = around[square, other], around[square, other + 1]
            if not core[low:end].any():
                continue
            for i in range(bounds[square], bounds[square + 1]):
                if core[i]:
                    continue
                while low < end and points[low, 2] < points[i, 2] - limits[1]:
                    low += 1
                j = low
                while j < end and points[j, 2] <= points[i, 2] + limits[1]:
                    if core[j] and leader[j] < found[i] and _is_near(points[i], points[j], limits):
                        found[i] = leader[j]
                    j += 1
    return found


@compiled
def _pairs(points: Floats, bounds: Whole, around: Whole, limits: Limits) -> int:
    pairs = 0
    for square in range(len(around)):
        for other in range(12):
            if other % 4 == 3:
                continue
            low, end = around[square, other], around[square, other + 1]
            for i in range(bounds[square], bounds[square + 1]):
                while low < end and points[low, 2] < points[i, 2] - limits[1]:
                    low += 1
                j = max(low, i + 1)
                while j < end and points[j, 2] <= points[i, 2] + limits[1]:
                    pairs += _is_near(points[i], points[j], limits)
                    j += 1
    return pairs
