"""Fixes of a stream come in: each stored once, in order, and the track drawn as the walk goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, Gap, InvalidInput
from gis.people.model import Actor, Permission
from gis.track.drawing import draw, is_due
from gis.track.model import Receipt, Source, TimedFix, Upload, chain, timed

_queries = load_queries(__file__, "store")


@dataclass(frozen=True, slots=True)
class NewStream:
    """What a stream is opened with, should it be new."""

    device_id: str
    source: Source
    round_id: int | None = None


def append_fixes(
    db: Database, actor: Actor, stream_id: UUID, upload: Upload, *, request_id: str = ""
) -> Receipt:
    """Store the fixes of an upload that are not stored yet; harmless when repeated.

    The receipt holds once this returns: the transaction is committed.

    Raises
    ------
    Gap
        Fixes before `upload.first` are missing; it names the number wanted.
    Conflict
        The id belongs to somebody else's stream.
    InvalidInput
        There is no such round.
    Forbidden
        The actor may not log patrols.
    """
    actor.require(Permission.LOG_PATROL)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        stream = lock_stream(
            connection, stream_id, NewStream(upload.device_id, Source.PHONE, upload.round_id)
        )
        if upload.first > stream.next_sequence:
            raise Gap(stream.next_sequence)
        fresh = upload.fixes[stream.next_sequence - upload.first :]
        before = None
        if fresh and stream.next_sequence:
            before = _queries.last_device_at(
                connection, stream_id=str(stream_id), sequence=stream.next_sequence - 1
            )
        made = timed(fresh, sent_at=upload.sent_at, received_at=stream.received_at, before=before)
        return store_fixes(connection, stream, made, is_last=upload.is_last)


def lock_stream(connection: Connection, stream_id: UUID, new: NewStream) -> Any:
    """Lock the actor's stream, opened if need be, until the transaction ends.

    Raises
    ------
    Conflict, InvalidInput
        As `append_fixes` does.
    """
    stream = _queries.lock_stream(connection, stream_id=str(stream_id))
    if stream is not None:
        return stream
    if new.round_id is not None and _queries.find_round(connection, round_id=new.round_id) is None:
        raise InvalidInput("there is no such round", pointer="round_id", code="unknown-round")
    _queries.insert_stream(
        connection,
        stream_id=str(stream_id),
        team_id=_queries.my_team(connection),
        round_id=new.round_id,
        device_id=new.device_id,
        source=new.source.value,
    )
    stream = _queries.lock_stream(connection, stream_id=str(stream_id))
    if stream is None:
        raise Conflict("Another stream is stored under this id.", code="id-taken")
    return stream


def store_fixes(
    connection: Connection, stream: Any, made: Sequence[TimedFix], *, is_last: bool = False
) -> Receipt:
    """Append fixes to a locked stream and draw its track if that is due."""
    link = chain(bytes(stream.chain_sha256), [item.fix for item in made])
    stored = stream.next_sequence + len(made)
    if made:
        _insert(connection, stream, made)
        _queries.advance_stream(
            connection,
            stream_id=stream.stream_id,
            next_sequence=stored,
            chain_sha256=Binary(link),
            first_at=min(item.at for item in made),
            last_at=max(item.at for item in made),
        )
    if is_last:
        _queries.close_stream(connection, stream_id=stream.stream_id)
    is_closing = is_last and stream.closed_at is None
    if is_closing or (made and is_due(stream, made[-1].at)):
        draw(connection, stream, made[-1].at if made else stream.last_at)
    return Receipt(stored, link.hex())


def _insert(connection: Connection, stream: Any, made: Sequence[TimedFix]) -> None:
    _queries.insert_fixes(
        connection,
        stream_id=stream.stream_id,
        first=stream.next_sequence,
        ats=[item.at for item in made],
        device_ats=[item.fix.device_at for item in made],
        lons=[item.fix.lon for item in made],
        lats=[item.fix.lat for item in made],
        accuracies=[item.fix.accuracy_m for item in made],
        speeds=[item.fix.speed_mps for item in made],
        headings=[item.fix.heading for item in made],
        flags=[int(item.flags) for item in made],
    )
