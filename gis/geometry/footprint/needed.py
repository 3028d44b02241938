"""Which lines matter: others lie within them together, not but for a sliver.

Any place lies within h/√2 of the centre of its square of side h. Where a line reaches R + h/√2 and finds all
centres within R − h/√2 of others, everything within R of it lies within R of those. Circles as polygons with
chords lie inside the true ones, so a little less than R is taken there: what is drawn loses nothing either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry.compiled import in_parts
from gis.geometry.footprint.grid import Grid, Layer
from gis.geometry.footprint.kernels import keep_rows
from gis.geometry.footprint.lines import Floats, checked_radius, distinct_lines
from gis.geometry.footprint.zones import Zones

Geometries = NDArray[np.object_]

SQUARES_M = (16.0, 2.0, 2.0)
QUAD_SEGS = 16
"""Chords to the quarter circle that drawings have at least."""

_BANDS, _FEW, _AT_ONCE = 4, 1000, 1 << 18
_TO_CENTRE = math.sqrt(0.5) + 1e-6  # of a square's side; coordinates are rounded
_DRAWN = math.cos(math.pi / (4 * QUAD_SEGS))


def needed_lines(
    shapes: Geometries, lines: Floats, radius_m: float, squares_m: Sequence[float] = SQUARES_M
) -> Floats:
    """Lines (k, 4) that cover of polygons, EPSG:4547, all that all (n, 4) cover, with few to spare.

    For each size in `squares_m` those are left out that others before them cover: as they come, then the
    longest first, then the shortest first. Large squares leave out much in little time, small ones more.
    Raises InvalidInput for a radius that is not positive.
    """
    if shapely.is_empty(shapes).all():
        return lines[:0]
    for turn, res_m in enumerate(squares_m):
        about = shapely.buffer(shapes, res_m, join_style="mitre")
        grid = Grid.around(shapely.total_bounds(about).tolist(), res_m)
        outside = ~Zones.prepare(grid, about).squares()
        if turn:
            lines = _by_length(lines)[:: -1 if turn > 1 else 1]
        lines = lines[_kept(grid, lines, radius_m, outside)]
    return distinct_lines(lines)


def _by_length(lines: Floats) -> Floats:
    """The longest first."""
    found: Floats = lines[np.argsort(-np.hypot(*(lines[:, 2:] - lines[:, :2]).T), kind="stable")]
    return found


def _kept(grid: Grid, lines: Floats, radius_m: float, layer: Layer) -> NDArray[np.bool_]:
    """Which lines are not covered by those before them and what is set in the layer, which is changed."""
    is_kept = np.zeros(len(lines), dtype=np.bool_)
    radius = checked_radius(radius_m) / grid.res_m
    reach = radius + _TO_CENTRE, radius * _DRAWN - _TO_CENTRE
    for first in range(0, len(lines), _AT_ONCE):
        some = grid.in_pixels(lines[first : first + _AT_ONCE])
        kept = is_kept[first : first + _AT_ONCE]

        def rows(start: int, stop: int, some: Floats = some, kept: NDArray[np.bool_] = kept) -> None:
            keep_rows(layer, grid.columns, some, reach, (start, stop), kept)

        in_parts(rows, grid.rows, _BANDS if len(some) > _FEW else 1)
    return is_kept
