"""A person's own track file: GPX, KML or GeoJSON, as a form's file or as the body itself."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from gis.errors import InvalidInput
from gis.people.model import Permission
from gis.track.files import store_track_file
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.openapi import Operation, describes

blueprint = Blueprint("track_files", __name__, url_prefix="/api/v1/field")

_NAMES = {
    "application/gpx+xml": "body.gpx",
    "application/vnd.google-earth.kml+xml": "body.kml",
    "application/geo+json": "body.geojson",
}
_COUNT = {"type": "integer", "minimum": 0}
_REPORT = {
    "type": "object",
    "required": ["read", "stored", "unchanged", "rejected", "rejects", "fixes"],
    "properties": {
        "format": {"type": "string"},
        "read": {**_COUNT, "description": "Tracks in the file: stored + unchanged + rejected"},
        "stored": _COUNT,
        "unchanged": {**_COUNT, "description": "Stored before, from the same file"},
        "rejected": _COUNT,
        "rejects": {"type": "array", "items": {"type": "object"}},
        "fixes": {**_COUNT, "description": "Positions with a time, of all tracks"},
        "stream_id": {"type": ["string", "null"], "format": "uuid"},
        "warnings": {"type": "array", "items": {"type": "string"}},
    },
}


class TrackFile(BaseModel):
    """A form with one file, or the file alone as the body with its own media type."""

    file: bytes = Field(description="GPX, KML or GeoJSON")


@blueprint.post("/track-files")
@requires(Permission.LOG_PATROL)
@describes(
    Operation(
        body=TrackFile,
        media="multipart/form-data",
        answers={200: ("What became of each track", "application/json", _REPORT)},
    )
)
def upload() -> ResponseReturnValue:
    """Store the walks of one file; the same file again changes nothing.

    The file is `file` of a multipart form, or the body itself with its media type: GPX, KML or GeoJSON.
    """
    name, data = _file()
    report = store_track_file(db(), current_actor(), name, data, request_id=g.request_id)
    return jsonify({**asdict(report), "rejected": len(report.rejects)})


def _file() -> tuple[str, bytes]:
    sent = request.files.get("file")
    if sent is not None:
        return sent.filename or "", sent.read()
    name = _NAMES.get(request.mimetype)
    if name is None:
        listed = ", ".join(_NAMES)
        raise InvalidInput(f"send a form with a file, or a body of {listed}", pointer="file", code="no-file")
    return name, request.get_data()
