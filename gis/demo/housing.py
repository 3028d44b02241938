"""Buildings clustered as urban villages, estates and factories are; building heads; rental units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from gis.demo import names
from gis.demo.chance import Floats, Ints, category, rank_within, shared_out, weighted
from gis.demo.ground import PLANE, Ground, Setting, near, spread
from gis.division.codes import pinyin_initials

Columns = dict[str, Any]
Times = np.ndarray[Any, np.dtype[np.datetime64]]
initials = cache(pinyin_initials)

LAND_USES = ("urban_village", "estate", "industrial", "hill", "other")
# Per land use, in that order.
_RENTED_PER_PERSON = np.array([1.0, 0.45, 0.7, 0.25, 0.6])
_UNITS_PER_BUILDING = np.array([10.0, 45.0, 30.0, 4.0, 9.0])
_FLOORS = np.array([[5, 9], [11, 33], [3, 8], [1, 3], [2, 7]])
_CLUSTER_SIGMA_M = np.array([45.0, 90.0, 120.0, 40.0, 70.0])
_ROOM_M2 = np.array([26.0, 72.0, 30.0, 40.0, 34.0])
_USES = ("residential", "commercial", "industrial", "warehouse", "mixed")
_BUILDING_USE = np.array(
    [
        [0.86, 0.02, 0.01, 0.01, 0.10],
        [0.95, 0.02, 0.00, 0.00, 0.03],
        [0.45, 0.03, 0.38, 0.10, 0.04],
        [0.80, 0.02, 0.08, 0.08, 0.02],
        [0.72, 0.10, 0.04, 0.03, 0.11],
    ]
)
GRADE_SHARES = {"lenient": 0.62, "watch": 0.25, "strict": 0.115, "banned": 0.015}
_HAZARDS = ("fire", "electric", "gas", "three_in_one", "illegal_building")
_OVERDUE_SHARE = 0.11
_NEVER_VISITED_SHARE = 0.015


@dataclass(frozen=True)
class CodePattern:
    """Digits of unit codes after the community: grid, building, room. 12+2+5+6 = the city's 25 of 2017."""

    grid: int = 2
    building: int = 5
    room: int = 6

    def building_code(self, community: str, cell: str, number: int) -> str:
        """Code of a building; the grid digits are those of its first cell and never change."""
        return f"{community}{cell[-self.grid :]:0>{self.grid}}{number:0{self.building}d}"


CODES = CodePattern()


@dataclass(frozen=True)
class Buildings:
    """Buildings as later subjects need them; `cell` is an index into the ground's cells."""

    cell: Ints
    lon_lat: Floats
    address: list[str]
    code: list[str]
    floors: Ints
    use: Ints
    kind: Ints
    quality: Floats
    columns: Columns


def make_buildings(rng: np.random.Generator, setting: Setting, pattern: CodePattern = CODES) -> Buildings:
    """Place buildings, every inhabited cell at least one, and name them by lane and number.

    `quality` (normal, 0 is average) drives grade and hazards of the units in a building.
    """
    ground, scale = setting.ground, setting.scale
    kind_of_cell = np.array([LAND_USES.index(use) for use in ground.land_use])
    wanted = (ground.population + 1) * _RENTED_PER_PERSON[kind_of_cell] / _UNITS_PER_BUILDING[kind_of_cell]
    spare = max(scale.buildings - len(wanted), 0)
    cell = np.repeat(np.arange(len(wanted)), 1 + shared_out(spare, wanted))
    kind = kind_of_cell[cell]
    lon_lat = _clustered(rng, ground, cell, kind)
    cumulative = np.cumsum(_BUILDING_USE, axis=1)[kind]
    use = (rng.random((len(cell), 1)) > cumulative).sum(axis=1).clip(0, len(_USES) - 1)
    floors = rng.integers(_FLOORS[kind, 0], _FLOORS[kind, 1])
    community = ground.community[cell]
    number = rank_within(community)  # cells are ordered by code, so communities stand together
    lane, in_lane = number // 40, number % 40 + 1
    places = ground.communities
    address, short, code = [], [], []
    for c, k, a, i, n in zip(
        cell.tolist(), community.tolist(), lane.tolist(), in_lane.tolist(), number.tolist(), strict=True
    ):
        street = f"{names.lane(a)}{'路' if kind[n] == 2 else '巷'}"
        address.append(f"{places.name[k]}{street}{i}号")
        short.append(f"{initials(places.name[k])}{initials(street)}{i}h")
        code.append(pattern.building_code(places.code[k], ground.code[c], n + 1))
    columns: Columns = {
        "code": code,
        "name_zh": address,
        "address": [f"光明新区{text}" for text in address],
        "pinyin_initials": short,
        "use": category(use, list(_USES)),
        "floors": floors,
        "built_year": rng.triangular(1985, 2008, 2014, len(cell)).astype(int),
        **ground.ids(cell),
        "geom": lon_lat,
    }
    return Buildings(cell, lon_lat, address, code, floors, use, kind, rng.normal(0, 1, len(cell)), columns)


def _clustered(rng: np.random.Generator, ground: Ground, cell: Ints, kind: Ints) -> Floats:
    """Two or three cores a cell, buildings about them; on the hills anywhere."""
    cores = spread(rng, ground, np.repeat(np.arange(len(ground.cell_id)), 3))
    chosen = cell * 3 + rng.choice(3, len(cell), p=[0.55, 0.3, 0.15])
    reach = np.sqrt(ground.area_m2[cell]) / 5
    sigma = np.minimum(_CLUSTER_SIGMA_M[kind], np.maximum(reach, 8.0))
    return near(rng, ground, cell, cores[chosen], sigma)


def head_columns(
    rng: np.random.Generator, setting: Setting, buildings: Buildings, ids: Ints, rented: Ints
) -> Columns:
    """One volunteer building head for nine of ten rented buildings."""
    chosen = rented[rng.random(len(rented)) < 0.92]
    since = np.datetime64(setting.today) - rng.integers(30, 1_500, len(chosen)).astype("m8[D]")
    return {
        "building_id": ids[chosen],
        "full_name": names.people(rng, len(chosen)),
        "phone": names.phones("1380000", rng.integers(0, 10_000, len(chosen))),
        **setting.ground.ids(buildings.cell[chosen]),
        "valid_from": since,
    }


@dataclass(frozen=True)
class Units:
    """Rental units as columns, with the building of each."""

    building: Ints
    columns: Columns


def make_units(
    rng: np.random.Generator,
    setting: Setting,
    buildings: Buildings,
    *,
    ids: Ints,
    intervals: dict[str, int],
    pattern: CodePattern = CODES,
) -> Units:
    """Fill buildings with units: rooms by floor, grades by the building's quality, visits as they come."""
    ground, count = setting.ground, setting.scale.units
    building = _housed(rng, ground, buildings, count)
    kind, cell = buildings.kind[building], buildings.cell[building]
    in_building = rank_within(building)
    per_floor = -(-np.bincount(building, minlength=len(ids)) // buildings.floors)
    floor = in_building // per_floor[building] + 1
    room = floor * 100 + in_building % per_floor[building] + 1
    use = np.where((floor == 1) & (rng.random(count) < 0.25), 1, buildings.use[building])
    lives = np.isin(use, (0, 4))
    tenants = np.where(rng.random(count) < 0.08, 0, np.where(lives, 1 + rng.poisson(1.55, count), 0))
    grade = _grades(rng, buildings.quality[building])
    filed, visited = _visits(
        rng, cell, np.array([intervals[code] for code in GRADE_SHARES])[grade], setting.today
    )
    rooms = room.tolist()
    columns: Columns = {
        "code": [
            f"{buildings.code[b]}{r:0{pattern.room}d}" for b, r in zip(building.tolist(), rooms, strict=True)
        ],
        "building_id": ids[building],
        "address": [
            f"光明新区{buildings.address[b]}{r}室" for b, r in zip(building.tolist(), rooms, strict=True)
        ],
        "room": [str(r) for r in rooms],
        "floor": floor,
        "area_m2": np.round(_ROOM_M2[kind] * np.exp(rng.normal(0, 0.3, count)), 1),
        "use": category(use, list(_USES)),
        "tenants": np.minimum(tenants, 12),
        "grade": category(grade, list(GRADE_SHARES)),
        "hazards": _hazards(rng, grade),
        "filed_on": filed,
        "last_visit_at": visited,
        **ground.ids(cell),
        "geom": _at_the_door(rng, ground, cell, buildings.lon_lat[building]),
    }
    return Units(building, columns)


def _housed(rng: np.random.Generator, ground: Ground, buildings: Buildings, count: int) -> Ints:
    """Building of each unit, ascending: people of the cell, then size of the building."""
    size = _UNITS_PER_BUILDING[buildings.kind] * np.exp(rng.normal(0, 0.45, len(buildings.cell)))
    size = np.where(np.isin(buildings.use, (2, 3)), 0.25, 1.0) * size
    in_cell = np.bincount(buildings.cell, size, minlength=len(ground.cell_id))
    kind_of_cell = np.array([LAND_USES.index(use) for use in ground.land_use])
    people = (ground.population + 0.01) * _RENTED_PER_PERSON[kind_of_cell]
    return np.sort(weighted(rng, people[buildings.cell] * size / in_cell[buildings.cell], count))


def _grades(rng: np.random.Generator, quality: Floats) -> Ints:
    """Grade by rank of quality plus a unit's own luck, so that the shares are as wanted."""
    score = quality + rng.normal(0, 0.9, len(quality))
    limits = np.quantile(score, np.cumsum(list(GRADE_SHARES.values()))[:-1]) if len(score) else np.zeros(3)
    return np.searchsorted(limits, score).astype(np.int64)


def _hazards(rng: np.random.Generator, grade: Ints) -> list[tuple[str, ...]]:
    """None or few for lenient units, one or two for strict ones."""
    chance = np.array([0.01, 0.14, 0.36, 0.62])[grade]
    lean = np.array([1.3, 1.3, 0.7, 0.35, 0.8])
    bits = (rng.random((len(grade), 5)) < chance[:, None] * lean) @ (1 << np.arange(5))
    known = [tuple(name for b, name in enumerate(_HAZARDS) if mask >> b & 1) for mask in range(32)]
    return [known[mask] for mask in bits.tolist()]


def _visits(rng: np.random.Generator, cell: Ints, interval: Ints, today: date) -> tuple[Times, Times]:
    """Day of filing and time of the last visit (UTC, NaT for never); due = visit + interval.

    Some cells are behind more than others: the share overdue varies by cell about the district's.
    """
    count = len(cell)
    diligence = rng.gamma(2.5, 1 / 2.5, int(cell.max(initial=0)) + 1)[cell]
    overdue = rng.random(count) < np.minimum(_OVERDUE_SHARE * diligence, 0.6)
    on_time = 1 + np.floor(rng.random(count) * interval).astype(np.int64)
    late = interval + 1 + np.minimum(rng.exponential(14, count), 300).astype(np.int64)
    age = np.where(overdue, late, on_time)
    filed_age = age + np.exp(rng.normal(5.6, 1.0, count)).clip(0, 2_500).astype(np.int64)
    never = rng.random(count) < _NEVER_VISITED_SHARE
    filed_age = np.where(never, np.where(overdue, late, on_time), filed_age)
    day = np.datetime64(today)
    at = (day - age.astype("m8[D]")).astype("M8[s]") + working_seconds(rng, count).astype("m8[s]")
    at = at - np.timedelta64(8, "h")
    at[never] = np.datetime64("NaT")
    return day - filed_age.astype("m8[D]"), at


def working_seconds(rng: np.random.Generator, count: int) -> Ints:
    """Seconds after midnight, between eight in the morning and nine in the evening, most in office hours."""
    return (rng.triangular(8, 14, 21, count) * 3_600).astype(np.int64)


def _at_the_door(rng: np.random.Generator, ground: Ground, cell: Ints, building: Floats) -> Floats:
    """A few metres about the building's entrance, so that units do not hide each other on a map."""
    moved = np.round(building + rng.normal(0, 3.0, building.shape) / PLANE.scale, 7)
    stays = ground.inside(cell, moved)
    return np.where(stays[:, None], moved, building)
