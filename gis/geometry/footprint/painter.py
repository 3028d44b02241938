"""Paint legs and points into a layer: a square is covered if its centre lies within the radius.

Each row of a capsule is one interval, so each row costs a few words, whatever the radius. Neither order,
direction nor repetition of legs changes a bit, and painting in parts changes none either.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from gis.geometry.compiled import in_parts
from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.kernels import paint_rows
from gis.geometry.footprint.lines import Floats, checked_radius, lines_of

_BANDS, _FEW, _AT_ONCE = 8, 1000, 1 << 18


def paint(
    grid: Grid, legs: ArrayLike, points: ArrayLike, radius_m: float, into: Layer | None = None
) -> Layer:
    """The layer of all squares within `radius_m` of legs (n, 4) or points (m, 2), metres in EPSG:4547.

    Painted over `into`, which is changed, where it is given. The first call on a machine compiles for some
    three seconds.

    Raises
    ------
    InvalidInput
        Legs or points of a wrong shape or not finite, a radius that is not positive, a layer of another grid.
    """
    layer, lines = grid.empty() if into is None else grid.check(into), lines_of(legs, points)
    reach = checked_radius(radius_m) / grid.res_m
    for first in range(0, len(lines), _AT_ONCE):
        some = grid.in_pixels(lines[first : first + _AT_ONCE])

        def rows(start: int, stop: int, some: Floats = some) -> None:
            paint_rows(layer, grid.columns, some, reach, (start, stop))

        in_parts(rows, grid.rows, _BANDS if len(some) > _FEW else 1)
    return layer
