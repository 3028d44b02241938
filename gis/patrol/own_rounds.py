"""What a phone needs to walk its rounds where there is no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.people.model import Actor, Permission

_queries = load_queries(__file__, "walking")
_MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class RoundsOfDays:
    """Rows of the actor's own rounds, their points, and the check points and parcels these name.

    `day` is the first of the two days.
    """

    day: date
    rounds: list[Any]
    points: dict[int, list[Any]]
    check_points: list[Any]
    parcels: list[Any]


def own_rounds(db: Database, actor: Actor) -> RoundsOfDays:
    """Collect what a phone needs to walk its rounds of today and tomorrow without a network.

    An officer walks with no team and has none.
    """
    actor.require(Permission.LOG_PATROL)
    with db.transaction(actor.identity, read_only=True) as connection:
        rounds = list(_queries.own_rounds(connection, most=_MOST_ROUNDS))
        points = _points_by_round(connection, [row.patrol_round_id for row in rounds])
        wanted = sorted({point.check_point_id for group in points.values() for point in group})
        check_points = list(_queries.check_points_of(connection, check_point_ids=wanted))
        named = {row.parcel_id for row in (*rounds, *check_points)} - {None}
        parcels = list(_queries.parcels_of(connection, parcel_ids=sorted(named)))
        return RoundsOfDays(_queries.today(connection), rounds, points, check_points, parcels)


def as_json(found: RoundsOfDays) -> dict[str, Any]:
    """The same as plain values: positions in WGS84 degrees, times with offset, outlines as GeoJSON."""
    return {
        "day": found.day.isoformat(),
        "rounds": [
            {
                "id": row.patrol_round_id,
                **_without_id(row),
                "points": [_without_id(point) for point in found.points.get(row.patrol_round_id, ())],
            }
            for row in found.rounds
        ],
        "check_points": [row._asdict() for row in found.check_points],
        "parcels": [{**row._asdict(), "geometry": json.loads(row.geometry)} for row in found.parcels],
    }


def _without_id(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "patrol_round_id"}


def _points_by_round(connection: Connection, round_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Points of some rounds in their order, by round."""
    grouped: dict[int, list[Any]] = {}
    for row in _queries.points_of(connection, round_ids=list(round_ids)):
        grouped.setdefault(row.patrol_round_id, []).append(row)
    return grouped
