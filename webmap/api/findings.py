"""What a patrol team is asked to look at again."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from gis.findings import service
from gis.findings.model import RECHECK_RADIUS_M
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query

blueprint = Blueprint("findings_api", __name__, url_prefix="/api/v1/field")

_TEXT_OR_NULL = {"type": ["string", "null"]}
_RECHECKS = {
    "type": "object",
    "required": ["items", "radius_m"],
    "properties": {
        "radius_m": {"type": "number", "description": "how near an all-clear must be, outside a parcel"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    "incident_id",
                    "violation",
                    "description",
                    "lon",
                    "lat",
                    "found_at",
                    "handled_at",
                ],
                "properties": {
                    "incident_id": {"type": "integer"},
                    "violation": {"type": "string"},
                    "violation_name_zh": {"type": "string"},
                    "violation_name_en": {"type": "string"},
                    "description": {"type": "string"},
                    "found_at": {"type": "string", "format": "date-time"},
                    "handled_at": {"type": "string", "format": "date-time"},
                    "parcel_code": _TEXT_OR_NULL,
                    "parcel_name_zh": _TEXT_OR_NULL,
                    "lon": {"type": "number"},
                    "lat": {"type": "number"},
                    "needs_another": {
                        "type": "boolean",
                        "description": "found by the reader today: somebody else, or another day",
                    },
                },
            },
        },
    },
}


@blueprint.get("/rechecks")
@requires(Permission.LOG_PATROL)
@describes(
    Operation(query=Parameters, answers={200: ("What to look at again", "application/json", _RECHECKS)})
)
def rechecks() -> ResponseReturnValue:
    """List the findings of the reader's area that were handled and not yet seen to be gone.

    An all-clear logged there, or anywhere in the parcel, is the re-check: by another person than the finder
    or on another day.
    """
    read_query(Parameters)
    rows = service.to_recheck(db(), current_actor())
    return private({"radius_m": RECHECK_RADIUS_M, "items": [row._asdict() for row in rows]})
