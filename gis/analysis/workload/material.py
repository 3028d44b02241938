"""Everything the workload is measured from, read in one transaction of the asker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.formula import Counts, Duties, Floats, Ints
from gis.analysis.workload.model import FAMILIES, MONTH_DAYS, Weights, WorkloadQuestion, WorkQuestion
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import NotFound

queries = load_queries(__file__, "store")


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the trend: its incidents scaled to a mean month, its units as of its last day."""

    first_on: date
    units: Floats
    incidents: Floats


@dataclass(frozen=True, slots=True)
class WorkloadMaterial:
    """Counts of the k cells in force, in order of their codes, with the weights they are judged by.

    Attributes
    ----------
    community : place of each cell's community among `communities`, (k,).
    weights_version : None where a what-if stands in place of a kept version.
    """

    revision_id: int
    is_schematic: bool
    to_on: date
    days: int
    codes: tuple[str, ...]
    communities: tuple[str, ...]
    community: Ints
    counts: Counts
    trend: tuple[Month, ...]
    duties: Duties
    weights: Weights
    weights_version: int | None


def load(connection: Connection, question: WorkQuestion) -> WorkloadMaterial:
    """Read what the workload of a question is measured from; the trend only where it is asked for.

    Raises
    ------
    NotFound
        No division is in force, or there is no such version of the weights.
    InvalidInput
        A weight of the what-if is unknown or out of bounds.
    """
    revision = queries.revision(connection)
    if revision is None:
        raise NotFound("No division has been published yet.")
    to_on = question.to or queries.today(connection)
    weights, version = read_weights(connection, question)
    cells = list(queries.cells(connection))
    place = {cell.cell_id: number for number, cell in enumerate(cells)}
    communities = tuple(sorted({cell.community_code for cell in cells}))
    number = {code: index for index, code in enumerate(communities)}
    months = month_starts(to_on, question.months if isinstance(question, WorkloadQuestion) else 0)
    grades = list(queries.grades(connection))
    units = _units(connection, place, [grade.code for grade in grades], months, to_on)
    by_month, recent = _incidents(connection, place, question, months, to_on)
    points, wanted, lone = _points(connection, place)
    counts = Counts(
        grades=tuple(grade.code for grade in grades),
        visits=np.array([MONTH_DAYS / grade.visit_interval_days for grade in grades]),
        units=units[-1],
        stops=_column(queries.stops(connection, to_on=to_on, month_days=MONTH_DAYS), place, "stops"),
        families=FAMILIES,
        incidents=recent * (MONTH_DAYS / question.days),
        points=points,
        point_visits=wanted,
        lone_points=lone,
        area_m2=np.array([cell.hull_m2 for cell in cells]),
    )
    trend = tuple(
        Month(first, units[index], by_month[index] * (MONTH_DAYS / days_of(first)))
        for index, first in enumerate(months)
    )
    return WorkloadMaterial(
        revision_id=revision.revision_id,
        is_schematic=revision.is_schematic,
        to_on=to_on,
        days=question.days,
        codes=tuple(cell.code for cell in cells),
        communities=communities,
        community=np.array([number[cell.community_code] for cell in cells], dtype=np.int64),
        counts=counts,
        trend=trend,
        duties=_duties(connection, place, to_on),
        weights=weights,
        weights_version=version,
    )


def version(connection: Connection, question: WorkQuestion) -> str:
    """The state of all the data a question speaks of: a digest of what is read."""
    return digest_of(load(connection, question))


def digest_of(material: Any) -> str:
    """A digest of dataclasses of arrays and plain values; equal contents give an equal text."""
    sha = hashlib.sha256()
    _feed(sha, material)
    return sha.hexdigest()[:32]


def read_weights(connection: Connection, question: WorkQuestion) -> tuple[Weights, int | None]:
    """The weights of a question, and their version where nothing was changed. Raises `NotFound`."""
    row = queries.weights_of(connection, version=question.weights_version)
    if row is None:
        raise NotFound("There is no such version of the weights.")
    kept = Weights.model_validate(row.weights)
    weights = kept.changed(question.what_if)
    return weights, row.version if weights == kept else None


def month_starts(to_on: date, count: int) -> list[date]:
    """First days of the full calendar months before the one of a day, oldest first."""
    starts: list[date] = []
    first = to_on.replace(day=1)
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
        starts.append(first)
    return starts[::-1]


def days_of(first: date) -> int:
    """How many days the month of its first day has."""
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def _units(
    connection: Connection, place: dict[int, int], grades: list[str], months: list[date], to_on: date
) -> Floats:
    """Units by cell and grade at the end of each month and on the last day, (months + 1, k, G)."""
    ends = [first + timedelta(days=days_of(first) - 1) for first in months]
    column = {grade: index for index, grade in enumerate(grades)}
    held = np.zeros((len(months) + 1, len(place), len(grades)))
    for row in queries.units(connection, ends=ends, to_on=to_on):
        if row.cell_id in place:
            held[row.moment, place[row.cell_id], column[row.grade]] += row.count
    added: Floats = held.cumsum(axis=0)
    return added


def _incidents(
    connection: Connection, place: dict[int, int], question: WorkQuestion, months: list[date], to_on: date
) -> tuple[Floats, Floats]:
    """Incidents by cell and family of each month, (months, k, F), and of the last days, (k, F)."""
    by_month = np.zeros((len(months), len(place), len(FAMILIES)))
    recent = np.zeros((len(place), len(FAMILIES)))
    at = {first: index for index, first in enumerate(months)}
    if months:
        before = to_on.replace(day=1) - timedelta(days=1)
        for row in queries.incidents(connection, from_on=months[0], to_on=before):
            if row.cell_id in place:
                by_month[at[row.month], place[row.cell_id], FAMILIES.index(row.family)] += row.count
    since = to_on - timedelta(days=question.days - 1)
    for row in queries.incidents(connection, from_on=since, to_on=to_on):
        if row.cell_id in place:
            recent[place[row.cell_id], FAMILIES.index(row.family)] += row.count
    return by_month, recent


def _points(connection: Connection, place: dict[int, int]) -> tuple[Floats, Floats, Floats]:
    rows = list(queries.points(connection))
    return _column(rows, place, "points"), _column(rows, place, "visits"), _column(rows, place, "lone")


def _column(rows: Any, place: dict[int, int], name: str) -> Floats:
    column = np.zeros(len(place))
    for row in rows:
        if row.cell_id in place:
            column[place[row.cell_id]] = getattr(row, name)
    return column


def _duties(connection: Connection, place: dict[int, int], to_on: date) -> Duties:
    """Duties with officers numbered in the order of their first cell; no account goes further than here."""
    rows = [row for row in queries.duties(connection, to_on=to_on) if row.cell_id in place]
    numbers: dict[int, int] = {}
    officers = [numbers.setdefault(row.account_id, len(numbers)) for row in rows]
    return Duties(
        cell=np.array([place[row.cell_id] for row in rows], dtype=np.int64),
        officer=np.array(officers, dtype=np.int64),
        is_primary=np.array([row.is_primary for row in rows], dtype=np.bool_),
        officers=len(numbers),
    )


def _feed(sha: Any, value: Any) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            _feed(sha, getattr(value, item.name))
    elif isinstance(value, np.ndarray):
        array: NDArray[Any] = np.ascontiguousarray(value)
        sha.update(f"{array.dtype.str}{array.shape}".encode())
        sha.update(array.tobytes())
    elif isinstance(value, tuple):
        sha.update(f"({len(value)}".encode())
        for part in value:
            _feed(sha, part)
    else:
        sha.update(f"|{value!r}".encode())
