"""Signs that coordinates are not in the system they claim. Warnings only: nothing is converted here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from gis.geometry import datum
from gis.geometry.datum import Floats

# Mainland China, generously; enough to tell longitudes (73..136) from latitudes (3..54).
_CHINA_LON = (73.0, 136.0)
_CHINA_LAT = (3.0, 54.0)
# Gauss-Krüger about 114°E within China: eastings 500 km ± 250 km, northings up to 6,000 km.
_EASTING_M = (250_000.0, 750_000.0)
_NORTHING_M = (300_000.0, 6_000_000.0)
_ZONE_38_M = 38_000_000.0
_GCJ_MINIMUM_GAIN = 0.005
_GCJ_MINIMUM_POINTS = 3


@dataclass(frozen=True)
class Suspicion:
    """One thing that looks wrong with a set of coordinates.

    `share` is the part of the positions that shows it, 0 to 1.
    """

    kind: str
    share: float
    message: str


def suspect_crs(x: ArrayLike, y: ArrayLike, *, outline: BaseGeometry | None = None) -> tuple[Suspicion, ...]:
    """What a set of coordinates declared as lon/lat degrees looks like instead.

    Parameters
    ----------
    x, y : the values read as longitude and latitude, shape (n,).
    outline : district outline, EPSG:4326; needed to notice an undeclared GCJ-02.

    Returns
    -------
    tuple of Suspicion
        kinds ``swapped-axes``, ``projected-metres``, ``zone-prefixed-easting``,
        ``swapped-projected``, ``likely-gcj02``; empty if nothing is odd.
    """
    xs, ys = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    finite = np.isfinite(xs) & np.isfinite(ys)
    xs, ys = xs[finite], ys[finite]
    if not len(xs):
        return ()
    found = [_by_magnitude(xs, ys, kind, text) for kind, text in _MAGNITUDES.items()]
    if outline is not None:
        found.append(_likely_gcj02(xs, ys, outline))
    return tuple(suspicion for suspicion in found if suspicion is not None)


_MAGNITUDES = {
    "swapped-axes": "latitude comes before longitude in {share:.0%} of the positions: swap the columns",
    "projected-metres": (
        "{share:.0%} of the positions are metres (easting, northing), not degrees: name the system (4547?)"
    ),
    "zone-prefixed-easting": (
        "{share:.0%} of the eastings begin with the zone number 38: the system is 4526, not degrees or 4547"
    ),
    "swapped-projected": (
        "{share:.0%} of the positions are metres with the northing first: swap them and name the system"
    ),
}


def _by_magnitude(xs: Floats, ys: Floats, kind: str, text: str) -> Suspicion | None:
    share = float(np.mean(_shows(xs, ys, kind)))
    return Suspicion(kind, share, text.format(share=share)) if share > 0 else None


def _shows(xs: Floats, ys: Floats, kind: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if kind == "swapped-axes":
        return _within(xs, _CHINA_LAT) & _within(ys, _CHINA_LON)
    if kind == "projected-metres":
        return _within(xs, _EASTING_M) & _within(ys, _NORTHING_M) & (ys > 1_000_000.0)
    if kind == "zone-prefixed-easting":
        prefixed, other = np.maximum(xs, ys), np.minimum(xs, ys)
        return _within(prefixed - _ZONE_38_M, _EASTING_M) & _within(other, _NORTHING_M)
    return _within(ys, _EASTING_M) & _within(xs, _NORTHING_M) & (xs > 1_000_000.0)


def _within(values: Floats, limits: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (values >= limits[0]) & (values <= limits[1])


def _likely_gcj02(xs: Floats, ys: Floats, outline: BaseGeometry) -> Suspicion | None:
    """Compare hits inside the outline as given and after undoing the GCJ-02 shift.

    Only positions near the outline can tell, so the gain may be small; positions deep inside fit
    either way and never raise a suspicion.
    """
    degrees = (np.abs(xs) <= 180.0) & (np.abs(ys) <= 90.0)
    xs, ys = xs[degrees], ys[degrees]
    if not len(xs):
        return None
    shapely.prepare(outline)
    as_given = shapely.intersects_xy(outline, xs, ys)
    unshifted = shapely.intersects_xy(outline, *datum.gcj02_to_wgs84(xs, ys))
    gained = int(np.sum(unshifted & ~as_given))
    lost = int(np.sum(as_given & ~unshifted))
    # A cluster outside the district that the shift happens to pull in must not count: most must fit.
    fits = float(np.mean(unshifted)) >= 0.9
    needed = max(_GCJ_MINIMUM_POINTS, _GCJ_MINIMUM_GAIN * len(xs))
    if not fits or gained < needed or gained < 3 * lost:
        return None
    share = gained / len(xs)
    return Suspicion(
        "likely-gcj02",
        share,
        f"{gained} of {len(xs)} positions lie outside the district as given but inside after undoing the "
        "GCJ-02 shift (about 500 m east, 330 m south): if they come from a phone map, name gcj02",
    )
