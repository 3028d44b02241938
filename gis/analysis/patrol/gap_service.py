"""Gaps as people use them: of a place, ranked over the district, as check points of a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from psycopg2 import Binary
from shapely.geometry.base import BaseGeometry

from gis.analysis.patrol.kept import READ_MS, is_stored
from gis.analysis.patrol.model import PatrolQuestion
from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import NotFound
from gis.geometry.crs import to_wgs84
from gis.people.model import Actor, Permission

if TYPE_CHECKING:
    from gis.analysis.patrol.loading import Material

_queries = load_queries(__file__, "service")

MOST_GAPS = 20
MOST_POINTS = 30
NEAR_M = 300.0
_SIMPLIFY_M = 0.5
_DEGREES_PER_M = 1 / 95_000


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """Check points in and near the gaps of a cell, in the order of a short way, and who patrols there.

    `team_id` is None where no team patrols all of a point; `points` are of that team alone.
    """

    cell: str
    team_id: int | None
    points: tuple[Any, ...]


def gaps(
    db: Database,
    actor: Actor,
    question: PatrolQuestion,
    *,
    community: str | None = None,
    cell: str | None = None,
) -> dict[str, Any]:
    """Find the uncovered area of a community or a cell.

    Returns
    -------
    dict
        A GeoJSON FeatureCollection (EPSG:4326): a feature for each connected part, largest first, with
        `area_m2`.

    Raises
    ------
    NotFound
        There is no such community or cell today; or the actor may not compute, nobody who may did so for
        this period and radius, and its days are not all painted.
    """
    from gis.analysis.patrol.gaps import swept

    actor.require(Permission.SEE_COVERAGE)
    if (community is None) == (cell is None):
        raise NotFound
    with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
        material = _load(connection, question)
        if not (
            actor.may(Permission.RUN_COVERAGE) or not material.not_painted or is_stored(connection, question)
        ):
            raise NotFound
    zones = [
        polygon
        for place, polygon in zip(material.places.cells, material.places.polygons, strict=False)
        if place.code == cell or place.community == community
    ]
    if not zones:
        raise NotFound
    covered = swept(material, question.radius_m)
    left = [covered.gap(zone) for zone in zones]
    return _collection(left, float(shapely.area(np.array(zones, dtype=object)).sum()))


def ranked(db: Database, actor: Actor, question: PatrolQuestion, cell: str = "") -> dict[str, Any]:
    """The gaps that matter most by risk and age, in their order: of the district, or of one cell.

    Returns
    -------
    dict
        A GeoJSON FeatureCollection (EPSG:4326) with cell, area_m2, risk, days_since and priority; at most
        `MOST_GAPS`.

    Raises
    ------
    NotFound
        There is no such cell.
    """
    from gis.analysis.patrol.gaps import priority, ranked_gaps
    from gis.analysis.patrol.measuring import measure_places
    from gis.analysis.patrol.service import cell_number

    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
        material = _load(connection, question)
    found = measure_places(material, question.radius_m).cells
    ranking, since = priority(material, found), found.visits.since
    wanted = [cell_number(material, cell)] if cell else None
    top = ranked_gaps(material, ranking, question.radius_m, cells=wanted, most=MOST_GAPS)
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(
                gap.polygon,
                number=number,
                cell=material.places.cells[gap.cell].code,
                area_m2=round(gap.area_m2, 1),
                risk=round(float(material.risk[gap.cell]), 2),
                days_since=None if np.isnan(since[gap.cell]) else round(float(since[gap.cell]), 1),
                priority=round(float(ranking[gap.cell]), 1),
            )
            for number, gap in enumerate(top, 1)
        ],
    }


def round_from_gaps(db: Database, actor: Actor, question: PatrolQuestion, cell: str) -> RoundDraft:
    """Choose check points for a round through the gaps of a cell: those within 300 m of one, nearest first.

    Raises `NotFound` if there is no such cell.
    """
    from gis.analysis.patrol.gaps import swept
    from gis.analysis.patrol.service import cell_number

    actor.require(Permission.SEE_COVERAGE)
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
        material = _load(connection, question)
        zone = material.places.polygons[cell_number(material, cell)]
        gap = swept(material, question.radius_m).gap(zone)
        if gap.is_empty:
            return RoundDraft(cell, None, ())
        near = list(
            _queries.check_points_near(
                connection,
                gap=Binary(shapely.to_wkb(to_wgs84(shapely.simplify(gap, _SIMPLIFY_M)))),
                degrees=NEAR_M * _DEGREES_PER_M,
            )
        )
    within = [row for row in near if row.metres <= NEAR_M]
    teams = [team for row in within for team in row.teams]
    team = max(sorted(set(teams)), key=teams.count, default=None)
    chosen = [row for row in within if team in row.teams][:MOST_POINTS]
    return RoundDraft(cell, team, tuple(short_way(chosen)))


def short_way(points: Sequence[Any]) -> list[Any]:
    """Points with `lon` and `lat`, each the nearest to the one before; the westernmost first."""
    left = sorted(points, key=lambda row: (row.lon, row.lat))
    way: list[Any] = []
    while left:
        here = way[-1] if way else left[0]
        step = min(left, key=lambda row: (row.lon - here.lon) ** 2 + (row.lat - here.lat) ** 2)
        left.remove(step)
        way.append(step)
    return way


def _collection(left: Sequence[BaseGeometry], zone_m2: float) -> dict[str, Any]:
    parts = shapely.get_parts(shapely.union_all(np.array(left, dtype=object)))
    parts = parts[shapely.get_dimensions(parts) == 2]
    areas = shapely.area(parts)
    order = np.argsort(-areas, kind="stable")
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(part, area_m2=round(float(area), 1))
            for part, area in zip(parts[order], areas[order], strict=True)
            if area >= 1
        ],
        "uncovered_m2": round(float(areas.sum()), 1),
        "zone_m2": round(zone_m2, 1),
    }


def _feature(polygon: BaseGeometry, **properties: Any) -> dict[str, Any]:
    shape = shapely.set_precision(to_wgs84(shapely.simplify(polygon, _SIMPLIFY_M)), 1e-6)
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": properties}


def _load(connection: Any, question: PatrolQuestion) -> Material:
    from gis.analysis.patrol.loading import load

    return load(connection, question)
