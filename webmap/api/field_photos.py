"""Photos as phones send them: announced, then in pieces from where the last one ended, as tus 1.0 does."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

from gis.errors import InvalidInput, TooLarge
from gis.geometry.validate import lon_lat
from gis.people.model import Permission
from gis.photo import upload
from gis.photo.model import MAX_BYTES, MAX_PIECE, Announcement, Progress, State, WrongOffset
from webmap import db
from webmap.auth import current_actor, part_of_upload, requires
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.problem import problem
from webmap.http.schemas import one_of

blueprint = Blueprint("field_photos", __name__, url_prefix="/api/v1/field/photos")

PIECE = "application/offset+octet-stream"
_MAX_DIGITS = 8


class PhotoBody(BaseModel):
    """A photo to come. `record_id` is the client_id of the patrol point or incident, which may come later."""

    model_config = ConfigDict(extra="forbid")

    client_id: UUID = Field(description="Made by the phone; the same one again is the same photo")
    record_id: UUID
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$", description="Of the whole file, in hex")
    bytes: int = Field(ge=1, le=MAX_BYTES)
    media_type: Literal["image/jpeg", "image/webp", "image/png"]
    taken_at: AwareDatetime = Field(description="The phone's clock, with its offset")
    lon: float | None = Field(default=None, description="Where it was taken, WGS84 degrees")
    lat: float | None = None


_PROGRESS = {
    "type": "object",
    "required": ["client_id", "state", "offset", "bytes"],
    "properties": {
        "client_id": {"type": "string", "format": "uuid"},
        "state": one_of(tuple(State)),
        "offset": {"type": "integer", "description": "Bytes held; the next piece begins here"},
        "bytes": {"type": "integer"},
        "refusal": {"type": "string", "description": "Why it was refused"},
        "receipt": {
            "type": "object",
            "description": "Once it is complete and committed: the phone may forget it",
            "properties": {"client_id": {"type": "string"}, "sha256": {"type": "string"}},
        },
    },
}
_ANSWERS = {200: ("How far it is; the header Upload-Offset says it too", "application/json", _PROGRESS)}
_PATH = {"client_id": {"type": "string", "format": "uuid"}}


@blueprint.post("")
@requires(Permission.REPORT_INCIDENT)
@describes(Operation(body=PhotoBody, answers=_ANSWERS))
def announce() -> ResponseReturnValue:
    """Announce a photo; announced again it tells how far it is, with its receipt once it is complete."""
    body = PhotoBody.model_validate(request.get_json())
    has_position = body.lon is not None or body.lat is not None
    photo = Announcement(
        client_id=body.client_id,
        record_id=body.record_id,
        sha256=bytes.fromhex(body.sha256),
        bytes=body.bytes,
        media_type=body.media_type,
        taken_at=body.taken_at,
        position=lon_lat(body.lon, body.lat) if has_position else None,
    )
    progress = upload.announce_photo(db(), current_actor(), photo, request_id=g.request_id)
    answer = _answer(progress)
    answer.headers["Location"] = url_for("field_photos.progress", client_id=progress.client_id)
    return answer


@blueprint.get("/<uuid:client_id>")
@requires(Permission.REPORT_INCIDENT)
@part_of_upload
@describes(Operation(query=Parameters, answers=_ANSWERS, path=_PATH))
def progress(client_id: UUID) -> ResponseReturnValue:
    """Tell how far an own photo is, in the headers Upload-Offset and Upload-Length too."""
    read_query(Parameters)
    return _answer(upload.photo_progress(db(), current_actor(), client_id))


@blueprint.patch("/<uuid:client_id>")
@requires(Permission.REPORT_INCIDENT)
@describes(
    Operation(
        answers=_ANSWERS,
        path=_PATH,
        headers={"Upload-Offset": (True, "Where in the photo the body begins, in bytes")},
    )
)
def take(client_id: UUID) -> ResponseReturnValue:
    """Take a piece of at most 256 kB, in a body of application/offset+octet-stream.

    A piece at another place than where the last one ended is 409 with the right place in Upload-Offset. One
    that is held already changes nothing. The last one completes the photo, or it is refused with a reason.
    """
    offset, piece = _offset(), _piece()
    try:
        taken = upload.take_piece(db(), current_actor(), client_id, offset, piece, request_id=g.request_id)
    except WrongOffset as error:
        answer = problem(409, gettext("The photo goes on elsewhere."), code=error.code)
        answer.headers["Upload-Offset"] = str(error.offset)
        return answer
    return _answer(taken)


def _offset() -> int:
    value = request.headers.get("Upload-Offset", "")
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
        raise InvalidInput("Upload-Offset is a number of bytes", pointer="Upload-Offset", code="bad-offset")
    return int(value)


def _piece() -> bytes:
    """The body, whole; of one that is cut on its way nothing is used."""
    if request.mimetype != PIECE:
        raise UnsupportedMediaType
    length = request.content_length
    if length is None:
        raise LengthRequired
    if length > MAX_PIECE:
        raise TooLarge("A piece has at most 256 kB.")
    piece = request.get_data(cache=False)
    if len(piece) != length:
        raise InvalidInput("The piece is cut off.", pointer="body", code="cut-off")
    return piece


def _answer(progress: Progress) -> Response:
    body: dict[str, Any] = {
        "client_id": progress.client_id,
        "state": progress.state.value,
        "offset": progress.offset,
        "bytes": progress.bytes,
    }
    if progress.refusal is not None:
        body["refusal"] = progress.refusal
    if progress.sha256 is not None:
        body["receipt"] = {"client_id": progress.client_id, "sha256": progress.sha256}
    answer = jsonify(body)
    answer.headers["Upload-Offset"] = str(progress.offset)
    answer.headers["Upload-Length"] = str(progress.bytes)
    return answer
