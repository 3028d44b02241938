"""What of a zone is not covered, as polygons.

Of the lines that reach a zone only those are drawn that are needed in it, some few of a hundred where many
walked the same streets. Everything else lies within them, as drawn: see `needed`.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.geometry.footprint.lines import Floats, checked_radius, distinct_lines, lines_of
from gis.geometry.footprint.needed import QUAD_SEGS, needed_lines

_SQUARES_M = (2.0, 0.5, 0.5)

Geometries = NDArray[np.object_]


class Swept:
    """Everything within the radius of legs and points, asked for what of a zone lies outside.

    Raises InvalidInput as `paint` does.
    """

    def __init__(self, legs: ArrayLike, points: ArrayLike, radius_m: float) -> None:
        self._lines, self._radius_m = lines_of(legs, points), checked_radius(radius_m)
        x1, y1, x2, y2 = self._lines.T
        self._low = np.minimum(x1, x2), np.minimum(y1, y2)
        self._high = np.maximum(x1, x2), np.maximum(y1, y2)

    def gap(self, zone: BaseGeometry) -> BaseGeometry:
        """The part of a zone (EPSG:4547) that is not covered: one or more polygons, or empty.

        Circles are drawn with `QUAD_SEGS` chords to the quarter, inside the true ones.
        """
        if zone.is_empty:
            return zone
        needed = needed_lines(np.array([zone]), self._near(zone), self._radius_m, _SQUARES_M)
        drawn = shapely.buffer(_as_geometries(needed), self._radius_m, quad_segs=QUAD_SEGS)
        return shapely.difference(zone, shapely.union_all(drawn))

    def _near(self, zone: BaseGeometry) -> Floats:
        """The different lines whose box comes within the radius of the zone's."""
        west, south, east, north = zone.bounds
        reach = self._radius_m
        is_near = (self._low[0] <= east + reach) & (self._high[0] >= west - reach)
        is_near &= (self._low[1] <= north + reach) & (self._high[1] >= south - reach)
        return distinct_lines(self._lines[is_near])


def _as_geometries(lines: Floats) -> Geometries:
    """Lines as LineStrings, those without length as Points."""
    geometries = np.asarray(shapely.linestrings(lines.reshape(-1, 2, 2)), dtype=object)
    still = (lines[:, :2] == lines[:, 2:]).all(axis=1)
    geometries[still] = shapely.points(lines[still, :2])
    return geometries
