"""What a day's walking gave each cell and parcel: minutes, metres, visits, check points. Pure functions.

A leg is cut into pieces of at most 10 m; each belongs to the place that holds its middle, so cells add up
to their community. A *visit* is a maximal run of pieces on foot and of points in a place without a pause of
more than 30 minutes, whoever walked them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.patrol.legs import DayLegs, Kind
from gis.analysis.patrol.packing import pack, unpack
from gis.analysis.patrol.places import Places

PAUSE_MS = 30 * 60_000
PIECE_M = 10.0
SLOWEST_S = 300

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits (n,) of places: number of the place, begin and end in milliseconds since 1970."""

    place: Ints
    begin_ms: Ints
    end_ms: Ints

    def of(self, other: Ints) -> Visits:
        """The same visits of other places, `other[place]`; left out where that is -1."""
        place = other[self.place]
        has = place >= 0
        return Visits(place[has], self.begin_ms[has], self.end_ms[has])


@dataclass(frozen=True, slots=True)
class DayEffort:
    """Figures of one day; arrays (k,) in the order of `Places`: cells, then parcels.

    Attributes
    ----------
    minutes, metres : on foot, without what a second device of the same person recorded too.
    vehicle_m : metres faster than 25 km/h.
    visits : begin and end counted from the day's midnight.
    check_points : ids of those visited.
    seconds : (301,) how many legs took 0, 1, ... 300 s and more, of those whose fixes have times.
    """

    minutes: Floats
    metres: Floats
    vehicle_m: Floats
    visits: Visits
    check_points: Ints
    seconds: Ints

    def packed(self) -> bytes:
        """As bytes for the database."""
        return pack(
            {
                "minutes": self.minutes,
                "metres": self.metres,
                "vehicle_m": self.vehicle_m,
                "place": self.visits.place.astype(np.int32),
                "begin_ms": self.visits.begin_ms.astype(np.int32),
                "end_ms": self.visits.end_ms.astype(np.int32),
                "check_points": self.check_points,
                "seconds": self.seconds,
            }
        )

    @classmethod
    def unpacked(cls, packed: bytes) -> DayEffort:
        """From the bytes of the database. Raises `InvalidInput` if they are none."""
        found = unpack(packed)
        visits = Visits(*(found[name].astype(np.int64) for name in ("place", "begin_ms", "end_ms")))
        return cls(
            found["minutes"], found["metres"], found["vehicle_m"], visits, found["check_points"],
            found["seconds"],
        )  # fmt: skip


def day_effort(legs: DayLegs, places: Places, check_points: Sequence[int] = ()) -> DayEffort:
    """Count a day's legs and points by cell and parcel; `check_points` are the ids of those visited."""
    leg, xy, at_ms = _pieces(legs)
    count = np.bincount(leg, minlength=len(legs))
    cell, parcel = places.cell_of(xy), places.parcel_of(xy)
    metres, minutes = legs.metres / np.maximum(count, 1), legs.spent_ms / 60_000 / np.maximum(count, 1)
    is_vehicle, is_double = legs.are(Kind.VEHICLE), legs.are(Kind.DOUBLE)
    on_foot, in_vehicle = ~is_vehicle & ~is_double, is_vehicle & ~is_double

    def total(each: Floats, which: NDArray[np.bool_]) -> Floats:
        weights = np.where(which, each, 0.0)[leg]
        found = np.zeros(len(places))
        for place in (cell, parcel):
            inside = place >= 0
            found += np.bincount(place[inside], weights=weights[inside], minlength=len(places))
        return found

    place, at_ms = np.concatenate([cell, parcel]), np.concatenate([at_ms, at_ms])
    seen = (place >= 0) & ~np.tile(is_vehicle[leg], 2)
    timed = ~legs.are(Kind.ESTIMATED) & ~legs.are(Kind.LONE)
    took_s = np.minimum(np.rint(legs.spent_ms[timed] / 1000).astype(np.int64), SLOWEST_S)
    return DayEffort(
        minutes=total(minutes, on_foot),
        metres=total(metres, on_foot),
        vehicle_m=total(metres, in_vehicle),
        visits=merged(Visits(place[seen], at_ms[seen], at_ms[seen])),
        check_points=np.unique(np.asarray(check_points, dtype=np.int64)),
        seconds=np.bincount(took_s, minlength=SLOWEST_S + 1),
    )


def merged(visits: Visits) -> Visits:
    """Visits of a place with no pause of more than 30 minutes between them become one; by place and begin."""
    order = np.lexsort((visits.end_ms, visits.begin_ms, visits.place))
    place, begin, end = visits.place[order], visits.begin_ms[order], visits.end_ms[order]
    if not len(place):
        return Visits(place, begin, end)
    # The latest end so far of the same place: places lie further apart than any time.
    apart = int(end.max() - begin.min()) + PAUSE_MS + 1
    so_far = np.maximum.accumulate(end + place * apart) - place * apart
    is_new = np.ones(len(place), dtype=bool)
    is_new[1:] = (place[1:] != place[:-1]) | (begin[1:] > so_far[:-1] + PAUSE_MS)
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], len(place)) - 1
    return Visits(place[first], begin[first], so_far[last])


def _pieces(legs: DayLegs) -> tuple[Ints, Floats, Ints]:
    """Number of the leg, middle (n, 2) in metres and time of every piece."""
    count = np.maximum(np.ceil(legs.metres / PIECE_M), 1).astype(np.int64)
    leg = np.repeat(np.arange(len(legs)), count)
    first = np.cumsum(count) - count
    share = (np.arange(len(leg)) - first[leg] + 0.5) / count[leg]
    ends = legs.ends_mm / 1000
    xy = ends[leg, :2] + (ends[leg, 2:] - ends[leg, :2]) * share[:, None]
    at_ms = legs.start_ms[leg] + np.rint(legs.spent_ms[leg] * share).astype(np.int64)
    return leg, xy, at_ms
