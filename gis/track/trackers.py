"""Positions of tracker apps: one stream for each device and day, each position stored once, late ones too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.people.model import Actor, Permission
from gis.track.formats import Position
from gis.track.model import Fix, Source, timed
from gis.track.service import NewStream, lock_stream, store_fixes
from gis.zone import ZONE

_queries = load_queries(__file__, "store")

_STREAMS = UUID("5f9d6f4e-0d3c-5b52-9a53-64c7a9f3c1de")


def take_positions(
    db: Database, actor: Actor, source: Source, positions: Sequence[Position], *, request_id: str = ""
) -> int:
    """Store positions of the actor's devices; gives how many were new.

    The clock of a tracker is believed: an app sends late what it could not send, and does not say when.

    Raises
    ------
    Forbidden
        The actor may not log patrols.
    """
    actor.require(Permission.LOG_PATROL)
    by_stream: dict[tuple[str, date], list[Fix]] = defaultdict(list)
    for position in positions:
        day = position.fix.device_at.astimezone(ZONE).date()
        by_stream[position.device, day].append(position.fix)
    stored = 0
    with db.transaction(actor.identity, request_id=request_id) as connection:
        # In one order, so that two requests never wait for each other.
        for device, day in sorted(by_stream):
            stream_id = uuid5(_STREAMS, f"{actor.account_id} {source.value} {day} {device}")
            stored += _append(connection, stream_id, NewStream(device, source), by_stream[device, day])
    return stored


def _append(connection: Connection, stream_id: UUID, new: NewStream, fixes: Sequence[Fix]) -> int:
    stream = lock_stream(connection, stream_id, new)
    times = [fix.device_at for fix in fixes]
    known = {
        (row.device_at, row.lon, row.lat)
        for row in _queries.known_fixes(connection, stream_id=str(stream_id), device_ats=times)
    }
    fresh: dict[tuple[object, float, float], Fix] = {}
    for fix, device_at in zip(fixes, times, strict=True):
        if (device_at, fix.lon, fix.lat) not in known:
            fresh.setdefault((device_at, fix.lon, fix.lat), fix)
    made = timed(
        list(fresh.values()), sent_at=stream.received_at, received_at=stream.received_at, before=None
    )
    store_fixes(connection, stream, made)
    return len(made)
