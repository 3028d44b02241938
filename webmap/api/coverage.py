"""Patrol coverage for programs and for the map: shares, and the area that is left uncovered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import Field

from gis.analysis.patrol import gap_service, kept
from gis.analysis.patrol.kept_model import CellShare, CommunityShare, CoverageResult
from gis.analysis.patrol.model import MAX_RADIUS_M, PatrolQuestion
from gis.errors import InvalidInput, NotFound
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.openapi import Operation, describes
from webmap.http.params import Decimal, Parameters, read_body, read_query

blueprint = Blueprint("coverage_api", __name__, url_prefix="/api/v1/coverage")
# A square of 2 m is covered if its middle is: the border is off by half its diagonal at most.
_ERROR_M = 1.414
_DAY = r"^\d{4}-\d{2}-\d{2}$"


class CoverageQuery(Parameters):
    """Which period and radius."""

    from_on: str = Field(alias="from", pattern=_DAY, description="First day (Asia/Shanghai)")
    to_on: str = Field(alias="to", pattern=_DAY, description="Last day, included")
    radius_m: Decimal = Field(
        ge=1, le=MAX_RADIUS_M, description="Metres from a track or point that count as seen"
    )


class GapsQuery(CoverageQuery):
    """Which period, radius and place."""

    community: str | None = Field(default=None, max_length=40, description="Code of a community")
    cell: str | None = Field(default=None, max_length=40, description="Code of a cell")


@blueprint.get("")
@requires(Permission.SEE_COVERAGE)
@describes(Operation(query=CoverageQuery))
def shares() -> ResponseReturnValue:
    """Give a coverage that was computed before, per community and cell."""
    result = kept.stored_coverage(db(), current_actor(), _request(read_query(CoverageQuery)))
    if result is None:
        raise NotFound
    return jsonify(_as_json(result))


@blueprint.post("")
@requires(Permission.RUN_COVERAGE)
@describes(Operation(body=CoverageQuery))
def compute() -> ResponseReturnValue:
    """Compute and keep a coverage; one that is still current is only read."""
    return jsonify(_as_json(kept.compute_coverage(db(), current_actor(), _request(read_body(CoverageQuery)))))


@blueprint.get("/gaps")
@requires(Permission.SEE_COVERAGE)
@describes(Operation(query=GapsQuery))
def gaps() -> ResponseReturnValue:
    """Give the uncovered area of a community or a cell as GeoJSON."""
    asked = read_query(GapsQuery)
    if (asked.community is None) == (asked.cell is None):
        raise InvalidInput("Name a community or a cell.", pointer="community")
    found = gap_service.gaps(
        db(), current_actor(), _request(asked), community=asked.community, cell=asked.cell
    )
    return jsonify(found)


def _request(asked: CoverageQuery) -> PatrolQuestion:
    return PatrolQuestion.about(day(asked.from_on, "from"), day(asked.to_on, "to"), asked.radius_m)


def day(text: str, field: str) -> date:
    """Read a calendar day. Raises `InvalidInput` naming the field."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("Write a day as 2026-01-31.", pointer=field) from error


def _as_json(result: CoverageResult) -> dict[str, Any]:
    return {
        "from": result.request.from_on.isoformat(),
        "to": result.request.to_on.isoformat(),
        "radius_m": result.request.radius_m,
        "computed_at": result.computed_at.isoformat(),
        "is_current": result.is_current,
        "is_schematic": result.is_schematic,
        "fixes": result.fixes,
        "legs": result.legs,
        "effort_km": round(result.effort_km, 3),
        "error_m": _ERROR_M,
        "share": result.share,
        "communities": [_row(c) for c in result.communities],
        "cells": [_row(cell) for c in result.communities for cell in c.cells],
    }


def _row(place: CellShare | CommunityShare) -> dict[str, Any]:
    row = {key: value for key, value in asdict(place).items() if key != "cells"}
    return {**row, "share": place.share}
