"""Covered areas of cells and parcels from day layers. Pure functions; imports the kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.analysis.memory import Kept
from gis.analysis.patrol.loading import Material
from gis.analysis.patrol.painting import Painted, joined
from gis.analysis.patrol.places import Places
from gis.geometry.footprint.measured import refined_m2
from gis.geometry.footprint.needed import needed_lines
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_day_m2: Kept[Floats] = Kept(400)
_BY_ROWS = 0.001  # of a place's area, that rows err by at most


@dataclass(frozen=True, slots=True)
class Area:
    """Areas (k,) in m²: the place's, covered, covered with repeats of other days.

    `bound` is how far off the covered area is at most, `likely` hardly ever more (three standard deviations).
    """

    whole: Floats
    covered: Floats
    repeated: Floats
    bound: Floats
    likely: Floats

    @property
    def share(self) -> Floats:
        """Covered part, 0 to 1; 0 for a place without area."""
        return np.divide(self.covered, self.whole, out=np.zeros(len(self.whole)), where=self.whole > 0)

    def summed(self, group: Ints, count: int) -> Area:
        """Sums by group (k,), -1 for none."""
        each = (self.whole, self.covered, self.repeated, self.bound, self.likely)
        return Area(*(summed(one, group, count) for one in each))


def cell_areas(places: Places, painted: Sequence[Painted], radius_m: float) -> Area:
    """Areas of the cells: from squares, by rows where those would likely be off by 0.1 points.

    What is counted in squares is scaled to the cell's own area, so that shares end at 1. Repeats are, and are
    never less than what is covered once.
    """
    zones, whole = places.zones, places.area_m2[: len(places.cells)]
    together, lines = joined(zones.grid, painted), _lines(painted)
    covered, by_rows = refined_m2(zones, together, lines, radius_m)
    bound, likely = (
        np.where(by_rows, np.minimum(error, _BY_ROWS * whole), error) for error in zones.errors_m2([together])
    )
    squares = zones.pixels * zones.grid.pixel_m2
    scale = np.divide(whole, squares, out=np.zeros(len(whole)), where=squares > 0)
    each_day = _by_day(zones, painted, ("cells", places.shape_version)).sum(axis=0) * scale
    return Area(whole, covered, np.maximum(each_day, covered), bound, likely)


def parcel_areas(places: Places, painted: Sequence[Painted], radius_m: float) -> Area:
    """Areas of the parcels: by the exact scanline where part of one is covered; squares err by 2 points.

    A parcel is wholly covered, or not at all, where so are all squares of it and of 3 m round it. Rows of
    0.25 m and what is left out of the legs err by 0.1 points at most. Repeats are counted in squares, and
    are never less than what is covered once.
    """
    polygons, whole = places.polygons[len(places.cells) :], places.area_m2[len(places.cells) :]
    if not len(whole) or not painted:
        none = np.zeros(len(whole))
        return Area(whole, none, none, none, none)
    grown = places.grown_parcel_zones
    squares = np.maximum(grown.pixels * grown.grid.pixel_m2, grown.grid.pixel_m2)
    share = grown.covered_m2([joined(grown.grid, painted)]) / squares
    covered, bound = np.where(share >= 1, whole, 0.0), np.zeros(len(whole))
    partly = np.flatnonzero((share > 0) & (share < 1))
    needed = needed_lines(polygons[partly], _lines(painted), radius_m)
    covered[partly] = covered_exact_m2(polygons[partly], needed, np.empty((0, 2)), radius_m)
    bound[partly] = _BY_ROWS * whole[partly]
    covered = np.clip(covered, 0.0, whole)
    each_day = _by_day(places.parcel_zones, painted, ("parcels", places.shape_version)).sum(axis=0)
    return Area(whole, covered, np.maximum(each_day, covered), bound, bound)


def _lines(painted: Sequence[Painted]) -> Floats:
    """Needed legs of all days."""
    return np.concatenate([np.empty((0, 4)), *(day.needed for day in painted)])


def _by_day(zones: Zones, painted: Sequence[Painted], what: tuple[str, str]) -> Floats:
    """Area (days, k) covered on each day; those of kept layers are counted once."""

    def count(days: list[int]) -> dict[int, Floats]:
        return {day: zones.covered_m2([painted[day].layer]) for day in days}

    keys = {day: (one.key, *what) if one.key else object() for day, one in enumerate(painted)}
    found = _day_m2.all(keys, count)
    return np.array([found[day] for day in range(len(painted))]).reshape(len(painted), len(zones))


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares by time: (windows, cells) and (windows, communities)."""

    of_cells: Floats
    of_communities: Floats


def shares_over_time(material: Material, windows: Sequence[tuple[date, date]]) -> Shares:
    """Share covered in each window of days, from the first day on to before the second."""
    places = material.places
    days = [day for day in material.days if day.painted is not None]
    painted = [day.painted for day in days if day.painted is not None]
    spans = [
        (sum(day.on_day < first for day in days), sum(day.on_day < stop for day in days))
        for first, stop in windows
    ]
    zones = places.zones
    if all(stop - start <= 1 for start, stop in spans):
        each = _by_day(zones, painted, ("cells", places.shape_version))
        found = np.array([each[a:b].sum(axis=0) for a, b in spans]).reshape(len(spans), len(zones))
    else:
        found = zones.series([day.layer for day in painted], spans)
    share = np.divide(
        found / zones.grid.pixel_m2, zones.pixels, out=np.zeros(found.shape), where=zones.pixels > 0
    )
    covered, whole = share * places.area_m2[: len(zones)], places.area_m2[: len(zones)]
    group, count = places.community_of[: len(zones)], len(places.communities)
    area = summed(whole, group, count)
    of_communities = np.array([summed(row, group, count) / area for row in covered])
    return Shares(share, of_communities.reshape(len(spans), count))


def summed(each: NDArray[Any], group: Ints, count: int) -> Floats:
    """Sums (count,) of values (k,) by group (k,), -1 for none."""
    has = group >= 0
    return np.bincount(group[has], weights=each[has], minlength=count).astype(np.float64)
