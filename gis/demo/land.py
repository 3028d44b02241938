"""State-land parcels on hills and edges, their check points, and the areas of the patrol teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.demo.chance import Floats, Ints, Objects, category, rank_within, shared_out, uuids, weighted
from gis.demo.ground import PLANE, Ground, spread
from gis.demo.people import Staff
from gis.demo.scale import DemoScale
from gis.geometry.crs import area_m2

Columns = dict[str, Any]

LEVELS = ("key", "ordinary", "remote")
_LEVEL_SHARES = (0.25, 0.5, 0.25)
_RADII_M = (30.0, 40.0, 50.0)
_LIKELY = {"hill": 1.0, "other": 0.25, "industrial": 0.05, "estate": 0.02, "urban_village": 0.01}
_SMALLEST_M2 = 1_500.0
_CORNERS = 14


@dataclass(frozen=True)
class Parcels:
    """Parcels ordered by community; `cell` is that of the inner point, `level` an index into LEVELS."""

    polygon: Objects
    cell: Ints
    level: Ints
    columns: Columns


@dataclass(frozen=True)
class CheckPoints:
    """Check points ordered by parcel. Positions are lon/lat."""

    lon_lat: Floats
    parcel: Ints
    radius_m: Floats
    columns: Columns


def make_parcels(rng: np.random.Generator, ground: Ground, scale: DemoScale) -> Parcels:
    """Draw blots of half a hectare to thirty, kept apart from each other and inside their community."""
    likely = np.array([_LIKELY[use] for use in ground.land_use]) * ground.area_m2
    tries = scale.parcels * 4
    seat = weighted(rng, likely, tries)
    centre = PLANE.to_metres(spread(rng, ground, seat))
    shapes = _blots(rng, centre, np.sqrt(np.exp(rng.normal(10.6, 0.9, tries)).clip(4_000, 400_000) / np.pi))
    whole = {
        k: shapely.buffer(_in_metres(shapely.union_all(ground.polygon[cells])), -12.0)
        for k, cells in enumerate(ground.of_community)
    }
    kept: list[BaseGeometry] = []
    homes: list[int] = []
    for shape, cell in zip(shapes, seat.tolist(), strict=True):
        home = int(ground.community[cell])
        shape = _largest(shapely.intersection(shape, whole[home]))
        if kept:
            rivals = [other for other in kept if other.intersects(shape)]
            shape = _largest(shapely.difference(shape, shapely.buffer(shapely.union_all(rivals), 4.0)))
        if shape is not None and shape.area > _SMALLEST_M2 and len(kept) < scale.parcels:
            kept.append(shape)
            homes.append(home)
    order = np.argsort(homes, kind="stable")
    polygon = _in_degrees(np.array(kept, object)[order])
    return _described(rng, ground, polygon)


def _described(rng: np.random.Generator, ground: Ground, polygon: Objects) -> Parcels:
    cell = ground.locate(shapely.get_coordinates(shapely.point_on_surface(polygon)))
    order = np.argsort(np.where(cell < 0, 0, ground.community[cell]), kind="stable")
    polygon, cell = polygon[order], cell[order]
    community = ground.community[cell]
    number = rank_within(community) + 1
    level = rng.choice(len(LEVELS), len(polygon), p=_LEVEL_SHARES)
    places = ground.communities
    pairs = list(zip(community.tolist(), number.tolist(), strict=True))
    columns: Columns = {
        "code": [f"GT{places.code[k]}{n:03d}" for k, n in pairs],
        "name_zh": [f"{places.name[k]}演示储备地{n:02d}" for k, n in pairs],
        "level": category(level, list(LEVELS)),
        "area_m2": np.round(area_m2(polygon), 1),
        **ground.ids(cell),
        "geom": shapely.multipolygons(polygon, indices=np.arange(len(polygon))),
    }
    shapely.prepare(polygon)
    return Parcels(polygon, cell, level, columns)


def _blots(rng: np.random.Generator, centre: Floats, radius: Floats) -> Objects:
    """Star-shaped polygons about centres (metres), never crossing themselves."""
    angle = np.sort(rng.random((len(centre), _CORNERS)), axis=1) * 2 * np.pi
    reach = radius[:, None] * rng.uniform(0.6, 1.35, angle.shape)
    corners = centre[:, None] + np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1)
    return np.array(shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1)), object)


def _largest(shape: BaseGeometry | None) -> BaseGeometry | None:
    """The largest polygon of a shape, without holes too small to walk around; None for nothing."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and not p.is_empty]
    if not parts:
        return None
    part = max(parts, key=lambda p: float(p.area))
    return shapely.Polygon(
        part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > 500]
    )


def _in_metres(shapes: Any) -> Any:
    return shapely.transform(shapes, PLANE.to_metres)


def _in_degrees(shapes: Objects) -> Objects:
    """Back to lon/lat on the grid of stored positions, still valid."""
    return np.array(shapely.set_precision(shapely.transform(shapes, PLANE.to_degrees), 1e-7), object)


def make_check_points(
    rng: np.random.Generator, ground: Ground, scale: DemoScale, parcels: Parcels, parcel_ids: Ints
) -> CheckPoints:
    """Spread check points along the edge of each parcel, a little inside; larger and key parcels get more."""
    sizes = np.sqrt(shapely.area(parcels.polygon)) * np.array([1.6, 1.0, 0.7])[parcels.level]
    spare = max(scale.check_points - 2 * len(sizes), 0)
    parcel = np.repeat(np.arange(len(sizes)), 2 + shared_out(spare, sizes))
    number = rank_within(parcel)
    rings = shapely.get_exterior_ring(parcels.polygon)
    along = (number + rng.uniform(0.1, 0.9, len(parcel))) / np.bincount(parcel)[parcel]
    edge = shapely.get_coordinates(shapely.line_interpolate_point(rings[parcel], along, normalized=True))
    inner = shapely.get_coordinates(shapely.point_on_surface(parcels.polygon))[parcel]
    lon_lat = np.round(edge + (inner - edge) * rng.uniform(0.08, 0.35, (len(parcel), 1)), 7)
    outside = ~np.asarray(shapely.contains_xy(parcels.polygon[parcel], lon_lat[:, 0], lon_lat[:, 1]))
    lon_lat[outside] = np.round(inner[outside], 7)
    radius = rng.choice(_RADII_M, len(parcel))
    codes, titles = parcels.columns["code"], parcels.columns["name_zh"]
    pairs = list(zip(parcel.tolist(), (number + 1).tolist(), strict=True))
    columns: Columns = {
        "code": [f"{codes[p]}-{n:02d}" for p, n in pairs],
        "name_zh": [f"{titles[p]}{n}号点" for p, n in pairs],
        "parcel_id": parcel_ids[parcel],
        "radius_m": radius,
        "qr_token": [f"gg{token.tobytes().hex()}" for token in uuids(rng, len(parcel))],
        **ground.ids(ground.locate(lon_lat)),
        "geom": lon_lat,
    }
    return CheckPoints(lon_lat, parcel, radius, columns)


@dataclass(frozen=True)
class TeamAreas:
    """What each team patrols: communities and, for all, the parcels it walks to."""

    communities: list[list[int]]
    parcels: list[Ints]
    columns: Columns


def make_team_areas(
    ground: Ground, staff: Staff, parcels: Parcels, *, team_ids: Ints, parcel_ids: Ints, today: date
) -> TeamAreas:
    """Give a team its communities; the mobile teams take turns at the remote and key parcels of all.

    patrol1's team also gets two parcels beyond its communities.
    """
    home = ground.community[parcels.cell]
    far = np.flatnonzero(parcels.level != 1)
    mobile = [team for team, area in enumerate(staff.team_communities) if not area]
    rows: list[tuple[int, int | None, int | None]] = []
    walked: list[Ints] = []
    for team, area in enumerate(staff.team_communities):
        single = far[mobile.index(team) :: len(mobile)] if team in mobile else np.zeros(0, np.int64)
        if team == 0:
            single = far[~np.isin(home[far], area)][:2]
        rows += [(team, int(ground.communities.community_id[k]), None) for k in area]
        rows += [(team, None, int(parcel_ids[p])) for p in single]
        walked.append(np.r_[np.flatnonzero(np.isin(home, area)), single].astype(np.int64))
    columns = {
        "team_id": team_ids[[team for team, _, _ in rows]],
        "community_id": [community for _, community, _ in rows],
        "parcel_id": [parcel for _, _, parcel in rows],
        "valid_from": np.full(len(rows), np.datetime64(date(today.year - 1, 1, 1))),
    }
    return TeamAreas(staff.team_communities, walked, columns)
