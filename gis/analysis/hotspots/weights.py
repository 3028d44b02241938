"""Which cells are neighbours, and how much each counts. Pure functions in metres, EPSG:4547.

Both kinds of weights are binary and without the cell itself; `Weights.with_self` adds it, as Gi* asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput

TOUCH_M = 1.0
"""Outlines this near to each other are taken to touch: loaded divisions have slivers."""

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Pairs of cells with a weight, in ascending order of `begin`, then `end`.

    Attributes
    ----------
    size : number of cells, n.
    begin, end : (m,) row numbers of cell and neighbour.
    value : (m,) weights.
    """

    size: int
    begin: Indices
    end: Indices
    value: Floats

    def lag(self, values: Floats) -> Floats:
        """Σⱼ wᵢⱼ xⱼ for each cell: (n,)."""
        return self._sum(self.value * values[self.end])

    @property
    def sums(self) -> Floats:
        """Σⱼ wᵢⱼ: (n,)."""
        return self._sum(self.value)

    @property
    def square_sums(self) -> Floats:
        """Σⱼ wᵢⱼ²: (n,)."""
        return self._sum(self.value**2)

    def with_self(self) -> Weights:
        """The same with each cell as its own neighbour, weight 1; one that is already stays as it is."""
        own = np.setdiff1d(np.arange(self.size), self.begin[self.begin == self.end])
        return _ordered(
            self.size,
            np.concatenate([self.begin, own]),
            np.concatenate([self.end, own]),
            np.concatenate([self.value, np.ones(len(own))]),
        )

    def row_standardised(self) -> Weights:
        """The same with each cell's weights adding up to 1; a cell without neighbours has none."""
        return Weights(self.size, self.begin, self.end, self.value / self.sums[self.begin])

    def among(self, kept: Bools) -> Weights:
        """Only the cells marked in `kept`, (n,), numbered anew in their order."""
        both = kept[self.begin] & kept[self.end]
        number = np.cumsum(kept) - 1
        return Weights(int(kept.sum()), number[self.begin[both]], number[self.end[both]], self.value[both])

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.begin, values, self.size).astype(np.float64)  # whole numbers of no pairs


def contiguity(cells: Sequence[BaseGeometry] | NDArray[np.object_], *, touch_m: float = TOUCH_M) -> Weights:
    """Neighbours that share a border or a corner (queen), give or take `touch_m` metres.

    Parameters
    ----------
    cells : (n,) polygons or multipolygons, EPSG:4547.
    """
    shapes = np.asarray(cells, dtype=object)
    begin, end = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=touch_m)
    other = begin != end
    return _ordered(len(shapes), begin[other], end[other], np.ones(int(other.sum())))


def within_distance(xy: ArrayLike, distance_m: float) -> Weights:
    """Neighbours at most `distance_m` apart, the distance included.

    Parameters
    ----------
    xy : (n, 2) places in metres, EPSG:4547.

    Raises
    ------
    InvalidInput
        The distance is not positive.
    """
    if not distance_m > 0:
        raise InvalidInput("The distance must be a positive number of metres.", pointer="distance_m")
    points = np.asarray(shapely.points(np.asarray(xy, dtype=np.float64).reshape(-1, 2)), dtype=object)
    begin, end = shapely.STRtree(points).query(points, predicate="dwithin", distance=distance_m)
    other = begin != end
    return _ordered(len(points), begin[other], end[other], np.ones(int(other.sum())))


def _ordered(size: int, begin: Indices, end: Indices, value: Floats) -> Weights:
    order = np.lexsort((end, begin))
    return Weights(size, begin[order].astype(np.intp), end[order].astype(np.intp), value[order])
