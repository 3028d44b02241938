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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.analysis.hotspots.weights import Bools, Floats
from gis.errors import InvalidInput
from gis.geometry.compiled import compiled, compiled_walk

NOISE = -1

Whole = NDArray[np.int64]
Limits = tuple[float, float]
"""Square of the radius in m², and days."""
Squares = tuple[Whole, Whole]
"""First rows of the squares and their end; for each square the first rows and ends of those around it."""


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


def members(labels: Whole) -> list[Whole]:
    """Row numbers of each cluster, ascending."""
    clusters = int(labels.max(initial=NOISE)) + 1
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.searchsorted(labels[order], np.arange(clusters)))[1:]


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
        keys, number, count = np.unique(
            (square[:, 1] + 1) * width + square[:, 0] + 1, return_inverse=True, return_counts=True
        )
        self._square = number.astype(np.min_scalar_type(len(keys)))  # two bytes sort much faster than eight
        self._bounds = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
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
        squares = self._bounds, self._around
        core = _cores(points, squares, limits, self._near.least)
        if not core.any():
            return labels
        root = _joined(points, squares, limits, core)
        first = np.full(size, size, np.int64)  # by root: the lowest number of its cores, as they were given
        np.minimum.at(first, root[core], order[core])
        leader = np.where(core, first[root], size)
        leader = _with_edges(points, squares, limits, core, leader)
        found = leader < size
        labels[order[found]] = np.unique(leader[found], return_inverse=True)[1]
        return labels

    def near_pairs(self, at_days: ArrayLike) -> int:
        """How many pairs of incidents are near in place and time: the statistic of Knox (1964)."""
        _, points = self._in_order(at_days)
        return int(_pairs(points, (self._bounds, self._around), self._near.limits))

    def _in_order(self, at_days: ArrayLike) -> tuple[Whole, Floats]:
        times = np.asarray(at_days, dtype=np.float64)
        if times.shape != (len(self._places),) or not np.isfinite(times).all():
            raise InvalidInput("There must be one finite time for each incident.", pointer="at_days")
        order = np.lexsort((times, self._square)).astype(np.int64)
        return order, np.stack([*self._places[order].T, times[order]])


@compiled_walk
def _near_in_time(
    points: Floats, squares: Squares, days: float, wanted: Bools
) -> Iterator[tuple[int, Whole, Whole]]:
    """The wanted points, each with the nine stretches of rows around it that are near in time.

    The stretches, first rows and ends, are written anew for each point.
    """
    bounds, around = squares
    low, high = np.empty(9, np.int64), np.empty(9, np.int64)
    for square in range(len(around)):
        for s in range(9):
            low[s] = high[s] = around[square, s + s // 3]
        for i in range(bounds[square], bounds[square + 1]):
            if wanted[i]:
                for s in range(9):
                    end = around[square, s + s // 3 + 1]
                    while low[s] < end and points[2, low[s]] < points[2, i] - days:
                        low[s] += 1
                    while high[s] < end and points[2, high[s]] <= points[2, i] + days:
                        high[s] += 1
                yield i, low, high


@compiled
def _is_near(points: Floats, i: int, j: int, square_m2: float) -> bool:
    apart: float = (points[0, i] - points[0, j]) ** 2 + (points[1, i] - points[1, j]) ** 2
    return apart <= square_m2


@compiled
def _cores(points: Floats, squares: Squares, limits: Limits, least: int) -> Bools:
    """Which points have at least `least` near them, themselves included."""
    n = points.shape[1]
    count, everybody = np.zeros(n, np.int64), np.ones(n, np.bool_)
    for i, low, high in _near_in_time(points, squares, limits[1], everybody):
        if (high - low).sum() >= least:
            for s in range(9):
                for j in range(low[s], high[s]):
                    count[i] += _is_near(points, i, j, limits[0])
    return count >= least


@compiled
def _root(parent: Whole, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def _joined(points: Floats, squares: Squares, limits: Limits, core: Bools) -> Whole:
    """A point that stands for each core's cluster, the same for all of its cores."""
    parent = np.arange(points.shape[1])
    for i, low, high in _near_in_time(points, squares, limits[1], core):
        for s in range(9):
            for j in range(max(low[s], i + 1), high[s]):
                if core[j]:
                    a, b = _root(parent, i), _root(parent, j)
                    if a != b and _is_near(points, i, j, limits[0]):
                        parent[max(a, b)] = min(a, b)
    for i in range(len(parent)):
        parent[i] = _root(parent, i)
    return parent


@compiled
def _with_edges(points: Floats, squares: Squares, limits: Limits, core: Bools, leader: Whole) -> Whole:
    """Leaders of cores, and for the others the lowest leader of a core near them."""
    found = leader.copy()
    for i, low, high in _near_in_time(points, squares, limits[1], core):
        for s in range(9):
            for j in range(low[s], high[s]):
                if not core[j] and leader[i] < found[j] and _is_near(points, i, j, limits[0]):
                    found[j] = leader[i]
    return found


@compiled
def _pairs(points: Floats, squares: Squares, limits: Limits) -> int:
    pairs, everybody = 0, np.ones(points.shape[1], np.bool_)
    for i, low, high in _near_in_time(points, squares, limits[1], everybody):
        for s in range(9):
            for j in range(max(low[s], i + 1), high[s]):
                pairs += _is_near(points, i, j, limits[0])
    return pairs
