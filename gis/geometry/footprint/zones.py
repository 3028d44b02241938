"""Covered areas of zones from layers: counts of squares whose centres lie in a zone.

A square belongs to the zone that holds its centre (even-odd rule), so zones that part an area part its
squares, and their counts add up to the square.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geometry.compiled import THREADS, in_parts
from gis.geometry.edges import edges_of
from gis.geometry.footprint.count_kernels import count_runs, count_sides
from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.kernels import set_runs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]
Window = tuple[int, int]

_BAND_ROWS = 128
"""Some 100 kB of a district's layer: what many layers are joined in stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Polygons as runs of squares in the rows of a grid.

    Attributes
    ----------
    runs : (n, 3) first square, square after the last one, zone; by row, then by zone and column.
    run_of_row : (rows + 1,) where the runs of each row begin.
    area_m2 : (k,) areas of the polygons.
    pixels : (k,) squares of each zone; none for one that is thinner than a square or off the grid.
    """

    grid: Grid
    polygons: Geometries
    runs: Ints
    run_of_row: Ints
    area_m2: Floats
    pixels: Ints

    @classmethod
    def prepare(cls, grid: Grid, polygons: Sequence[BaseGeometry] | Geometries) -> Zones:
        """Cut (k,) polygons or multipolygons in EPSG:4547 into runs."""
        shapes = np.asarray(polygons, dtype=object)
        edges, owner = crossed_edges(shapes)
        row, x = _crossings(grid.in_pixels(edges))
        order = np.lexsort((x[1], row * len(shapes) + owner[x[0]]))
        row, column, owner = row[order], x[1][order], owner[x[0]][order]
        start = np.clip(np.ceil(column[::2]), 0, grid.columns).astype(np.int64)
        stop = np.clip(np.ceil(column[1::2]), 0, grid.columns).astype(np.int64)
        keep = (stop > start) & (row[::2] >= 0) & (row[::2] < grid.rows)
        runs = np.ascontiguousarray(np.column_stack([start, stop, owner[::2]])[keep])
        run_of_row = np.searchsorted(row[::2][keep], np.arange(grid.rows + 1))
        pixels = np.bincount(runs[:, 2], weights=runs[:, 1] - runs[:, 0], minlength=len(shapes))
        return cls(
            grid, shapes, runs, run_of_row.astype(np.int64), np.asarray(shapely.area(shapes), np.float64),
            pixels.astype(np.int64),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.polygons)

    def covered_m2(self, layers: Sequence[Layer]) -> Floats:
        """Area (k,) covered in any of the layers, in whole squares; nothing without layers."""
        covered: Floats = self.series(layers, [(0, len(layers))])[0]
        return covered

    def share(self, layers: Sequence[Layer]) -> Floats:
        """Share (k,) of each zone's squares covered in any of the layers, 0 to 1; 0 for a zone without.

        Nearer to the true share than the area by that of the polygon: what the zone's border cuts off a
        square is then in both.
        """
        squares = self.pixels * self.grid.pixel_m2
        share: Floats = np.divide(
            self.covered_m2(layers), squares, out=np.zeros(len(self)), where=squares > 0
        )
        return share

    def series(self, layers: Sequence[Layer], windows: Sequence[Window]) -> Floats:
        """Area (windows, k) covered in layers[start:stop] for each window (start, stop)."""
        for layer in layers:
            self.grid.check(layer)
        counts = np.zeros((len(windows), len(self)), dtype=np.int64)

        def count(first: int, stop: int, into: Ints) -> None:
            for number, (start, end) in enumerate(windows):
                if end > start:
                    joined = joined_rows(layers[start:end], first, stop)
                    count_runs(joined, first, self.run_of_row, self.runs, into[number])

        self.by_bands(count, counts)
        areas: Floats = (counts * self.grid.pixel_m2).astype(np.float64)
        return areas

    def error_bound_m2(self, layers: Sequence[Layer]) -> Floats:
        """How far the covered area (k,) may be from the true one at most.

        0.75·h·p + 4h², h the resolution and p the length of the border of the covered squares of a zone. It
        is the worst case, a border that runs along the centres of squares; usual is `likely_error_m2`.
        """
        return self.errors_m2(layers)[0]

    def likely_error_m2(self, layers: Sequence[Layer]) -> Floats:
        """How far the covered area (k,) is from the true one, hardly ever more: three standard deviations.

        Where a border lies at random, each row it crosses is cut h²·√(1/12) too short or long, in the mean of
        squares; p/h rows of them add up to h·√(h·p/12).
        """
        return self.errors_m2(layers)[1]

    def errors_m2(self, layers: Sequence[Layer]) -> tuple[Floats, Floats]:
        """`error_bound_m2` and `likely_error_m2` from one count of the border."""
        res_m, pixel_m2, border_m = self.grid.res_m, self.grid.pixel_m2, self._border_m(layers)
        return 0.75 * res_m * border_m + 4 * pixel_m2, 3 * res_m * np.sqrt(res_m * border_m / 12) + pixel_m2

    def squares(self) -> Layer:
        """The squares of all zones."""
        layer = self.grid.empty()
        set_runs(layer, self.run_of_row, self.runs)
        return layer

    def _border_m(self, layers: Sequence[Layer]) -> Floats:
        """Length (k,) of the border of the covered squares of each zone."""
        sides = np.zeros(len(self), dtype=np.int64)
        # A row below the first: squares there are in no zone.
        run_of_row = np.concatenate([[0], self.run_of_row])

        def count(first: int, stop: int, into: Ints) -> None:
            words = np.zeros((stop - first + 1, self.grid.words), dtype=np.uint64)
            low = max(first - 1, 0)
            words[low - first + 1 :] = joined_rows(layers, low, stop)
            count_sides(words, first, run_of_row, self.runs, into)

        if layers:
            self.by_bands(count, sides)
        border: Floats = (2 * self.grid.res_m * sides).astype(np.float64)
        return border

    def by_bands(self, count: Callable[[int, int, Ints], None], total: Ints) -> None:
        """Call `count` for each band of rows, and add up what each thread counted."""
        found = []

        def some(start: int, stop: int) -> None:
            mine = np.zeros_like(total)
            for first in range(start, stop, _BAND_ROWS):
                count(first, min(first + _BAND_ROWS, stop), mine)
            found.append(mine)

        in_parts(some, self.grid.rows, 2 * THREADS)
        for part in found:
            total += part


def crossed_edges(shapes: Geometries) -> tuple[Floats, Ints]:
    """Edges (n, 4) of zones that rows can cross, so none that is level; and the number of each one's zone."""
    if not np.isin(shapely.get_type_id(shapely.get_parts(shapes)), (3,)).all():
        raise InvalidInput("Zones must be polygons.", pointer="zones")
    edges, owner = edges_of(shapes)
    level = edges[:, 1] == edges[:, 3]
    return np.ascontiguousarray(edges[~level]), owner[~level]


def _crossings(edges: Floats) -> tuple[Ints, tuple[Ints, Floats]]:
    """Where edges cross the middle of rows: row, and edge and column of each crossing.

    An edge counts at its lower end and not at its upper one, so that every row crosses a ring evenly.
    """
    low, high = np.ceil(edges[:, 1]).astype(np.int64), np.ceil(edges[:, 3]).astype(np.int64)
    edge = np.repeat(np.arange(len(edges)), high - low)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[edge]
    x1, y1, x2, y2 = edges.T
    slope = (x2 - x1) / (y2 - y1)
    return row, (edge, x1[edge] + (row - y1[edge]) * slope[edge])


def joined_rows(layers: Sequence[Layer], first: int, stop: int) -> Layer:
    """Rows of all layers together."""
    if len(layers) == 1:
        return layers[0][first:stop]
    joined = np.bitwise_or(layers[0][first:stop], layers[1][first:stop])
    for layer in layers[2:]:
        np.bitwise_or(joined, layer[first:stop], out=joined)
    return joined
