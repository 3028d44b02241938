"""Photos as people see them: those of a record, one by one without metadata, the original for a few."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from gis.photo import reading
from gis.photo.model import MEDIA_TYPES
from gis.photo.reading import Photo, RecordPhotos
from gis.photo.thumbnail import MEDIA_TYPE
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.pictures import PLACEHOLDER_TYPE, drawn_or_placeholder, picture

blueprint = Blueprint("photos", __name__, url_prefix="/api/v1")

_CLEANING = 1
"""Grows whenever a picture is cleaned otherwise than before, so that no browser keeps the old one."""
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
                "required": ["id", "url", "thumbnail_url", "taken_at", "width", "height", "is_mine"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "url": {"type": "string"},
                    "thumbnail_url": {"type": "string", "description": "The same, at most 320 pixels"},
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
    first, *others = MEDIA_TYPES
    return Operation(
        query=Parameters,
        path=_PATH,
        answers={200: (description, first, _FILE)},
        more=tuple((200, media, _FILE) for media in others),
    )


_THUMBNAIL = Operation(
    query=Parameters,
    path=_PATH,
    answers={200: ("The picture", MEDIA_TYPE, _FILE)},
    more=((200, PLACEHOLDER_TYPE, _FILE),),
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
    photo = reading.find_photo(db(), current_actor(), photo_id)
    return _shown(photo, "", lambda: (reading.picture_of(db(), current_actor(), photo), photo.media_type))


@blueprint.get("/photos/<uuid:photo_id>/thumbnail")
@requires(Permission.SEE_MAPS)
@describes(_THUMBNAIL)
def thumbnail(photo_id: UUID) -> ResponseReturnValue:
    """Give a photo small, at most 320 pixels, to whoever sees the record it belongs to.

    One whose pixels cannot be drawn is answered by a drawing that says so.
    """
    read_query(Parameters)
    photo = reading.find_photo(db(), current_actor(), photo_id)
    return _shown(photo, "thumbnail", lambda: _small(photo))


def _small(photo: Photo) -> tuple[bytes, str]:
    return drawn_or_placeholder(reading.thumbnail_of(db(), current_actor(), photo))


def _shown(photo: Photo, variant: str, read: Callable[[], tuple[bytes, str]]) -> Response:
    """Answer with a picture and its media type, or that the reader's own copy is still true."""
    actor = current_actor()
    seen = f"{actor.account_id}|{actor.role}|{_CLEANING}|{photo.sha256}|{variant}"
    tag = hashlib.sha256(seen.encode()).hexdigest()
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        answer = picture(*read(), photo.client_id)
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
    return picture(content, photo.media_type, photo.client_id, disposition="attachment")


def _listed(found: RecordPhotos) -> ResponseReturnValue:
    photos = []
    for row in found.photos:
        shown = {
            "id": row.client_id,
            "url": url_for("photos.show", photo_id=row.client_id),
            "thumbnail_url": url_for("photos.thumbnail", photo_id=row.client_id),
            "taken_at": row.taken_at,
            "width": row.width,
            "height": row.height,
            "is_mine": row.is_mine,
        }
        if reading.may_see_original(current_actor(), is_mine=row.is_mine):
            shown["original_url"] = url_for("photos.original", photo_id=row.client_id)
        photos.append(shown)
    return private({"photos": photos, "on_their_way": found.on_their_way})
