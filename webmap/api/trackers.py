"""Where tracker apps send their positions, in the formats they have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from gis.errors import BadToken, OutOfScope
from gis.people.model import Permission
from gis.track.formats import from_owntracks, from_traccar
from gis.track.model import Source
from gis.track.osmand import from_osmand
from gis.track.trackers import take_positions
from webmap import db
from webmap.auth import current_actor, requires
from webmap.auth.actors import secret_of_device
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


class OsmAndPosition(BaseModel):
    """A position in the query, or as a form in the body; parameters with other names are ignored."""

    model_config = ConfigDict(extra="allow")

    id: str | None = Field(
        default=None,
        description="The device (`deviceid` is the same); or a tracker's token, from apps without headers",
    )
    lat: float | None = Field(default=None, description="Degrees (WGS84)")
    lon: float | None = None
    location: str | None = Field(default=None, description="latitude,longitude, in place of lat and lon")
    timestamp: str | None = Field(
        default=None, description="Seconds or milliseconds since 1970 or ISO 8601 (UTC unless told)"
    )
    accuracy: float | None = Field(default=None, description="Metres")
    hdop: float | None = Field(default=None, description="Without `accuracy`: metres, as OsmAnd sends it")
    speed: float | None = Field(default=None, description="Knots; m/s with `hdop` and without `accuracy`")
    bearing: float | None = Field(default=None, description="Degrees from north (`heading` is the same)")
    valid: str | None = Field(default=None, description="false or 0: taken and not kept")


@blueprint.get("/osmand")
@requires(Permission.LOG_PATROL)
@describes(Operation(query=OsmAndPosition))
def osmand() -> ResponseReturnValue:
    """Take a position of OsmAnd, by token alone."""
    return _take_osmand()


@blueprint.post("/osmand")
@requires(Permission.LOG_PATROL)
@describes(Operation(body=OsmAndPosition, media="application/x-www-form-urlencoded"))
def osmand_form() -> ResponseReturnValue:
    """Take a position of Traccar Client before version 9, by token alone; as a form or in the query."""
    return _take_osmand()


def _take_osmand() -> ResponseReturnValue:
    given, actor = request.values, current_actor()
    # A token given as the device's name is never kept as one.
    device = given.get("id") or given.get("deviceid") or ""
    if secret_of_device(given):
        device = f"osmand-{actor.token_id}"
    position = from_osmand(given, device, datetime.now(UTC))
    if actor.token_id is None:  # a link somebody is made to follow brings a cookie, but never a token
        raise BadToken
    if not actor.may_write:
        raise OutOfScope
    positions = [] if position is None else [position]
    stored = take_positions(db(), actor, Source.OSMAND, positions, request_id=g.request_id)
    return jsonify({"stored": stored})
