"""How long raw fixes are kept whole: after some days only those that shape the track are left.

Run daily (`gis.admin thin-fixes`). docs/security.md says why and how long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gis.database.pool import Connection, connect
from gis.database.sql import load_queries
from gis.geometry.tracks import clean, thinned
from gis.track.drawing import unpacked
from gis.track.model import Source

_queries = load_queries(__file__)

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Thinned:
    """What a run did."""

    streams: int = 0
    removed: int = 0


def thin_fixes(url: str, *, days: int) -> Thinned:
    """Thin the fixes of streams that nothing came for since so many days; harmless when repeated.

    A few streams at a time are one transaction, so a run that is ended goes on where it was. The track itself
    stays as it was drawn; what is left of its fixes draws it again within 2 m.

    Parameters
    ----------
    url : libpq URL of a role that may become gis_migrator.
    """
    streams = removed = 0
    connection = connect(url)
    try:
        while True:
            with connection:
                _queries.enter(connection)
                done = thin_some(connection, days=days)
            if not done.streams:
                return Thinned(streams, removed)
            streams += done.streams
            removed += done.removed
    finally:
        connection.close()


def thin_some(connection: Connection, *, days: int) -> Thinned:
    """Thin the next few streams in a transaction of gis_migrator; none are left where it thins none."""
    _queries.keep_lines(connection)
    due = list(_queries.streams_to_thin(connection, days=days, most=_AT_ONCE))
    return Thinned(len(due), sum(_thin(connection, found.stream_id) for found in due))


def _thin(connection: Connection, stream_id: str) -> int:
    stream: Any = _queries.lock_stream(connection, stream_id=stream_id)
    fixes = _queries.packed_fixes(
        connection,
        stream_id=stream_id,
        started_at=stream.started_at,
        last_at=stream.last_at,
        by_time=stream.source != Source.PHONE,
    )
    sequences = list(fixes.sequences or [])
    rows = thinned(clean(unpacked(fixes.packed)))
    keep = [sequences[row] for row in rows]
    removed: int = _queries.remove_fixes(
        connection, stream_id=stream_id, started_at=stream.started_at, last_at=stream.last_at, keep=keep
    )
    _queries.note_thinning(connection, stream_id=stream_id)
    _queries.insert_audit(connection, stream_id=stream_id, removed=removed, kept=len(keep))
    return removed
