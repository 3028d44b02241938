"""A layer's properties in the reader's language, as JSON Schema and as words for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from gis.publish import property_schema
from gis.publish.layers import Layer
from webmap.http.links import absolute

Document = dict[str, Any]

KINDS = ("queryables", "sortables", "schema")
_MAKERS = {
    "queryables": property_schema.queryables_schema,
    "sortables": property_schema.sortables_schema,
    "schema": property_schema.feature_schema,
}


def schema_of(layer: Layer, kind: str = "schema") -> Document:
    """The JSON Schema of a layer's features (`schema`), of what they can be filtered or sorted by."""
    url = absolute(f"ogc_queryables.{kind}", layer=layer.name)
    return _MAKERS[kind](layer.name, str(get_locale()), url=url)


def words_of(schema: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, dict[Any, str]]]:
    """Titles of properties, and by property the titles of its codes."""
    titles: dict[str, str] = {}
    codes: dict[str, dict[Any, str]] = {}
    for name, described in schema["properties"].items():
        titles[name] = described.get("title", name)
        choices = described.get("oneOf") or described.get("items", {}).get("oneOf", ())
        codes[name] = {choice["const"]: choice["title"] for choice in choices if "title" in choice}
    return titles, codes


def rows_of(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A schema as rows of a table: name, title, type, unit, and the values where they are few."""
    titles, codes = words_of(schema)
    return [
        {
            "name": name,
            "title": titles[name],
            "type": described.get("format") or described.get("type", ""),
            "unit": described.get("x-ogc-unit", ""),
            "role": described.get("x-ogc-role", ""),
            "values": [
                {"value": value, "title": codes[name].get(value, "")}
                for value in described.get("enum", codes[name])
            ],
        }
        for name, described in schema["properties"].items()
    ]
