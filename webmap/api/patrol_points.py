"""Patrol points as phones send them: batches, answered item by item after commit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from gis.errors import InvalidInput
from gis.patrol import service
from gis.patrol.model import Envelope, parse_time
from gis.people.model import Permission
from webmap import db
from webmap.api.field_records import device_of
from webmap.auth import current_actor, requires
from webmap.http.receipts import results_of

blueprint = Blueprint("patrol_points", __name__, url_prefix="/api/v1")


@blueprint.post("/patrol-points")
@requires(Permission.LOG_PATROL)
def log() -> ResponseReturnValue:
    """Store a batch; answer each item created, duplicate, conflict or rejected.

    Without `sent_at` the clock of the phone is believed.
    """
    body = request.get_json()
    points = body.get("points") if isinstance(body, dict) else None
    if not isinstance(points, list):
        raise InvalidInput("points is a list", pointer="points")
    receipts = service.log_points(db(), current_actor(), points, _envelope(body), request_id=g.request_id)
    return jsonify(results_of(receipts))


def _envelope(body: dict[str, Any]) -> Envelope:
    """What the phone says of the batch, in whole or in part."""
    sent_at = body.get("sent_at")
    return Envelope(None if sent_at is None else parse_time(sent_at, "sent_at"), device_of(body))


@blueprint.get("/violation-kinds")
@requires(Permission.SEE_MAPS)
def kinds() -> ResponseReturnValue:
    """List what a point may report."""
    rows = service.violation_kinds(db(), current_actor())
    return jsonify({"items": [row._asdict() for row in rows]})
