"""JSON schemas of answers, and parameters that several views share."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gis.publish.model import BBox, TimeSpan
from webmap.http.params import Parameters

Schema = dict[str, Any]

_LINKS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
}
FEATURE: Schema = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": ["integer", "string"]},
        "geometry": {"type": "object"},
        "properties": {"type": "object"},
    },
}
FEATURES: Schema = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "numberReturned": {"type": "integer"},
        "numberMatched": {"type": "integer"},
        "links": _LINKS,
        "features": {"type": "array", "items": FEATURE},
    },
}
LINKED: Schema = {"type": "object", "properties": {"links": _LINKS}}
PLACE_COUNTS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "name", "count"],
        "properties": {"code": {"type": "string"}, "name": {"type": "string"}, "count": {"type": "integer"}},
    },
}


def one_of(names: tuple[str, ...]) -> Schema:
    """A text that is one of some names."""
    return {"type": "string", "enum": list(names)}


class WithPeriod(Parameters):
    """A period, in the notation of OGC API."""

    datetime: str | None = Field(
        default=None,
        max_length=100,
        description="A day, a moment with an offset, or an interval of such; .. is an open end",
        examples=["2026-01-01/2026-01-31"],
    )

    def span(self) -> TimeSpan | None:
        """The period, None where any will do."""
        return None if self.datetime is None else TimeSpan.parse(self.datetime)


class WithBox(WithPeriod):
    """A rectangle, in the notation of OGC API."""

    bbox: str | None = Field(
        default=None,
        max_length=200,
        description="west,south,east,north in degrees (WGS84)",
        examples=["113.90,22.72,113.95,22.76"],
    )

    def box(self) -> BBox | None:
        """The rectangle, None for the whole world."""
        return None if self.bbox is None else BBox.parse(self.bbox)
