"""Hot spots as a planner asks for them: figures by cell, and the incidents behind one cell.

What takes long to import (numba, scipy, hdbscan) is imported when something is measured.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from gis.analysis.hotspots.material import HotspotMaterial, load, queries, version
from gis.analysis.hotspots.model import HotspotQuestion
from gis.analysis.result import Analysis, Progress, Result
from gis.database.pool import Database
from gis.people.model import Actor, Permission

_READ_MS = 60_000
_KEPT = 8
MOST_BEHIND = 200


def measure(material: HotspotMaterial, question: HotspotQuestion, progress: Progress) -> Result:
    """Measure by `gis.analysis.hotspots.measure`."""
    from gis.analysis.hotspots.measure import measure as measured

    return measured(material, question, progress)


HOTSPOTS: Analysis[HotspotQuestion, HotspotMaterial] = Analysis(
    name="hotspots", parameters=HotspotQuestion, version=version, load=load, measure=measure
)


@dataclass(frozen=True, slots=True)
class HotspotAnswer:
    """The result with what tells the reader how far to trust it."""

    result: Result
    is_schematic: bool


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
    """
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        written = queries.written(connection)
        key = (actor.role, question.model_dump_json(), written)
        known = _kept.get(key)
        if known is not None:
            return known
        material = load(connection, question)
    with _measuring:
        known = _kept.get(key)
        if known is None:
            known = HotspotAnswer(measure(material, question, _nobody), material.is_schematic)
            _kept[key] = known
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
    return known


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
    period = {"from_on": question.from_on, "to_on": question.to_on, "kind": question.kind}
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = list(queries.behind(connection, code=code, most=MOST_BEHIND, **period))
    return [Behind(**row._asdict()) for row in rows]


def _nobody(done: int, total: int) -> None:
    """Nobody waits for the progress of a page."""
