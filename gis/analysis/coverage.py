"""Patrol coverage: which share of a zone lies within R metres of where somebody went. Pure functions.

Definition (docs/coverage.md). A *fix* is a recorded position, a *leg* the straight line between two
consecutive fixes of one track that are at most `MAX_LEG_M` apart. A place is covered if it lies within
R metres of some leg, or of a fix that has no leg. share(zone) = area(zone ∩ covered) / area(zone).

Everything is in metres, EPSG:4547, easting before northing. Areas are those of polygons: each round end
is drawn with `quad_segs` chords to the quarter circle *inside* the true circle. The drawn shape contains
the true one of radius R·cos(π/(4·quad_segs)), so a share is never too large, and the border of the
covered area is nowhere more than `discretisation_m` too far in (0.06 m at R = 50 m with 16 chords).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geometry.tracks import MAX_GAP_M

MAX_LEG_M = MAX_GAP_M
"""Two consecutive fixes farther apart than this are not joined, whoever recorded them."""

QUAD_SEGS = 16

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Geometries = NDArray[np.object_]
Progress = Callable[[int, int], None]

# Legs drawn at a time; below that, looking for legs to leave out costs more than drawing them.
_AT_ONCE = 48


@dataclass(frozen=True, slots=True)
class CoverageShares:
    """Coverage of each zone; arrays of shape (k,) in the order of the zones.

    `share` is 0..1; a zone without area has share 0.
    """

    zone_area_m2: Floats
    covered_m2: Floats
    share: Floats


def discretisation_m(radius_m: float, quad_segs: int = QUAD_SEGS) -> float:
    """How far, at most, the drawn border lies inside the true one: R(1 - cos(π/(4·quad_segs))), metres."""
    return radius_m * (1.0 - cos(pi / (4 * quad_segs)))


def measure_coverage(
    zones: Sequence[BaseGeometry] | Geometries,
    legs: ArrayLike,
    points: ArrayLike,
    radius_m: float,
    *,
    quad_segs: int = QUAD_SEGS,
    progress: Progress | None = None,
) -> CoverageShares:
    """Measure the share of each zone within a radius of legs and lone fixes.

    Neither order, direction nor repetition of legs and points changes the result by a bit.

    Parameters
    ----------
    zones : (k,) polygons or multipolygons, EPSG:4547
    legs : (n, 4) array of x1, y1, x2, y2 in metres, EPSG:4547
    points : (m, 2) array of x, y in metres, EPSG:4547
    radius_m : > 0
    quad_segs : chords to a quarter circle, see the module's text
    progress : called with (zones done, zones in all); what it raises ends the work

    Raises
    ------
    InvalidInput
        Legs or points of a wrong shape or not finite, radius or quad_segs not positive.
    """
    swept = _Swept(legs, points, radius_m, quad_segs)
    areas = np.asarray(shapely.area(np.asarray(zones, dtype=object)), dtype=np.float64)
    gaps = np.zeros(len(areas))
    for number, zone in enumerate(zones):
        gaps[number] = shapely.area(swept.gap(zone))
        if progress:
            progress(number + 1, len(areas))
    covered = np.clip(areas - gaps, 0.0, areas)
    share = np.divide(covered, areas, out=np.zeros_like(areas), where=areas > 0)
    return CoverageShares(areas, covered, share)


def uncovered(
    zones: Sequence[BaseGeometry] | Geometries,
    legs: ArrayLike,
    points: ArrayLike,
    radius_m: float,
    *,
    quad_segs: int = QUAD_SEGS,
) -> Geometries:
    """The part of each zone that is not covered: (k,) polygons or multipolygons, empty if none is left.

    Parameters and errors are those of `measure_coverage`; the areas of both add up to the zone.
    """
    swept = _Swept(legs, points, radius_m, quad_segs)
    gaps = np.empty(len(zones), dtype=object)
    for number, zone in enumerate(zones):
        gaps[number] = swept.gap(zone)
    return gaps


def legs_from_tracks(
    tracks: Sequence[BaseGeometry] | Geometries, *, max_leg_m: float = MAX_LEG_M
) -> tuple[Floats, Floats]:
    """Take lines, already broken at gaps in time, apart into legs.

    Parameters
    ----------
    tracks : (n,) LineStrings or MultiLineStrings in metres, EPSG:4547

    Returns
    -------
    tuple of arrays
        Legs of shape (k, 4), none longer than `max_leg_m`; and of shape (m, 2) the lone fixes: vertices
        without a leg on either side, and those of legs without length.
    """
    lines = shapely.get_parts(np.asarray(tracks, dtype=object))
    xy, line_of = shapely.get_coordinates(lines, return_index=True)
    if len(xy) < 2:
        return np.empty((0, 4)), xy
    length = np.hypot(*(xy[1:] - xy[:-1]).T)
    is_leg = (line_of[1:] == line_of[:-1]) & (length > 0) & (length <= max_leg_m)
    has_leg = np.zeros(len(xy), dtype=bool)
    has_leg[:-1] |= is_leg
    has_leg[1:] |= is_leg
    return np.column_stack([xy[:-1], xy[1:]])[is_leg], xy[~has_leg]


class _Swept:
    """Everything within the radius of legs and points; a point is kept as a leg without length."""

    def __init__(self, legs: ArrayLike, points: ArrayLike, radius_m: float, quad_segs: int) -> None:
        if not (np.isfinite(radius_m) and radius_m > 0):
            raise InvalidInput("The radius must be a positive number of metres.", pointer="radius_m")
        if quad_segs < 1:
            raise InvalidInput("A quarter circle needs at least one chord.", pointer="quad_segs")
        self._radius_m, self._quad_segs = float(radius_m), int(quad_segs)
        # What lies within this of one leg lies wholly inside that leg's drawn polygon.
        self._inner_m = self._radius_m - discretisation_m(self._radius_m, self._quad_segs)
        self._lines = _distinct_lines(_table(legs, 4, "legs"), _table(points, 2, "points"))
        self._tree = shapely.STRtree(self._lines)

    def gap(self, zone: BaseGeometry) -> BaseGeometry:
        """The zone without what is covered.

        Legs are taken away a sample at a time, spread over the zone, and each time only those are kept
        that still reach what is left. That leaves out no leg that matters: where many walked the same
        street, most lie between the outermost ones.
        """
        if zone.is_empty or not len(self._lines) or self._lies_in_one(zone):
            return shapely.Polygon() if len(self._lines) else zone
        reaching = np.sort(self._tree.query(zone, predicate="dwithin", distance=self._radius_m))
        gap = zone
        while reaching.size:
            step = max(1, min(reaching.size // _AT_ONCE, 8))
            gap = shapely.difference(gap, shapely.union_all(self._drawn(reaching[::step])))
            if step == 1 or gap.is_empty:
                break
            reaching = np.delete(reaching, np.s_[::step])
            shapely.prepare(gap)
            reaching = reaching[shapely.dwithin(gap, self._lines[reaching], self._radius_m)]
        return gap

    def _drawn(self, which: Indices) -> Geometries:
        drawn: Geometries = shapely.buffer(self._lines[which], self._radius_m, quad_segs=self._quad_segs)
        return drawn

    def _lies_in_one(self, zone: BaseGeometry) -> bool:
        """Whether the leg nearest to the zone's middle covers all of it: usual where the radius is large."""
        nearest = self._lines[self._tree.nearest(shapely.centroid(zone))]
        corners = shapely.points(shapely.get_coordinates(shapely.convex_hull(zone)))
        return bool(np.all(shapely.distance(corners, nearest) <= self._inner_m))


def _table(values: ArrayLike, columns: int, name: str) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.size == 0:
        return np.empty((0, columns))
    if table.ndim != 2 or table.shape[1] != columns:
        raise InvalidInput(f"{name} must be an array of {columns} columns.", pointer=name)
    if not np.isfinite(table).all():
        raise InvalidInput(f"{name} must be finite numbers.", pointer=name)
    return table


def _distinct_lines(legs: Floats, points: Floats) -> Geometries:
    """Legs and lone points as geometries, each once, in an order that does not depend on theirs.

    A point at the end of a leg adds nothing and is left out.
    """
    begin, end = legs[:, :2], legs[:, 2:]
    turned = (begin[:, 0] > end[:, 0]) | ((begin[:, 0] == end[:, 0]) & (begin[:, 1] > end[:, 1]))
    legs = _distinct(np.where(turned[:, None], np.column_stack([end, begin]), legs))
    still = (legs[:, :2] == legs[:, 2:]).all(axis=1)
    points = _distinct(np.concatenate([points, legs[still, :2]]))
    legs = legs[~still]
    ends = legs.reshape(-1, 2)
    lone = ~np.isin(points[:, 0] + 1j * points[:, 1], ends[:, 0] + 1j * ends[:, 1])
    return np.concatenate([shapely.linestrings(legs.reshape(-1, 2, 2)), shapely.points(points[lone])])


def _distinct(rows: Floats) -> Floats:
    """The different rows, in ascending order."""
    rows = rows[np.lexsort(rows.T[::-1])]
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    distinct: Floats = rows[is_new]
    return distinct
