"""Figures of cells, communities and parcels for a period. Pure functions; imports the kernels.

Figures are arrays (k,) in the order of `Places`: cells, then parcels; a community's are sums over its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.patrol.effort import Visits, merged
from gis.analysis.patrol.legs import midnight_ms
from gis.analysis.patrol.loading import Material
from gis.analysis.patrol.painting import Painted
from gis.analysis.patrol.places import Places
from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.painter import paint_lines
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]
DAY_MS = 86_400_000


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
        return Area(*(_summed(one, group, count) for one in each))


@dataclass(frozen=True, slots=True)
class Revisits:
    """Visits (k,) of a period: how many, and the time from the end of one to the begin of the next, in days.

    `since` is the time from the last visit, also one before the period, to the moment asked; NaN where there
    is none, as are intervals of places with fewer than two visits.
    """

    visits: Ints
    p50: Floats
    p90: Floats
    longest: Floats
    since: Floats
    last_ms: Ints

    def cut(self, which: slice) -> Revisits:
        """Those of some places."""
        return Revisits(
            self.visits[which], self.p50[which], self.p90[which], self.longest[which], self.since[which],
            self.last_ms[which],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """Sums (k,) over the days: on foot, in a vehicle, check points and those of them that were visited."""

    minutes: Floats
    metres: Floats
    vehicle_m: Floats
    check_points: Ints
    visited: Ints

    def cut(self, which: slice) -> Work:
        """Those of some places."""
        return Work(*(each[which] for each in self._columns()))

    def summed(self, group: Ints, count: int) -> Work:
        """Sums by group (k,), -1 for none."""
        sums = [_summed(each, group, count) for each in self._columns()]
        return Work(sums[0], sums[1], sums[2], sums[3].astype(np.int64), sums[4].astype(np.int64))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.minutes, self.metres, self.vehicle_m, self.check_points, self.visited


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures (k,) of some places."""

    area: Area
    work: Work
    visits: Revisits


def cell_areas(places: Places, painted: Sequence[Painted]) -> Area:
    """Areas of the cells, from squares; each is scaled to the cell's own area, so that shares end at 1."""
    zones, layers = places.zones, [day.layer for day in painted]
    windows = [(0, len(layers)), *((n, n + 1) for n in range(len(layers)))]
    series = zones.series(layers, windows)
    whole = places.area_m2[: len(places.cells)]
    squares = zones.pixels * zones.grid.pixel_m2
    scale = np.divide(whole, squares, out=np.zeros(len(whole)), where=squares > 0)
    return Area(
        whole,
        series[0] * scale,
        series[1:].sum(axis=0) * scale,
        zones.error_bound_m2(layers),
        zones.likely_error_m2(layers),
    )


def parcel_areas(places: Places, painted: Sequence[Painted], radius_m: float) -> Area:
    """Areas of the parcels: by the exact scanline where part of one is covered; squares err by 2 points.

    A parcel is wholly covered, or not at all, where so are all squares of it and of 3 m round it. Rows of
    0.25 m and what is left out of the legs err by 0.1 points at most. Repeats are counted in squares.
    """
    polygons, whole = places.polygons[len(places.cells) :], places.area_m2[len(places.cells) :]
    covered, repeated, bound = np.zeros(len(whole)), np.zeros(len(whole)), np.zeros(len(whole))
    if len(whole) and painted:
        layers = [day.layer for day in painted]
        grown = places.parcel_zones
        squares = grown.series(layers, [(n, n + 1) for n in range(len(layers))]).sum(axis=0)
        repeated = squares / np.maximum(grown.pixels * grown.grid.pixel_m2, 1) * whole
        share = grown.covered_m2(layers) / np.maximum(grown.pixels * grown.grid.pixel_m2, 1)
        covered = np.where(share >= 1, whole, 0.0)
        partly = np.flatnonzero((share > 0) & (share < 1))
        lines = _needed_near(polygons[partly], painted, radius_m, places.zones.grid)
        covered[partly] = covered_exact_m2(polygons[partly], lines, np.empty((0, 2)), radius_m)
        bound[partly] = 0.001 * whole[partly]
    return Area(whole, np.clip(covered, 0.0, whole), repeated, bound, bound)


def _needed_near(polygons: Geometries, painted: Sequence[Painted], radius_m: float, grid: Grid) -> Floats:
    """Of all days' legs those that reach some polygons and are needed to paint them."""
    lines = np.concatenate([day.needed for day in painted])
    if not len(polygons):
        return lines[:0]
    west, south, east, north = shapely.bounds(polygons).T
    boxes = shapely.box(west - radius_m, south - radius_m, east + radius_m, north + radius_m)
    tree = shapely.STRtree(boxes)
    near = np.unique(tree.query(shapely.linestrings(lines.reshape(-1, 2, 2)))[0])
    reaching = lines[near]
    needed: Floats = reaching[paint_lines(grid, reaching, radius_m, grid.empty())]
    return needed


def daily_shares(zones: Zones, painted: Sequence[Painted], windows: Sequence[tuple[int, int]]) -> Floats:
    """Share (windows, k) of each zone covered in the layers of each window (start, stop)."""
    counts = zones.series([day.layer for day in painted], windows) / zones.grid.pixel_m2
    shares: Floats = np.divide(counts, zones.pixels, out=np.zeros(counts.shape), where=zones.pixels > 0)
    return shares


def work(material: Material) -> Work:
    """Sums of effort over the period's days, and check points."""
    places, efforts = material.places, [day.effort for day in material.days if day.effort is not None]
    zero = np.zeros(len(places))
    visited_ids = np.unique(np.concatenate([e.check_points for e in efforts])) if efforts else np.empty(0)
    is_visited = np.isin(places.check_points[:, 0], visited_ids)
    return Work(
        sum((e.minutes for e in efforts), zero),
        sum((e.metres for e in efforts), zero),
        sum((e.vehicle_m for e in efforts), zero),
        _at_places(places, np.ones(len(is_visited), dtype=bool)),
        _at_places(places, is_visited),
    )


def visits_of(material: Material) -> tuple[Visits, Visits]:
    """Visits of the period, and those of the days before it."""
    now = [(day.on_day, day.effort.visits) for day in material.days if day.effort is not None]
    before = [(day, effort.visits) for day, effort in material.earlier]
    return _dated(now), _dated(before)


def revisits(visits: Visits, before: Visits, count: int, until_ms: int) -> Revisits:
    """Count visits of `count` places; what began after `until_ms` is left out."""
    past = visits.begin_ms <= until_ms
    found = merged(Visits(visits.place[past], visits.begin_ms[past], visits.end_ms[past]))
    again = found.place[1:] == found.place[:-1]
    place = found.place[1:][again]
    days = (found.begin_ms[1:] - found.end_ms[:-1])[again] / DAY_MS
    last = np.full(count, -1, dtype=np.int64)
    for some in (before, found):
        np.maximum.at(last, some.place, np.minimum(some.end_ms, until_ms))
    since = np.where(last >= 0, (until_ms - last) / DAY_MS, np.nan)
    order = np.lexsort((days, place))
    place, days = place[order], days[order]
    return Revisits(
        np.bincount(found.place, minlength=count),
        _quantile(place, days, count, 0.5),
        _quantile(place, days, count, 0.9),
        _quantile(place, days, count, 1.0),
        since,
        last,
    )


def sampling_s(material: Material) -> float | None:
    """Median seconds between the fixes of a leg; None where no track has times of its own."""
    counts = sum(
        (day.effort.seconds for day in material.days if day.effort is not None), np.zeros(1, np.int64)
    )
    total = int(np.sum(counts))
    if not total:
        return None
    return float(np.searchsorted(np.cumsum(counts), (total + 1) // 2))


def _summed(each: NDArray[Any], group: Ints, count: int) -> Floats:
    has = group >= 0
    return np.bincount(group[has], weights=each[has], minlength=count).astype(np.float64)


def _at_places(places: Places, which: NDArray[np.bool_]) -> Ints:
    """How many of the check points lie in each place."""
    found = np.zeros(len(places), dtype=np.int64)
    for column in (1, 2):
        number = places.check_points[which, column]
        found += np.bincount(number[number >= 0], minlength=len(places))
    return found


def _dated(days: Sequence[tuple[object, Visits]]) -> Visits:
    none = np.empty(0, dtype=np.int64)
    if not days:
        return Visits(none, none, none)
    starts = [midnight_ms(day) for day, _ in days]  # type: ignore[arg-type]
    return Visits(
        np.concatenate([visits.place for _, visits in days]),
        np.concatenate([visits.begin_ms + start for start, (_, visits) in zip(starts, days, strict=True)]),
        np.concatenate([visits.end_ms + start for start, (_, visits) in zip(starts, days, strict=True)]),
    )


def _quantile(place: Ints, days: Floats, count: int, share: float) -> Floats:
    """The smallest value that `share` of a place's values do not exceed; rows are by place and value."""
    each = np.bincount(place, minlength=count)
    first = np.cumsum(each) - each
    at = first + np.maximum(np.ceil(share * each), 1).astype(np.int64) - 1
    found = np.full(count, np.nan)
    has = each > 0
    found[has] = days[at[has]]
    return found
