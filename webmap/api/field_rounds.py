"""Rounds for the phone: what is to be walked today and tomorrow, and what it tells of them afterwards."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from gis.patrol import own_rounds, walking
from gis.patrol.model import Receipt, parse_time
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_body, read_query
from webmap.http.receipts import results_of, schema_of_receipts

blueprint = Blueprint("field_rounds", __name__, url_prefix="/api/v1/field")

_TODAY = {
    "type": "object",
    "required": ["day", "rounds", "check_points", "parcels"],
    "properties": {
        "day": {"type": "string", "format": "date"},
        **{
            name: {"type": "array", "items": {"type": "object"}}
            for name in ("rounds", "check_points", "parcels")
        },
    },
}
_RECEIPTS = schema_of_receipts("code", "detail", "sha256", "pointer")


class EventsBody(BaseModel):
    """Starts, pauses, resumes and ends of a round, each with a `client_id` of its own."""

    model_config = ConfigDict(extra="forbid")

    events: list[Any] = Field(
        description="Each: client_id, kind (start, pause, resume, end), device_at, sequence, device_id"
    )
    sent_at: str | None = Field(default=None, description="The phone's clock now: tells how wrong it goes")


class VisitsBody(BaseModel):
    """Visits of check points, each with a `client_id` of its own."""

    model_config = ConfigDict(extra="forbid")

    visits: list[Any] = Field(
        description="Each: client_id, by (pass, qr, manual), check_point_id, qr_token, dwell_s, device_at, "
        "sequence, device_id, record_id, grade"
    )
    sent_at: str | None = Field(default=None, description="The phone's clock now: tells how wrong it goes")


@blueprint.get("/today")
@requires(Permission.LOG_PATROL)
@describes(Operation(query=Parameters, answers={200: ("My rounds of two days", "application/json", _TODAY)}))
def show_today() -> ResponseReturnValue:
    """Give my teams' rounds of today and tomorrow with all a phone needs to walk them without a network.

    A code at a place may be checked offline: `qr_sha256` holds the first 16 hexadecimal digits of the SHA-256
    of what it says.
    """
    read_query(Parameters)
    return private(own_rounds.as_json(own_rounds.own_rounds(db(), current_actor())))


@blueprint.post("/rounds/<int:round_id>/events")
@requires(Permission.LOG_PATROL)
@describes(Operation(body=EventsBody, answers={200: ("A receipt for each", "application/json", _RECEIPTS)}))
def log_events(round_id: int) -> ResponseReturnValue:
    """Store a batch of events of a round; answer each created, duplicate, conflict or rejected.

    They may come late and in any order: a phone's `sequence` says what came first.
    """
    body = read_body(EventsBody)
    return _answer(walking.log_events(db(), current_actor(), round_id, body.events, **_sent(body.sent_at)))


@blueprint.post("/rounds/<int:round_id>/visits")
@requires(Permission.LOG_PATROL)
@describes(Operation(body=VisitsBody, answers={200: ("A receipt for each", "application/json", _RECEIPTS)}))
def log_visits(round_id: int) -> ResponseReturnValue:
    """Store a batch of visits of check points; answer each created, duplicate, conflict or rejected."""
    body = read_body(VisitsBody)
    return _answer(walking.log_visits(db(), current_actor(), round_id, body.visits, **_sent(body.sent_at)))


def _sent(sent_at: str | None) -> dict[str, Any]:
    at = None if sent_at is None else parse_time(sent_at, "sent_at")
    return {"sent_at": at, "request_id": g.request_id}


def _answer(receipts: list[Receipt]) -> ResponseReturnValue:
    return jsonify(results_of(receipts))
