"""A file of a person's own walks: what has times becomes a stream of fixes, the rest tracks without times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import pyproj
import shapely
from shapely.geometry import MultiLineString

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.exchange.model import RawRow, Reject, Table
from gis.exchange.places import place_of
from gis.exchange.readers.geojson import read_geojson
from gis.exchange.readers.gpx import Fixes, read_gpx, read_time
from gis.exchange.readers.kml import read_kml
from gis.exchange.readers.sniff import find_format
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.track.model import Fix, Source, timed
from gis.track.service import NewStream, lock_stream, store_fixes

_queries = load_queries(__file__, "store")

_STREAMS = UUID("0d3b9c52-6a5e-5f0b-8f27-5a2f3f0a7b11")
_GEOD = pyproj.Geod(ellps="WGS84")
_MAX_NAME = 200

Timed = list[tuple[float, float, datetime]]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of the tracks of a file: ``read == stored + unchanged + len(rejects)``, always.

    `stream_id` is the stream of all positions with a time, None if there are none; `fixes` how many it has.
    """

    format: str
    read: int
    stored: int
    unchanged: int
    fixes: int
    stream_id: UUID | None
    rejects: tuple[Reject, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Sorted:
    """The tracks of a file by what they are."""

    timed: Timed = field(default_factory=list)
    timed_rows: int = 0
    lines: list[tuple[RawRow, MultiLineString]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    without_time: int = 0


def store_track_file(
    db: Database, actor: Actor, name: str, data: bytes, *, request_id: str = ""
) -> FileReport:
    """Store the walks of a GPX, KML or GeoJSON file in the actor's name; the same file again changes nothing.

    Every position with a time becomes a fix of one stream whose id comes from the file's content. A track
    without times is stored as it is, with the begin and end the file may name.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable.
    Forbidden
        The actor may not log patrols.
    """
    actor.require(Permission.LOG_PATROL)
    table = _read(name, data)
    found = _sort(table)
    # The person is part of the id: who has the same file learns nothing of it from a stranger's.
    stream_id = uuid5(_STREAMS, f"{actor.account_id} {hashlib.sha256(data).hexdigest()}")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        fresh = _store_fixes(connection, stream_id, found.timed) if found.timed else 0
        lines = sum(
            _store_line(connection, uuid5(stream_id, str(row.number)), row, line) for row, line in found.lines
        )
        stored = lines + (found.timed_rows if fresh else 0)
        record_audit(
            connection, actor.account_id, "track.file", str(stream_id), read=len(table.rows), stored=stored
        )
    return FileReport(
        format=table.format,
        read=len(table.rows),
        stored=stored,
        unchanged=len(table.rows) - stored - len(found.rejects),
        fixes=len(found.timed),
        stream_id=stream_id if found.timed else None,
        rejects=tuple(found.rejects),
        warnings=(*table.warnings, *_doubts(found)),
    )


def _read(name: str, data: bytes) -> Table:
    kind = find_format(name, data)
    if kind == "gpx":
        return read_gpx(data, frozenset({"trk"}))
    if kind == "kml":
        return read_kml(data)
    if kind == "geojson":
        return read_geojson(data)
    raise InvalidInput("A track file is GPX, KML or GeoJSON.", pointer="file", code="unknown-format")


def _sort(table: Table) -> _Sorted:
    found, crs = _Sorted(), table.crs or "wgs84"
    for row in table.rows:
        try:
            fixes, without = _timed_fixes(row, crs)
            if len(fixes) > 1:
                found.timed += fixes
                found.timed_rows += 1
                found.without_time += without
            else:
                found.lines.append((row, _line(row, crs)))
        except InvalidInput as fault:
            pointer = fault.pointer or "position"
            found.rejects.append(Reject(row.number, pointer, fault.code, fault.message))
    found.timed.sort(key=lambda fix: fix[2])
    return found


def _timed_fixes(row: RawRow, crs: str) -> tuple[Timed, int]:
    """The positions of a track that have a time, and how many have none."""
    if row.fault is not None:
        raise row.fault
    if isinstance(row.position, Fixes):
        given = [fix for segment in row.position.segments for fix in segment]
    else:
        given = _of_feature(row, crs)
    fixes = [(lon, lat, at) for lon, lat, at in given if at is not None]
    return fixes, len(given) - len(fixes)


def _of_feature(row: RawRow, crs: str) -> list[tuple[float, float, datetime | None]]:
    """Positions of a GeoJSON line with the times that converters from GPX write beside it, if any."""
    line = _line(row, crs)
    nested = row.values.get("coordinateProperties")
    times = row.values.get("coordTimes") or (nested.get("times") if isinstance(nested, Mapping) else None)
    flat = _flat(times)
    places = shapely.get_coordinates(line).tolist()
    if flat and len(flat) != len(places):
        raise InvalidInput(
            f"{len(flat)} times for {len(places)} positions", pointer="coordTimes", code="unequal-times"
        )
    return [
        (lon, lat, read_time(str(at)) if at is not None else None)
        for (lon, lat), at in zip(places, flat or [None] * len(places), strict=True)
    ]


def _flat(times: Any) -> list[Any]:
    if not isinstance(times, list):
        return []
    return [at for part in times for at in (part if isinstance(part, list) else [part])]


def _line(row: RawRow, crs: str) -> MultiLineString:
    line = place_of(row, {}, "line", crs)
    if line is None:
        raise InvalidInput("no position: a line is needed", pointer="geometry", code="no-position")
    return MultiLineString(shapely.get_parts(line).tolist())


def _store_fixes(connection: Connection, stream_id: UUID, fixes: Timed) -> int:
    stream = lock_stream(connection, stream_id, NewStream("file", Source.FILE))
    if stream.next_sequence:
        return 0
    positions = [Fix(at.timestamp() * 1000, lon, lat) for lon, lat, at in fixes]
    made = timed(positions, sent_at=stream.received_at, received_at=stream.received_at, before=None)
    return store_fixes(connection, stream, made, is_last=True).stored


def _store_line(connection: Connection, client_id: UUID, row: RawRow, line: MultiLineString) -> bool:
    """Store a track without times; False for one that is stored already."""
    if _queries.find_track(connection, stream_id=str(client_id)) is not None:
        return False
    started, ended = row.values.get("started_at"), row.values.get("ended_at")
    if not isinstance(started, datetime) or not isinstance(ended, datetime) or ended < started:
        started = ended = None
    _queries.insert_track(
        connection,
        stream_id=str(client_id),
        team_id=_queries.my_team(connection),
        round_id=None,
        name=str(row.values.get("name") or "")[:_MAX_NAME],
        source=Source.FILE.value,
        started_at=started,
        ended_at=ended,
        length_m=float(_GEOD.geometry_length(line)),
        minutes=None,
        fixes=int(shapely.get_num_coordinates(line)),
        geom=shapely.to_wkb(shapely.set_srid(line, 4326), hex=True, include_srid=True),
    )
    return True


def _doubts(found: _Sorted) -> tuple[str, ...]:
    if not found.without_time:
        return ()
    return (f"{found.without_time} positions without a time in tracks that have times are left out",)
