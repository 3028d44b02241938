"""Service facilities of every kind: centres in each community, schools, health, parks, metro stations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gis.demo.chance import Floats, Ints, weighted
from gis.demo.ground import Ground, Setting, near, spread
from gis.division.codes import pinyin_initials

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How many of a kind: one in each community (`everywhere`) and `more` where most people live."""

    code: str
    name: str
    name_en: str
    everywhere: bool = False
    more: int = 0
    capacity: int | None = None
    hours: str = ""


_OFFICE = "Mo-Fr 09:00-12:00,14:00-18:00"
_LESSONS = "Mo-Fr 07:30-17:30"
_KINDS = (
    _Kind(
        "party_service_centre",
        "党群服务中心",
        "Party-masses Service Centre",
        everywhere=True,
        hours="Mo-Su 09:00-21:00",
    ),
    _Kind(
        "service_centre",
        "社区服务中心",
        "Community Service Centre",
        everywhere=True,
        hours="Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00",
    ),
    _Kind(
        "health_centre",
        "社康中心",
        "Community Health Centre",
        everywhere=True,
        more=3,
        capacity=120,
        hours="Mo-Sa 08:00-12:00,14:00-17:30",
    ),
    _Kind("harmony_hall", "和谐议事厅", "Harmony Hall", more=24, capacity=30, hours=_OFFICE),
    _Kind("neighbourhood_centre", "邻里服务中心", "Neighbourhood Centre", more=10, hours="Mo-Su 08:30-21:30"),
    _Kind(
        "building_head_school",
        "楼长学校",
        "Building-head School",
        more=2,
        capacity=60,
        hours="Sa-Su 09:00-17:00",
    ),
    _Kind("school", "演示小学", "Demo Primary School", more=22, capacity=1_200, hours=_LESSONS),
    _Kind("school", "演示中学", "Demo Middle School", more=8, capacity=1_500, hours=_LESSONS),
    _Kind("kindergarten", "演示幼儿园", "Demo Kindergarten", more=66, capacity=280, hours=_LESSONS),
    _Kind("safety_school", "公共安全学校", "Public-safety School", more=1, capacity=200, hours=_OFFICE),
    _Kind(
        "community_college",
        "社区学院",
        "Community College",
        more=2,
        capacity=300,
        hours="Mo-Fr 18:30-21:30; Sa-Su 09:00-17:00",
    ),
    _Kind("after_school", "四点半学校", "After-school Care", more=26, capacity=50, hours="Mo-Fr 16:30-18:30"),
    _Kind("hospital", "演示医院", "Demo Hospital", more=3, capacity=500, hours="24/7"),
    _Kind(
        "culture_sport",
        "演示文体中心",
        "Demo Culture and Sports Centre",
        more=8,
        capacity=800,
        hours="Tu-Su 09:00-21:00",
    ),
)
_FOUNDATION = _Kind("foundation", "社区基金会", "Community Foundation", hours=_OFFICE)
_PARK = _Kind("park", "演示公园", "Demo Park", hours="24/7")
_TRAINS = "Mo-Su 06:30-23:00"
_FOUNDATIONS = ("白花", "凤凰", "玉律", "圳美", "上村")
_PARKS = 24
# Positions ±40 m, WGS84; opened after 2014, here as places to find one's way by.
_STATIONS = {
    "薯田埔": (113.8628, 22.7839), "合水口": (113.8760, 22.7846), "公明广场": (113.8865, 22.7804),
    "红花山": (113.9024, 22.7807), "楼村": (113.9185, 22.7789), "科学公园": (113.9292, 22.7805),
    "光明": (113.9404, 22.7747), "光明大街": (113.9378, 22.7649), "凤凰城": (113.9280, 22.7504),
    "长圳": (113.9261, 22.7293), "碧眼": (113.9462, 22.7610), "圳美": (113.9444, 22.7908),
    "上村": (113.8895, 22.7877), "下村": (113.8896, 22.7967), "李松蓢": (113.8894, 22.8081),
    "将围": (113.9006, 22.7610), "新庄": (113.8977, 22.7689), "月亮路": (113.9062, 22.7493),
    "红坳公园": (113.9415, 22.7266), "光明城": (113.9487, 22.7360),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """One facility: `cell` is an index into the ground's cells."""

    kind: _Kind
    name: str
    name_en: str
    cell: int


def facility_columns(rng: np.random.Generator, setting: Setting) -> Columns:
    """Place facilities near where people live; parks where there is room."""
    ground = setting.ground
    share = len(ground.of_community) / 28
    rows: list[_Row] = []
    for kind in _KINDS:
        cells = _seats(rng, ground, kind, share)
        rows += [_Row(kind, *_title(ground, kind, cell), cell) for cell in cells]
    for name in _FOUNDATIONS:
        if name in ground.communities.name:
            k = ground.communities.name.index(name)
            title = f"{name}{_FOUNDATION.name}", f"{ground.communities.name_en[k]} {_FOUNDATION.name_en}"
            rows.append(_Row(_FOUNDATION, *title, int(ground.of_community[k][0])))
    parks = weighted(rng, np.sqrt(ground.area_m2), max(1, round(_PARKS * share))).tolist()
    rows += [_Row(_PARK, *_title(ground, _PARK, cell), cell) for cell in parks]
    cell = np.array([row.cell for row in rows], np.int64)
    middle = _middles(ground)[ground.community[cell]]
    lon_lat = near(rng, ground, cell, middle * 0.2 + ground.inner[cell] * 0.8, np.full(len(rows), 90.0))
    roomy = np.array([row.kind is _PARK for row in rows])
    lon_lat[roomy] = spread(rng, ground, cell[roomy])
    return _with_stations(ground, rows, lon_lat)


def _seats(rng: np.random.Generator, ground: Ground, kind: _Kind, share: float) -> list[int]:
    busiest = (
        [int(c[np.argmax(ground.population[c])]) for c in ground.of_community] if kind.everywhere else []
    )
    more = max(1, round(kind.more * share)) if kind.more else 0
    seats = busiest if kind.everywhere else []
    seats += [int(cell) for cell in weighted(rng, ground.population + 1.0, more)]
    return seats


def _title(ground: Ground, kind: _Kind, cell: int) -> tuple[str, str]:
    k = int(ground.community[cell])
    return f"{ground.communities.name[k]}{kind.name}", f"{ground.communities.name_en[k]} {kind.name_en}"


def _middles(ground: Ground) -> Floats:
    """Where the people of each community live on average, lon/lat."""
    people = ground.population + 1.0
    count = len(ground.of_community)
    total = np.bincount(ground.community, people, minlength=count)
    axes = [
        np.bincount(ground.community, people * ground.inner[:, a], minlength=count) / total for a in (0, 1)
    ]
    return np.stack(axes, axis=-1)


def _with_stations(ground: Ground, rows: list[_Row], lon_lat: Floats) -> Columns:
    at = ground.locate(np.array(list(_STATIONS.values())))
    stations = [name for name, cell in zip(_STATIONS, at.tolist(), strict=True) if cell >= 0]
    cells: Ints = np.r_[np.array([row.cell for row in rows], np.int64), at[at >= 0]]
    names = _numbered([row.name for row in rows]) + [f"{name}站" for name in stations]
    english = _numbered([row.name_en for row in rows], " ") + [""] * len(stations)
    kinds = [row.kind.code for row in rows] + ["metro_station"] * len(stations)
    return {
        "code": [f"F{number:04d}" for number in range(1, len(kinds) + 1)],
        "kind": kinds,
        "name_zh": names,
        "name_en": english,
        "pinyin_initials": [pinyin_initials(name) for name in names],
        "address": [f"光明新区{ground.communities.name[ground.community[cell]]}社区" for cell in cells],
        "capacity": [row.kind.capacity for row in rows] + [None] * len(stations),
        "opening_hours": [row.kind.hours for row in rows] + [_TRAINS] * len(stations),
        **ground.ids(cells),
        "geom": np.concatenate([lon_lat, np.array([_STATIONS[name] for name in stations]).reshape(-1, 2)]),
    }


def _numbered(names: list[str], gap: str = "") -> list[str]:
    """Give the second and later of a name a number."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name}{gap}{seen[name]}")
    return made
