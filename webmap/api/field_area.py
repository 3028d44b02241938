"""The map a phone keeps: "save my area"."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from gis.patrol.area import own_area
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query

blueprint = Blueprint("field_area", __name__, url_prefix="/api/v1/field")

_GEOJSON = "application/geo+json"


@blueprint.get("/area")
@requires(Permission.LOG_PATROL)
@describes(
    Operation(query=Parameters, answers={200: ("A FeatureCollection in WGS84", _GEOJSON, {"type": "object"})})
)
def show() -> ResponseReturnValue:
    """Give cells, parcels, check points and facilities of my area and 500 m around it, at most 15 MB.

    A feature's `layer` says what it is: community, cell, parcel, facility or check_point.
    """
    read_query(Parameters)
    return private(own_area(db(), current_actor()), _GEOJSON)
