"""GeoJSON (RFC 7946), checked structurally before anything is believed.

General readers turn a wrong-case `type`, a null feature or coordinates given as text into nothing
without a word; here each is a rejected row or an unusable file with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS, RawRow, Table
from gis.exchange.readers.text import decode
from gis.geometry.crs import find_crs
from gis.geometry.validate import GEOMETRY_TYPES

_KNOWN_TYPES = {"FeatureCollection", "Feature", "GeometryCollection", *GEOMETRY_TYPES}


def read_geojson(data: bytes, *, encoding: str | None = None) -> Table:
    """Read features as rows, numbered from 1; geometries stay GeoJSON objects and are checked later.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable: not JSON, nested too deep, not a GeoJSON type, an unknown
        coordinate system.
    """
    text = decode(data, encoding)
    root = _parse(text.text)
    features = _features(root)
    if len(features) > MAX_ROWS:
        raise InvalidInput(
            f"{len(features):,} features; {MAX_ROWS:,} at most: split the file", code="too-many"
        )
    rows = [_row(number, feature) for number, feature in enumerate(features, start=1)]
    columns: dict[str, None] = {}
    for row in rows:
        columns.update(dict.fromkeys(row.values))
    warnings = text.warnings
    if text.encoding != "utf-8":
        warnings += (f"GeoJSON must be UTF-8; this file is {text.encoding}",)
    return Table("geojson", rows, tuple(columns), text.encoding, _stated_crs(root), warnings)


def _parse(text: str) -> dict[str, Any]:
    try:
        root = json.loads(text)
    except RecursionError as error:
        raise InvalidInput("the JSON is nested too deep", code="too-deep") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}", code="not-json"
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise InvalidInput("not JSON: a number is too long", code="not-json") from error
    if not isinstance(root, dict):
        raise InvalidInput("GeoJSON is an object with a type, not an array", code="not-geojson")
    return root


def _features(root: dict[str, Any]) -> list[Any]:
    kind = root.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN_TYPES:
        meant = next((known for known in _KNOWN_TYPES if known.lower() == str(kind).lower()), None)
        hint = f": write {meant!r}, types are case-sensitive" if meant else ""
        raise InvalidInput(
            f"{str(kind)[:40]!r} is no GeoJSON type{hint}", pointer="/type", code="not-geojson"
        )
    if kind == "Feature":
        return [root]
    if kind != "FeatureCollection":
        return [{"type": "Feature", "properties": {}, "geometry": root}]
    features = root.get("features")
    if not isinstance(features, list):
        raise InvalidInput(
            "a FeatureCollection has an array of features", pointer="/features", code="not-geojson"
        )
    if not features:
        raise InvalidInput("the file holds no feature", code="empty")
    return features


def _row(number: int, feature: object) -> RawRow:
    if not isinstance(feature, Mapping):
        return RawRow(number, {}, fault=_fault("", "null or no object where a feature should be"))
    if feature.get("type") != "Feature":
        return RawRow(
            number, {}, fault=_fault("type", f"type is {str(feature.get('type'))[:40]!r}, not 'Feature'")
        )
    values = feature.get("properties")
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        return RawRow(number, {}, fault=_fault("properties", "properties is no object"))
    return RawRow(number, values, position=feature.get("geometry"))


def _fault(field: str, reason: str) -> InvalidInput:
    return InvalidInput(reason, pointer=field, code="not-a-feature")


def _stated_crs(root: Mapping[str, Any]) -> str:
    """WGS84, or what the `crs` member of the older GeoJSON (2008) names."""
    stated = root.get("crs")
    if stated is None:
        return "wgs84"
    properties = stated.get("properties") if isinstance(stated, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return find_crs(str(name).rsplit(":", 1)[-1], pointer="/crs").name
