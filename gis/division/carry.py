"""What hangs on a division moves to the next one: rows of the layers, officers' cells, teams' areas.

Sets of rows in SQL (carry.sql), because two million patrol points must move in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg2 import sql

from gis.database.pool import Connection
from gis.database.sql import load_queries

_queries = load_queries(__file__)

_POINT_LAYERS = ("building", "rental_unit", "incident", "check_point", "patrol_point", "facility")
_OTHER_LAYERS = ("building_head", "parcel", "patrol_track")


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows whose place changed and rows outside, by layer."""

    resolved: dict[str, int]
    outside: dict[str, int]


@dataclass(frozen=True, slots=True)
class Duties:
    """What became of the assignments and team areas that were in force or planned."""

    assignments_carried: int
    assignments_ended: int
    cells_without_officer: int
    team_areas_carried: int
    team_areas_ended: int


def prepare(connection: Connection, new_revision: int, old_revision: int | None) -> None:
    """Set up what the other functions here compare: new places, and which old one each inherits from."""
    _queries.prepare_new_places(connection, new_revision=new_revision)
    _queries.prepare_heirs(connection, new_revision=new_revision, old_revision=old_revision)


def carry_duties(connection: Connection, old_revision: int | None, day: date) -> Duties:
    """Let new cells and communities inherit, from `day` on, who answers for the old ones."""
    cells = _queries.carry_assignments(connection, old_revision=old_revision, day=day)
    areas = _queries.carry_team_areas(connection, old_revision=old_revision, day=day)
    return Duties(
        assignments_carried=cells.carried,
        assignments_ended=cells.ended,
        cells_without_officer=_queries.cells_without_officer(connection),
        team_areas_carried=areas.carried,
        team_areas_ended=areas.ended,
    )


def move_rows(connection: Connection) -> Moved:
    """Place every row of every layer anew; rows that lie in no cell are kept without one.

    By the rule of app.cell_at: a point on a border belongs to the lower code. Only rows whose place
    changes are written.
    """
    resolved = {}
    for layer in _POINT_LAYERS:
        with connection.cursor() as cursor:
            cursor.execute(_for_layer(_queries.place_rows.sql, layer))
            placed = cursor.rowcount
            cursor.execute(_for_layer(_queries.unplace_rows.sql, layer))
            resolved[layer] = placed + cursor.rowcount
    _queries.flag_outside_points(connection)
    resolved["building_head"] = _queries.place_building_heads(connection)
    resolved["parcel"] = _queries.place_parcels(connection)
    resolved["patrol_track"] = _queries.place_tracks(connection)
    resolved["patrol_round"] = _queries.place_rounds(connection)
    return Moved(resolved, {layer: _outside(connection, layer) for layer in (*_POINT_LAYERS, *_OTHER_LAYERS)})


def _outside(connection: Connection, layer: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_for_layer(_queries.count_outside.sql, layer))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _for_layer(template: str, layer: str) -> sql.Composed:
    """Fill a layer of the lists above into a statement; every layer's key is its name with _id."""
    return sql.SQL(template).format(layer=sql.Identifier(layer), key=sql.Identifier(f"{layer}_id"))
