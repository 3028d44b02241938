"""JSON Schema of a layer's properties: OGC API - Features Part 3 queryables and Part 5 schemas (draft)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gis.publish.layers import LAYERS, Layer
from gis.publish.properties import GEOMETRY, ID, Property, properties_of, queryables, sortables

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
}


def queryables_schema(layer: str, locale: str, *, url: str | None = None) -> dict[str, Any]:
    """What may be named in a filter; `/req/queryables` of Features Part 3.

    Parameters
    ----------
    locale : titles are English where it begins with `en`, Chinese otherwise.
    url : address of the document without parameters, its `$id`.

    Raises
    ------
    NotFound
        There is no such layer.
    """
    return _document(layer, "queryables", locale, url, queryables(layer))


def sortables_schema(layer: str, locale: str, *, url: str | None = None) -> dict[str, Any]:
    """What may be named in `sortby`; parameters and errors as of `queryables_schema`."""
    return _document(layer, "sortables", locale, url, sortables(layer))


def feature_schema(layer: str, locale: str, *, url: str | None = None) -> dict[str, Any]:
    """What a feature holds, roles and units included; parameters and errors as of `queryables_schema`."""
    described = _document(layer, "schema", locale, url, properties_of(layer).values())
    for position, known in enumerate(properties_of(layer).values(), start=1):
        shown = described["properties"][known.name]
        shown["x-ogc-propertySeq"] = position
        if known.is_computed:
            shown["readOnly"] = True
    return described


def geojson_schema(layer: str, locale: str, *, url: str | None = None) -> dict[str, Any]:
    """What a GeoJSON feature is like: the members of `properties` with their types, no more.

    Clients that take columns and their types from it (GDAL) otherwise guess them from the first features,
    and take a share of 0 for a whole number.
    """
    known = [item for item in properties_of(layer).values() if item.name not in (ID, GEOMETRY)]
    described = {
        item.name: {"type": "array", "items": {"type": "string"}}
        if item.kind == "text_array"
        else dict(_TYPES[item.kind])
        for item in known
    }
    return {
        "$schema": DIALECT,
        "$id": url or f"/ogc/collections/{layer}/geojson-schema",
        "title": LAYERS[layer].title_en if _is_english(locale) else LAYERS[layer].title_zh,
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "id": {"type": "string" if LAYERS[layer].is_division else "integer"},
            "geometry": {"type": "object"},
            "properties": {"type": "object", "properties": described},
        },
    }


def _document(
    layer: str, resource: str, locale: str, url: str | None, chosen: Iterable[Property]
) -> dict[str, Any]:
    known = LAYERS[layer]
    properties = {item.name: _described(item, locale, known) for item in chosen}
    return {
        "$schema": DIALECT,
        "$id": url or f"/ogc/collections/{layer}/{resource}",
        "type": "object",
        "title": known.title_en if _is_english(locale) else known.title_zh,
        "properties": properties,
        "additionalProperties": False,
    }


def _described(known: Property, locale: str, layer: Layer) -> dict[str, Any]:
    english = _is_english(locale)
    described: dict[str, Any] = {"title": known.title_en if english else known.title_zh}
    choices = [
        {"const": code.value, "title": code.title_en if english else code.title_zh} for code in known.codes
    ]
    if known.kind == "geometry":
        described["format"] = f"geometry-{layer.geometry.lower()}"
    elif known.kind == "text_array":
        described |= {"type": "array", "items": {"type": "string"} | ({"oneOf": choices} if choices else {})}
    else:
        described |= _TYPES[known.kind]
        if choices:
            described |= {"enum": [code.value for code in known.codes], "oneOf": choices}
    if known.minimum is not None:
        described["minimum"] = known.minimum
    if known.maximum is not None:
        described["maximum"] = known.maximum
    if known.unit is not None:
        described |= {"x-ogc-unit": known.unit, "x-ogc-unitLang": "UCUM"}
    if known.role is not None:
        described["x-ogc-role"] = known.role
    return described


def _is_english(locale: str) -> bool:
    return locale.lower().startswith("en")
