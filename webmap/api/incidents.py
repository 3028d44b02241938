"""Incidents as people report them on the spot."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gis.geometry.validate import lon_lat
from gis.incident import service
from gis.incident.lifecycle import State
from gis.incident.model import MAX_ADDRESS, MAX_DESCRIPTION, IncidentReport
from gis.patrol.model import parse_client_id, parse_text
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import one_of

blueprint = Blueprint("incidents", __name__, url_prefix="/api/v1")


class IncidentBody(BaseModel):
    """A report: place in WGS84 degrees, category code, what happened. Never names of people."""

    model_config = ConfigDict(extra="forbid")

    client_id: str = Field(description="UUID made by the sender; the same one again is the same incident")
    category: str = Field(max_length=20, description="a code of /api/v1/incident-categories")
    description: str = Field(min_length=1, max_length=MAX_DESCRIPTION)
    lon: float
    lat: float
    address: str = Field(default="", max_length=MAX_ADDRESS)
    people: int = Field(default=0, ge=0, le=30_000, description="how many are involved")
    occurred_at: AwareDatetime | None = None


@blueprint.post("/incidents")
@requires(Permission.REPORT_INCIDENT)
def report() -> ResponseReturnValue:
    """Store a report: 201 when new, 200 when the same report was stored before."""
    body = IncidentBody.model_validate(request.get_json())
    lon, lat = lon_lat(body.lon, body.lat)
    reported = service.report_incident(
        db(),
        current_actor(),
        IncidentReport(
            client_id=parse_client_id(body.client_id),
            category=body.category,
            description=parse_text(body.description, "description", MAX_DESCRIPTION),
            lon=lon,
            lat=lat,
            address=parse_text(body.address, "address", MAX_ADDRESS),
            people=body.people,
            occurred_at=body.occurred_at,
        ),
        request_id=g.request_id,
    )
    answer = jsonify({"id": reported.incident_id, "outcome": "created" if reported.is_new else "duplicate"})
    answer.headers["Location"] = f"/ogc/collections/incident/items/{reported.incident_id}"
    return answer, 201 if reported.is_new else 200


_COURSE = {
    "type": "object",
    "required": ["state", "steps", "next_states"],
    "properties": {
        "state": one_of(tuple(State)),
        "next_states": {"type": "array", "items": one_of(tuple(State))},
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["from_state", "to_state", "at", "note", "is_mine", "by"],
                "properties": {
                    "from_state": {"type": "string"},
                    "to_state": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "note": {"type": "string"},
                    "is_mine": {"type": "boolean"},
                    "by": {"type": ["string", "null"]},
                },
            },
        },
    },
}


@blueprint.get("/incidents/<int:incident_id>/steps")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(query=Parameters, answers={200: ("Its course so far and next", "application/json", _COURSE)})
)
def steps(incident_id: int) -> ResponseReturnValue:
    """Tell the steps an incident has taken, and the states the reader may bring it to next.

    A step is taken by PATCH of the feature's `state`. Who took one is told to those who may see accounts.
    """
    read_query(Parameters)
    course = service.course_of(db(), current_actor(), incident_id)
    return private(
        {
            "state": course.state,
            "next_states": list(course.next_states),
            "steps": [step._asdict() for step in course.steps],
        }
    )


@blueprint.get("/incident-categories")
@requires(Permission.SEE_MAPS)
def categories() -> ResponseReturnValue:
    """List the categories in force."""
    rows = service.categories(db(), current_actor())
    return jsonify({"items": [row._asdict() for row in rows]})
