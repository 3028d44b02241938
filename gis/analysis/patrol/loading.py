"""Everything that is measured of a period, read in one transaction of the person who asked.

What was read of a day is kept in the process under its version (`gis.analysis.patrol.day_reading`): the
second question about a period reads a list of days and little else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from gis.analysis.patrol.day_reading import DayChanged, read_efforts, read_layers, read_legs
from gis.analysis.patrol.effort import DayEffort
from gis.analysis.patrol.legs import DayLegs, midnight_ms
from gis.analysis.patrol.model import LOOK_BACK_DAYS, PatrolQuestion, Target
from gis.analysis.patrol.packing import digest
from gis.analysis.patrol.painting import Floats, Painted, grid_of, paint_legs
from gis.analysis.patrol.places import Places
from gis.analysis.patrol.reading import read_places
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import Busy
from gis.geometry.footprint.grid import Grid

_queries = load_queries(__file__)
_HOUR_MS = 3_600_000
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Day:
    """A painted day; one without a layer of the radius has its `legs`, to be painted as it is measured."""

    on_day: date
    version: str
    fixes: int
    points: int
    vehicle_legs: int
    effort: DayEffort | None
    painted: Painted | None
    legs: DayLegs | None


@dataclass(frozen=True, slots=True)
class Material:
    """What a measurement needs.

    Attributes
    ----------
    days : those of the period on which anything was recorded, in order.
    earlier : effort of days before it, for last visits.
    risk : (cells,) what speaks for each cell, see `gis.analysis.patrol.gaps`.
    first : the first day of the period.
    until_ms : the moment ages are told for: the end of the period, at most the present hour.
    waiting : days of the period that changed and are not painted yet.
    version : of all this; equal texts mean equal figures of the same radius.
    other : the same of the period it is compared with.
    behind_since : since when changes wait to be painted; None where none does.
    """

    places: Places
    grid: Grid
    days: tuple[Day, ...]
    earlier: tuple[tuple[date, DayEffort], ...]
    targets: dict[tuple[str, str], Target]
    risk: Floats
    first: date
    until_ms: int
    waiting: tuple[date, ...]
    version: str
    other: Material | None = None
    behind_since: datetime | None = None

    @property
    def not_painted(self) -> int:
        """Days that have no layer of the radius yet."""
        return sum(day.painted is None for day in self.days)


@dataclass(frozen=True, slots=True)
class _State:
    """What tells one state of the data from another; `rows` are days, from those looked back on."""

    places: Places
    rows: list[Any]
    waiting: tuple[date, ...]
    behind_since: datetime | None
    targets: list[Any]
    risk: Floats
    until_ms: int

    @property
    def version(self) -> str:
        days = [f"{row.on_day} {row.effort_key} {row.shape_version}" for row in self.rows]
        names = [str(place) for place in (*self.places.cells, *self.places.parcels)]
        rest = [str(tuple(row)) for row in self.targets]
        rest += [str(self.places.names), str(self.waiting), str(self.until_ms)]
        return digest("\n".join([*days, *names, *rest]).encode(), self.places.check_points, self.risk)


def load(connection: Connection, question: PatrolQuestion) -> Material:
    """Read places, days and targets.

    Raises
    ------
    NotFound
        There is no division.
    Busy
        Days of the period were painted anew again and again while they were read.
    """
    for _ in range(_TRIES):
        try:
            return _load(connection, question)
        except DayChanged:
            continue
    raise Busy


def version(connection: Connection, question: PatrolQuestion) -> str:
    """What the result of a question is made from; equal texts mean equal results."""
    own = _read_state(connection, question).version
    return digest(own.encode(), version(connection, question.other).encode()) if question.other else own


def paint_missing(
    material: Material, radius_m: float, on_day: Callable[[], None] = lambda: None
) -> list[Painted]:
    """The layers of all days of a period, painting those that have none; `on_day` is called after each."""
    found = []
    for day in material.days:
        painted = day.painted
        if painted is None and day.legs is not None:
            painted = paint_legs(material.grid, day.legs, radius_m)
        if painted is not None:
            found.append(painted)
        on_day()
    return found


def _load(connection: Connection, question: PatrolQuestion) -> Material:
    state = _read_state(connection, question)
    places, grid = state.places, grid_of(state.places)
    counted = {row.on_day: row.effort_key for row in state.rows if row.shape_version == places.shape_version}
    efforts = read_efforts(connection, counted, places.shape_version)
    asked = [row for row in state.rows if row.on_day >= question.from_on]
    versions = {row.on_day: row.version for row in asked}
    painted = read_layers(connection, versions, question.radius_m, grid)
    legs = read_legs(connection, {day: known for day, known in versions.items() if day not in painted})
    other = load(connection, question.other) if question.other else None
    days = tuple(
        Day(
            row.on_day, row.version, row.fixes, row.points, row.vehicle_legs, efforts.get(row.on_day),
            painted.get(row.on_day), legs.get(row.on_day),
        )
        for row in asked
    )  # fmt: skip
    return Material(
        places=places,
        grid=grid,
        days=days,
        earlier=tuple((day, effort) for day, effort in sorted(efforts.items()) if day < question.from_on),
        targets={(row.place, row.level): Target(*row) for row in state.targets},
        risk=state.risk,
        first=question.from_on,
        until_ms=state.until_ms,
        waiting=tuple(sorted({*state.waiting, *(set(versions) - set(efforts))})),
        version=digest(state.version.encode(), other.version.encode()) if other else state.version,
        other=other,
        behind_since=state.behind_since,
    )


def _read_state(connection: Connection, question: PatrolQuestion) -> _State:
    places, until_ms = read_places(connection), _until_ms(connection, question)
    period = {"first": question.from_on, "last": question.to_on}
    # Before the days: one that is painted meanwhile is told to wait, not taken for painted.
    waiting = list(_queries.waiting(connection, **period))
    looked_back = question.from_on - timedelta(days=LOOK_BACK_DAYS)
    return _State(
        places,
        list(_queries.days(connection, first=looked_back, last=question.to_on)),
        tuple(row.on_day for row in waiting),
        min((row.since for row in waiting), default=None),
        list(_queries.targets(connection)),
        _risk(connection, places, until_ms),
        until_ms,
    )


def _risk(connection: Connection, places: Places, until_ms: int) -> Floats:
    """1 + incidents + 3 · violations + units / 100 of each cell."""
    until = datetime.fromtimestamp(until_ms / 1000, UTC)
    found = {row.cell_id: row for row in _queries.risks(connection, until=until)}
    rows = [found[cell.place_id] for cell in places.cells]
    return np.array([1 + row.incidents + 3 * row.violations + row.units / 100 for row in rows])


def _until_ms(connection: Connection, question: PatrolQuestion) -> int:
    now_ms = int(_queries.now(connection).timestamp() * 1000) // _HOUR_MS * _HOUR_MS
    return min(midnight_ms(question.to_on + timedelta(days=1)), now_ms)
