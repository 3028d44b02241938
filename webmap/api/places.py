"""Where am I, what is nearest, where is this: locate, nearest, search."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from gis.division import service as division
from gis.errors import InvalidInput
from gis.geometry.validate import lon_lat
from gis.people.model import Permission
from gis.publish import service
from gis.publish.layers import NEAREST_LAYERS
from gis.publish.model import MAX_NEAREST, Found
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http import geojson
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Decimal, Parameters, read_query
from webmap.http.schemas import FEATURES, one_of

blueprint = Blueprint("places", __name__, url_prefix="/api/v1")

_JSON = "application/json"
_PLACE = {
    "type": ["object", "null"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}, "name_en": {"type": "string"}},
}
_LOCATION = {
    "type": "object",
    "required": ["position", "inside", "near_border", "responsible"],
    "properties": {
        "position": {
            "type": "object",
            "properties": {"lon": {"type": "number"}, "lat": {"type": "number"}},
            "description": "In WGS84, whatever was given",
        },
        "inside": {"type": "boolean"},
        "on_date": {"type": "string", "format": "date"},
        "near_border": {"type": "boolean"},
        "border_distance_m": {"type": ["number", "null"]},
        **dict.fromkeys(("district", "subdistrict", "community", "cell"), _PLACE),
        "responsible": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("name", "duty", "phone_masked")},
            },
        },
    },
}
_FOUND = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "kind": one_of(("cell", "community", "building", "facility")),
                    **{name: {"type": "string"} for name in ("id", "code", "name", "detail", "url")},
                    "lon": {"type": "number"},
                    "lat": {"type": "number"},
                },
            },
        }
    },
}


class LocateQuery(Parameters):
    """A position, its coordinate system and the day asked about."""

    lon: Decimal = Field(description="Longitude in degrees, or easting in metres for a metric system")
    lat: Decimal = Field(description="Latitude in degrees, or northing in metres")
    crs: str = Field(default="wgs84", max_length=40, description="wgs84, gcj02, bd09, 4490, 4526, 4547, …")
    at: str | None = Field(
        default=None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="The division and duties of that day"
    )
    accuracy_m: Decimal | None = Field(
        default=None, ge=0, le=10_000, description="How far off the position may be"
    )


class NearestQuery(Parameters):
    """A position and how many to find."""

    lon: Decimal = Field(description="Longitude in degrees (WGS84)")
    lat: Decimal = Field(description="Latitude in degrees (WGS84)")
    k: int = Field(default=5, ge=1, le=MAX_NEAREST)


class SearchQuery(Parameters):
    """What was typed."""

    q: str = Field(
        max_length=100,
        description="Code, name, address or pinyin initials: one Chinese character or two signs",
    )
    limit: int = Field(default=20, ge=1, le=100)


@blueprint.get("/locate")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=LocateQuery, answers={200: ("The place", _JSON, _LOCATION)}))
def locate() -> ResponseReturnValue:
    """Tell which community and cell a position lies in, and who answers for it."""
    asked = read_query(LocateQuery)
    try:
        day = None if asked.at is None else date.fromisoformat(asked.at)
    except ValueError as error:
        raise InvalidInput("There is no such day.", pointer="at") from error
    found = division.locate(
        db(),
        current_actor(),
        asked.lon,
        asked.lat,
        crs=asked.crs,
        on_date=day,
        accuracy_m=asked.accuracy_m,
    )
    answer: dict[str, Any] = asdict(found)
    position = {"lon": answer.pop("lon"), "lat": answer.pop("lat")}
    return private({"position": position, **answer})


@blueprint.get("/nearest/<layer>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=NearestQuery,
        path={"layer": one_of(NEAREST_LAYERS)},
        answers={200: ("Features with `distance_m`, nearest first", geojson.MIMETYPE, FEATURES)},
    )
)
def nearest(layer: str) -> ResponseReturnValue:
    """Find the k features nearest to a position, with their distances in metres."""
    asked = read_query(NearestQuery)
    lon, lat = lon_lat(asked.lon, asked.lat)
    page = service.nearest(db(), current_actor(), layer, lon, lat, asked.k)
    return private(geojson.collection(page), geojson.MIMETYPE)


@blueprint.get("/search")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=SearchQuery, answers={200: ("Places, best first", _JSON, _FOUND)}))
def search() -> ResponseReturnValue:
    """Search cells, communities, buildings and facilities."""
    asked = read_query(SearchQuery)
    found = service.search(db(), current_actor(), asked.q, limit=asked.limit)
    items = [_shown(item) for item in found]
    return private({"items": items})


def _shown(item: Found) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.record_id,
        "code": item.code,
        "name": item.name,
        "detail": item.detail,
        "lon": item.lon,
        "lat": item.lat,
        "cell": item.cell,
        "url": _page_of(item),
    }


def _page_of(item: Found) -> str:
    """The page that shows a hit: its community, or the cell it is or lies in."""
    root = f"{request.script_root}/map"
    if item.kind == "community":
        return f"{root}/communities/{quote(item.code, safe='')}"
    return f"{root}/cells/{quote(item.cell, safe='')}" if item.cell else root
