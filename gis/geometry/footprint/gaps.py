"""What of a zone is not covered, as polygons.

Of the lines that reach a zone only those are drawn that are needed on a grid about it: five of a hundred
where many walked the same streets. What is left out lies within the others, but for
slivers less than a square wide.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.lines import Floats, checked_radius, distinct_lines, lines_of
from gis.geometry.footprint.painter import paint_lines

QUAD_SEGS = 16
_RES_M = 2.0

Geometries = NDArray[np.object_]


class Swept:
    """Everything within the radius of legs and points, asked for what of a zone lies outside.

    Raises InvalidInput as `paint` does.
    """

    def __init__(
        self, legs: ArrayLike, points: ArrayLike, radius_m: float, *, quad_segs: int = QUAD_SEGS
    ) -> None:
        self._lines = distinct_lines(lines_of(legs, points))
        self._radius_m, self._quad_segs = checked_radius(radius_m), quad_segs
        self._tree = shapely.STRtree(_as_geometries(self._lines))

    def gap(self, zone: BaseGeometry, *, res_m: float = _RES_M) -> BaseGeometry:
        """The part of a zone (EPSG:4547) that is not covered: one or more polygons, or empty.

        Circles are drawn with `quad_segs` chords to the quarter, inside the true ones.
        """
        if zone.is_empty or not len(self._lines):
            return zone
        grid = Grid.around(zone.buffer(res_m).bounds, res_m)
        reaching = self._lines[np.sort(self._tree.query(zone, predicate="dwithin", distance=self._radius_m))]
        needed = reaching[paint_lines(grid, reaching, self._radius_m, grid.empty())]
        drawn = shapely.buffer(_as_geometries(needed), self._radius_m, quad_segs=self._quad_segs)
        return shapely.difference(zone, shapely.union_all(drawn))


def _as_geometries(lines: Floats) -> Geometries:
    """Lines as LineStrings, those without length as Points."""
    geometries = np.asarray(shapely.linestrings(lines.reshape(-1, 2, 2)), dtype=object)
    still = (lines[:, :2] == lines[:, 2:]).all(axis=1)
    geometries[still] = shapely.points(lines[still, :2])
    return geometries
