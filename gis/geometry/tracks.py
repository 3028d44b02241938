"""From raw positions to the line somebody walked: what is dropped, where the line breaks. Pure functions.

The one definition of a cleaned track; coverage, imports and the phone's stream share its limits.

* A fix less accurate than 50 m is dropped: such a point covers nothing either (docs/coverage.md).
* A leg faster than 12 m/s is none: an electric bicycle ends at 25 km/h (GB 17761-2018), a sprinter at 10 m/s.
  In a car the limit is 33.4 m/s, that of motorways (Road Traffic Safety Law, Art. 67).
* A fix that is too fast to reach and to leave, there and back, is dropped, and so is one that stands alone
  beside such a leg (speed as the sign of an outlier: MovingPandas, OutlierCleaner).
* The same fix again is dropped: browsers repeat the last position (W3C Geolocation, `maximumAge`).
* More than 300 s or 200 m without a fix break the line: nobody knows what was walked between.

Order is that of the rows. A clock that goes back breaks the line; it drops nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiLineString

from gis.geometry.crs import METRIC_EPSG, STORAGE_EPSG, transformer

MAX_ACCURACY_M = 50.0
MAX_GAP_S = 300.0
MAX_GAP_M = 200.0
ON_FOOT_MPS = 12.0
IN_VEHICLE_MPS = 33.4
THIN_TOLERANCE_M = 2.0

# EPSG:4547 is a transverse Mercator on 114 degrees east; within this of it, lengths are true to 0.15 %.
_MERIDIAN, _REACH = 114.0, 3.0
# Clocks of receivers count whole seconds: two fixes of one second are taken to be one second apart.
_LEAST_S = 1.0
_GEOD = pyproj.Geod(ellps="WGS84")

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a track may do: metres, metres per second, seconds."""

    accuracy_m: float = MAX_ACCURACY_M
    speed_mps: float = ON_FOOT_MPS
    gap_s: float = MAX_GAP_S
    gap_m: float = MAX_GAP_M


@dataclass(frozen=True, slots=True)
class Fixes:
    """Positions in their order, arrays of shape (n,): seconds since 1970, WGS84 degrees, metres or NaN."""

    at_s: Floats
    lon: Floats
    lat: Floats
    accuracy_m: Floats

    def __len__(self) -> int:
        return len(self.at_s)

    def __getitem__(self, which: Indices | Bools) -> Fixes:
        return Fixes(self.at_s[which], self.lon[which], self.lat[which], self.accuracy_m[which])


@dataclass(frozen=True, slots=True)
class CleanTrack:
    """What is left of some fixes.

    Attributes
    ----------
    kept : (k,) row numbers of the fixes that were not dropped, ascending.
    part : (k,) number of the part of the line each of them is in, from 0; a lone fix is a part of its own.
    xy : (k, 2) places of the kept fixes in metres, EPSG:4547.
    metres : way along the line, in EPSG:4547.
    minutes : time along the line, without its gaps.
    """

    fixes: Fixes
    kept: Indices
    part: Indices
    xy: Floats
    metres: float
    minutes: float

    @property
    def line(self) -> MultiLineString | None:
        """The line in EPSG:4326, a part for each stretch of two fixes or more; None if there is none."""
        counts = np.bincount(self.part) if len(self.part) else np.empty(0, np.intp)
        in_line = counts[self.part] > 1 if len(counts) else np.empty(0, bool)
        if not in_line.any():
            return None
        left = self.fixes[self.kept[in_line]]
        _, number = np.unique(self.part[in_line], return_inverse=True)
        lines = np.asarray(
            shapely.linestrings(np.column_stack([left.lon, left.lat]), indices=number), dtype=object
        )
        return MultiLineString(lines.tolist())


def clean(fixes: Fixes, limits: Limits = Limits()) -> CleanTrack:
    """Drop what cannot be and break the line where nothing is known; see the module's table.

    Cleaning what is left once more changes nothing, and only the fixes count, not how they came.
    """
    kept = np.flatnonzero(~(fixes.accuracy_m > limits.accuracy_m))
    left = _placed(fixes[kept])
    while (wrong := _wrong(left, limits)).any():
        kept, left = kept[~wrong], left[~wrong]
    legs = _legs(left)
    is_leg = ~legs.breaks(limits)
    part = np.concatenate([[0], np.cumsum(~is_leg)])[: len(kept)].astype(np.intp)
    return CleanTrack(
        fixes, kept, part, left.xy, float(legs.metres[is_leg].sum()), float(legs.seconds[is_leg].sum() / 60)
    )


def thinned(track: CleanTrack, limits: Limits = Limits(), tolerance_m: float = THIN_TOLERANCE_M) -> Indices:
    """Rows of the fixes that suffice to draw a track: cleaning them alone gives the line within a tolerance.

    Kept are the first and last of each part, as many in between that no two neighbours lie further apart than
    the gap that breaks a line, and between those what Douglas and Peucker's algorithm keeps (1973;
    shapely.simplify) in EPSG:4547. Lone fixes are kept.
    """
    if not len(track.kept):
        return track.kept
    left = _Placed(track.fixes[track.kept], track.xy)
    is_start = np.diff(track.part, prepend=-1) != 0
    is_end = np.append(is_start[1:], True)
    keep = is_start | is_end
    legs = _legs(left)
    for way, limit in ((legs.seconds, limits.gap_s), (legs.metres, limits.gap_m)):
        stretch = np.concatenate([[0.0], np.cumsum(np.where(legs.breaks(limits), 0.0, way))]) // limit
        is_new = np.diff(stretch) != 0
        keep[1:] |= is_new
        keep[:-1] |= is_new
    return track.kept[_simplified(track.xy, keep, is_start, keep & ~is_start & ~is_end, tolerance_m)]


def _simplified(xy: Floats, keep: Bools, is_start: Bools, is_joint: Bools, tolerance_m: float) -> Bools:
    """What simplifying each piece between two kept fixes leaves, besides those."""
    # A joint ends one piece and begins the next.
    row = np.repeat(np.arange(len(xy)), np.where(is_joint, 2, 1))
    begins = is_start[row] | (np.diff(row, prepend=-1) == 0)
    piece = np.cumsum(begins) - 1
    in_line = np.bincount(piece)[piece] > 1
    if not in_line.any():
        return keep
    # The row number travels as the third coordinate: simplifying leaves it as it is.
    lines = shapely.linestrings(
        np.column_stack([xy[row], row])[in_line],
        indices=np.unique(piece[in_line], return_inverse=True)[1],
    )
    shape = shapely.simplify(lines, tolerance_m, preserve_topology=False)
    found = keep.copy()
    found[shapely.get_coordinates(shape, include_z=True)[:, 2].astype(np.intp)] = True
    return found


@dataclass(frozen=True, slots=True)
class _Placed:
    """Fixes and their places (n, 2) in metres, EPSG:4547."""

    fixes: Fixes
    xy: Floats

    def __len__(self) -> int:
        return len(self.fixes)

    def __getitem__(self, which: Bools) -> _Placed:
        return _Placed(self.fixes[which], self.xy[which])


def _placed(fixes: Fixes) -> _Placed:
    return _Placed(
        fixes, np.column_stack(transformer(STORAGE_EPSG, METRIC_EPSG).transform(fixes.lon, fixes.lat))
    )


@dataclass(frozen=True, slots=True)
class _Legs:
    """Straight lines between neighbours, arrays of shape (n - 1,)."""

    metres: Floats
    seconds: Floats

    @property
    def speed_mps(self) -> Floats:
        """Infinite nowhere; a clock that goes back tells no speed, so 0."""
        return np.where(self.seconds < 0, 0.0, self.metres / np.maximum(self.seconds, _LEAST_S))

    def too_fast(self, limits: Limits) -> Bools:
        """Where nobody can have gone; how fast somebody was over a gap in time is not asked."""
        return (self.seconds <= limits.gap_s) & (self.speed_mps > limits.speed_mps)

    def breaks(self, limits: Limits) -> Bools:
        """Where the line is not drawn."""
        is_leg = (self.seconds >= 0) & (self.seconds <= limits.gap_s) & (self.metres <= limits.gap_m)
        return ~(is_leg & (self.speed_mps <= limits.speed_mps))


def _legs(placed: _Placed, step: int = 1) -> _Legs:
    """Legs from each fix to the one `step` further."""
    a, b = slice(None, -step), slice(step, None)
    if len(placed) <= step:
        return _Legs(np.empty(0), np.empty(0))
    fixes, (x, y) = placed.fixes, placed.xy.T
    metres = np.hypot(x[b] - x[a], y[b] - y[a])
    is_far = np.abs(fixes.lon - _MERIDIAN) > _REACH
    far = np.flatnonzero(is_far[a] | is_far[b])
    if far.size:  # measured on the ellipsoid: a plane of another part of the world stretches
        metres[far] = _GEOD.inv(fixes.lon[a][far], fixes.lat[a][far], fixes.lon[b][far], fixes.lat[b][far])[2]
    return _Legs(metres, fixes.at_s[b] - fixes.at_s[a])


def _wrong(placed: _Placed, limits: Limits) -> Bools:
    """What is dropped next: repeats, else jumps, else what stands alone."""
    wrong = _repeats(placed.fixes)
    if wrong.any():
        return wrong
    legs = _legs(placed)
    is_fast = legs.too_fast(limits)
    if not is_fast.any():  # nothing to jump over, nothing to stand beside
        return wrong
    wrong = _jumps(placed, is_fast, limits)
    if not wrong.any():
        wrong = _cut_off(legs, is_fast, limits)
    return wrong


def _repeats(fixes: Fixes) -> Bools:
    """Fixes equal in time and place to the one before."""
    again = np.zeros(len(fixes), dtype=bool)
    again[1:] = (
        (np.diff(fixes.at_s) == 0) & (fixes.lon[1:] == fixes.lon[:-1]) & (fixes.lat[1:] == fixes.lat[:-1])
    )
    return again


def _jumps(placed: _Placed, is_fast: Bools, limits: Limits) -> Bools:
    """Fixes too fast to reach and to leave while the way past them is not; of neighbours every other one."""
    wrong = np.zeros(len(placed), dtype=bool)
    if len(placed) < 3:
        return wrong
    past = ~_legs(placed, 2).breaks(limits)
    wrong[1:-1] = is_fast[:-1] & is_fast[1:] & past
    place = np.arange(len(placed))
    run_start = np.maximum.accumulate(np.where(wrong & ~np.roll(wrong, 1), place, 0))
    every_other: Bools = wrong & ((place - run_start) % 2 == 0)
    return every_other


def _cut_off(legs: _Legs, is_fast: Bools, limits: Limits) -> Bools:
    """Lone fixes beside a leg that is too fast: nothing bears them out."""
    is_break = legs.breaks(limits)
    alone = np.concatenate([[True], is_break]) & np.concatenate([is_break, [True]])
    beside = np.concatenate([[False], is_fast]) | np.concatenate([is_fast, [False]])
    cut_off: Bools = alone & beside
    return cut_off
