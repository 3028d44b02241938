"""Tracks as phones send them: fixes in order, each stored once; and what is stored, for who may read it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, Field

from gis.people.model import Permission
from gis.track import service
from gis.track.model import MAX_FIXES, parse_upload
from gis.track.reading import MAX_READ, read_stream
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query

blueprint = Blueprint("field_tracks", __name__, url_prefix="/api/v1/field/tracks")

_ID = {"stream_id": {"type": "string", "format": "uuid", "description": "Made by the phone for one walk"}}
_RECEIPT = {
    "type": "object",
    "required": ["stored", "sha256"],
    "properties": {
        "stored": {"type": "integer", "description": "Fixes stored so far: the number of the next one"},
        "sha256": {"type": "string", "description": "The chain over them, see docs/tracks.md"},
    },
}


class FixesBody(BaseModel):
    """Fixes of one walk in the order they were taken; `gis.track.model.parse_upload` judges them."""

    sent_at: AwareDatetime = Field(description="The phone's clock as it sends this")
    device_id: UUID
    first: int = Field(ge=0, description="Number of the first fix; the first of a walk is 0")
    fixes: list[list[float | None]] = Field(
        max_length=MAX_FIXES,
        description="[milliseconds since 1970, longitude, latitude, accuracy in m, speed in m/s, heading]",
    )
    round_id: int | None = None
    is_last: bool = False


class FixesQuery(Parameters):
    """Which raw fixes."""

    first: int = Field(default=0, ge=0, le=2**31 - 1, description="Number of the first fix")
    limit: int = Field(default=1000, ge=0, le=MAX_READ)


@blueprint.post("/<uuid:stream_id>/fixes")
@requires(Permission.LOG_PATROL)
@describes(
    Operation(
        body=FixesBody,
        path=_ID,
        answers={200: ("What is stored, after commit", "application/json", _RECEIPT)},
    )
)
def append(stream_id: UUID) -> ResponseReturnValue:
    """Store what is not stored yet; 409 with the number `wanted` where earlier fixes are missing."""
    receipt = service.append_fixes(
        db(), current_actor(), stream_id, parse_upload(request.get_json()), request_id=g.request_id
    )
    return jsonify({"stored": receipt.stored, "sha256": receipt.sha256})


@blueprint.get("/<uuid:stream_id>")
@requires(Permission.SEE_TRACKS)
@describes(Operation(query=FixesQuery, path=_ID))
def show(stream_id: UUID) -> ResponseReturnValue:
    """Give a walk: its track and some of its raw fixes; those of somebody else leave an audit row."""
    asked = read_query(FixesQuery)
    found = read_stream(
        db(), current_actor(), stream_id, first=asked.first, limit=asked.limit, request_id=g.request_id
    )
    answer = private(found)
    answer.headers["Cache-Control"] = "no-store"
    return answer
