"""Tracks and rounds as day sheets count them, put into tests.world past the application."""

from __future__ import annotations

import datetime as dt

from tests.asking import rows
from tests.world import World

DAY = dt.date(2026, 3, 2)  # a Monday in the fire season
AREA_EAST = 113.93  # where the area of team 1 ends and that of team 2 begins


def walk(
    world: World,
    who: str,
    *,
    begins: str = "08:00",
    minutes: float | None = 65,
    west: float = 113.90,
    east: float = 113.91,
    team: int | None = 1,
    round_id: int | None = None,
    day: dt.date = DAY,
    lasts: float | None = None,
) -> float:
    """Store a track along a parallel, from west to east; returns its metres."""
    [(length_m,)] = rows(
        world.url,
        "INSERT INTO app.patrol_track (client_id, at, team_id, account_id, patrol_round_id, source, started_at, ended_at,"
        "  length_m, minutes, fixes, is_outside, geom)"
        " SELECT gen_random_uuid(), b.at, %(team)s, %(account)s, %(round)s, 'phone', b.at, b.at + %(lasts)s * interval '1 minute',"
        "  ST_Length(ST_Transform(g.geom, 4547)), %(minutes)s, 2, false, g.geom"
        " FROM (SELECT (%(begins)s::timestamp AT TIME ZONE 'Asia/Shanghai') AS at) AS b,"
        "  (SELECT ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint(%(west)s, 22.755), ST_MakePoint(%(east)s, 22.755)), 4326)) AS geom) AS g"
        " RETURNING length_m",
        {
            "team": team,
            "account": world.accounts[who],
            "round": round_id,
            "begins": f"{day} {begins}",
            "lasts": lasts or minutes or 60,
            "minutes": minutes,
            "west": west,
            "east": east,
        },
    )
    return length_m


def round_of(
    world: World,
    *,
    state: str = "partly_done",
    team: int = 1,
    parcel: int | None = 1,
    points: tuple[int, ...] = (1, 2),
    visited: tuple[int, ...] = (1,),
    day: dt.date = DAY,
    begins: str = "08:00",
) -> int:
    """Store a round with its check points, some of them visited by passing."""
    [(round_id,)] = world.ask(
        "INSERT INTO app.patrol_round (team_id, parcel_id, community_id, planned_from, planned_to, state)"
        " SELECT %s, %s, 1, b.at, b.at + interval '2 hours', %s"
        " FROM (SELECT (%s::timestamp AT TIME ZONE 'Asia/Shanghai') AS at) AS b RETURNING patrol_round_id",
        team,
        parcel,
        state,
        f"{day} {begins}",
    )
    world.ask(
        "INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s, visited_at,"
        "  dwell_s_done, visited_by, grade)"
        " SELECT %s, p.position, p.id, 40, 60, CASE WHEN p.id = ANY (%s::integer[]) THEN now() END,"
        "  CASE WHEN p.id = ANY (%s::integer[]) THEN 75 END, CASE WHEN p.id = ANY (%s::integer[]) THEN 'pass' END,"
        "  CASE WHEN p.id = ANY (%s::integer[]) THEN 'B' END"
        " FROM unnest(%s::integer[]) WITH ORDINALITY AS p (id, position)",
        round_id,
        *[list(visited)] * 4,
        list(points),
    )
    return round_id
