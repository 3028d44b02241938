"""What lies in a drawn area."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import Field

from gis.geometry.validate import geometry_from_geojson
from gis.people.model import Permission
from gis.publish import service
from gis.publish.layers import LAYERS
from gis.publish.model import MAX_ITEMS, MAX_RADIUS_M, AreaQuery, PlaceCount
from webmap import db
from webmap.auth import current_actor, only_reads, requires
from webmap.http import geojson
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import read_body
from webmap.http.schemas import FEATURES, PLACE_COUNTS, WithPeriod

blueprint = Blueprint("query", __name__, url_prefix="/api/v1")

_AREAS = frozenset({"Point", "Polygon", "MultiPolygon"})
_ANSWER = {
    **FEATURES,
    "properties": {
        **FEATURES["properties"],
        "counts": {"type": "object", "properties": {"by_community": PLACE_COUNTS, "by_cell": PLACE_COUNTS}},
    },
}


class AreaBody(WithPeriod):
    """A layer and an area: a polygon, or everything within a distance of a point or polygon."""

    layer: str = Field(max_length=40, json_schema_extra={"enum": list(LAYERS)})
    geometry: dict[str, Any] = Field(description="GeoJSON Point, Polygon or MultiPolygon (WGS84)")
    radius_m: float | None = Field(
        default=None, gt=0, le=MAX_RADIUS_M, allow_inf_nan=False, description="Needed for a point"
    )
    limit: int = Field(default=100, ge=1, le=MAX_ITEMS)


@blueprint.post("/query")
@requires(Permission.SEE_MAPS)
@only_reads
@describes(
    Operation(
        body=AreaBody,
        answers={200: ("The first features, and counts of them all", geojson.MIMETYPE, _ANSWER)},
    )
)
def area() -> ResponseReturnValue:
    """Find what lies in a polygon or circle, and count it by community and cell."""
    body = read_body(AreaBody)
    shape = geometry_from_geojson(body.geometry, allowed=_AREAS)
    query = AreaQuery(shape, radius_m=body.radius_m, span=body.span(), limit=body.limit)
    found = service.query_area(db(), current_actor(), body.layer, query)
    counts = {"by_community": _rows(found.by_community), "by_cell": _rows(found.by_cell)}
    answer = geojson.collection(found.page, numberMatched=found.matched, counts=counts)
    return private(answer, geojson.MIMETYPE)


def _rows(counts: tuple[PlaceCount, ...]) -> list[dict[str, Any]]:
    return [{"code": item.code, "name": item.name, "count": item.count} for item in counts]
