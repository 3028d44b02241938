"""Which lines matter: one that sets no bit of its own lies, but for a sliver, within the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.lines import Floats, lines_of, table
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


def fewest_lines(grid: Grid, lines: Floats, radius_m: float, within: Layer | None = None) -> Floats:
    """Lines (k, 4) that paint the grid, or the squares `within`, as all (n, 4) do, with few to spare.

    A third to a quarter of those that are needed in the order of time: the longest go first, which leaves
    most others nothing, and then, from the last to the first, those go that others cover.
    """
    lines = lines[np.argsort(-np.hypot(*(lines[:, 2:] - lines[:, :2]).T), kind="stable")]
    for _ in range(2):
        layer = grid.empty() if within is None else ~within
        lines = lines[paint_lines(grid, lines, radius_m, layer)][::-1]
    return lines
