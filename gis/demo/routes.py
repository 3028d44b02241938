"""Where patrol teams walk: who, when, and a route through parcels, check points and lanes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gis.demo.chance import Bools, Floats, Ints, shared_out
from gis.demo.ground import PLANE, Ground, Setting, spread
from gis.demo.land import CheckPoints, Parcels, TeamAreas
from gis.demo.people import Staff

WALKING_MS = 1.25
E_BIKE_MS = 4.0
FIX_EVERY_S = 30
_SHIFT_STARTS_H = (7, 13)
_PLACES_PER_COMMUNITY = 500

Place = tuple[float, float]


@dataclass(frozen=True)
class Walks:
    """One patrol walk a row, in order of time. `start` is local time; `member` an account row of the staff.

    `fixes` counts positions taken, `gap_at` the fix after which the phone was silent for `gap` fixes.
    """

    team: Ints
    member: Ints
    community: Ints
    start: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    fixes: Ints
    gap_at: Ints
    gap: Ints
    speed_ms: Floats

    @property
    def seconds(self) -> Ints:
        """How long each walk takes."""
        return (self.fixes + self.gap) * FIX_EVERY_S


@dataclass(frozen=True)
class Routes:
    """Corners of all routes: metres in the plane and seconds since the start, walk by walk.

    `parcel` is the first parcel visited on each walk, -1 for none.
    """

    walk: Ints
    xy: Floats
    at_s: Floats
    parcel: Ints


def plan_walks(rng: np.random.Generator, setting: Setting, staff: Staff, areas: TeamAreas) -> Walks:
    """Choose who walks on which half day; nobody walks twice at a time. Ends on the day before today."""
    scale = setting.scale
    crews = [(team, member) for team, crew in enumerate(staff.members) for member in crew]
    slots = len(crews) * scale.patrol_days * 2
    count = min(max(1, round(scale.patrol_points / scale.walk_fixes)), slots)
    likely = np.tile([8.0 if member == 1 else 1.0 for _, member in crews], scale.patrol_days * 2)
    chosen = np.sort(np.argsort(rng.random(slots) ** (1 / likely), kind="stable")[-count:])
    half_day, who = np.divmod(chosen, len(crews))
    crew = np.array(crews, np.int64)[who]
    start_s = np.array(_SHIFT_STARTS_H)[half_day % 2] * 3_600 + rng.integers(0, 1_200, count)
    first_day = np.datetime64(setting.today) - np.timedelta64(scale.patrol_days, "D")
    start = (first_day + (half_day // 2).astype("m8[D]")).astype("M8[s]") + start_s.astype("m8[s]")
    fixes = shared_out(scale.patrol_points, rng.uniform(0.8, 1.2, count))
    silent = rng.random(count) < 0.35
    return Walks(
        team=crew[:, 0],
        member=crew[:, 1],
        community=_communities(rng, crew[:, 0], areas),
        start=start,
        fixes=fixes,
        gap_at=(fixes * rng.uniform(0.3, 0.8, count)).astype(np.int64),
        gap=np.where(silent, rng.integers(8, 31, count), 0),
        speed_ms=np.where(rng.random(count) < 0.3, E_BIKE_MS, WALKING_MS),
    )


def _communities(rng: np.random.Generator, team: Ints, areas: TeamAreas) -> Ints:
    """One of the team's communities for each walk, -1 for a team that has parcels only."""
    luck = rng.random(len(team))
    chosen = [
        area[int(u * len(area))] if (area := areas.communities[t]) else -1
        for t, u in zip(team.tolist(), luck.tolist(), strict=True)
    ]
    return np.array(chosen, np.int64)


@dataclass(frozen=True)
class _Map:
    """What a route is made of: places in lanes by community, check points by parcel, parcels by team."""

    lanes: list[list[Place]]
    points: list[list[Place]]
    parcels: list[list[int]]
    home: list[int]


def lay_routes(
    rng: np.random.Generator,
    ground: Ground,
    walks: Walks,
    areas: TeamAreas,
    parcels: Parcels,
    check_points: CheckPoints,
) -> Routes:
    """Walk parcels from check point to check point and lanes between them, until the time is up."""
    where = _map(rng, ground, areas, parcels, check_points)
    lines, first = [], []
    for walk in range(len(walks.team)):
        corners, parcel = _route(rng, where, walks, walk)
        lines.append(np.array(corners))
        first.append(parcel)
    flat = np.concatenate(lines)
    number = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    return Routes(number, flat[:, :2], flat[:, 2], np.array(first, np.int64))


def _map(
    rng: np.random.Generator, ground: Ground, areas: TeamAreas, parcels: Parcels, check_points: CheckPoints
) -> _Map:
    lanes = []
    for cells in ground.of_community:
        somewhere = spread(rng, ground, rng.choice(cells, _PLACES_PER_COMMUNITY))
        lanes.append([(float(x), float(y)) for x, y in PLANE.to_metres(somewhere)])
    points: list[list[Place]] = [[] for _ in parcels.cell]
    places = PLANE.to_metres(check_points.lon_lat).tolist()
    for parcel, (x, y) in zip(check_points.parcel.tolist(), places, strict=True):
        points[parcel].append((x, y))
    home = ground.community[parcels.cell].tolist()
    return _Map(lanes, points, [walked.tolist() for walked in areas.parcels], home)


def _route(
    rng: np.random.Generator, where: _Map, walks: Walks, walk: int
) -> tuple[list[tuple[float, float, float]], int]:
    """Corners (x, y, seconds) of one walk and its first parcel."""
    community = int(walks.community[walk])
    parcels = where.parcels[int(walks.team[walk])]
    todo = [p for p in parcels if community < 0 or where.home[p] == community] or parcels
    todo = [todo[n] for n in rng.permutation(len(todo)).tolist()]
    first = todo[0] if todo else -1
    ends_s = float(walks.seconds[walk]) + FIX_EVERY_S
    speed = float(walks.speed_ms[walk])
    luck = iter(rng.random(2_048).tolist() * 8)
    home = community if community >= 0 else where.home[first]
    lanes = where.lanes[home]
    here = where.points[first][0] if todo else lanes[0]
    corners = [(here[0], here[1], 0.0)]
    while corners[-1][2] < ends_s:
        if todo:
            parcel = todo.pop(0)
            stops = where.points[parcel]
            # One round in twelve is called away from its first parcel before the end.
            called_away = parcel == first and next(luck) < 1 / 12
            for point in stops[: len(stops) // 2] if called_away else stops:
                _go(corners, point, speed, next(luck))
                _stay(corners, 45 + 75 * next(luck))
            lanes = where.lanes[where.home[parcel]]
        for _ in range(3 + int(4 * next(luck))):
            x, y, _s = corners[-1]
            choice = [lanes[int(next(luck) * len(lanes))] for _ in range(4)]
            _go(corners, min(choice, key=lambda p: math.hypot(p[0] - x, p[1] - y)), speed, next(luck))
    return corners, first


def _go(corners: list[tuple[float, float, float]], to: Place, speed: float, luck: float) -> None:
    """Walk to a place by one bend, up to a quarter of the way to the side."""
    x, y, at = corners[-1]
    dx, dy = to[0] - x, to[1] - y
    bend = (luck - 0.5) * 0.5
    middle = (x + dx / 2 - dy * bend, y + dy / 2 + dx * bend)
    half_s = math.hypot(middle[0] - x, middle[1] - y) / speed
    corners.append((*middle, at + half_s))
    corners.append((*to, at + 2 * half_s + 0.001))


def _stay(corners: list[tuple[float, float, float]], seconds: float) -> None:
    x, y, at = corners[-1]
    corners.append((x, y, at + seconds))


def fix_seconds(rng: np.random.Generator, walks: Walks) -> tuple[Ints, Ints, Ints]:
    """Walk, sequence in the walk and seconds since its start, of every fix."""
    walk = np.repeat(np.arange(len(walks.fixes)), walks.fixes)
    sequence = np.arange(len(walk)) - np.repeat(np.cumsum(walks.fixes) - walks.fixes, walks.fixes)
    after_gap: Bools = sequence > walks.gap_at[walk]
    elapsed = (sequence + np.where(after_gap, walks.gap[walk], 0)) * FIX_EVERY_S
    return walk, sequence, elapsed + rng.integers(0, 4, len(walk))
