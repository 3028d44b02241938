"""Reading what is masked: a building head's name and number, for a purpose that is written down."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import Field

from gis.people.model import Permission
from gis.publish import service
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_body

blueprint = Blueprint("buildings", __name__, url_prefix="/api/v1")

_HEAD = {
    "type": "object",
    "properties": {"full_name": {"type": "string"}, "phone": {"type": "string"}},
}


class RevealBody(Parameters):
    """Why the name and number are needed."""

    purpose: str = Field(min_length=2, max_length=200, description="Kept in the audit log")


@blueprint.post("/buildings/<int:building_id>/head/reveal")
@requires(Permission.SEE_HOUSING)
@describes(Operation(body=RevealBody, answers={200: ("The head; audited", "application/json", _HEAD)}))
def reveal_head(building_id: int) -> ResponseReturnValue:
    """Reveal the name and number of a building's head.

    For the officer of the building's cell and the dispatcher. Each reading leaves an audit row.
    """
    body = read_body(RevealBody)
    head = service.reveal_building_head(db(), current_actor(), building_id, body.purpose)
    answer = jsonify({"full_name": head.full_name, "phone": head.phone})
    answer.headers["Cache-Control"] = "no-store"
    return answer
