"""A stream is read by the person, the leader of the team at that time and the auditor; others see none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import NotFound
from gis.people.model import Actor, Permission

_queries = load_queries(__file__, "store")

MAX_READ = 10_000
"""So many fixes in one answer."""


def read_stream(
    db: Database, actor: Actor, stream_id: UUID, *, first: int = 0, limit: int = 1000, request_id: str = ""
) -> dict[str, Any]:
    """Give a stream, the track drawn from it, and some of its raw fixes.

    Reading the fixes of somebody else leaves an audit row, so it needs a transaction that may write.

    Returns
    -------
    dict
        `stored`, `sha256`, `device_id`, `source`, `round_id`, `started_at`, `last_at`, `closed_at`,
        `thinned_at`; `track`: a GeoJSON Feature or None; `fixes`: lists of sequence, at, device_at, lon, lat,
        accuracy_m, speed_mps, heading, flags.

    Raises
    ------
    NotFound
        There is no such stream, or it is not the actor's to read.
    """
    actor.require(Permission.SEE_TRACKS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        stream = _queries.find_stream(connection, stream_id=str(stream_id))
        if stream is None:
            raise NotFound
        track = _queries.find_track(connection, stream_id=str(stream_id))
        fixes = list(
            _queries.read_fixes(connection, stream_id=str(stream_id), first=first, most=min(limit, MAX_READ))
        )
    return {**stream._asdict(), "track": track, "fixes": [list(fix) for fix in fixes]}
