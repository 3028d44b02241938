"""Where tracker apps send their positions, in the formats they have."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from gis.people.model import Permission
from gis.track.formats import from_owntracks, from_traccar
from gis.track.model import Source
from gis.track.trackers import take_positions
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.openapi import Operation, describes

blueprint = Blueprint("trackers", __name__, url_prefix="/api/v1/trackers")

_NOTHING = {"type": "array", "maxItems": 0, "description": "Where the app expects friends and commands"}


class OwnTracksMessage(BaseModel):
    """A message of OwnTracks; only those of `_type` location are kept."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(alias="_type")


class TraccarPosition(BaseModel):
    """What Traccar Client sends, or a Traccar server forwards (`position` and `device`)."""

    model_config = ConfigDict(extra="allow")

    location: dict[str, Any] | list[dict[str, Any]] | None = None
    device_id: str | int | None = None
    position: dict[str, Any] | None = None
    device: dict[str, Any] | None = None


@blueprint.post("/owntracks")
@requires(Permission.LOG_PATROL)
@describes(Operation(body=OwnTracksMessage, answers={200: ("Nothing", "application/json", _NOTHING)}))
def owntracks() -> ResponseReturnValue:
    """Take a message of OwnTracks in HTTP mode; the password of Basic is a token."""
    if not request.get_data():  # a friend was removed from the app
        return jsonify([])
    position = from_owntracks(request.get_json(force=True), request.headers.get("X-Limit-D", ""))
    if position is not None:
        take_positions(db(), current_actor(), Source.OWNTRACKS, [position], request_id=g.request_id)
    return jsonify([])


@blueprint.post("/traccar")
@requires(Permission.LOG_PATROL)
@describes(Operation(body=TraccarPosition))
def traccar() -> ResponseReturnValue:
    """Take positions of Traccar Client (JSON, from version 9) or of a Traccar server that forwards them."""
    positions = from_traccar(request.get_json(force=True))
    stored = take_positions(db(), current_actor(), Source.TRACCAR, positions, request_id=g.request_id)
    return jsonify({"stored": stored})
