"""Taking photos from phones: announced, sent in pieces, complete once the whole has the announced hash.

In the manner of tus 1.0: the server tells how many bytes it holds, the phone goes on from there. Whatever is
repeated or comes twice at once is harmless. A receipt holds once a function here returns: it is committed.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound, TooLarge
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.photo.formats import read_picture
from gis.photo.model import (
    MAX_PER_RECORD,
    MAX_PIECE,
    Announcement,
    Progress,
    State,
    WrongOffset,
    refusal,
)
from gis.photo.picture import Picture
from gis.photo.thumbnail import draw

_queries = load_queries(__file__, "store")


def announce_photo(db: Database, actor: Actor, photo: Announcement, *, request_id: str = "") -> Progress:
    """Make room for a photo, or tell how far the one announced before is.

    Its record may come later: until then the photo is held, and seen by nobody but its sender and those who
    see the whole district.

    Raises
    ------
    Conflict
        Another photo stands under this `client_id`.
    InvalidInput
        The record has as many photos as one may have.
    """
    actor.require(Permission.REPORT_INCIDENT)
    client_id = str(photo.client_id)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        known = _queries.announced(connection, client_id=client_id)
        if known is None:
            if _queries.count_of_record(connection, record_id=str(photo.record_id)) >= MAX_PER_RECORD:
                raise InvalidInput("A record has at most 20 photos.", pointer="record_id", code="too-many")
            _insert(connection, photo)
            # Also where it was announced in this very moment by another request.
            known = _queries.announced(connection, client_id=client_id)
        if known is None or not known.is_mine or _content(known) != _content_of(photo):
            raise Conflict("Another photo is stored under this client_id.", code="id-taken")
        return _progress(connection, client_id)


def photo_progress(db: Database, actor: Actor, client_id: UUID) -> Progress:
    """Tell how far a photo of the actor is. Raises `NotFound`."""
    actor.require(Permission.REPORT_INCIDENT)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _progress(connection, str(client_id))


def take_piece(
    db: Database, actor: Actor, client_id: UUID, offset: int, piece: bytes, *, request_id: str = ""
) -> Progress:
    """Store a piece of a photo that begins where the last one ended; the last piece completes it.

    A piece that is held already changes nothing. Of two at once one is stored, the other finds it stored.

    Raises
    ------
    NotFound
        The actor announced no such photo.
    WrongOffset
        The piece begins elsewhere; the error holds the right offset.
    TooLarge
        The piece has more than `MAX_PIECE` bytes.
    InvalidInput
        The piece reaches beyond the end, or the whole was refused: its code is one of `REFUSALS`.
    """
    actor.require(Permission.REPORT_INCIDENT)
    if len(piece) > MAX_PIECE:
        raise TooLarge("A piece has at most 256 kB.")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _queries.lock_upload(connection, client_id=str(client_id))
        if row is not None:
            _store(connection, actor, row, offset, piece)
        progress = _progress(connection, str(client_id))
    if progress.refusal is not None:
        raise refusal(progress.refusal)
    return progress


def _insert(connection: Connection, photo: Announcement) -> None:
    lon, lat = photo.position or (None, None)
    _queries.insert_photo(
        connection,
        client_id=str(photo.client_id),
        record_id=str(photo.record_id),
        taken_at=photo.taken_at,
        sha256=Binary(photo.sha256),
        bytes=photo.bytes,
        media_type=photo.media_type,
        lon=lon,
        lat=lat,
    )


def _content(row: Any) -> tuple[str, bytes, int, str]:
    return str(row.record_id), bytes(row.sha256), row.bytes, row.media_type


def _content_of(photo: Announcement) -> tuple[str, bytes, int, str]:
    return str(photo.record_id), photo.sha256, photo.bytes, photo.media_type


def _progress(connection: Connection, client_id: str) -> Progress:
    row = _queries.progress_of(connection, client_id=client_id)
    if row is None:
        raise NotFound
    state = State(row.state)
    receipt = row.sha256 if state is State.COMPLETE else None
    return Progress(row.client_id, state, row.received_bytes, row.bytes, receipt, row.refusal)


def _store(connection: Connection, actor: Actor, row: Any, offset: int, piece: bytes) -> None:
    """Store a piece under the photo's lock; a repeated one is not compared, the hash of the whole judges."""
    end = offset + len(piece)
    if end > row.bytes:
        raise InvalidInput("The piece reaches beyond the end.", pointer="Upload-Offset", code="out-of-range")
    if end <= row.received_bytes:
        return
    if offset != row.received_bytes:
        raise WrongOffset(row.received_bytes)
    _queries.insert_piece(connection, photo_id=row.photo_id, first_byte=offset, content=Binary(piece))
    if end < row.bytes:
        _queries.move_on(connection, photo_id=row.photo_id, received_bytes=end)
    else:
        _finish(connection, actor, row)


def _finish(connection: Connection, actor: Actor, row: Any) -> None:
    """Judge the whole: complete, or refused with its bytes kept."""
    try:
        picture = _judged(row, bytes(_queries.whole(connection, photo_id=row.photo_id)))
    except InvalidInput as error:
        _queries.refuse(connection, photo_id=row.photo_id, refusal=error.code)
        record_audit(connection, actor.account_id, "photo.refuse", str(row.photo_id), code=error.code)
        return
    _queries.complete(
        connection,
        photo_id=row.photo_id,
        width=picture.width,
        height=picture.height,
        thumbnail=Binary(draw(picture.cleaned)),
    )
    record_audit(connection, actor.account_id, "photo.complete", str(row.photo_id), bytes=row.bytes)


def _judged(row: Any, content: bytes) -> Picture:
    if hashlib.sha256(content).digest() != bytes(row.sha256):
        raise refusal("wrong-hash")
    picture = read_picture(content)
    if picture.media_type != row.media_type:
        raise refusal("wrong-type")
    return picture
