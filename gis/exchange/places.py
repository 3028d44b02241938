"""From what a row says of its place to a checked geometry in EPSG:4326, or the reason why not."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.exchange import values
from gis.exchange.layers import Shape
from gis.exchange.model import RawRow
from gis.exchange.readers.gpx import Fixes
from gis.geometry.crs import find_crs, to_wgs84, wgs84_from
from gis.geometry.tracks import MAX_GAP_S
from gis.geometry.validate import (
    MAX_RING_VERTICES,
    MAX_WKT_LENGTH,
    check_geometry,
    geometry_from_geojson,
    geometry_from_wkt,
    lon_lat,
)

ALLOWED: dict[Shape, frozenset[str]] = {
    "point": frozenset({"Point"}),
    "polygon": frozenset({"Polygon", "MultiPolygon"}),
    "line": frozenset({"LineString", "MultiLineString"}),
}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_WKT_PAIR = re.compile(rf"({_NUMBER})\s+({_NUMBER})")
_NORTHINGS_M = (1_000_000.0, 10_000_000.0)  # of China; eastings are smaller, or begin with a zone number
_DEEPEST = 8

Reproject = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def place_of(row: RawRow, matched: Mapping[str, str], shape: Shape, crs: str) -> BaseGeometry | None:
    """The geometry of a row, checked and in WGS84; None if the row says nothing of its place.

    Parameters
    ----------
    matched : which column holds which field, see `gis.exchange.columns.match_columns`.
    crs : the system the coordinates are in, see `gis.geometry.crs.find_crs`.

    Raises
    ------
    InvalidInput
        Whatever `gis.geometry.validate` finds; ``swapped-axes`` also for metres.
    """
    position = row.position
    if isinstance(position, Fixes):
        return _lines(position, crs)
    if isinstance(position, tuple):
        return _point(position[0], position[1], crs)
    if isinstance(position, BaseGeometry):
        return _from_driver(position, shape, crs)
    if position is not None:
        return geometry_from_geojson(_moved(position, crs), allowed=ALLOWED[shape])
    wkt = row.values.get(matched.get("wkt", ""))
    if wkt is not None and str(wkt).strip():
        return geometry_from_wkt(_moved_wkt(str(wkt), crs), allowed=ALLOWED[shape], pointer=matched["wkt"])
    return _from_columns(row, matched, shape, crs)


def reproject(coordinates: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Coordinates (n, 2) of a named system in WGS84; equal positions stay equal, so rings stay closed.

    Raises
    ------
    InvalidInput
        ``swapped-axes``: the northing stands first. Degrees out of range are left for the next check.
    """
    system = find_crs(crs)
    if system.name in ("wgs84", "4490") or not len(coordinates):
        return coordinates
    known, where = np.unique(coordinates, axis=0, return_inverse=True)
    if system.is_degrees:
        sound = np.all(np.abs(known) <= (180.0, 90.0), axis=1)
    else:
        sound = np.isfinite(known).all(axis=1)
        northing = (known > _NORTHINGS_M[0]) & (known < _NORTHINGS_M[1])
        if np.any(sound & northing[:, 0] & ~northing[:, 1]):
            raise InvalidInput(
                "the northing stands before the easting: swap the columns", pointer="x", code="swapped-axes"
            )
    moved = known.copy()
    moved[sound] = np.column_stack(wgs84_from(known[sound, 0], known[sound, 1], system.name))
    return moved[where.reshape(-1)]


def _from_columns(row: RawRow, matched: Mapping[str, str], shape: Shape, crs: str) -> BaseGeometry | None:
    if shape != "point" or not {"lon", "lat"} & set(matched):
        return None
    given = {
        field: values.degrees(row.values.get(matched.get(field, "")), matched.get(field, field))
        for field in ("lon", "lat")
    }
    if given["lon"] is None and given["lat"] is None:
        return None
    for field, found in given.items():
        if found is None:
            raise InvalidInput("is blank", pointer=matched.get(field, field), code="no-position")
    return _point(given["lon"], given["lat"], crs)


def _point(x: object, y: object, crs: str) -> BaseGeometry:
    moved = reproject(np.array([[x, y]], dtype=np.float64), crs)[0]
    return shapely.Point(*lon_lat(float(moved[0]), float(moved[1])))


def _from_driver(geometry: BaseGeometry, shape: Shape, crs: str) -> BaseGeometry:
    if geometry.geom_type not in ALLOWED[shape]:
        listed = ", ".join(sorted(ALLOWED[shape]))
        raise InvalidInput(
            f"{geometry.geom_type} is not accepted here; {listed} are",
            pointer="geometry",
            code="unknown-type",
        )
    if find_crs(crs).name not in ("wgs84", "4490"):
        reproject(shapely.get_coordinates(geometry)[:1], crs)  # names swapped axes
        geometry = to_wgs84(geometry, crs)
    return check_geometry(geometry, pointer="geometry")


def _moved(position: object, crs: str) -> object:
    """A GeoJSON geometry with every position that is one brought to WGS84; the rest as it was."""
    if find_crs(crs).name in ("wgs84", "4490") or not isinstance(position, Mapping):
        return position
    found: list[list[float]] = []
    _walk(position.get("coordinates"), _DEEPEST, found.append)
    moved = iter(reproject(np.array(found, dtype=np.float64).reshape(-1, 2), crs).tolist())
    return {**position, "coordinates": _walk(position.get("coordinates"), _DEEPEST, lambda _: next(moved))}


def _walk(value: object, levels: int, visit: Callable[[list[float]], Any]) -> Any:
    if not isinstance(value, list) or levels == 0:
        return value
    if len(value) >= 2 and all(type(item) in (int, float) for item in value[:2]):
        return visit([float(value[0]), float(value[1])]) or value
    return [_walk(item, levels - 1, visit) for item in value]


def _moved_wkt(text: str, crs: str) -> str:
    if find_crs(crs).name in ("wgs84", "4490") or len(text) > MAX_WKT_LENGTH:
        return text
    found = np.array([(float(x), float(y)) for x, y in _WKT_PAIR.findall(text)]).reshape(-1, 2)
    moved = iter(reproject(found, crs).tolist())
    return _WKT_PAIR.sub(lambda _: "{!r} {!r}".format(*next(moved)), text)


def _lines(fixes: Fixes, crs: str) -> BaseGeometry:
    """A walk as lines, broken between segments and where the clock jumps by more than `MAX_GAP_S`."""
    parts: list[NDArray[np.float64]] = []
    for segment in fixes.segments:
        if segment:
            coordinates = reproject(np.array([fix[:2] for fix in segment], dtype=np.float64), crs)
            parts += np.split(coordinates, [] if fixes.is_route else _breaks(segment))
    lines = [piece for part in parts for piece in _pieces(part) if len(np.unique(piece, axis=0)) > 1]
    if not lines:
        raise InvalidInput("there are not two different positions in it", pointer="", code="too-few-points")
    return check_geometry(shapely.MultiLineString([shapely.LineString(line) for line in lines]))


def _breaks(segment: list[Any]) -> list[int]:
    times = [fix[2] for fix in segment]
    return [
        at
        for at, (before, after) in enumerate(itertools.pairwise(times), start=1)
        if before is not None and after is not None and abs((after - before).total_seconds()) > MAX_GAP_S
    ]


def _pieces(part: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Cut a long line into pieces that share their ends, below the limit on one part."""
    step = MAX_RING_VERTICES - 1
    return [part[start : start + step + 1] for start in range(0, max(len(part) - 1, 1), step)]
