"""Features as clients send them: media type, JSON, the coordinate system of the header Content-Crs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from gis.errors import InvalidInput
from gis.geometry.crs import wgs84_from
from gis.geometry.validate import geometry_from_geojson
from gis.publish.crs import PLAIN, Form, form_of
from gis.publish.draft import Draft
from gis.publish.layers import Layer

GEOJSON = "application/geo+json"
MERGE_PATCH = "application/merge-patch+json"

_DEEPEST = 5  # brackets round a position of a MultiPolygon, and one to see that there are more
_WANTED = {"Point": frozenset({"Point"}), "MultiPolygon": frozenset({"Polygon", "MultiPolygon"})}


def read_features(layer: Layer) -> tuple[list[Draft], bool]:
    """The body as one or more whole features, and whether it was a FeatureCollection.

    Raises
    ------
    InvalidInput, UnsupportedMediaType
    """
    body = _body(GEOJSON)
    if body.get("type") != "FeatureCollection":
        return [_whole(layer, body, "")], False
    features = body.get("features")
    if not isinstance(features, list):
        raise InvalidInput("features is a list", pointer="/features")
    return [_whole(layer, feature, f"/features/{at}") for at, feature in enumerate(features)], True


def read_feature(layer: Layer) -> Draft:
    """The body as one whole feature. Raises as `read_features`."""
    return _whole(layer, _body(GEOJSON), "")


def read_patch(layer: Layer) -> Draft:
    """The body as a JSON Merge Patch (RFC 7396) of a feature. Raises as `read_features`."""
    body = _body(MERGE_PATCH)
    properties = body.get("properties", {})
    if not isinstance(properties, dict):
        raise InvalidInput("properties is an object", pointer="/properties")
    geometry = _geometry(layer, body["geometry"], "") if "geometry" in body else None
    return Draft(properties, geometry, is_whole=False)


def _body(media: str) -> dict[str, Any]:
    if request.mimetype != media:
        raise UnsupportedMediaType(f"{media} is taken here.")
    try:
        body = json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not JSON.", pointer="/", code="not-json") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body is an object.", pointer="/")
    return body


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _whole(layer: Layer, feature: Any, pointer: str) -> Draft:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InvalidInput("a GeoJSON Feature is expected", pointer=f"{pointer}/type", code="unknown-type")
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise InvalidInput("properties is an object", pointer=f"{pointer}/properties")
    return Draft(properties or {}, _geometry(layer, feature.get("geometry"), pointer))


def _geometry(layer: Layer, value: Any, pointer: str) -> Any:
    """A geometry in WGS84, from the coordinate system of the header Content-Crs."""
    form = _content_crs()
    if form != PLAIN and isinstance(value, dict) and "coordinates" in value:
        value = {**value, "coordinates": _lon_lat(value["coordinates"], form)}
    return geometry_from_geojson(value, allowed=_WANTED[layer.geometry], pointer=f"{pointer}/geometry")


def _content_crs() -> Form:
    """The system the header Content-Crs names, CRS84 where it is missing."""
    name = request.headers.get("Content-Crs", "").strip().removeprefix("<").removesuffix(">")
    return form_of(name, "Content-Crs") if name else PLAIN


def _lon_lat(coordinates: Any, form: Form) -> Any:
    """Coordinates of any nesting as longitude, latitude; what is no position the door will refuse."""
    found = list(_positions(coordinates, 0))
    if not found:
        return coordinates
    axes = (1, 0) if form.is_flipped else (0, 1)
    x, y = ([position[axis] for position in found] for axis in axes)
    moved = wgs84_from(x, y, form.srid)
    turned = zip(moved.lon.tolist(), moved.lat.tolist(), strict=True)
    return _replaced(coordinates, turned, 0)


def _positions(value: Any, depth: int) -> Iterator[list[float]]:
    if _is_position(value):
        yield value
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in value:
            yield from _positions(item, depth + 1)


def _replaced(value: Any, turned: Iterator[tuple[float, float]], depth: int) -> Any:
    if _is_position(value):
        return list(next(turned))
    if isinstance(value, list) and depth < _DEEPEST:
        return [_replaced(item, turned, depth + 1) for item in value]
    return value


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in (2, 3)
        and all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
        and all(abs(item) < 1e12 for item in value)
    )
