"""What is stored of a day's walking: read as gis_migrator, since raw fixes are granted to nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import shapely

from gis.analysis.patrol.legs import (
    ON_FOOT,
    DayLegs,
    Kind,
    Walk,
    day_legs,
    walk_of_fixes,
    walk_of_line,
    walk_of_points,
)
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.geometry.tracks import MAX_ACCURACY_M, Fixes, clean
from gis.zone import ZONE

_queries = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class Source:
    """A day's legs, and the ids of the check points that were visited on it."""

    legs: DayLegs
    check_points: tuple[int, ...]


def read_day(connection: Connection, day: date) -> Source:
    """Read and clean what was walked on a day, in a transaction of gis_migrator."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    when = {"start": start, "stop": start + timedelta(days=1)}
    doubles = {row.client_id for row in _queries.doubles(connection, **when)}
    walks = [
        walk_of_fixes(clean(_fixes(row.packed)), _kind(row.stream_id, doubles))
        for row in _queries.streams(connection, **when)
    ]
    walks += [
        walk_of_line(
            shapely.from_wkb(bytes(row.wkb)), row.began_s, row.ended_s, _kind(row.client_id, doubles)
        )
        for row in _queries.lines(connection, **when)
    ]
    points = _points(_queries.points(connection, **when, max_accuracy_m=MAX_ACCURACY_M))
    visited = tuple(
        row.check_point_id for row in _queries.visited(connection, **when, max_accuracy_m=MAX_ACCURACY_M)
    )
    return Source(day_legs(day, walks, points), visited)


def _kind(track: str, doubles: set[str]) -> Kind:
    return Kind.DOUBLE if track in doubles else ON_FOOT


def _fixes(packed: object) -> Fixes:
    table = np.frombuffer(bytes(packed), dtype=">f8").astype(np.float64).reshape(-1, 4)  # type: ignore[call-overload]
    return Fixes(*table.T)


def _points(packed: object) -> Walk:
    raw = bytes(packed) if packed else b""  # type: ignore[call-overload]
    return walk_of_points(*np.frombuffer(raw, dtype=">f8").astype(np.float64).reshape(-1, 3).T)
