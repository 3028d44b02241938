"""A day's legs painted with one radius. Imports the kernels: import this where something is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.packing import pack, unpack
from gis.analysis.patrol.places import Places
from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.painter import paint_lines

RES_M = 2.0
_MM = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Painted:
    """A layer and the legs (n, 4) in metres, EPSG:4547, that paint it alone."""

    layer: Layer
    needed: Floats


def grid_of(places: Places) -> Grid:
    """The district's grid."""
    return Grid.around(places.bounds, RES_M)


def paint_legs(grid: Grid, legs: DayLegs, radius_m: float) -> Painted:
    """Paint a day; of legs that cover the same squares the first is needed, those off the grid are not."""
    layer, covering = grid.empty(), legs.covering
    is_needed = paint_lines(grid, covering, radius_m, layer)
    return Painted(layer, covering[is_needed])


def pack_legs(legs: Floats) -> bytes:
    """Legs in whole millimetres as bytes."""
    return pack({"ends_mm": np.rint(legs * _MM).astype(np.int64)})


def unpack_legs(packed: bytes) -> Floats:
    """Legs (n, 4) in metres from bytes."""
    metres: Floats = unpack(packed)["ends_mm"] / _MM
    return metres
