"""Patrol coverage of cells and communities as an `Analysis`."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field

from gis.analysis.coverage import legs_from_tracks, measure_coverage
from gis.analysis.model import CoverageRequest
from gis.analysis.result import Analysis, Figure, Finding, Place, Progress, Result, Table, Unit
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.geometry.crs import to_metric
from gis.geometry.tracks import MAX_ACCURACY_M

_queries = load_queries(__file__, "store")
_FIGURES = (
    Figure("code", Unit.CODE),
    Figure("share", Unit.SHARE),
    Figure("covered_m2", Unit.SQUARE_METRES),
    Figure("area_m2", Unit.SQUARE_METRES),
)


class PatrolParameters(BaseModel):
    """A period of days in Asia/Shanghai, both included, and a radius in metres."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_on: date
    to_on: date
    radius_m: float = Field(default=50, ge=1, le=2000)

    def model_post_init(self, _: Any) -> None:
        """Raise `InvalidInput` for a period that ends before it begins or is too long."""
        CoverageRequest(self.from_on, self.to_on, self.radius_m)


def _period(parameters: PatrolParameters) -> dict[str, Any]:
    return {"from_on": parameters.from_on, "to_on": parameters.to_on}


def _version(connection: Connection, parameters: PatrolParameters) -> str:
    material = _queries.material(connection, **_period(parameters), max_accuracy_m=MAX_ACCURACY_M)
    revision = _queries.current_revision(connection)
    return f"{revision.revision_id if revision else 0}:{material.fixes}"


def _load(connection: Connection, parameters: PatrolParameters) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.code, m.code AS community, ST_AsBinary(c.geom) AS wkb"
            " FROM app.cell AS c JOIN app.community AS m USING (community_id)"
            ' WHERE c.valid_to IS NULL ORDER BY c.code COLLATE "C"'
        )
        zones: list[Any] = cursor.fetchall()
    box = "POLYGON((113 22,115 22,115 24,113 24,113 22))"
    tracks = [bytes(row.wkb) for row in _queries.tracks(connection, **_period(parameters), box=box)]
    points = _queries.points(connection, **_period(parameters), box=box, max_accuracy_m=MAX_ACCURACY_M)
    legs, lone = legs_from_tracks(to_metric(shapely.from_wkb(tracks)) if tracks else [])
    placed = shapely.get_coordinates(to_metric(shapely.from_wkb(bytes(points)))) if points else lone[:0]
    return {
        "codes": [zone.code for zone in zones],
        "communities": [zone.community for zone in zones],
        "zones": [to_metric(shapely.from_wkb(bytes(zone.wkb))) for zone in zones],
        "legs": legs,
        "points": np.concatenate([lone, placed]),
    }


def _measure(material: dict[str, Any], parameters: PatrolParameters, progress: Progress) -> Result:
    shares = measure_coverage(
        material["zones"], material["legs"], material["points"], parameters.radius_m, progress=progress
    )
    measured = list(
        zip(
            material["codes"],
            material["communities"],
            shares.covered_m2.tolist(),
            shares.zone_area_m2.tolist(),
            strict=True,
        )
    )
    cells = tuple((code, covered / area, covered, area) for code, _, covered, area in measured)
    sums: dict[str, list[float]] = {}
    for _, community, covered, area in measured:
        total = sums.setdefault(community, [0.0, 0.0])
        total[0] += covered
        total[1] += area
    communities = tuple((code, c / a, c, a) for code, (c, a) in sorted(sums.items()))
    worst = min(communities, key=lambda row: (row[1], row[0]), default=None)
    findings = (Finding("least_covered", {"share": worst[1]}, worst[0]),) if worst else ()
    return Result(
        (
            Table("communities", _FIGURES, communities, Place.COMMUNITY),
            Table("cells", _FIGURES, cells, Place.CELL),
        ),
        findings,
    )


ANALYSIS = Analysis("patrol", PatrolParameters, _version, _load, _measure)
