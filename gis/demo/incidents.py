"""Incidents of three years: weekdays, rain and seasons, hot spots, categories, and where each one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gis.demo.chance import Bools, Floats, Ints, category, uuids, weighted
from gis.demo.ground import PLANE, Setting
from gis.demo.housing import Buildings

Columns = dict[str, Any]
Times = np.ndarray[tuple[int], np.dtype[np.datetime64]]

FAMILY_SHARES = {"SR": 0.58, "ZZ": 0.16, "AQ": 0.16, "JF": 0.10}
_WEEKDAYS = np.array([1.10, 1.06, 1.04, 1.04, 1.02, 0.88, 0.82])  # Monday first
_OFTEN = {
    "SR0102": 6.0, "SR0103": 3.0, "SR0104": 3.0, "SR0401": 4.0, "SR0404": 4.0, "SR0405": 3.0, "SR0409": 4.0,
    "SR0410": 3.0, "SR0201": 2.0, "SR0105": 0.4, "SR0501": 0.4, "ZZ02": 4.0, "ZZ03": 0.4, "ZZ01": 2.0,
    "JF01": 4.0, "JF02": 3.0, "JF05": 3.0, "JF07": 0.3, "JF10": 0.3, "AQ03": 4.0, "AQ01": 2.0, "AQ04": 0.5,
    "AQ05": 0.3,
}  # fmt: skip
_WET = {"AQ05": 14.0, "SR0506": 10.0, "SR0503": 4.0, "SR0401": 0.5, "SR0302": 0.2, "SR0115": 0.1}
_AT_MARKETS = ("SR01", "SR02", "SR04")
_AT_WORK = ("JF01", "AQ01", "AQ04", "SR0301", "SR0302")
_SOURCES, _SOURCE_SHARES = ("officer", "patrol", "hotline", "public"), (0.78, 0.04, 0.10, 0.08)
_OPEN_STATES = ("reported", "accepted", "filed", "dispatched", "handling", "handled", "checking", "rework")
_OPEN_SHARES = (0.08, 0.10, 0.10, 0.17, 0.30, 0.10, 0.08, 0.07)
_STATES = (*_OPEN_STATES, "closed", "archived", "rejected", "voided")
_CLOSED, _ARCHIVED, _REJECTED, _VOIDED = 8, 9, 10, 11
_DETAILS = ("巡查发现", "群众反映", "复查仍存在", "已现场劝导", "影响通行", "需部门处理")
_FRESH = 12
_STORM_SHARE, _HOT_SPOTS_PER_COMMUNITY = 0.02, 3


@dataclass(frozen=True, slots=True)
class Category:
    """A row of the code table."""

    code: str
    family: str
    name_zh: str
    time_limit_hours: int


@dataclass(frozen=True)
class Reporters:
    """Account ids of those who report; a few fresh incidents are put where the demo officer will look."""

    officer_of_cell: Ints
    patrols: Ints
    shown_cells: Ints


def incident_columns(
    rng: np.random.Generator,
    setting: Setting,
    buildings: Buildings,
    categories: Sequence[Category],
    *,
    reporters: Reporters,
) -> Columns:
    """Make incidents up to the day before today, in order of their reports."""
    count = setting.scale.incidents
    day, wet = _days(rng, setting, count)
    kind = _categories(rng, categories, wet)
    building, sigma_m = _places(rng, setting, buildings, categories, kind)
    fresh = _fresh(rng, setting, day)
    at_home = np.flatnonzero(np.isin(buildings.cell, reporters.shown_cells))
    building[fresh] = rng.choice(at_home, int(fresh.sum()))
    sigma_m[fresh] = 3.0
    offset = rng.normal(0, 1, (count, 2)) * sigma_m[:, None] / PLANE.scale
    lon_lat = np.round(buildings.lon_lat[building] + offset, 7)
    cell = setting.ground.locate(lon_lat)
    occurred = day + (rng.triangular(6, 15, 23.9, count) * 3_600).astype("m8[s]")
    reported = occurred + rng.exponential(1_200, count).astype("m8[s]")
    order = np.argsort(reported, kind="stable")
    kind, building, lon_lat, cell = kind[order], building[order], lon_lat[order], cell[order]
    fresh = fresh[order]
    occurred, reported = occurred[order], reported[order]
    fate = _fates(rng, setting, reported, np.array([c.time_limit_hours for c in categories])[kind], fresh)
    source = rng.choice(len(_SOURCES), count, p=_SOURCE_SHARES)
    reporter = np.where(source == 1, rng.choice(reporters.patrols, count), reporters.officer_of_cell[cell])
    family = np.array([c.family for c in categories], object)[kind]
    people = np.where(family == "JF", 2 + rng.geometric(0.35, count), 0)
    detail = rng.integers(0, len(_DETAILS), count).tolist()
    address = [f"{buildings.address[b]}附近" for b in building.tolist()]
    return {
        "client_id": uuids(rng, count),
        "category": category(kind, [c.code for c in categories]),
        "state": category(fate.state, _STATES),
        "source": category(source, _SOURCES),
        "severity": 1 + rng.choice(4, count, p=(0.72, 0.2, 0.065, 0.015)),
        "people": np.minimum(people, 60),
        "description": [
            f"{categories[k].name_zh}：{where}，{_DETAILS[d]}（演示）"
            for k, where, d in zip(kind.tolist(), address, detail, strict=True)
        ],
        "address": address,
        "occurred_at": occurred - np.timedelta64(8, "h"),
        "reported_at": reported - np.timedelta64(8, "h"),
        "due_at": fate.due - np.timedelta64(8, "h"),
        "closed_at": fate.closed - np.timedelta64(8, "h"),
        "reporter_id": np.ma.masked_array(reporter, (source > 1) | (cell < 0) & (source == 0)),
        **setting.ground.ids(cell),
        "geom": lon_lat,
    }


def _days(rng: np.random.Generator, setting: Setting, count: int) -> tuple[Times, Bools]:
    """Local midnight of each incident's day, and whether it rained: wet summers, a storm now and then."""
    total = setting.scale.incident_days
    days = np.datetime64(setting.today) - np.arange(total, 0, -1).astype("m8[D]")
    month = days.astype("M8[M]").astype(np.int64) % 12 + 1
    weekday = (days.astype(np.int64) + 3) % 7
    summer = (month >= 4) & (month <= 9)
    wet = rng.random(total) < np.where(summer, 0.48, 0.14)
    storm = wet & summer & (rng.random(total) < _STORM_SHARE / 0.24)
    load = _WEEKDAYS[weekday] * (1 + 0.12 * summer) * np.linspace(0.9, 1.1, total)
    load *= np.where(storm, 4.0, np.where(wet, 1.15, 1.0)) * rng.gamma(60, 1 / 60, total)
    drawn = weighted(rng, load, count)
    return days[drawn].astype("M8[s]"), wet[drawn]


def _categories(rng: np.random.Generator, categories: Sequence[Category], wet: Bools) -> Ints:
    often = np.array([_OFTEN.get(c.code, 1.0) for c in categories])
    family = np.array([c.family for c in categories], object)
    for name, share in FAMILY_SHARES.items():
        often[family == name] *= share / often[family == name].sum()
    rainy = often * np.array([_WET.get(c.code, 1.0) for c in categories])
    drawn = weighted(rng, often, len(wet))
    drawn[wet] = weighted(rng, rainy, int(wet.sum()))
    return drawn


def _places(
    rng: np.random.Generator,
    setting: Setting,
    buildings: Buildings,
    categories: Sequence[Category],
    kind: Ints,
) -> tuple[Ints, Floats]:
    """The nearest building and how far about it. Four in five street cases lie within 200 m of a market."""
    people = setting.ground.population[buildings.cell] / np.bincount(buildings.cell)[buildings.cell]
    factory = np.where(buildings.kind == 2, 1.0, 0.03)
    community = setting.ground.community[buildings.cell]
    markets = np.concatenate(
        [
            rng.choice(np.flatnonzero(community == k), _HOT_SPOTS_PER_COMMUNITY)
            for k in range(len(setting.ground.of_community))
        ]
    )
    fame = people[markets] ** 0.5 * rng.pareto(2.0, len(markets)) + 0.05
    of_code = np.array([c.code.startswith(_AT_MARKETS) for c in categories])[kind]
    at_market = of_code & (rng.random(len(kind)) < 0.8)
    at_work = np.array([c.code.startswith(_AT_WORK) for c in categories])[kind]
    building = weighted(rng, people + 0.01, len(kind))
    building[at_work] = weighted(rng, factory, int(at_work.sum()))
    building[at_market] = markets[weighted(rng, fame, int(at_market.sum()))]
    return building, np.where(at_market, 75.0, 25.0)


def _fresh(rng: np.random.Generator, setting: Setting, day: Times) -> Bools:
    """A dozen incidents of the last days, or as many as there are."""
    recent = np.flatnonzero(day >= np.datetime64(setting.today).astype("M8[s]") - np.timedelta64(6, "D"))
    chosen = np.zeros(len(day), bool)
    chosen[rng.permutation(recent)[:_FRESH]] = True
    return chosen


@dataclass(frozen=True)
class _Fates:
    """Where each incident stands at the start of today, in local time; NaT while open."""

    state: Ints
    due: Times
    closed: Times


def _fates(
    rng: np.random.Generator, setting: Setting, reported: Times, limit_h: Ints, fresh: Bools
) -> _Fates:
    """Nine of ten are closed in time; what still runs, and a few that got stuck, is open."""
    count = len(reported)
    now = np.datetime64(setting.today).astype("M8[s]")
    age_days = (now - reported).astype(np.int64) / 86_400
    taken_h = limit_h * np.exp(rng.normal(-0.8, 0.62, count))
    closed = reported + (taken_h * 3_600).astype("m8[s]")
    due = reported + (limit_h * 3_600).astype("m8[s]")
    stuck = rng.random(count) < 0.32 * np.exp(-age_days / 25) + 0.002
    is_open = (closed > now) | stuck | fresh
    postponed = is_open & (due < now) & (rng.random(count) < 0.5)
    due[postponed] = now + rng.integers(3_600, 12 * 86_400, int(postponed.sum())).astype("m8[s]")
    luck = rng.random(count)
    state = np.where(age_days > 30, _ARCHIVED, _CLOSED)
    state[luck < 0.02] = _REJECTED
    state[luck > 0.993] = _VOIDED
    state[is_open] = rng.choice(len(_OPEN_STATES), int(is_open.sum()), p=_OPEN_SHARES)
    closed[is_open] = np.datetime64("NaT")
    return _Fates(state, due, closed)
