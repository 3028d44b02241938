"""Photos that were refused or never finished, for the administrator: look, judge again, delete."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.patrol.model import parse_text
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.photo.formats import read_picture
from gis.photo.model import State, refusal
from gis.photo.thumbnail import draw

_queries = load_queries(__file__)
_photos = load_queries(__file__, "store")

PAGE_SIZE = 50
STATES = (State.REFUSED.value, State.UPLOADING.value)
PATIENCE = timedelta(days=1)
"""So long an upload counts as under way. A phone announces a photo at each try, which makes room anew."""
_MAX_REASON = 500
_LOOK = 1024  # pixels of the longer side


def refused_photos(
    db: Database, actor: Actor, *, state: str = "refused", before: int | None = None
) -> list[Any]:
    """List photos in a state of `STATES`, newest first, `PAGE_SIZE` at a time; `before` is an id."""
    actor.require(Permission.MANAGE_QUARANTINE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.list_photos(connection, state=state, before=before, limit=PAGE_SIZE))


def show_refused(db: Database, actor: Actor, photo_id: int) -> Any:
    """Show one: whose, when, why, its sizes and hash, the record it is of, whether it may be deleted.

    Raises
    ------
    NotFound
        There is none, or it is complete.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _get(connection, photo_id)


def look_at_refused(db: Database, actor: Actor, photo_id: int, *, request_id: str = "") -> bytes:
    """Draw what arrived of a photo as a JPEG of its pixels alone; empty where nothing can be drawn.

    Leaves an audit row: it may show a person's home before anybody else has seen it. Raises `NotFound`.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _get(connection, photo_id)
        record_audit(connection, actor.account_id, "photo.look", str(photo_id), sender=row.account_id)
        content = _content(connection, photo_id)
    return draw(content, _LOOK)


def judge_again(db: Database, actor: Actor, photo_id: int, *, request_id: str = "") -> None:
    """Judge a refused photo by today's rules; taken, it is its sender's, with the kind its bytes have.

    Raises
    ------
    Conflict
        It is not refused any more.
    InvalidInput
        It is refused again, for a reason of `gis.photo.model.REFUSALS`.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _queries.lock_refused(connection, photo_id=photo_id)
        if row is None:
            raise Conflict("This photo is settled already.")
        content = _content(connection, photo_id)
        if hashlib.sha256(content).digest() != bytes(row.sha256):
            raise refusal("wrong-hash")
        picture = read_picture(content)
        _queries.take(
            connection,
            photo_id=photo_id,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            thumbnail=Binary(draw(picture.cleaned)),
        )
        record_audit(connection, actor.account_id, "photo.take", str(photo_id), sender=row.account_id)


def delete_refused(db: Database, actor: Actor, photo_id: int, reason: str, *, request_id: str = "") -> None:
    """Delete a photo and its bytes for good, so that its id is free and it can be sent anew.

    Raises
    ------
    Conflict
        It is complete by now, gone, or announced less than `PATIENCE` ago and not finished.
    InvalidInput
        No reason is given.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    why = parse_text(reason, "reason", _MAX_REASON)
    if not why:
        raise InvalidInput("Say why it is deleted.", pointer="reason")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        _queries.delete_pieces(connection, photo_id=photo_id)
        gone = _queries.delete_photo(connection, photo_id=photo_id, patience=PATIENCE)
        if gone is None:
            raise Conflict("This photo is settled already, or still under way.")
        record_audit(
            connection,
            actor.account_id,
            "photo.delete",
            str(photo_id),
            sender=gone.account_id,
            state=gone.state,
            code=gone.refusal,
            record=gone.record_id,
            sha256=gone.sha256,
            reason=why,
        )


def _get(connection: Connection, photo_id: int) -> Any:
    row = _queries.get_photo(connection, photo_id=photo_id, patience=PATIENCE)
    if row is None:
        raise NotFound
    return row


def _content(connection: Connection, photo_id: int) -> bytes:
    return bytes(_photos.whole(connection, photo_id=photo_id) or b"")
