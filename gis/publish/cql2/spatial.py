"""Spatial functions: geometries of a filter made valid, brought to EPSG:4326 and bound."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from psycopg2.sql import SQL, Composable
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geometry.datum import Floats
from gis.geometry.validate import GEOMETRY_TYPES, geometry_from_geojson
from gis.publish.cql2.faults import POINTER, fault, shown
from gis.publish.cql2.terms import Bound, Term, arguments, is_node, property_of, wrong_kind
from gis.publish.model import MAX_AREA_VERTICES, BBox
from gis.publish.properties import Property

ToLonLat = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From x, y of the filter's coordinate system, arrays of shape (n,), to longitude, latitude in degrees."""

FUNCTIONS: Mapping[str, str] = {
    "s_intersects": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}
_OF_PARTS = {"s_intersects": " OR ", "s_disjoint": " AND "}
_SIDES_OF_BOX = 16
_PARTS = 64
_MULTI: Mapping[str, Callable[[list[Any]], BaseGeometry]] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": lambda parts: shapely.union_all(parts),
}


def condition(
    node: Any, known: Mapping[str, Property], bound: Bound, to_lonlat: ToLonLat | None
) -> Composable:
    """A spatial function of the layer's geometry and literals.

    Raises
    ------
    InvalidInput
        An argument is no geometry, or none that is valid, in range and small enough.
    """
    sides: list[list[Composable]] = []
    for arg in arguments(node, 2):
        if is_node(arg, "property"):
            found = property_of(arg, known)
            if found.kind != "geometry":
                raise wrong_kind(Term("text", known=found), "geometry", node["op"].upper())
            sides.append([SQL(found.column)])
        else:
            parts = _parts(shapes_of(arg, to_lonlat), node["op"])
            sides.append([_bind(part, bound) for part in parts])
    tests = [_test(node["op"], left, right) for left in sides[0] for right in sides[1]]
    if len(tests) > _PARTS:
        raise fault(f"A geometry collection of the filter has more than {_PARTS} parts.", "too-complex")
    return SQL("({})").format(SQL(_OF_PARTS.get(node["op"], " AND ")).join(tests))


def _test(op: str, left: Composable, right: Composable) -> Composable:
    exact = SQL(FUNCTIONS[op] + "({}, {})").format(left, right)
    if op == "s_disjoint":
        return exact
    return SQL("({} && {} AND {})").format(left, right, exact)


def _bind(shape: BaseGeometry, bound: Bound) -> Composable:
    return bound.bind(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True), "geometry")


def _parts(shapes: list[BaseGeometry], op: str) -> list[BaseGeometry]:
    """What a function is asked of: PostGIS takes no mixed collections, but `intersects` is so of any part."""
    if len(shapes) == 1:
        return shapes
    simple = {shape.geom_type.removeprefix("Multi") for shape in shapes}
    if len(simple) == 1:
        single = [part for shape in shapes for part in shapely.get_parts(shape)]
        return [_MULTI[simple.pop()](single)]
    if op not in _OF_PARTS:
        raise fault(
            f"{op.upper()} takes no collection of different kinds of geometry.", "unsupported-collection"
        )
    return shapes


def shapes_of(node: Any, to_lonlat: ToLonLat | None) -> list[BaseGeometry]:
    """Valid geometries in EPSG:4326 of a literal: one, or as many as a collection has.

    Raises
    ------
    InvalidInput
        See `gis.geometry.validate.geometry_from_geojson`; always at `filter`.
    """
    if is_node(node, "bbox"):
        return [_box(node["bbox"], to_lonlat)]
    if is_node(node, "type", "geometries") and node["type"] == "GeometryCollection":
        inner = node["geometries"]
        if not isinstance(inner, list) or not 0 < len(inner) <= _PARTS:
            raise fault(f"A geometry collection has 1 to {_PARTS} geometries.", "too-complex")
        shapes = [_shape(item, to_lonlat) for item in inner]
    else:
        shapes = [_shape(node, to_lonlat)]
    if sum(int(shapely.get_num_coordinates(shape)) for shape in shapes) > MAX_AREA_VERTICES:
        raise fault(f"A geometry of the filter has more than {MAX_AREA_VERTICES:,} vertices.", "too-complex")
    return shapes


def _shape(node: Any, to_lonlat: ToLonLat | None) -> BaseGeometry:
    kind = node["type"] if is_node(node, "type", "coordinates") else None
    if not isinstance(kind, str) or kind not in GEOMETRY_TYPES:
        raise fault(f"A geometry is expected, not {shown(node)}.", "unknown-type")
    if to_lonlat is not None:
        node = {"type": kind, "coordinates": _moved(node["coordinates"], to_lonlat)}
    try:
        return geometry_from_geojson(node, pointer=POINTER)
    except InvalidInput as error:
        raise fault(f"{error.message} ({error.pointer})", error.code) from error


def _moved(coordinates: Any, to_lonlat: ToLonLat) -> Any:
    """The same nested lists with every position in degrees; all are converted at once."""
    positions = list(_positions(coordinates))
    if not positions or len(positions) > MAX_AREA_VERTICES:
        raise fault(f"A geometry of the filter has 1 to {MAX_AREA_VERTICES:,} vertices.", "too-complex")
    lon, lat = to_lonlat(
        np.array([position[0] for position in positions], float),
        np.array([position[1] for position in positions], float),
    )
    moved = iter(np.column_stack([lon, lat]).tolist())

    def rebuilt(value: Any) -> Any:
        return next(moved) if _is_position(value) else [rebuilt(item) for item in value]

    return rebuilt(coordinates)


def _positions(value: Any) -> Iterator[list[float]]:
    if _is_position(value):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _positions(item)
    else:
        raise fault(f"A position is expected, not {shown(value)}.", "not-a-number")


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 3
        and all(
            isinstance(item, int | float) and not isinstance(item, bool) and abs(item) < 1e9 for item in value
        )
    )


def _box(numbers: Any, to_lonlat: ToLonLat | None) -> BaseGeometry:
    if not isinstance(numbers, list) or len(numbers) not in (4, 6):
        raise fault("A BBOX has four or six numbers.")
    if not all(_is_position([number, number]) for number in numbers):
        raise fault("A BBOX has finite numbers.", "not-a-number")
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    if west > east or south > north:
        raise fault("West must not exceed east, nor south north; no box may cross the 180th meridian.")
    if to_lonlat is None:
        return _rectangle(_checked(west, south, east, north))
    # Straight edges in the plane are curves in degrees: a box in metres keeps its sides with more vertices.
    outline = _rectangle((west, south, east, north))
    side = max(east - west, north - south) / _SIDES_OF_BOX
    if side > 0:
        outline = shapely.segmentize(outline, side)
    return _shape(json.loads(shapely.to_geojson(outline)), to_lonlat)


def _checked(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    try:
        BBox(west, south, east, north)
    except InvalidInput as error:
        raise fault(error.message, error.code) from error
    return west, south, east, north


def _rectangle(corners: tuple[float, float, float, float]) -> BaseGeometry:
    west, south, east, north = corners
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def box_of(node: Any, to_lonlat: ToLonLat | None) -> BBox:
    """The bounding box of a literal geometry, in degrees."""
    west, south, east, north = shapely.total_bounds(shapes_of(node, to_lonlat)).tolist()
    return BBox(west, south, east, north)
