"""Patrol points and tracks as the phones of walking teams would have sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.demo.chance import Bools, Floats, Ints, category, uuids, weighted
from gis.demo.ground import PLANE, Ground
from gis.demo.land import CheckPoints, Parcels
from gis.demo.routes import Routes, Walks, fix_seconds
from gis.geometry.tracks import MAX_GAP_M, MAX_GAP_S
from gis.patrol.evidence import FAIR_M, GOOD_M

Columns = dict[str, Any]
Times = np.ndarray[tuple[int], np.dtype[np.datetime64]]

_NOISE_M = 4.0
_UTC = np.timedelta64(8, "h")
_KINDS = ("OK", "L1", "L2", "L3", "L4", "L5", "L6", "OTHER")
_FINDING_WEIGHTS = np.array([0.30, 0.16, 0.08, 0.12, 0.10, 0.20, 0.04])
_FINDINGS_PER_WALK = 0.27
_NOTES = (
    "",
    "新倒余泥约两车",
    "搭建铁皮棚一处",
    "围墙内施工",
    "堆放废品",
    "鸡鸭棚一处",
    "开垦菜地一片",
    "围挡破损",
)


@dataclass(frozen=True)
class Fixes:
    """Every position taken. `cell`, `parcel` and `check_point` are row numbers, -1 for none."""

    walk: Ints
    sequence: Ints
    at: Times
    lon_lat: Floats
    accuracy_m: Floats
    cell: Ints
    parcel: Ints
    check_point: Ints


def take_fixes(
    rng: np.random.Generator,
    ground: Ground,
    walks: Walks,
    routes: Routes,
    parcels: Parcels,
    check_points: CheckPoints,
) -> Fixes:
    """Read the position off each route every 30 s, as a phone would: a few metres off, now and then many."""
    walk, sequence, elapsed = fix_seconds(rng, walks)
    apart = 1_000_000.0  # seconds between walks, so that one interpolation serves all
    corner_s = routes.at_s + routes.walk * apart
    when = elapsed + walk * apart
    xy = np.stack([np.interp(when, corner_s, routes.xy[:, axis]) for axis in (0, 1)], axis=-1)
    accuracy = np.exp(rng.normal(np.log(8.0), 0.4, len(walk))).clip(3, 60)
    wild = rng.random(len(walk)) < 0.0005
    accuracy[wild] = rng.uniform(60, 150, int(wild.sum()))
    xy += rng.normal(0, 1, xy.shape) * np.where(wild, accuracy, _NOISE_M)[:, None]
    lon_lat = np.round(PLANE.to_degrees(xy), 7)
    by_lon = np.argsort(lon_lat[:, 0], kind="stable")
    return Fixes(
        walk=walk,
        sequence=sequence,
        at=walks.start[walk] + elapsed.astype("m8[s]") - _UTC,
        lon_lat=lon_lat,
        accuracy_m=np.round(accuracy, 1),
        cell=ground.locate(lon_lat),
        parcel=_in_parcels(lon_lat, by_lon, parcels),
        check_point=_at_check_points(lon_lat, by_lon, check_points),
    )


def _in_parcels(lon_lat: Floats, by_lon: Ints, parcels: Parcels) -> Ints:
    found = np.full(len(lon_lat), -1, np.int64)
    sorted_lon = lon_lat[by_lon, 0]
    for number, (west, south, east, north) in enumerate(shapely.bounds(parcels.polygon)):
        rows = by_lon[np.searchsorted(sorted_lon, west) : np.searchsorted(sorted_lon, east, side="right")]
        rows = rows[(lon_lat[rows, 1] >= south) & (lon_lat[rows, 1] <= north)]
        inside = shapely.intersects_xy(parcels.polygon[number], lon_lat[rows, 0], lon_lat[rows, 1])
        found[rows[inside]] = number
    return found


def _at_check_points(lon_lat: Floats, by_lon: Ints, check_points: CheckPoints) -> Ints:
    """The nearest check point whose radius holds the position."""
    found = np.full(len(lon_lat), -1, np.int64)
    nearest = np.full(len(lon_lat), np.inf)
    sorted_lon = lon_lat[by_lon, 0]
    for number, (place, radius) in enumerate(zip(check_points.lon_lat, check_points.radius_m, strict=True)):
        reach = radius / PLANE.scale[0]
        low, high = np.searchsorted(sorted_lon, [place[0] - reach, place[0] + reach])
        rows = by_lon[low:high]
        distance = np.hypot(*((lon_lat[rows] - place) * PLANE.scale).T)
        closer = (distance <= radius) & (distance < nearest[rows])
        found[rows[closer]] = number
        nearest[rows[closer]] = distance[closer]
    return found


@dataclass(frozen=True)
class Patrols:
    """What was walked and what was seen on the way."""

    walks: Walks
    routes: Routes
    fixes: Fixes
    check_points: CheckPoints


@dataclass(frozen=True)
class Ids:
    """Keys the database gave, by row number."""

    account: Ints
    team: Ints
    parcel: Ints
    check_point: Ints
    patrol_round: Ints


def point_columns(rng: np.random.Generator, ground: Ground, walks: Walks, fixes: Fixes, ids: Ids) -> Columns:
    """Every fix as a patrol point; a few of those on parcels report a violation."""
    count = len(fixes.walk)
    kind = np.zeros(count, np.int64)
    on_parcel = np.flatnonzero(fixes.parcel >= 0)
    if len(on_parcel):
        found = rng.choice(on_parcel, min(len(on_parcel), rng.poisson(_FINDINGS_PER_WALK * len(walks.team))))
        kind[found] = 1 + weighted(rng, _FINDING_WEIGHTS, len(found))
    # One upload in twelve waited for a network.
    delay_s = np.where(rng.random(len(walks.team)) < 1 / 12, rng.integers(600, 14_400, len(walks.team)), 0)
    return {
        "client_id": uuids(rng, count),
        # Stands for the digest of what a phone sent: demo points are never sent again.
        "content_sha256": rng.integers(0, 256, (count, 32), dtype=np.uint8),
        "team_id": ids.team[walks.team[fixes.walk]],
        "account_id": ids.account[walks.member[fixes.walk]],
        "patrol_round_id": ids.patrol_round[fixes.walk],
        "check_point_id": np.ma.masked_array(ids.check_point[fixes.check_point], fixes.check_point < 0),
        "parcel_id": np.ma.masked_array(ids.parcel[fixes.parcel], fixes.parcel < 0),
        "kind": category(kind, _KINDS),
        "note": category(kind, _NOTES, distinct=False),
        "source": category(np.zeros(count, np.int64), ("demo",)),
        "at": fixes.at,
        "device_at": fixes.at,
        "received_at": fixes.at + (delay_s[fixes.walk] + rng.integers(1, 40, count)).astype("m8[s]"),
        "method": category(np.zeros(count, np.int64), ("gps",)),
        "fix_at": fixes.at,
        "accuracy_m": fixes.accuracy_m,
        "grade": category(np.searchsorted((GOOD_M, FAIR_M), fixes.accuracy_m), ("A", "B", "C")),
        "sequence": fixes.sequence,
        **ground.ids(fixes.cell),
        "is_outside": fixes.cell < 0,
        "geom": fixes.lon_lat,
    }


def track_columns(rng: np.random.Generator, ground: Ground, walks: Walks, fixes: Fixes, ids: Ids) -> Columns:
    """One track a walk: a line broken where the phone was silent or jumped."""
    step_s = np.diff(fixes.at).astype("m8[s]").astype(np.int64)
    step_m = np.hypot(*(np.diff(fixes.lon_lat, axis=0) * PLANE.scale).T)
    joined: Bools = (np.diff(fixes.walk) == 0) & (step_s <= MAX_GAP_S) & (step_m <= MAX_GAP_M)
    piece = np.r_[0, np.cumsum(~joined)]
    keep = np.bincount(piece)[piece] > 1
    _, first, dense = np.unique(piece[keep], return_index=True, return_inverse=True)
    lines = np.array(shapely.linestrings(fixes.lon_lat[keep], indices=dense), object)
    tracked, of_walk = np.unique(fixes.walk[keep][first], return_inverse=True)
    starts = np.cumsum(walks.fixes) - walks.fixes
    outside = np.bincount(fixes.walk, fixes.cell < 0) > 0
    length, seconds = (
        np.bincount(fixes.walk[:-1], np.where(joined, step, 0), minlength=len(walks.team))
        for step in (step_m, step_s)
    )
    return {
        "client_id": uuids(rng, len(tracked)),
        "team_id": ids.team[walks.team[tracked]],
        "account_id": ids.account[walks.member[tracked]],
        "patrol_round_id": ids.patrol_round[tracked],
        "source": category(np.zeros(len(tracked), np.int64), ("demo",)),
        "at": fixes.at[starts[tracked]],
        "started_at": fixes.at[starts[tracked]],
        "ended_at": fixes.at[(starts + walks.fixes - 1)[tracked]],
        "length_m": np.round(length[tracked], 1),
        "minutes": np.round(seconds[tracked] / 60, 1),
        "fixes": walks.fixes[tracked],
        "is_outside": outside[tracked],
        "community_id": ground.ids(fixes.cell[starts[tracked]])["community_id"],
        "geom": shapely.multilinestrings(lines, indices=of_walk),
    }
