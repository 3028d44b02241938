"""How much work there is where: read, counted, and the weights it is counted by kept in versions.

The formula stands in `gis.analysis.workload.formula`; its words in docs/workload.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gis.analysis.memory import Kept
from gis.analysis.result import Analysis, Result
from gis.analysis.workload.formula import Terms, minutes_of
from gis.analysis.workload.material import WorkloadMaterial, digest_of, load, queries, read_weights, version
from gis.analysis.workload.measure import measure
from gis.analysis.workload.model import (
    LONGEST_REASON,
    Measured,
    Weights,
    WeightsVersion,
    WorkloadQuestion,
    WorkQuestion,
)
from gis.analysis.workload.proposal import BeatsMaterial, BeatsQuestion
from gis.analysis.workload.proposal import load as load_beats
from gis.analysis.workload.proposal import measure as measure_beats
from gis.database.pool import Database
from gis.errors import Conflict, InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

WORKLOAD: Analysis[WorkloadQuestion, WorkloadMaterial] = Analysis(
    name="workload", parameters=WorkloadQuestion, version=version, load=load, measure=measure
)
_READ_MS = 60_000
_proposals: Kept[Result] = Kept(8)  # another column, another language, a click on a cell: the same beats


@dataclass(frozen=True, slots=True)
class WorkloadAnswer:
    """The result with what it was measured from."""

    material: WorkloadMaterial
    result: Result


@dataclass(frozen=True, slots=True)
class BeatsAnswer:
    """The proposal as a result, with what it was made from."""

    material: BeatsMaterial
    result: Result


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of rental units; one of it is checked every `visit_interval_days`."""

    code: str
    name_zh: str
    name_en: str
    visit_interval_days: int


@dataclass(frozen=True, slots=True)
class Line:
    """A term of one cell: `count` of what, each `times` a month, `each` minutes; `minutes` altogether."""

    term: str
    key: str
    count: float
    times: float
    each: float
    minutes: float


@dataclass(frozen=True, slots=True)
class CellWorkload:
    """One cell's minutes a month line by line, and its place among the cells, the heaviest first."""

    code: str
    minutes: float
    rank: int
    cells: int
    travel_m: float
    lines: tuple[Line, ...]


def workload(db: Database, actor: Actor, question: WorkloadQuestion) -> WorkloadAnswer:
    """Count the minutes of a month in all cells.

    Raises
    ------
    Forbidden
        The actor may not look, or asks with weights of a what-if and may not compute.
    NotFound
        No division, or no such version of the weights.
    InvalidInput
        A weight of the what-if is unknown or out of bounds.
    """
    material = _material(db, actor, question)
    return WorkloadAnswer(material, measure(material, question, _nobody))


def cell_workload(db: Database, actor: Actor, code: str, question: WorkloadQuestion) -> CellWorkload:
    """One cell's minutes by term, with the counts behind them. Errors as `workload`; unknown cells too."""
    material = _material(db, actor, question)
    if code not in material.codes:
        raise NotFound
    place = material.codes.index(code)
    terms = minutes_of(material.counts, material.weights)
    total = terms.total
    return CellWorkload(
        code=code,
        minutes=float(total[place]),
        rank=int((total > total[place]).sum()) + 1,
        cells=len(total),
        travel_m=float(terms.travel[place]) * material.weights.walk_m_min,
        lines=_lines(material, terms, place),
    )


def beats(db: Database, actor: Actor, question: BeatsQuestion) -> BeatsAnswer:
    """Propose beats; nothing is kept. Errors as `workload`, and of `propose_beats`."""
    _check_may(actor, question)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        material = load_beats(connection, question)
    key = (digest_of(material), question.model_dump_json())
    return BeatsAnswer(material, _proposals.one(key, lambda: measure_beats(material, question, _nobody)))


def weights_versions(db: Database, actor: Actor) -> tuple[WeightsVersion, ...]:
    """Every kept version of the weights, the latest first."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = list(queries.versions(connection, version=None))
    return tuple(WeightsVersion(**row._asdict()) for row in rows)


def weights_of(db: Database, actor: Actor, version: int | None = None) -> WeightsVersion:
    """A kept version of the weights, the latest unless told. Raises `NotFound`."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = next(iter(queries.versions(connection, version=version)), None)
    if row is None:
        raise NotFound("There is no such version of the weights.")
    return WeightsVersion(**row._asdict())


def visit_grades(db: Database, actor: Actor) -> tuple[Grade, ...]:
    """The grades of rental units and how often a unit of each is checked, as the code table says."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return tuple(Grade(**row._asdict()) for row in queries.grades(connection))


def measured_weights(db: Database, actor: Actor) -> tuple[Measured, ...]:
    """What records say of the weights, as far as there are any; `is_enough` tells what may be offered."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        rows = [
            row
            for query in ("checks", "incidents", "points", "pace")
            for row in getattr(queries, f"measured_{query}")(connection)
        ]
    return tuple(Measured(**row._asdict()) for row in rows)


def keep_weights(
    db: Database, actor: Actor, changes: Mapping[str, float], *, reason: str, follows: int
) -> int:
    """Keep a version of the weights with some changed as a new one; its number.

    Raises
    ------
    Forbidden
        The actor may not compute.
    Conflict
        Somebody has kept a version since the one that is changed.
    InvalidInput
        Nothing changes, no reason, a weight unknown or out of bounds.
    """
    actor.require(Permission.RUN_COVERAGE)
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput("Say in 1 to 500 letters why the weights change.", pointer="reason")
    with db.transaction(actor.identity) as connection:
        weights, latest = read_weights(connection, WorkQuestion())
        if latest != follows:
            raise Conflict("The weights were changed meanwhile; look at them again.")
        changed = weights.changed(changes)
        if changed == weights:
            raise InvalidInput("These are the weights that hold already.", pointer="weights")
        number: int = queries.insert_weights(
            connection, follows=follows, weights=changed.model_dump_json(), reason=reason
        )
        told = _changes(weights, changed)
        record_audit(connection, actor.account_id, "workload.weights", str(number), **told)
    return number


def _material(db: Database, actor: Actor, question: WorkloadQuestion) -> WorkloadMaterial:
    _check_may(actor, question)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        return load(connection, question)


def _check_may(actor: Actor, question: WorkQuestion) -> None:
    actor.require(Permission.SEE_COVERAGE)
    if question.what_if:
        actor.require(Permission.RUN_COVERAGE)


def _lines(material: WorkloadMaterial, terms: Terms, place: int) -> tuple[Line, ...]:
    counts, weights = material.counts, material.weights
    check = weights.checked(counts.grades)
    lines = [
        Line("checks", grade, float(units), float(times), each, float(units * times * each))
        for grade, units, times, each in zip(
            counts.grades, counts.units[place], counts.visits, check, strict=True
        )
    ]
    lines += [
        Line("incidents", family, float(number), 1.0, each, float(number) * each)
        for family, number in zip(counts.families, counts.incidents[place], strict=True)
        for each in [weights.incident.get(family, 0.0)]
    ]
    points = float(counts.points[place])
    visits = float(counts.point_visits[place] + weights.point_visits * counts.lone_points[place])
    times = visits / points if points else 0.0
    lines.append(Line("points", "", points, times, weights.point_minutes, float(terms.points[place])))
    stops = float(counts.stops[place] + counts.incidents[place].sum() + visits)
    minutes = float(terms.travel[place])
    lines.append(Line("travel", "", stops, 1.0, minutes / stops if stops else 0.0, minutes))
    return tuple(lines)


def _changes(before: Weights, after: Weights) -> dict[str, object]:
    old = before.flat()
    return {name: [old.get(name), value] for name, value in after.flat().items() if old.get(name) != value}


def _nobody(done: int, total: int) -> None:
    """No progress is told: it takes milliseconds."""
