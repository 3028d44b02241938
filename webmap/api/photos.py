"""Photos as people see them: those of a record, one by one without metadata, the original for a few."""

from __future__ import annotations

import hashlib
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from gis.photo import reading
from gis.photo.reading import Photo, RecordPhotos
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query

blueprint = Blueprint("photos", __name__, url_prefix="/api/v1")

_SUFFIX = {"image/jpeg": "jpg", "image/webp": "webp", "image/png": "png"}
_CLEANING = 1
"""Grows whenever a picture is cleaned otherwise than before, so that no browser keeps the old one."""
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_PATH = {"photo_id": {"type": "string", "format": "uuid"}}
_FILE = {"type": "string", "format": "binary"}
_LIST = {
    "type": "object",
    "required": ["photos", "on_their_way"],
    "properties": {
        "on_their_way": {"type": "integer", "description": "Announced, but not yet here as a whole"},
        "photos": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "url", "taken_at", "width", "height", "is_mine"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "url": {"type": "string"},
                    "original_url": {"type": "string", "description": "For those who may ask for it"},
                    "taken_at": {"type": "string", "format": "date-time"},
                    "width": {"type": "integer"},
                    "height": {"type": "integer"},
                    "is_mine": {"type": "boolean"},
                },
            },
        },
    },
}


def _file(description: str) -> Operation:
    first, *others = _SUFFIX
    return Operation(
        query=Parameters,
        path=_PATH,
        answers={200: (description, first, _FILE)},
        more=tuple((200, media, _FILE) for media in others),
    )


_LISTS = Operation(query=Parameters, answers={200: ("Its photos", "application/json", _LIST)})


@blueprint.get("/patrol-points/<int:patrol_point_id>/photos")
@requires(Permission.SEE_MAPS)
@describes(_LISTS)
def of_patrol_point(patrol_point_id: int) -> ResponseReturnValue:
    """List the photos of a patrol point, in the order they were taken."""
    read_query(Parameters)
    return _listed(reading.photos_of_patrol_point(db(), current_actor(), patrol_point_id))


@blueprint.get("/incidents/<int:incident_id>/photos")
@requires(Permission.SEE_MAPS)
@describes(_LISTS)
def of_incident(incident_id: int) -> ResponseReturnValue:
    """List the photos of an incident and of the patrol points it came from, in the order they were taken."""
    read_query(Parameters)
    return _listed(reading.photos_of_incident(db(), current_actor(), incident_id))


@blueprint.get("/photos/<uuid:photo_id>")
@requires(Permission.SEE_MAPS)
@describes(_file("The picture"))
def show(photo_id: UUID) -> ResponseReturnValue:
    """Give a photo without metadata, to whoever sees the record it belongs to."""
    read_query(Parameters)
    actor = current_actor()
    photo = reading.find_photo(db(), actor, photo_id)
    tag = hashlib.sha256(f"{actor.account_id}|{actor.role}|{_CLEANING}|{photo.sha256}".encode()).hexdigest()
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        answer = Response(reading.picture_of(db(), actor, photo), mimetype=photo.media_type)
        _dress(answer, photo, "inline")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Cookie", "Authorization"))
    return answer


@blueprint.get("/photos/<uuid:photo_id>/original")
@requires(Permission.SEE_MAPS)
@describes(_file("The file as it was sent"))
def original(photo_id: UUID) -> ResponseReturnValue:
    """Give a photo as it was sent, with its metadata: to who took it, dispatchers and the auditor.

    Leaves a row in the audit log.
    """
    read_query(Parameters)
    photo, content = reading.original_of(db(), current_actor(), photo_id, request_id=g.request_id)
    answer = Response(content, mimetype=photo.media_type)
    _dress(answer, photo, "attachment")
    return answer


def _dress(answer: Response, photo: Photo, disposition: str) -> None:
    """Headers that leave a file nothing to do but be looked at."""
    name = f"{photo.client_id}.{_SUFFIX[photo.media_type]}"
    answer.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"


def _listed(found: RecordPhotos) -> ResponseReturnValue:
    photos = []
    for row in found.photos:
        shown = {
            "id": row.client_id,
            "url": url_for("photos.show", photo_id=row.client_id),
            "taken_at": row.taken_at,
            "width": row.width,
            "height": row.height,
            "is_mine": row.is_mine,
        }
        if reading.may_see_original(current_actor(), is_mine=row.is_mine):
            shown["original_url"] = url_for("photos.original", photo_id=row.client_id)
        photos.append(shown)
    return private({"photos": photos, "on_their_way": found.on_their_way})
