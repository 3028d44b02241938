"""Hot spots as a planner asks for them: figures by cell, and the incidents behind one cell.

What takes long to import (numba, scipy, hdbscan) is imported when something is measured.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.hotspots.material import HotspotMaterial, load, period, queries, version, version_of
from gis.analysis.hotspots.model import HotspotQuestion
from gis.analysis.result import Analysis, Progress, Result
from gis.database.pool import Database
from gis.errors import Busy, NotFound
from gis.people.model import Actor, Permission

if TYPE_CHECKING:
    from gis.analysis.hotspots.measure import Measured

_READ_MS = 60_000
_WAIT_S = 30.0
_KEPT = 8
_OUTLINE_M = 25.0
MOST_BEHIND = 200


def measure(material: HotspotMaterial, question: HotspotQuestion, progress: Progress) -> Result:
    """What `gis.analysis.hotspots.measure` gives, as an analysis gives it."""
    return _measured(material, question, progress).result


HOTSPOTS: Analysis[HotspotQuestion, HotspotMaterial] = Analysis(
    name="hotspots", parameters=HotspotQuestion, version=version, load=load, measure=measure
)


@dataclass(frozen=True, slots=True, eq=False)
class HotspotAnswer:
    """The result, and the weeks of the n cells behind it.

    Attributes
    ----------
    codes, units : (n,) of the cells.
    outlines : (n,) for a small drawing, metres, EPSG:4547: neighbours share their simplified border.
    weekly_counts, weekly_hot : (n, w) by cell and week.
    """

    result: Result
    version: str
    codes: tuple[str, ...]
    outlines: NDArray[np.object_]
    units: NDArray[np.int64]
    weekly_counts: NDArray[np.int64]
    weekly_hot: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Week:
    """A week of one cell: its incidents, what its units and the district's week make one expect."""

    starts_on: date
    incidents: int
    expected: float
    is_hot: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """One incident behind a figure: what it is and where it stands; no words of people."""

    incident_id: int
    category: str
    name_zh: str
    name_en: str
    occurred_at: datetime
    state: str
    severity: int
    is_open: bool


# Answers of the last questions, by who may see what and the state of the data; one is measured at a time.
_kept: OrderedDict[tuple[Any, ...], HotspotAnswer] = OrderedDict()
_measuring = Lock()


def hotspots(db: Database, actor: Actor, question: HotspotQuestion) -> HotspotAnswer:
    """Measure hot spots; the same question on the same data is answered from memory.

    Raises
    ------
    Forbidden
        The actor may not look.
    NotFound
        No division is in force.
    InvalidInput
        There is no such kind of incident.
    Busy
        Others are being measured, one after the other, for too long.
    """
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        written = queries.written(connection, **period(question))
        key = (actor.role, question.model_dump_json(), written)
        known = _kept.get(key)
        if known is not None:
            return known
        material = load(connection, question)
    return _measured_once(key, material, question)


def weeks_of(db: Database, actor: Actor, question: HotspotQuestion, code: str) -> list[Week]:
    """The weeks of one cell beside the district's. Errors as `hotspots`; `NotFound` for an unknown cell."""
    answer = hotspots(db, actor, question)
    if code not in answer.codes:
        raise NotFound
    row = answer.codes.index(code)
    expected = answer.weekly_counts.sum(axis=0) * answer.units[row] / max(int(answer.units.sum()), 1)
    return [
        Week(
            question.week_start(week),
            int(answer.weekly_counts[row, week]),
            float(expected[week]),
            bool(answer.weekly_hot[row, week]),
        )
        for week in range(question.weeks)
    ]


def kinds(db: Database, actor: Actor) -> list[Any]:
    """Categories in force: code, family, name_zh, name_en."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(queries.kinds(connection))


def incidents_behind(db: Database, actor: Actor, question: HotspotQuestion, code: str) -> list[Behind]:
    """The incidents of one cell that were counted, newest first, at most 200.

    Raises
    ------
    Forbidden
        The actor may not look.
    """
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = list(
            queries.behind(connection, code=code, kind=question.kind, most=MOST_BEHIND, **period(question))
        )
    return [Behind(**row._asdict()) for row in rows]


def _measured_once(
    key: tuple[Any, ...], material: HotspotMaterial, question: HotspotQuestion
) -> HotspotAnswer:
    """Measure unless somebody did meanwhile, and keep the answer. Raises `Busy`."""
    if not _measuring.acquire(timeout=_WAIT_S):
        raise Busy
    try:
        known = _kept.get(key)
        if known is None:
            found, cells = _measured(material, question, _nobody), material.cells
            known = _kept[key] = HotspotAnswer(
                result=found.result,
                version=version_of(key[-1]),
                codes=cells.codes,
                outlines=shapely.coverage_simplify(cells.shapes, _OUTLINE_M),
                units=cells.units,
                weekly_counts=found.weekly_counts,
                weekly_hot=found.weekly_hot,
            )
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
    finally:
        _measuring.release()
    return known


def _measured(material: HotspotMaterial, question: HotspotQuestion, progress: Progress) -> Measured:
    from gis.analysis.hotspots.measure import measure as measure_all

    return measure_all(material, question, progress)


def _nobody(done: int, total: int) -> None:
    """Nobody waits for the progress of a page."""
