"""What is stored of painted days, kept in the process and on its disk under the version it was read in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gis.analysis.memory import Kept
from gis.analysis.patrol.effort import DayEffort
from gis.analysis.patrol.layers import layer_files
from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.packing import digest
from gis.analysis.patrol.painting import Floats, Painted, unpack_legs
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.geometry.footprint.grid import Grid, Layer, unpack

_queries = load_queries(__file__, "loading")
_EFFORTS, _NEEDED = 400, 200
_efforts: Kept[DayEffort] = Kept(_EFFORTS)
_needed: Kept[Floats] = Kept(_NEEDED)


class DayChanged(Exception):
    """A day was painted anew while it was read: what was read of it does not belong together."""


def read_efforts(connection: Connection, keys: Mapping[date, str], shapes: str) -> dict[date, DayEffort]:
    """Effort by day, counted for the outlines `shapes`; `keys` tell which. Raises `DayChanged`."""

    def read(days: list[date]) -> dict[date, DayEffort]:
        rows = {row.on_day: row for row in _queries.efforts(connection, days=days)}
        if any(day not in rows or rows[day].effort_key != keys[day] for day in days):
            raise DayChanged
        return {day: DayEffort.unpacked(bytes(row.effort)) for day, row in rows.items()}

    # With the outlines: the same moment may have painted the same legs in another database.
    return _efforts.all({day: (key, shapes) for day, key in keys.items()}, read)


def read_layers(
    connection: Connection, versions: Mapping[date, str], radius_m: float, grid: Grid
) -> dict[date, Painted]:
    """Layers by day of those days that have one of the radius and grid. Raises `DayChanged`."""
    present: dict[date, str] = {
        row.on_day: row.version
        for row in _queries.layers(
            connection, days=list(versions), radius_m=radius_m,
            res_m=grid.res_m, x_m=grid.x_m, y_m=grid.y_m, columns=grid.columns, rows=grid.rows,
        )
    }  # fmt: skip
    wanted = {day: known for day, known in versions.items() if present.get(day) == known}
    keys = {day: digest(f"{known} {radius_m} {grid}".encode()) for day, known in wanted.items()}

    def read(days: list[date]) -> dict[date, Floats]:
        rows = {row.on_day: row for row in _queries.needed(connection, days=days, radius_m=radius_m)}
        if any(day not in rows or rows[day].version != wanted[day] for day in days):
            raise DayChanged
        return {day: unpack_legs(bytes(row.needed)) for day, row in rows.items()}

    needed = _needed.all(keys, read)

    def layer(day: date, key: str) -> Layer:
        files = layer_files()
        kept = files.get(key, grid.shape)
        if kept is not None:
            return kept
        row: Any = _queries.bits(connection, on_day=day, radius_m=radius_m, version=wanted[day])
        if row is None:
            raise DayChanged
        return files.put(key, unpack(bytes(row.bits), grid))

    return {day: Painted(layer(day, key), needed[day], key) for day, key in keys.items()}


def read_legs(connection: Connection, versions: Mapping[date, str]) -> dict[date, DayLegs]:
    """Legs by day. Raises `DayChanged`."""
    if not versions:
        return {}
    rows = {row.on_day: row for row in _queries.packed_legs(connection, days=list(versions))}
    if any(day not in rows or rows[day].version != known for day, known in versions.items()):
        raise DayChanged
    return {day: DayLegs.unpacked(bytes(row.packed)) for day, row in rows.items()}
