"""Showing photos: those of a record, one without metadata, the original for the few who may ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound, OutOfScope
from gis.people.model import Actor, Permission, Role
from gis.people.service import record_audit
from gis.photo.formats import read_picture
from gis.photo.thumbnail import draw

_queries = load_queries(__file__, "store")
LAYERS = frozenset({"patrol_point", "incident"})
"""Whose records have photos."""
_SEE_ORIGINALS = frozenset({Role.DISPATCHER, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Photo:
    """A complete photo; `sha256` is that of the original, in hex."""

    photo_id: int
    client_id: str
    sha256: str
    media_type: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class RecordPhotos:
    """The photos of a record, and how many of those announced are still on their way.

    `photos` are client_id, taken_at, width and height in pixels, is_mine; in the order they were taken.
    """

    photos: tuple[Any, ...]
    on_their_way: int


def photos_of_patrol_point(db: Database, actor: Actor, feature_id: int) -> RecordPhotos:
    """List the photos of a patrol point. Raises `NotFound` where the point is not the actor's to see."""
    return _photos_of(db, actor, _queries.record_of_patrol_point, feature_id)


def photos_of_incident(db: Database, actor: Actor, feature_id: int) -> RecordPhotos:
    """List the photos of an incident, and of the patrol points it came from. Raises `NotFound`."""
    return _photos_of(db, actor, _queries.record_of_incident, feature_id)


def photo_counts(db: Database, actor: Actor, layer: str, feature_ids: Sequence[int]) -> dict[int, int]:
    """Count the complete photos of records, by id; those without any are left out.

    Parameters
    ----------
    layer : one of `LAYERS`.
    """
    actor.require(Permission.SEE_MAPS)
    counts = _queries.counts_of_incidents if layer == "incident" else _queries.counts_of_patrol_points
    with db.transaction(actor.identity, read_only=True) as connection:
        return {row.feature_id: row.number for row in counts(connection, feature_ids=list(feature_ids))}


def find_photo(db: Database, actor: Actor, client_id: UUID) -> Photo:
    """Find a complete photo. Raises `NotFound` where its record is not the actor's to see."""
    actor.require(Permission.SEE_MAPS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _found(connection, client_id)


def picture_of(db: Database, actor: Actor, photo: Photo) -> bytes:
    """Give a photo's file without metadata: no position, no time, no serial number."""
    with db.transaction(actor.identity, read_only=True) as connection:
        return read_picture(_content(connection, photo)).cleaned


def thumbnail_of(db: Database, actor: Actor, photo: Photo) -> bytes:
    """Give a photo small, as JPEG of its pixels alone; empty where they cannot be drawn.

    It was drawn when the photo arrived. One from before that is drawn for the answer and not kept:
    `gis.photo.drawing` does so for all.
    """
    with db.transaction(actor.identity, read_only=True) as connection:
        kept = _queries.thumbnail_of(connection, photo_id=photo.photo_id)
        if kept is not None:
            return bytes(kept)
        content = _content(connection, photo)
    try:
        return draw(read_picture(content).cleaned)
    except InvalidInput:
        return b""


def original_of(db: Database, actor: Actor, client_id: UUID, *, request_id: str = "") -> tuple[Photo, bytes]:
    """Give a photo as it was sent, with all its metadata; leaves an audit row.

    Raises
    ------
    NotFound
        There is none, or the actor neither took it nor is a dispatcher or the auditor.
    OutOfScope
        A token that only reads cannot leave the row.
    """
    actor.require(Permission.SEE_MAPS)
    if not actor.may_write:
        raise OutOfScope
    with db.transaction(actor.identity, request_id=request_id) as connection:
        photo = _found(connection, client_id)
        if not may_see_original(actor, is_mine=photo.is_mine):
            raise NotFound
        record_audit(connection, actor.account_id, "photo.original", str(photo.photo_id))
        return photo, _content(connection, photo)


def may_see_original(actor: Actor, *, is_mine: bool) -> bool:
    """Tell whether a photo may be seen with its metadata, by somebody who sees it without."""
    return is_mine or actor.role in _SEE_ORIGINALS


def carry_photos(
    connection: Connection, *, from_records: Sequence[UUID | str], to_records: Sequence[UUID | str]
) -> None:
    """Let incidents show the photos of patrol points too, pair by pair; part of the caller's transaction.

    Those that arrive later are shown as well. Harmless when repeated.

    Parameters
    ----------
    from_records, to_records : `client_id` of each point and of its incident.

    Raises
    ------
    Forbidden
        From the database, where one of them is not the actor's to see.
    """
    _queries.carry(connection, from_records=[*map(str, from_records)], to_records=[*map(str, to_records)])


def _photos_of(db: Database, actor: Actor, record_of: Any, feature_id: int) -> RecordPhotos:
    actor.require(Permission.SEE_MAPS)
    with db.transaction(actor.identity, read_only=True) as connection:
        record_id = record_of(connection, feature_id=feature_id)
        if record_id is None:
            raise NotFound
        rows = list(_queries.photos_of(connection, record_id=record_id))
    shown = tuple(row for row in rows if row.is_complete)
    return RecordPhotos(shown, len(rows) - len(shown))


def _found(connection: Connection, client_id: UUID) -> Photo:
    row = _queries.find_photo(connection, client_id=str(client_id))
    if row is None:
        raise NotFound
    return Photo(**row._asdict())


def _content(connection: Connection, photo: Photo) -> bytes:
    return bytes(_queries.whole(connection, photo_id=photo.photo_id) or b"")
