"""Figures of cells, communities and parcels for a period. Pure functions.

Figures are arrays (k,) in the order of `Places`: cells, then parcels; a community's are sums over its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.analysis.patrol.areas import Area, summed
from gis.analysis.patrol.effort import Visits, merged
from gis.analysis.patrol.legs import midnight_ms
from gis.analysis.patrol.loading import Material
from gis.analysis.patrol.places import Places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY_MS = 86_400_000


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
        sums = [summed(each, group, count) for each in self._columns()]
        return Work(sums[0], sums[1], sums[2], sums[3].astype(np.int64), sums[4].astype(np.int64))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.minutes, self.metres, self.vehicle_m, self.check_points, self.visited


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures (k,) of some places."""

    area: Area
    work: Work
    visits: Revisits


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
