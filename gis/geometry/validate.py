"""The one door for coordinates and geometries that people and devices send.

Behind this door every number is finite and in range, every ring is closed, every polygon is valid and
nothing is larger than the database can bear. Faults are refused with the place of the fault and never
repaired: `make_valid` on a scribble of a few hundred vertices runs for minutes and has crashed the
database. A position outside the district is no fault here.

A third number (altitude) is accepted if finite, and dropped; a fourth is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput

MAX_VERTICES = 50_000
MAX_RING_VERTICES = 10_000
MAX_RINGS = 5_000
MAX_DEPTH = 32
MAX_WKT_LENGTH = 4_000_000

# How many brackets lie round a position in "coordinates".
_LEVELS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
GEOMETRY_TYPES = frozenset(_LEVELS)
_UNCLOSED = "the ring is not closed: its last position must repeat its first"
_FAULT_PLACE = re.compile(r"\[([-+.\deE]+) ([-+.\deE]+)\]$")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_WKT_NOT_FINITE = re.compile(r"\b(nan|inf(inity)?)\b", re.IGNORECASE)


@dataclass
class _Budget:
    """What one geometry has used of its allowance so far."""

    vertices: int = 0
    rings: int = 0

    def spend(self, vertices: int, pointer: str) -> None:
        """Count a line or ring.

        Raises
        ------
        InvalidInput
            ``too-complex``.
        """
        self.vertices += vertices
        self.rings += 1
        if vertices > MAX_RING_VERTICES:
            raise _fault(
                "too-complex", f"{vertices:,} vertices in one part; {MAX_RING_VERTICES:,} at most", pointer
            )
        if self.vertices > MAX_VERTICES:
            raise _fault("too-complex", f"more than {MAX_VERTICES:,} vertices", pointer)
        if self.rings > MAX_RINGS:
            raise _fault("too-complex", f"more than {MAX_RINGS:,} rings or parts", pointer)


def lon_lat(lon: object, lat: object, *, pointer: str | None = None) -> tuple[float, float]:
    """One position as two floats in degrees (WGS84), each checked.

    Takes ints and floats only: text and booleans are refused, so that ``"1e999"`` or ``true`` never
    becomes a place. Use `number` first where the input is text (CSV, query strings).

    Raises
    ------
    InvalidInput
        ``not-a-number``, ``out-of-range``, ``swapped-axes`` or ``projected-coordinates``.
    """
    x = _finite(lon, _join(pointer, "lon"), "longitude")
    y = _finite(lat, _join(pointer, "lat"), "latitude")
    _check_range(x, y, pointer)
    return x, y


def number(text: object, *, pointer: str | None = None, name: str = "number") -> float:
    """A finite float from plain decimal text, as CSV cells and query strings give it.

    Raises
    ------
    InvalidInput
        ``not-a-number``: empty, NaN, infinite, too long or not decimal.
    """
    cleaned = text.strip() if isinstance(text, str) else ""
    if len(cleaned) > 64 or not _DECIMAL.fullmatch(cleaned):
        raise _fault("not-a-number", f"{name} is not a decimal number: {str(text)[:40]!r}", pointer)
    result = float(cleaned)
    return result if math.isfinite(result) else _finite(result, pointer, name)


def geometry_from_geojson(
    value: object, *, allowed: frozenset[str] = GEOMETRY_TYPES, pointer: str = "/geometry"
) -> BaseGeometry:
    """A valid two-dimensional geometry from a GeoJSON geometry object (WGS84 lon, lat).

    Parameters
    ----------
    value : the parsed JSON; mappings and sequences only.
    allowed : GeoJSON type names this place takes.
    pointer : where the value stands; faults are reported below it.

    Raises
    ------
    InvalidInput
        ``pointer`` names the position of the fault, ``code`` its kind: unknown-type, empty,
        not-a-number, out-of-range, swapped-axes, projected-coordinates, unclosed-ring,
        too-few-points, unsupported-dimension, self-intersection, invalid-geometry, too-deep,
        too-complex.
    """
    if not isinstance(value, Mapping):
        raise _fault("unknown-type", "a GeoJSON geometry object is expected", pointer)
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in allowed or kind not in _LEVELS:
        listed = ", ".join(sorted(allowed & _LEVELS.keys()))
        raise _fault(
            "unknown-type", f"geometry type {str(kind)[:40]!r} is not accepted here; {listed} are", pointer
        )
    place = f"{pointer}/coordinates"
    coordinates = value.get("coordinates")
    _check_depth(coordinates, place)
    checked = _checked(coordinates, _LEVELS[kind], place, kind, _Budget())
    return _valid(_built(kind, checked), pointer)


def geometry_from_wkt(
    text: object, *, allowed: frozenset[str] = GEOMETRY_TYPES, pointer: str = "/geometry"
) -> BaseGeometry:
    """A valid two-dimensional geometry from WKT (WGS84 lon lat); same faults as `geometry_from_geojson`."""
    if not isinstance(text, str) or not text.strip():
        raise _fault("empty", "WKT text is expected", pointer)
    if len(text) > MAX_WKT_LENGTH:
        raise _fault("too-complex", f"WKT of {len(text):,} characters; {MAX_WKT_LENGTH:,} at most", pointer)
    if _bracket_depth(text) > MAX_DEPTH:
        raise _fault("too-deep", f"nested deeper than {MAX_DEPTH} levels", pointer)
    if _WKT_NOT_FINITE.search(text):
        raise _fault("not-a-number", "coordinates must be finite numbers", pointer)
    try:
        with np.errstate(all="ignore"):  # 1e999 overflows to infinity, which check_geometry names
            parsed = shapely.from_wkt(text)
    except (GEOSException, NotImplementedError, ValueError) as error:
        raise _parse_fault(error, pointer) from error
    if parsed.geom_type not in _LEVELS or parsed.geom_type not in allowed:
        listed = ", ".join(sorted(allowed & _LEVELS.keys()))
        raise _fault(
            "unknown-type", f"geometry type {parsed.geom_type!r} is not accepted here; {listed} are", pointer
        )
    return check_geometry(parsed, pointer=pointer)


def check_geometry(geometry: BaseGeometry, *, pointer: str = "/geometry") -> BaseGeometry:
    """Put a geometry already parsed by a file driver through the same door; returns it in 2-D.

    Raises
    ------
    InvalidInput
        See `geometry_from_geojson`.
    """
    if geometry is None or np.any(shapely.is_empty(shapely.get_parts(geometry))) or geometry.is_empty:
        raise _fault("empty", "the geometry or one of its parts is empty", pointer)
    if shapely.has_m(geometry):
        raise _fault("unsupported-dimension", "measured (M) coordinates are not accepted", pointer)
    budget = _Budget()
    for part in _lines(geometry):
        budget.spend(int(shapely.get_num_coordinates(part)), pointer)
    flat = shapely.force_2d(geometry)
    coordinates = shapely.get_coordinates(geometry, include_z=bool(geometry.has_z))
    bad = np.flatnonzero(~np.isfinite(coordinates).all(axis=1))
    if len(bad):
        raise _fault("not-a-number", f"coordinate {bad[0] + 1} is not a finite number", pointer)
    outside = np.flatnonzero((np.abs(coordinates[:, 0]) > 180.0) | (np.abs(coordinates[:, 1]) > 90.0))
    if len(outside):
        _check_range(float(coordinates[outside[0], 0]), float(coordinates[outside[0], 1]), pointer)
    return _valid(flat, pointer)


def _lines(geometry: BaseGeometry) -> Sequence[BaseGeometry]:
    parts = shapely.get_parts(geometry)
    if geometry.geom_type == "MultiPoint":
        return [geometry]
    return list(shapely.get_rings(parts)) if "Polygon" in geometry.geom_type else list(parts)


def _check_depth(value: object, pointer: str) -> None:
    """Refuse deep nesting before anything recursive sees it; follows first elements only."""
    depth = 0
    while isinstance(value, (list, tuple)) and value:
        depth += 1
        if depth > MAX_DEPTH:
            raise _fault("too-deep", f"nested deeper than {MAX_DEPTH} levels", pointer)
        value = value[0]


def _checked(value: object, levels: int, pointer: str, kind: str, budget: _Budget) -> Any:
    """Coordinates of a known type, checked and cut to two dimensions, as nested lists of (lon, lat)."""
    if levels == 0:
        return _position(value, pointer)
    if not isinstance(value, (list, tuple)):
        raise _fault("not-a-number", "an array of positions is expected", pointer)
    if not value:
        raise _fault("empty", "the geometry is empty", pointer)
    if levels == 1:
        budget.spend(len(value), pointer)
        positions = [_position(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        _check_line(positions, pointer, kind)
        return positions
    return [
        _checked(item, levels - 1, f"{pointer}/{index}", kind, budget) for index, item in enumerate(value)
    ]


def _position(value: object, pointer: str) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)) or not value:
        raise _fault("not-a-number", "a position [lon, lat] is expected", pointer)
    if len(value) not in (2, 3):
        raise _fault("unsupported-dimension", f"a position has 2 or 3 numbers, not {len(value)}", pointer)
    numbers = [_finite(item, f"{pointer}/{index}", "coordinate") for index, item in enumerate(value)]
    _check_range(numbers[0], numbers[1], pointer)
    return numbers[0], numbers[1]


def _check_line(positions: list[tuple[float, float]], pointer: str, kind: str) -> None:
    if "Polygon" in kind:
        if len(positions) > 1 and positions[0] != positions[-1]:
            raise _fault(
                "unclosed-ring", "the ring is not closed: its last position must repeat its first", pointer
            )
        if len(set(positions)) < 3:
            raise _fault("too-few-points", "a ring needs three different positions", pointer)
    elif "LineString" in kind and len(set(positions)) < 2:
        raise _fault("too-few-points", "a line needs two different positions", pointer)


def _finite(value: object, pointer: str | None, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _fault("not-a-number", f"{name} must be a number, not {type(value).__name__}", pointer)
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise _fault("not-a-number", f"{name} must be a finite number", pointer)
    return result


def _check_range(lon: float, lat: float, pointer: str | None) -> None:
    if abs(lon) <= 180.0 and abs(lat) <= 90.0:
        return
    if abs(lat) <= 180.0 and abs(lon) <= 90.0:
        raise _fault("swapped-axes", f"{lon:g}, {lat:g}: longitude must come before latitude", pointer)
    if max(abs(lon), abs(lat)) > 1000.0:
        raise _fault(
            "projected-coordinates",
            f"{lon:.10g}, {lat:.10g} are not degrees; name the coordinate system of projected metres",
            pointer,
        )
    raise _fault("out-of-range", f"{lon:g}, {lat:g}: beyond longitude ±180 or latitude ±90", pointer)


def _built(kind: str, coordinates: Any) -> BaseGeometry:
    if kind == "Point":
        return shapely.Point(coordinates)
    if kind == "MultiPoint":
        return shapely.MultiPoint(coordinates)
    if kind == "LineString":
        return shapely.LineString(coordinates)
    if kind == "MultiLineString":
        return shapely.MultiLineString(coordinates)
    if kind == "Polygon":
        return shapely.Polygon(coordinates[0], coordinates[1:])
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in coordinates])


def _valid(geometry: BaseGeometry, pointer: str) -> BaseGeometry:
    if geometry.is_empty:
        raise _fault("empty", "the geometry is empty", pointer)
    if shapely.is_valid(geometry):
        return geometry
    reason = shapely.is_valid_reason(geometry)
    place = _FAULT_PLACE.search(reason)
    what = reason[: place.start()].strip() if place else reason
    where = f" at {float(place[1]):.7f}, {float(place[2]):.7f}" if place else ""
    code = "self-intersection" if "self-intersection" in what.lower() else "invalid-geometry"
    if "too few points" in what.lower():
        code = "too-few-points"
    raise _fault(code, f"{what}{where}", pointer)


def _parse_fault(error: Exception, pointer: str) -> InvalidInput:
    text = str(error)
    if "closed linestring" in text:
        return _fault(
            "unclosed-ring", "a ring is not closed: its last position must repeat its first", pointer
        )
    if "point array must contain" in text:
        return _fault("too-few-points", "a line needs two positions and a ring four", pointer)
    return _fault("not-wkt", "this is not well-formed WKT", pointer)


def _bracket_depth(text: str) -> int:
    steps = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
    change = (steps == ord("(")).astype(np.int64) - (steps == ord(")"))
    return int(np.cumsum(change).max(initial=0))


def _unknown_type(kind: str, allowed: frozenset[str], pointer: str) -> InvalidInput:
    listed = ", ".join(sorted(allowed & _LEVELS.keys()))
    message = f"geometry type {kind!r} is not accepted here; {listed} are"
    return _fault("unknown-type", message, pointer)


def _join(pointer: str | None, field: str) -> str:
    return f"{pointer}/{field}" if pointer else field


def _fault(code: str, message: str, pointer: str | None) -> InvalidInput:
    return InvalidInput(message, pointer=pointer, code=code)
