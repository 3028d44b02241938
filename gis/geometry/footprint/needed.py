"""Which legs matter: one that sets no bit of its own lies, but for a sliver, within the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.lines import lines_of, table
from gis.geometry.footprint.painter import paint_lines

Bools = NDArray[np.bool_]


def needed_legs(grid: Grid, legs: ArrayLike, points: ArrayLike, radius_m: float) -> tuple[Bools, Bools]:
    """Masks (n,) of legs and (m,) of points that paint the grid alone as all do together, bit for bit.

    Of lines that cover the same squares the first is needed, so masks depend on the order; the layer does
    not. Legs beyond the grid's reach are not needed. Raises InvalidInput as `paint` does.
    """
    is_needed = paint_lines(grid, lines_of(legs, points), radius_m, grid.empty())
    count = len(table(legs, 4, "legs"))
    return is_needed[:count], is_needed[count:]
