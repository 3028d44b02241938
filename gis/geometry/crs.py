"""Coordinate systems at the door: everything becomes WGS84 lon/lat, and metres are EPSG:4547.

Storage is EPSG:4326, longitude before latitude. CGCS2000 (EPSG:4490) differs from WGS84 by less than
a metre and is taken as equal. EPSG:4547 and 4526 declare northing before easting; here it is always
easting, northing. Nothing is ever converted without being told its system: see `gis.geometry.suspect`
for what may only be warned about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast, overload

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geometry import datum
from gis.geometry.datum import Floats, LonLat

STORAGE_EPSG = 4326
METRIC_EPSG = 4547

Geometries = NDArray[np.object_]
Convert = Callable[[Floats, Floats], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Crs:
    """A coordinate system that may be named at the door."""

    name: str
    epsg: int | None
    title: str
    refused_because: str | None = None

    @property
    def is_degrees(self) -> bool:
        """True if coordinates are longitude and latitude."""
        return self.name in {"wgs84", "4490", "gcj02", "bd09"}


_NEEDS_PARAMETERS = (
    "its shift against WGS84 (about 100 m) needs local parameters that are not public; "
    "give a transform, or deliver the data in EPSG:4490 or EPSG:4547"
)

_KNOWN = (
    Crs("wgs84", 4326, "WGS84 longitude, latitude"),
    Crs("4490", 4490, "CGCS2000 longitude, latitude"),
    Crs("4547", 4547, "CGCS2000 3-degree Gauss-Krüger, central meridian 114°E"),
    Crs("4526", 4526, "CGCS2000 3-degree Gauss-Krüger, zone 38 (easting begins with 38)"),
    Crs("3857", 3857, "Web Mercator"),
    Crs("gcj02", None, "GCJ-02 (AMap, Tencent)"),
    Crs("bd09", None, "BD-09 (Baidu)"),
    Crs("2383", 2383, "Xi'an 1980 3-degree Gauss-Krüger, central meridian 114°E", _NEEDS_PARAMETERS),
    Crs("2435", 2435, "Beijing 1954 3-degree Gauss-Krüger, central meridian 114°E", _NEEDS_PARAMETERS),
    Crs("shenzhen", None, "Shenzhen independent system", _NEEDS_PARAMETERS),
)
CRS_NAMES = tuple(crs.name for crs in _KNOWN if not crs.refused_because)

_ALIASES = {crs.name: crs for crs in _KNOWN} | {
    alias: next(crs for crs in _KNOWN if crs.name == name)
    for alias, name in {
        "4326": "wgs84",
        "wgs-84": "wgs84",
        "crs84": "wgs84",
        "cgcs2000": "4490",
        "900913": "3857",
        "gcj-02": "gcj02",
        "bd-09": "bd09",
        "bd09ll": "bd09",
        "xian80": "2383",
        "beijing54": "2435",
    }.items()
}


def find_crs(name: object, *, pointer: str | None = "crs") -> Crs:
    """The coordinate system of a name such as ``wgs84``, ``gcj02``, ``4547`` or ``EPSG:4547``.

    Raises
    ------
    InvalidInput
        Unknown name; the message lists the known ones.
    """
    key = str(name).strip().lower().removeprefix("epsg:")
    known = _ALIASES.get(key)
    if known is None:
        listed = ", ".join(CRS_NAMES)
        raise InvalidInput(
            f"unknown coordinate system {str(name)[:40]!r}; known are {listed}",
            pointer=pointer,
            code="unknown-crs",
        )
    return known


def wgs84_from(
    x: ArrayLike, y: ArrayLike, crs: object, *, transform: Convert | None = None, pointer: str | None = "crs"
) -> LonLat:
    """Bring coordinates of a named system to WGS84.

    Parameters
    ----------
    x, y : longitude, latitude in degrees, or easting, northing in metres; shape (n,).
    crs : name, see `find_crs`.
    transform : for systems without public parameters: maps (x, y) to (lon, lat) in WGS84.

    Raises
    ------
    InvalidInput
        Unknown system, or one that needs a transform and has none.
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    system = find_crs(crs, pointer=pointer)
    if transform is not None and system.refused_because:
        return LonLat(*transform(xs, ys))
    return LonLat(*_converter(system, inverse=True, pointer=pointer)(xs, ys))


def wgs84_to(
    lon: ArrayLike,
    lat: ArrayLike,
    crs: object,
    *,
    transform: Convert | None = None,
    pointer: str | None = "crs",
) -> tuple[Floats, Floats]:
    """Bring WGS84 longitudes and latitudes (degrees, shape (n,)) to a named system; see `wgs84_from`."""
    lons, lats = np.asarray(lon, float), np.asarray(lat, float)
    system = find_crs(crs, pointer=pointer)
    if transform is not None and system.refused_because:
        return transform(lons, lats)
    return _converter(system, inverse=False, pointer=pointer)(lons, lats)


@overload
def to_metric(geometries: BaseGeometry) -> BaseGeometry: ...
@overload
def to_metric(geometries: Sequence[BaseGeometry] | Geometries) -> Geometries: ...
def to_metric(geometries: Any) -> Any:
    """EPSG:4326 lon/lat geometries in EPSG:4547 (easting, northing, metres).

    Takes one geometry or an array of shape (n,) and gives the same. Only vertices move: an edge that
    is straight in lon/lat and 3 km long runs up to 8 cm beside the straight edge in metres.
    """
    return _moved(geometries, STORAGE_EPSG, METRIC_EPSG)


@overload
def to_wgs84(geometries: BaseGeometry, crs: object = METRIC_EPSG) -> BaseGeometry: ...
@overload
def to_wgs84(geometries: Sequence[BaseGeometry] | Geometries, crs: object = METRIC_EPSG) -> Geometries: ...
def to_wgs84(geometries: Any, crs: object = METRIC_EPSG) -> Any:
    """Geometries of a named system (EPSG:4547 unless told) in EPSG:4326 lon/lat; inverse of `to_metric`."""
    system = find_crs(crs)

    def convert(coordinates: Floats) -> Floats:
        return np.column_stack(wgs84_from(coordinates[:, 0], coordinates[:, 1], system.name))

    return shapely.transform(_as_array(geometries), convert)


def area_m2(geometries: Sequence[BaseGeometry] | Geometries) -> Floats:
    """Areas in m² (EPSG:4547) of EPSG:4326 geometries, shape (n,)."""
    return np.asarray(shapely.area(to_metric(np.asarray(geometries, dtype=object))), dtype=np.float64)


def transformer(source_epsg: int, target_epsg: int) -> pyproj.Transformer:
    """A cached transformer, one per thread and pair, with x before y on both sides.

    One per thread because PROJ's objects carry a context that two threads must not share.
    """
    cache: dict[tuple[int, int], pyproj.Transformer] | None = getattr(_per_thread, "cache", None)
    if cache is None:
        cache = _per_thread.cache = {}
    pair = (source_epsg, target_epsg)
    if pair not in cache:
        cache[pair] = pyproj.Transformer.from_crs(source_epsg, target_epsg, always_xy=True)
    return cache[pair]


_per_thread = threading.local()


def _converter(system: Crs, *, inverse: bool, pointer: str | None) -> Convert:
    if system.refused_because:
        raise InvalidInput(
            f"{system.title} is not accepted: {system.refused_because}", pointer=pointer, code="refused-crs"
        )
    special = {
        "wgs84": (_unchanged, _unchanged),
        "4490": (_unchanged, _unchanged),
        "gcj02": (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
        "bd09": (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
    }
    if system.name in special:
        return special[system.name][inverse]
    epsg = cast(int, system.epsg)
    pair = (epsg, STORAGE_EPSG) if inverse else (STORAGE_EPSG, epsg)

    def convert(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        moved_x, moved_y = transformer(*pair).transform(x, y)
        return np.asarray(moved_x, float), np.asarray(moved_y, float)

    return convert


def _unchanged(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return x, y


def _moved(geometries: Any, source_epsg: int, target_epsg: int) -> Any:
    convert = transformer(source_epsg, target_epsg)

    def move(coordinates: Floats) -> Floats:
        return np.column_stack(convert.transform(coordinates[:, 0], coordinates[:, 1]))

    return shapely.transform(_as_array(geometries), move)


def _as_array(geometries: Any) -> Any:
    return geometries if isinstance(geometries, BaseGeometry) else np.asarray(geometries, dtype=object)
