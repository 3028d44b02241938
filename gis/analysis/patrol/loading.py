"""Everything that is measured of a period, read in one transaction of the person who asked.

What was read of a day is kept in the process under its version: the second question about a period reads a
list of days and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from gis.analysis.patrol.effort import DayEffort
from gis.analysis.patrol.layers import layer_files
from gis.analysis.patrol.legs import DayLegs, midnight_ms
from gis.analysis.patrol.memory import Kept
from gis.analysis.patrol.model import LOOK_BACK_DAYS, PatrolQuestion, Target
from gis.analysis.patrol.packing import digest
from gis.analysis.patrol.painting import Floats, Painted, grid_of, paint_legs, unpack_legs
from gis.analysis.patrol.places import Places
from gis.analysis.patrol.reading import read_places
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.geometry.footprint.grid import Grid, Layer, unpack

_queries = load_queries(__file__)
_HOUR_MS = 3_600_000
_EFFORTS, _NEEDED = 400, 200


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
    other : the same of the period it is compared with.
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
    other: Material | None = None

    @property
    def not_painted(self) -> int:
        """Days that have no layer of the radius yet."""
        return sum(day.painted is None for day in self.days)


_efforts: Kept[DayEffort] = Kept(_EFFORTS)
_needed: Kept[Floats] = Kept(_NEEDED)


def load(connection: Connection, question: PatrolQuestion) -> Material:
    """Read places, days and targets. Raises `NotFound` without a division."""
    places = read_places(connection)
    grid, first = grid_of(places), question.from_on - timedelta(days=LOOK_BACK_DAYS)
    rows = list(_queries.days(connection, first=first, last=question.to_on))
    # Read before the layers: a day painted meanwhile is told to wait, not taken for painted.
    waiting = tuple(
        row.on_day for row in _queries.waiting(connection, first=question.from_on, last=question.to_on)
    )
    efforts = _read_efforts(connection, rows, places)
    asked = [row for row in rows if row.on_day >= question.from_on]
    painted = _read_layers(connection, question, grid, {row.on_day: row.version for row in asked})
    legs = _read_legs(connection, [row.on_day for row in asked if row.on_day not in painted])
    days = tuple(
        Day(
            row.on_day, row.version, row.fixes, row.points, row.vehicle_legs, efforts.get(row.on_day),
            painted.get(row.on_day), legs.get(row.on_day),
        )
        for row in asked
    )  # fmt: skip
    earlier = tuple((day, effort) for day, effort in sorted(efforts.items()) if day < question.from_on)
    counted_else = {row.on_day for row in asked} - set(efforts)
    until_ms = _until_ms(connection, question)
    return Material(
        places=places,
        grid=grid,
        days=days,
        earlier=earlier,
        targets={(row.place, row.level): Target(*row) for row in _queries.targets(connection)},
        risk=_risk(connection, places, until_ms),
        first=question.from_on,
        until_ms=until_ms,
        waiting=tuple(sorted({*waiting, *counted_else})),
        other=load(connection, question.other) if question.other else None,
    )


def version(connection: Connection, question: PatrolQuestion) -> str:
    """What the result of a question is made from; equal texts mean equal results."""
    if question.other is not None:
        alone = question.model_copy(update={"than_from": None, "than_to": None})
        return digest(version(connection, alone).encode(), version(connection, question.other).encode())
    places = read_places(connection)
    first = question.from_on - timedelta(days=LOOK_BACK_DAYS)
    days = [
        f"{row.on_day} {row.effort_key} {row.shape_version}"
        for row in _queries.days(connection, first=first, last=question.to_on)
    ]
    targets = [str(tuple(row)) for row in _queries.targets(connection)]
    until = _until_ms(connection, question)
    risk = _risk(connection, places, until)
    names = [str(place) for place in (*places.cells, *places.parcels)] + [str(places.names)]
    return digest("\n".join([*days, *targets, *names, str(until)]).encode(), places.check_points, risk)


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


def _read_efforts(connection: Connection, rows: Sequence[Any], places: Places) -> dict[date, DayEffort]:
    """Effort by day, of the days that were counted for the present outlines."""
    keys = {row.on_day: row.effort_key for row in rows if row.shape_version == places.shape_version}

    def read(days: list[date]) -> dict[date, DayEffort]:
        return {
            row.on_day: DayEffort.unpacked(bytes(row.effort))
            for row in _queries.efforts(connection, days=days)
        }

    # The outlines are part of the key: the same moment may have painted the same legs in another database.
    return _efforts.all({day: (key, places.shape_version) for day, key in keys.items()}, read)


def _read_layers(
    connection: Connection, question: PatrolQuestion, grid: Grid, versions: dict[date, str]
) -> dict[date, Painted]:
    radius_m = question.radius_m
    present = [
        row.on_day
        for row in _queries.layers(
            connection, first=question.from_on, last=question.to_on, radius_m=radius_m,
            res_m=grid.res_m, x_m=grid.x_m, y_m=grid.y_m, columns=grid.columns, rows=grid.rows,
        )
        if versions.get(row.on_day) == row.version
    ]  # fmt: skip
    keys = {day: digest(f"{versions[day]} {radius_m} {grid}".encode()) for day in present}

    def read_needed(days: list[date]) -> dict[date, Floats]:
        return {
            row.on_day: unpack_legs(bytes(row.needed))
            for row in _queries.needed(connection, days=days, radius_m=radius_m)
        }

    needed = _needed.all(dict(keys), read_needed)
    return {
        day: Painted(_layer(connection, day, radius_m, grid, key), needed[day], key)
        for day, key in keys.items()
    }


def _layer(connection: Connection, day: date, radius_m: float, grid: Grid, key: str) -> Layer:
    files = layer_files()
    layer = files.get(key, grid.shape)
    if layer is None:
        row = _queries.bits(connection, on_day=day, radius_m=radius_m)
        layer = files.put(key, unpack(bytes(row.bits), grid))
    return layer


def _read_legs(connection: Connection, days: list[date]) -> dict[date, DayLegs]:
    if not days:
        return {}
    return {
        row.on_day: DayLegs.unpacked(bytes(row.packed)) for row in _queries.packed_legs(connection, days=days)
    }


def _risk(connection: Connection, places: Places, until_ms: int) -> Floats:
    """1 + incidents + 3 · violations + units / 100 of each cell."""
    until = datetime.fromtimestamp(until_ms / 1000, UTC)
    found = {row.cell_id: row for row in _queries.risks(connection, until=until)}
    rows = [found[cell.place_id] for cell in places.cells]
    return np.array([1 + row.incidents + 3 * row.violations + row.units / 100 for row in rows])


def _until_ms(connection: Connection, question: PatrolQuestion) -> int:
    now_ms = int(_queries.now(connection).timestamp() * 1000) // _HOUR_MS * _HOUR_MS
    return min(midnight_ms(question.to_on + timedelta(days=1)), now_ms)
