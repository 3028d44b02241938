"""Coverage of cells kept for a period and radius: what the API, the district's map and OGC clients read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np

from gis.analysis.patrol.effort import DayEffort
from gis.analysis.patrol.kept_model import CellShare, CoverageResult, by_community
from gis.analysis.patrol.model import DEFAULT_DAYS, PatrolQuestion
from gis.analysis.patrol.packing import digest
from gis.analysis.patrol.reading import read_places
from gis.database.pool import Connection, Database, connect
from gis.database.sql import load_queries
from gis.errors import Busy, NotFound, TooLarge
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__)
READ_MS = 60_000
_LONGEST_S = 300.0

# Measuring takes a whole core: one at a time in a process leaves the others to those who read.
_measuring = threading.Lock()


def stored_coverage(db: Database, actor: Actor, question: PatrolQuestion) -> CoverageResult | None:
    """Read a coverage that was computed before; None if there is none for this period and radius."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _read(connection, question)


def is_stored(connection: Connection, question: PatrolQuestion) -> bool:
    """Whether somebody computed the coverage of this period and radius in the present division."""
    return _find_run(connection, question) is not None


def compute_coverage(db: Database, actor: Actor, question: PatrolQuestion) -> CoverageResult:
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
    from gis.analysis.patrol.loading import load

    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        known = _read(connection, question)
    if known is not None and known.is_current:
        return known
    with one_at_a_time():
        with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
            days = list(_queries.days(connection, **_period(question)))
            material = load(connection, question)
        areas = _measure(material, question)
        with db.transaction(actor.identity) as connection:
            run_id = _store(connection, question, days, material.places, areas)
            record_audit(
                connection, actor.account_id, "coverage.compute", str(run_id), radius_m=question.radius_m
            )
            result = _read(connection, question)
    if result is None:
        raise NotFound
    return result


def compute_default(url: str) -> None:
    """Paint the last 30 days and keep their coverage at 50 m: a district just loaded has its figure."""
    from gis.analysis.patrol.keeping import note_all_days, paint_waiting

    today = note_all_days(url)
    paint_waiting(url, first=today - timedelta(days=DEFAULT_DAYS - 1))
    connection = connect(url)
    try:
        with connection:
            _queries.become_migrator(connection)
            keep_default(connection)
    finally:
        connection.close()


def keep_default(connection: Connection) -> str:
    """Keep the coverage of the last 30 days at 50 m in nobody's name, in place of the one of before.

    In a transaction of gis_migrator; tells what it did. What programs and the district's map read is so at
    most a day old.
    """
    from gis.analysis.patrol.loading import load

    today = _queries.today(connection)
    question = PatrolQuestion.about(today - timedelta(days=DEFAULT_DAYS - 1), today)
    days = list(_queries.days(connection, **_period(question)))
    try:
        material = load(connection, question)
    except NotFound:
        return "no division"
    _queries.drop_nobodys_runs(connection)
    _store(connection, question, days, material.places, _measure(material, question))
    return f"{len(days)} days"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one measure in this process. Raises `Busy` while another does."""
    if not _measuring.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _measuring.release()


def _measure(material: Any, question: PatrolQuestion) -> Any:
    from gis.analysis.patrol.areas import cell_areas
    from gis.analysis.patrol.loading import paint_missing

    end = time.monotonic() + _LONGEST_S

    def check() -> None:
        if time.monotonic() > end:
            raise TooLarge

    painted = paint_missing(material, question.radius_m, check)
    return cell_areas(material.places, painted, question.radius_m)


def _find_run(connection: Connection, question: PatrolQuestion) -> Any:
    return _queries.find_run(connection, **_period(question), radius_m=question.radius_m)


def _read(connection: Connection, question: PatrolQuestion) -> CoverageResult | None:
    run = _find_run(connection, question)
    if run is None:
        return None
    days = list(_queries.days(connection, **_period(question)))
    cells = [
        CellShare(**row._asdict()) for row in _queries.shares(connection, coverage_run_id=run.coverage_run_id)
    ]
    waits = bool(_queries.is_waiting(connection, **_period(question)))
    return CoverageResult(
        request=question,
        computed_at=run.computed_at,
        fixes=run.fixes,
        legs=run.legs,
        effort_km=_effort_km(connection, days),
        is_current=run.version == _version(days) and not waits,
        is_schematic=run.is_schematic,
        communities=by_community(cells),
    )


def _effort_km(connection: Connection, days: Sequence[Any]) -> float:
    """What was walked in all cells, with repeats."""
    cells = len(read_places(connection).cells)
    return sum(float(np.sum(DayEffort.unpacked(bytes(day.effort)).metres[:cells])) for day in days) / 1000


def _store(
    connection: Connection, question: PatrolQuestion, days: Sequence[Any], places: Any, areas: Any
) -> int:
    """Replace the runs of the same parameters by this one."""
    parameters = {
        **_period(question), "radius_m": question.radius_m, "revision_id": places.revision_id,
    }  # fmt: skip
    _queries.drop_runs(connection, **parameters)
    run_id: int = _queries.insert_run(
        connection,
        **parameters,
        fixes=sum(day.fixes for day in days),
        legs=sum(day.legs for day in days),
        version=_version(days),
    )
    _queries.insert_shares(
        connection,
        coverage_run_id=run_id,
        cell_ids=[cell.place_id for cell in places.cells],
        areas=areas.whole.tolist(),
        covered=areas.covered.tolist(),
    )
    return run_id


def _version(days: Sequence[Any]) -> str:
    """What a run was measured from: read before it, so that what comes in between makes it outdated."""
    return digest("\n".join(f"{day.on_day} {day.version}" for day in days).encode())


def _period(question: PatrolQuestion) -> dict[str, Any]:
    return {"from_on": question.from_on, "to_on": question.to_on}
