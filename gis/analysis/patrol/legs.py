"""What was walked on a day: cleaned legs and accurate points, without people. Pure functions.

A leg belongs to the calendar day in Asia/Shanghai on which it began, so a walk over midnight gives to both
days and counts in a period of both once. A leg faster than 25 km/h is a vehicle's (GB 17761-2018: where an
electric bicycle ends) and covers nothing; it is counted apart. What cleaning drops and where it breaks the
line stands in `gis.geometry.tracks`.

A line without a time for each vertex, as an import has it, is taken to be walked evenly from its begin to its
end; its legs then tell no sampling rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntFlag

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.analysis.patrol.packing import Array, digest, pack, unpack
from gis.geometry.crs import METRIC_EPSG, STORAGE_EPSG, transformer
from gis.geometry.tracks import MAX_GAP_M, CleanTrack
from gis.zone import ZONE

VEHICLE_MPS = 25 / 3.6
_MM = 1000
_LEAST_S = 1.0
_NOON_MS = 12 * 3_600_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Kind(IntFlag):
    """What a leg is, beside one walked on foot by one device."""

    VEHICLE = 1
    DOUBLE = 2  # a longer track of the same person holds it: no more metres and minutes
    LONE = 4  # a fix or point without a leg
    ESTIMATED = 8  # times were spread along the line


ON_FOOT = Kind(0)


@dataclass(frozen=True, slots=True)
class Walk:
    """Vertices of a track in order: seconds since 1970, WGS84 degrees, part of the line; kind of all legs."""

    at_s: Floats
    lon: Floats
    lat: Floats
    part: Ints
    kind: Kind


@dataclass(frozen=True, slots=True)
class DayLegs:
    """A day's legs in an order that tells no time; equal days have equal arrays, whatever order they came in.

    Attributes
    ----------
    ends_mm : (n, 4) x1, y1, x2, y2 in whole millimetres, EPSG:4547; a lone fix has both ends in one place.
    start_ms : (n,) begin, milliseconds after the day's midnight in Asia/Shanghai.
    spent_ms : (n,) how long it took; 0 for what stands alone.
    kind : (n,) `Kind`.
    fixes, points : accepted positions of tracks, and accurate patrol points.
    """

    ends_mm: Ints
    start_ms: Ints
    spent_ms: Ints
    kind: NDArray[np.uint8]
    fixes: int = 0
    points: int = 0

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def metres(self) -> Floats:
        """Length of each leg."""
        d = (self.ends_mm[:, 2:] - self.ends_mm[:, :2]) / _MM
        length: Floats = np.hypot(d[:, 0], d[:, 1])
        return length

    def are(self, kind: Kind) -> Bools:
        """Which legs are of a kind."""
        found: Bools = (self.kind & int(kind)) != 0
        return found

    @property
    def covering(self) -> Floats:
        """Legs (m, 4) in metres that cover what is near them; lone fixes are legs without length."""
        metres: Floats = self.ends_mm[~self.are(Kind.VEHICLE)] / _MM
        return metres

    @property
    def version(self) -> str:
        """Digest of all that counts."""
        counts = np.array([self.fixes, self.points], dtype=np.int64)
        return digest(self.ends_mm, self.start_ms, self.spent_ms, self.kind, counts)

    def packed(self) -> bytes:
        """Where it was, as bytes for the database."""
        counts = np.array([self.fixes, self.points])
        return pack({"ends_mm": self.ends_mm, "kind": self.kind, "counts": counts})

    def packed_times(self) -> bytes:
        """When it was, as bytes for the database."""
        return pack({"start_ms": self.start_ms, "spent_ms": self.spent_ms})

    @classmethod
    def unpacked(cls, packed: bytes, times: bytes | None = None) -> DayLegs:
        """From the bytes of the database, without `times` all at 0. Raises `InvalidInput` for other bytes."""
        arrays: dict[str, Array] = unpack(packed)
        fixes, points = arrays.pop("counts").tolist()
        none = np.zeros(len(arrays["kind"]), dtype=np.int64)
        when = unpack(times) if times is not None else {"start_ms": none, "spent_ms": none}
        return cls(**arrays, **when, fixes=fixes, points=points)

    def without_hours(self) -> DayLegs:
        """The same with every leg at noon: what stays when raw fixes are thinned."""
        return replace(self, start_ms=np.full(len(self), _NOON_MS, dtype=np.int64))


def midnight_ms(day: date) -> int:
    """The day's midnight in Asia/Shanghai, milliseconds since 1970."""
    return round(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp() * 1000)


def walk_of_fixes(track: CleanTrack, kind: Kind = ON_FOOT) -> Walk:
    """The walk of cleaned fixes."""
    left = track.fixes[track.kept]
    return Walk(left.at_s, left.lon, left.lat, track.part.astype(np.int64), kind)


def walk_of_line(line: BaseGeometry, began_s: float, ended_s: float, kind: Kind = ON_FOOT) -> Walk:
    """The walk of a line (EPSG:4326) that has no times of its own: even from its begin to its end."""
    xy, part = shapely.get_coordinates(shapely.get_parts(line), return_index=True)
    x, y = transformer(STORAGE_EPSG, METRIC_EPSG).transform(xy[:, 0], xy[:, 1])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    share = way / way[-1] if way[-1] > 0 else way
    return Walk(
        began_s + share * (ended_s - began_s), xy[:, 0], xy[:, 1], part.astype(np.int64),
        kind | Kind.ESTIMATED,
    )  # fmt: skip


def walk_of_points(at_s: Floats, lon: Floats, lat: Floats) -> Walk:
    """Points that are joined to nothing."""
    return Walk(at_s, lon, lat, np.arange(len(at_s), dtype=np.int64), ON_FOOT)


@dataclass(slots=True)
class _Collected:
    ends: list[Floats] = field(default_factory=list)
    start: list[Floats] = field(default_factory=list)
    spent: list[Floats] = field(default_factory=list)
    kind: list[NDArray[np.uint8]] = field(default_factory=list)
    fixes: int = 0


def day_legs(day: date, walks: Sequence[Walk], points: Walk | None = None) -> DayLegs:
    """Put together what of some walks, and of points, belongs to a day.

    Parameters
    ----------
    walks : tracks that touch the day, also with what lies before and after it.
    points : accurate patrol points (`walk_of_points`).
    """
    found, midnight_s = _Collected(), midnight_ms(day) / 1000
    for walk in walks:
        _collect(found, walk, midnight_s)
    fixes = found.fixes
    if points is not None:
        _collect(found, points, midnight_s)
    if not found.ends:
        none = np.empty(0, dtype=np.int64)
        return DayLegs(np.empty((0, 4), dtype=np.int64), none, none, none.astype(np.uint8))
    ends = np.rint(np.concatenate(found.ends) * _MM).astype(np.int64)
    start = np.rint(np.concatenate(found.start) * 1000).astype(np.int64)
    spent = np.rint(np.concatenate(found.spent) * 1000).astype(np.int64)
    kind = np.concatenate(found.kind)
    order = np.lexsort((kind, spent, start, *ends.T[::-1], _scattered(ends)))
    return DayLegs(
        ends[order], start[order], spent[order], kind[order], fixes=fixes, points=found.fixes - fixes
    )


def _scattered(ends: Ints) -> NDArray[np.uint64]:
    """A number for each leg that says nothing of when or where it was.

    Painted in the order of time or place, a leg reaches a little further than the one before and most are
    needed; in this order the first few cover what the rest would. The mixing is splitmix64's (Steele, Lea,
    Flood 2014).
    """
    mixed = np.zeros(len(ends), dtype=np.uint64)
    for column in ends.T:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed


def _collect(found: _Collected, walk: Walk, midnight_s: float) -> None:
    """Add the legs of a walk that begin on the day, and its fixes without a leg."""
    if not len(walk.at_s):
        return
    x, y = transformer(STORAGE_EPSG, METRIC_EPSG).transform(walk.lon, walk.lat)
    at_s = walk.at_s - midnight_s
    is_today = (at_s >= 0) & (at_s < 86_400)
    metres, seconds = np.hypot(np.diff(x), np.diff(y)), np.diff(at_s)
    is_leg = (walk.part[1:] == walk.part[:-1]) & (seconds >= 0) & (metres <= MAX_GAP_M)
    has_leg = np.zeros(len(x), dtype=bool)
    has_leg[:-1] |= is_leg
    has_leg[1:] |= is_leg
    legs, lone = np.flatnonzero(is_leg & is_today[:-1]), np.flatnonzero(~has_leg & is_today)
    is_fast = metres > VEHICLE_MPS * np.maximum(seconds, _LEAST_S)
    if walk.kind & Kind.ESTIMATED and at_s[-1] <= at_s[0]:
        is_fast[:] = False  # nobody said how long it took
    found.ends += [
        np.column_stack([x[legs], y[legs], x[legs + 1], y[legs + 1]]),
        np.column_stack([x[lone], y[lone], x[lone], y[lone]]),
    ]
    found.start.append(at_s[np.concatenate([legs, lone])])
    found.spent.append(np.concatenate([seconds[legs], np.zeros(len(lone))]))
    found.kind.append(
        np.concatenate([is_fast[legs] * int(Kind.VEHICLE), np.full(len(lone), int(Kind.LONE))]).astype(
            np.uint8
        )
        | np.uint8(walk.kind)
    )
    found.fixes += int(is_today.sum())
