"""A day's legs painted with one radius. Imports the kernels: import this where something is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.packing import pack, unpack
from gis.analysis.patrol.places import Places
from gis.geometry.compiled import THREADS, in_parts
from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.needed import needed_lines
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.zones import joined_rows

RES_M = 2.0
_MM = 1000
_BAND_ROWS = 128
SQUARES_M = (16.0, RES_M)
"""Sides of the squares in which legs are told to be needed, coarse ones first."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Painted:
    """A layer and the legs (n, 4) in metres, EPSG:4547, that cover alone all that the day's cover.

    `key` tells what it was painted from; empty for one that was painted just now.
    """

    layer: Layer
    needed: Floats
    key: str = ""


def grid_of(places: Places) -> Grid:
    """The district's grid."""
    return Grid.around(places.bounds, RES_M)


def paint_legs(grid: Grid, legs: DayLegs, radius_m: float) -> Painted:
    """Paint a day, and tell which legs matter."""
    return _painted(grid, legs.covering, radius_m)


def warm_up() -> None:
    """Have the kernels ready before somebody waits for a day: a second, five where compiled first."""
    grid = Grid.around((0.0, 0.0, 100.0, 100.0), RES_M)
    _painted(grid, np.array([[40.0, 40.0, 60.0, 60.0]]), 10.0)


def _painted(grid: Grid, lines: Floats, radius_m: float) -> Painted:
    everywhere = np.array([shapely.box(*grid.bounds)], dtype=object)
    layer = paint(grid, lines, np.empty((0, 2)), radius_m)
    return Painted(layer, needed_lines(everywhere, lines, radius_m, SQUARES_M))


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
