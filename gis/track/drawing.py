"""The track drawn from a stream of fixes, kept beside the others in app.patrol_track."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import shapely

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.geometry.tracks import CleanTrack, Fixes, clean
from gis.track.model import Source

_queries = load_queries(__file__, "store")

DRAWN_EVERY = timedelta(minutes=1)
"""While a walk is under way its track is at most this much behind its fixes."""


def is_due(stream: Any, last_at: datetime) -> bool:
    """Tell whether the track of a stream that has new fixes is to be drawn now."""
    if stream.tracked_at is None or stream.closed_at is not None:
        return True
    behind: timedelta = abs(last_at - stream.tracked_at)
    return behind >= DRAWN_EVERY


def draw(connection: Connection, stream: Any, last_at: datetime | None) -> None:
    """Draw the track of a locked stream from all its fixes; one without a line yet has none.

    A phone's fixes are in the order it took them; those of others in the order of their times.
    """
    by_time = stream.source != Source.PHONE
    packed = _queries.packed_fixes(connection, stream_id=stream.stream_id, by_time=by_time)
    track = clean(unpacked(packed))
    line = track.line
    if line is not None:
        _save(connection, stream, track, line)
    _queries.note_drawing(connection, stream_id=stream.stream_id, last_at=last_at)


def unpacked(packed: Any) -> Fixes:
    """Fixes from the bytes of the statement `packed_fixes`."""
    table = np.frombuffer(bytes(packed or b""), dtype=">f8").astype(np.float64).reshape(-1, 4)
    return Fixes(*table.T)


def _save(connection: Connection, stream: Any, track: CleanTrack, line: shapely.MultiLineString) -> None:
    times = track.fixes.at_s[track.kept]
    row = {
        "stream_id": stream.stream_id,
        "started_at": datetime.fromtimestamp(float(times.min()), UTC),
        "ended_at": datetime.fromtimestamp(float(times.max()), UTC),
        "length_m": track.metres,
        "minutes": track.minutes,
        "fixes": len(track.kept),
        "geom": shapely.to_wkb(shapely.set_srid(line, 4326), hex=True, include_srid=True),
    }
    if not _queries.update_track(connection, **row):
        _queries.insert_track(
            connection,
            **row,
            team_id=stream.team_id,
            round_id=stream.patrol_round_id,
            name="",
            source=stream.source,
        )
