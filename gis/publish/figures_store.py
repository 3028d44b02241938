"""Reads behind the figures of the district map."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.publish.model import FigureName

_queries = load_queries(__file__, "figures")

_COUNTS = {
    FigureName.OPEN_INCIDENTS: "count_open_incidents",
    FigureName.RENTAL_UNITS: "count_rental_units",
    FigureName.OVERDUE_UNITS: "count_overdue_units",
}


class Place(NamedTuple):
    """A cell of the present division and its community."""

    cell_id: int
    code: str
    name_zh: str
    name_en: str
    community_id: int
    community_code: str
    community_name_zh: str
    community_name_en: str


class CoverageRun(NamedTuple):
    """The run the coverage figure shows."""

    coverage_run_id: int
    from_on: date
    to_on: date
    radius_m: float


def places(connection: Connection, community: str | None) -> list[Place]:
    """Every present cell, or those of one community, by code."""
    return [Place(*row) for row in _queries.list_places(connection, community=community)]


def own_cells(connection: Connection) -> frozenset[int]:
    """Cells a place-limited reader answers for."""
    return frozenset(row.cell_id for row in _queries.list_own_cells(connection) if row.cell_id is not None)


def counts(connection: Connection, figure: FigureName, cells: Sequence[int] | None) -> dict[int, int]:
    """Rows per cell of one of the counting figures, as things stand."""
    rows = getattr(_queries, _COUNTS[figure])(connection, cells=cells)
    return {row.cell_id: row.number for row in rows}


def open_incidents_on(connection: Connection, cells: Sequence[int] | None, day: date) -> dict[int, int]:
    """Incidents per cell that were open at the end of a day."""
    rows = _queries.count_open_incidents_on(connection, cells=cells, day=day)
    return {row.cell_id: row.number for row in rows}


def latest_coverage_run(connection: Connection, day: date | None) -> CoverageRun | None:
    """The last run over the present division, of a period that ends by a day."""
    row = _queries.find_latest_coverage_run(connection, day=day)
    return CoverageRun(row.coverage_run_id, row.from_on, row.to_on, row.radius_m) if row else None


def coverage_shares(
    connection: Connection, run: CoverageRun, cells: Sequence[int] | None
) -> dict[int, tuple[float, float]]:
    """(covered_m2, area_m2) per cell."""
    rows = _queries.list_coverage_shares(connection, coverage_run_id=run.coverage_run_id, cells=cells)
    return {row.cell_id: (row.covered_m2, row.area_m2) for row in rows}


def days_since_patrol(
    connection: Connection, cells: Sequence[int] | None, day: date | None
) -> dict[int, int]:
    """Days from the last patrol point to a day or today, per cell that has one."""
    rows = _queries.list_days_since_patrol(connection, cells=cells, day=day)
    return {row.cell_id: row.days for row in rows}
