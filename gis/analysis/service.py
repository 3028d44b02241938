"""Patrol coverage of cells and communities: measured once, kept, and read by those who may.

The measure itself is `gis.analysis.coverage`; its definition stands in docs/coverage.md.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.coverage import Progress, legs_from_tracks, measure_coverage, uncovered
from gis.analysis.model import CellShare, CoverageRequest, CoverageResult, by_community
from gis.database.pool import Connection, Database, connect
from gis.database.sql import load_queries
from gis.errors import Busy, NotFound, TooLarge
from gis.geometry.crs import to_metric, to_wgs84
from gis.geometry.tracks import MAX_ACCURACY_M
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")
_READ_MS = 60_000
_LONGEST_S = 300.0
_DEGREES_PER_M = 1 / 100_000
DEFAULT_DAYS, DEFAULT_RADIUS_M = 30, 50.0

# Measuring takes a whole core: one at a time in a process leaves the others to those who read.
_measuring = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Material:
    """Everything a measurement needs, in EPSG:4547."""

    revision_id: int
    fixes: int
    cell_ids: list[int]
    community_ids: list[int]
    zones: NDArray[np.object_]
    legs: NDArray[np.float64]
    points: NDArray[np.float64]


def stored_coverage(db: Database, actor: Actor, request: CoverageRequest) -> CoverageResult | None:
    """Read a coverage that was computed before; None if there is none for these parameters."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _read(connection, request)


def compute_coverage(db: Database, actor: Actor, request: CoverageRequest) -> CoverageResult:
    """Measure coverage, keep it and return it; one that is still current is only read.

    No transaction is open while it measures.

    Raises
    ------
    Forbidden
        The actor may not compute.
    NotFound
        There is no division yet.
    Busy
        Another coverage is being measured.
    TooLarge
        It took longer than five minutes and was given up.
    """
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        known = _read(connection, request)
    if known is not None and known.is_current:
        return known
    with _one_at_a_time():
        with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
            material = _load(connection, request)
        shares = measure_coverage(
            material.zones, material.legs, material.points, request.radius_m, progress=_time_limit()
        )
        with db.transaction(actor.identity) as connection:
            run_id = _store(connection, request, material, shares.zone_area_m2, shares.covered_m2)
            record_audit(
                connection, actor.account_id, "coverage.compute", str(run_id), radius_m=request.radius_m
            )
            result = _read(connection, request)
    if result is None:
        raise NotFound
    return result


def gaps(
    db: Database,
    actor: Actor,
    request: CoverageRequest,
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
        There is no such community or cell today; or the actor may not compute, and nobody who may did so
        for this period and radius.
    """
    actor.require(Permission.SEE_COVERAGE)
    if (community is None) == (cell is None):
        raise NotFound
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        if not actor.may(Permission.RUN_COVERAGE) and _find_run(connection, request) is None:
            raise NotFound
        material = _load(connection, request, community=community, cell=cell)
    if not len(material.zones):
        raise NotFound
    left = uncovered(material.zones, material.legs, material.points, request.radius_m)
    parts = shapely.get_parts(shapely.union_all(left))
    parts = parts[shapely.get_dimensions(parts) == 2]
    areas = shapely.area(parts)
    order = np.argsort(-areas, kind="stable")
    shapes = to_wgs84(shapely.simplify(parts[order], 0.5)) if len(parts) else parts
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shapely.set_precision(shape, 1e-6)),
            "properties": {"area_m2": round(float(area), 1)},
        }
        for shape, area in zip(shapes, areas[order], strict=True)
        if area >= 1
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "uncovered_m2": round(float(areas.sum()), 1),
        "zone_m2": round(float(shapely.area(material.zones).sum()), 1),
    }


def compute_default(url: str) -> None:
    """Measure the last 30 days at 50 m as the bulk loader, so that a new map has its figure."""
    connection = connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET ROLE gis_migrator")
            cursor.execute("SELECT app.today()")
            today = (cursor.fetchone() or (None,))[0]
            if today is None or _queries.current_revision(connection) is None:
                return
            request = CoverageRequest(today - timedelta(days=DEFAULT_DAYS - 1), today, DEFAULT_RADIUS_M)
            material = _load(connection, request)
        # No transaction is open meanwhile: an idle one is ended after a minute.
        shares = measure_coverage(material.zones, material.legs, material.points, request.radius_m)
        with connection:
            _store(connection, request, material, shares.zone_area_m2, shares.covered_m2)
    finally:
        connection.close()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _measuring.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _measuring.release()


def _time_limit() -> Progress:
    """A progress report that ends the work when it takes too long."""
    end = time.monotonic() + _LONGEST_S

    def check(done: int, total: int) -> None:
        if time.monotonic() > end:
            raise TooLarge

    return check


def _find_run(connection: Connection, request: CoverageRequest) -> Any:
    """The kept run of these parameters in the present division, with that division; None if there is none."""
    return _queries.find_run(connection, **_period(request), radius_m=request.radius_m)


def _read(connection: Connection, request: CoverageRequest) -> CoverageResult | None:
    run = _find_run(connection, request)
    if run is None:
        return None
    material = _queries.material(connection, **_period(request), max_accuracy_m=MAX_ACCURACY_M)
    cells = [
        CellShare(**row._asdict()) for row in _queries.shares(connection, coverage_run_id=run.coverage_run_id)
    ]
    return CoverageResult(
        request=request,
        computed_at=run.computed_at,
        fixes=run.fixes,
        legs=run.legs,
        effort_km=float(material.effort_km),
        is_current=material.fixes == run.fixes,
        is_schematic=run.is_schematic,
        communities=by_community(cells),
    )


def _load(
    connection: Connection, request: CoverageRequest, *, community: str | None = None, cell: str | None = None
) -> _Material:
    revision = _queries.current_revision(connection)
    if revision is None:
        raise NotFound
    zones = list(_queries.zones(connection, community=community, cell=cell))
    shapes = shapely.from_wkb([bytes(zone.wkb) for zone in zones])
    period = {**_period(request), "box": _box(shapes, request.radius_m) if zones else "POLYGON EMPTY"}
    # Counted before the rest is read: what comes in between makes the run outdated, never falsely current.
    material = _queries.material(connection, **_period(request), max_accuracy_m=MAX_ACCURACY_M)
    tracks = [bytes(row.wkb) for row in _queries.tracks(connection, **period)]
    collected = _queries.points(connection, max_accuracy_m=MAX_ACCURACY_M, **period)
    legs, lone = legs_from_tracks(to_metric(shapely.from_wkb(tracks)) if tracks else [])
    points = (
        shapely.get_coordinates(to_metric(shapely.from_wkb(bytes(collected))))
        if collected
        else np.empty((0, 2))
    )
    return _Material(
        revision_id=revision.revision_id,
        fixes=int(material.fixes),
        cell_ids=[zone.cell_id for zone in zones],
        community_ids=[zone.community_id for zone in zones],
        zones=np.asarray(to_metric(shapes), dtype=object) if zones else np.empty(0, dtype=object),
        legs=legs,
        points=np.concatenate([lone, points]),
    )


def _store(
    connection: Connection,
    request: CoverageRequest,
    material: _Material,
    areas: NDArray[np.float64],
    covered: NDArray[np.float64],
) -> int:
    """Replace the runs of the same parameters by this one."""
    parameters = {**_period(request), "radius_m": request.radius_m, "revision_id": material.revision_id}
    _queries.drop_runs(connection, **parameters)
    run_id: int = _queries.insert_run(connection, **parameters, fixes=material.fixes, legs=len(material.legs))
    _queries.insert_shares(
        connection,
        coverage_run_id=run_id,
        cell_ids=material.cell_ids,
        community_ids=material.community_ids,
        areas=areas.tolist(),
        covered=covered.tolist(),
    )
    return run_id


def _period(request: CoverageRequest) -> dict[str, Any]:
    return {"from_on": request.from_on, "to_on": request.to_on}


def _box(shapes: NDArray[np.object_], radius_m: float) -> str:
    """The box round zones, widened by the radius, as WKT in degrees."""
    box = shapely.box(*shapely.total_bounds(shapes))
    return str(shapely.to_wkt(shapely.envelope(shapely.buffer(box, radius_m * _DEGREES_PER_M * 1.2))))
