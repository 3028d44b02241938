"""A day's legs painted with one radius. Imports the kernels: import this where something is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.packing import pack, unpack
from gis.analysis.patrol.places import Places
from gis.geometry.compiled import THREADS, in_parts
from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.painter import paint_lines
from gis.geometry.footprint.zones import joined_rows

RES_M = 2.0
_MM = 1000
_BAND_ROWS = 128
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Painted:
    """A layer and the legs (n, 4) in metres, EPSG:4547, that paint it alone.

    `key` tells what it was painted from; empty for one that was painted just now.
    """

    layer: Layer
    needed: Floats
    key: str = ""


def grid_of(places: Places) -> Grid:
    """The district's grid."""
    return Grid.around(places.bounds, RES_M)


def paint_legs(grid: Grid, legs: DayLegs, radius_m: float) -> Painted:
    """Paint a day, the longest legs first: they leave many others nothing, which are then not needed."""
    layer, lines = grid.empty(), legs.covering
    lines = lines[np.argsort(-np.hypot(*(lines[:, 2:] - lines[:, :2]).T), kind="stable")]
    is_needed = paint_lines(grid, lines, radius_m, layer)
    return Painted(layer, lines[is_needed])


def warm_up() -> None:
    """Have the kernels ready before somebody waits for a day: a second, five where compiled first."""
    grid = Grid.around((0.0, 0.0, 100.0, 100.0), RES_M)
    paint_lines(grid, np.array([[40.0, 40.0, 60.0, 60.0]]), 10.0, grid.empty())


def joined(grid: Grid, painted: Sequence[Painted]) -> Layer:
    """The layer of some days together."""
    if not painted:
        return grid.empty()
    layers, whole = [day.layer for day in painted], np.empty(grid.shape, dtype=np.uint64)

    def join(start: int, stop: int) -> None:
        for first in range(start, stop, _BAND_ROWS):
            last = min(first + _BAND_ROWS, stop)
            whole[first:last] = joined_rows(layers, first, last)

    in_parts(join, grid.rows, 2 * THREADS)
    return whole


def pack_legs(legs: Floats) -> bytes:
    """Legs in whole millimetres as bytes."""
    return pack({"ends_mm": np.rint(legs * _MM).astype(np.int64)})


def unpack_legs(packed: bytes) -> Floats:
    """Legs (n, 4) in metres from bytes."""
    metres: Floats = unpack(packed)["ends_mm"] / _MM
    return metres
