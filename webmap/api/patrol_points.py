"""Patrol points as phones send them: batches, answered item by item after commit."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from gis.errors import InvalidInput
from gis.patrol import service
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.receipts import results_of

blueprint = Blueprint("patrol_points", __name__, url_prefix="/api/v1")


@blueprint.post("/patrol-points")
@requires(Permission.LOG_PATROL)
def log() -> ResponseReturnValue:
    """Store a batch; answer each item created, duplicate, conflict or rejected."""
    body = request.get_json()
    points = body.get("points") if isinstance(body, dict) else None
    if not isinstance(points, list):
        raise InvalidInput("points is a list", pointer="points")
    receipts = service.log_points(db(), current_actor(), points, request_id=g.request_id)
    return jsonify(results_of(receipts))


@blueprint.get("/violation-kinds")
@requires(Permission.SEE_MAPS)
def kinds() -> ResponseReturnValue:
    """List what a point may report."""
    rows = service.violation_kinds(db(), current_actor())
    return jsonify({"items": [row._asdict() for row in rows]})
