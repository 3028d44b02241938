"""Figures of cells, communities and parcels for a period. Pure functions; imports the kernels.

Figures are arrays (k,) in the order of `Places`: cells, then parcels; a community's are sums over its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.patrol.effort import Visits, merged
from gis.analysis.patrol.legs import midnight_ms
from gis.analysis.patrol.loading import Material
from gis.analysis.patrol.painting import Painted
from gis.analysis.patrol.places import Places
from gis.geometry.footprint.painter import paint_lines
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Area:
    """Areas (k,) in m²: of the place, covered, covered with each day's counted again, and how far off at most."""

    whole: Floats
    covered: Floats
    repeated: Floats
    bound: Floats

    @property
    def share(self) -> Floats:
        """Covered part, 0 to 1; 0 for a place without area."""
        return np.divide(self.covered, self.whole, out=np.zeros(len(self.whole)), where=self.whole > 0)

    def summed(self, group: Ints, count: int) -> Area:
        """Sums by group (k,), -1 for none."""
        return Area(*(_summed(each, group, count) for each in (self.whole, self.covered, self.repeated, self.bound)))


@dataclass(frozen=True, slots=True)
class Revisits:
    """Visits (k,) of a period: how many, and the time from the end of one to the begin of the next, in days.

    `since` is the time from the last visit, also one before the period, to the moment asked; NaN where there is
    none, as are intervals of places with fewer than two visits.
    """

    visits: Ints
    p50: Floats
    p90: Floats
    longest: Floats
    since: Floats
    last_ms: Ints


@dataclass(frozen=True, slots=True)
class Work:
    """Sums (k,) over the days: minutes and metres on foot, metres in a vehicle, check points there and visited."""

    minutes: Floats
    metres: Floats
    vehicle_m: Floats
    check_points: Ints
    visited: Ints


def cell_areas(places: Places, grid_zones: Zones, painted: Sequence[Painted]) -> Area:
    """Areas of the cells, from squares; each is scaled to the cell's own area, so that shares end at 1."""
    layers = [day.layer for day in painted]
    windows = [(0, len(layers)), *((n, n + 1) for n in range(len(layers)))]
    series = grid_zones.series(layers, windows)
    whole = places.area_m2[: len(places.cells)]
    squares = grid_zones.pixels * grid_zones.grid.pixel_m2
    scale = np.divide(whole, squares, out=np.zeros(len(whole)), where=squares > 0)
    return Area(
        whole, series[0] * scale, series[1:].sum(axis=0) * scale, grid_zones.error_bound_m2(layers)
    )


def parcel_areas(places: Places, grid_zones: Zones, painted: Sequence[Painted], radius_m: float) -> Area:
    """Areas of the parcels by the exact scanline: squares of 2 m tell those of a parcel wrong by up to 2 points.

    What is left out of the legs, and rows of 0.25 m, err by 0.1 points at most (docs/coverage.md).
    """
    polygons, whole = places.polygons[len(places.cells) :], places.area_m2[len(places.cells) :]
    none = np.empty((0, 2))
    covered, repeated = np.zeros(len(whole)), np.zeros(len(whole))
    if len(whole) and painted:
        lines = np.concatenate([day.needed for day in painted])
        needed = lines[paint_lines(grid_zones.grid, lines, radius_m, grid_zones.grid.empty())]
        covered = covered_exact_m2(polygons, needed, none, radius_m)
        for day in painted:
            repeated += covered_exact_m2(polygons, day.needed, none, radius_m)
    return Area(whole, np.clip(covered, 0.0, whole), repeated, 0.001 * whole)


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
        *(_quantile(place, days, count, share) for share in (0.5, 0.9, 1.0)),
        since,
        last,
    )


def sampling_s(material: Material) -> float | None:
    """Median seconds between consecutive fixes of a leg; None where no track of the period has times of its own."""
    counts = sum((day.effort.seconds for day in material.days if day.effort is not None), np.zeros(1, np.int64))
    total = int(np.sum(counts))
    if not total:
        return None
    return float(np.searchsorted(np.cumsum(counts), (total + 1) // 2))


def _summed(each: Floats, group: Ints, count: int) -> Floats:
    has = group >= 0
    return np.bincount(group[has], weights=each[has], minlength=count)


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
