"""What of a zone is not covered, as polygons.

Of the lines that reach a zone only those are drawn that are needed on a grid about it, some four of a hundred
where many walked the same streets. What is left out lies within the others, but for slivers narrower than a
square.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.lines import Floats, checked_radius, distinct_lines, lines_of
from gis.geometry.footprint.needed import fewest_lines
from gis.geometry.footprint.zones import Zones

QUAD_SEGS = 16
_FINE, _COARSE_M, _FINE_M = 50, 1.0, 0.5

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

    def gap(self, zone: BaseGeometry) -> BaseGeometry:
        """The part of a zone (EPSG:4547) that is not covered: one or more polygons, or empty.

        Circles are drawn with `quad_segs` chords to the quarter, inside the true ones.
        """
        if zone.is_empty:
            return zone
        west, south, east, north = zone.bounds
        reach = self._radius_m
        around = shapely.box(west - reach, south - reach, east + reach, north + reach)
        needed = self._needed(zone, self._lines[np.sort(self._tree.query(around))])
        drawn = shapely.buffer(_as_geometries(needed), reach, quad_segs=self._quad_segs)
        return shapely.difference(zone, shapely.union_all(drawn))

    def _needed(self, zone: BaseGeometry, lines: Floats) -> Floats:
        """Few of the lines that cover the squares of the zone, and those beside it, as all do."""
        res_m = min(_COARSE_M, max(_FINE_M, self._radius_m / _FINE))
        grid = Grid.around(zone.bounds, res_m)
        return fewest_lines(grid, lines, self._radius_m, Zones.prepare(grid, [zone]).squares(around=1))


def _as_geometries(lines: Floats) -> Geometries:
    """Lines as LineStrings, those without length as Points."""
    geometries = np.asarray(shapely.linestrings(lines.reshape(-1, 2, 2)), dtype=object)
    still = (lines[:, :2] == lines[:, 2:]).all(axis=1)
    geometries[still] = shapely.points(lines[still, :2])
    return geometries
