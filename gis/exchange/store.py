"""Statements of an import; the transaction is the caller's, as gis_migrator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import shapely
from psycopg2 import sql
from psycopg2.extras import Json
from shapely.geometry.base import BaseGeometry

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.division.locator import OUTSIDE, CellLocator
from gis.exchange.checking import Known
from gis.exchange.layers import Layer
from gis.exchange.model import ImportReport, Reject, Row
from gis.geometry.datum import Floats

_queries = load_queries(__file__)
_CHUNK = 5_000


def enter(connection: Connection) -> None:
    """Become the role that loads in bulk; one import at a time."""
    _queries.enter(connection)


def outline(connection: Connection) -> tuple[BaseGeometry, bool] | None:
    """The district in force (EPSG:4326) and whether it is schematic; None if no division is loaded."""
    row = _queries.get_outline(connection)
    return (shapely.from_wkb(bytes(row.outline)), row.is_schematic) if row else None


def known(connection: Connection, lookups: Iterable[str]) -> dict[str, Known]:
    """What rows may refer to, by lookup."""
    wanted = set(lookups)
    keys: dict[str, dict[str, Any]] = {lookup: {} for lookup in wanted}
    hours: dict[str, dict[Any, Any]] = {lookup: {} for lookup in wanted}
    for row in _queries.list_codes(connection):
        if row.lookup in wanted:
            key = int(row.key) if row.lookup in ("team", "parcel") else row.key
            hours[row.lookup][key] = row.hours
            for word in (row.code, row.name_zh, row.name_en):
                if word:
                    keys[row.lookup].setdefault(word.lower(), key)
    found = {lookup: Known(keys[lookup], extra=hours[lookup]) for lookup in wanted}
    if "building" in wanted:
        rows = list(_queries.list_buildings(connection))
        points = shapely.points([row.lon for row in rows], [row.lat for row in rows])
        ids = [row.building_id for row in rows]
        codes = {row.code.lower(): row.building_id for row in rows}
        found["building"] = Known(codes, places=dict(zip(ids, points, strict=True)))
    return found


class Placement(NamedTuple):
    """Where a point lies: its cell and community, and how far from the district, in metres."""

    cell_id: int | None
    community_id: int | None
    distance_m: float = 0.0


def cells_at(connection: Connection, points: Sequence[BaseGeometry]) -> list[Placement]:
    """Where each point lies, by the rule of `app.cell_at`."""
    cells = list(_queries.list_cells(connection))
    shapes = shapely.from_wkb([bytes(cell.wkb) for cell in cells])
    locator = CellLocator(range(len(cells)), [cell.code for cell in cells], shapes)
    lon, lat = shapely.get_coordinates(points).T
    found = locator.locate(lon, lat)
    outside = np.flatnonzero(found == OUTSIDE)
    away = dict(zip(outside.tolist(), _distances(connection, lon[outside], lat[outside]), strict=True))
    return [
        Placement(None, None, away[number])
        if number in away
        else Placement(cells[cell].cell_id, cells[cell].community_id)
        for number, cell in enumerate(found.tolist())
    ]


def _distances(connection: Connection, lon: Floats, lat: Floats) -> list[float]:
    """Metres from each point to the district."""
    rows = _queries.measure_to_district(connection, lons=lon.tolist(), lats=lat.tolist())
    return [row.distance_m for row in rows]


def communities_of(connection: Connection, lines: Sequence[BaseGeometry]) -> list[int | None]:
    """The community each line runs through longest, None outside the district."""
    found: list[int | None] = []
    for start in range(0, len(lines), _CHUNK):
        given = [_hex(line) for line in lines[start : start + _CHUNK]]
        found += [row.community_id for row in _queries.find_communities(connection, lines=given)]
    return found


def conflicts(connection: Connection, rows: Sequence[Row]) -> set[str]:
    """Keys of patrol points that are stored already with another content."""
    found: set[str] = set()
    for start in range(0, len(rows), _CHUNK):
        given = [
            {"client_id": row.values["client_id"], "content_sha256": row.values["content_sha256"]}
            for row in rows[start : start + _CHUNK]
        ]
        found |= {row.key for row in _queries.list_conflicts(connection, rows=Json(given))}
    return found


def upsert(connection: Connection, layer: Layer, rows: Sequence[Row], updates: Sequence[str]) -> int:
    """Insert rows or change those of the same key; gives how many were new or different.

    Parameters
    ----------
    updates : columns in which a stored row follows the file; the others are written only once.
    """
    if not rows:
        return 0
    if layer.monthly:
        _set_month(connection, rows)
    columns = [*rows[0].values, "geom"]
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    if layer.name == "patrol_point":
        statement = sql.SQL(_queries.insert_points.sql).format(columns=listed)
    else:
        statement = sql.SQL(_queries.upsert_rows.sql).format(
            table=sql.Identifier(layer.name),
            columns=listed,
            key=sql.SQL(", ").join(map(sql.Identifier, [layer.key, "at"] if layer.monthly else [layer.key])),
            action=_action(layer, updates),
        )
    stored = 0
    for start in range(0, len(rows), _CHUNK):
        given = [
            {name: _plain(value) for name, value in row.values.items()} | {"geom": _hex(row.geometry)}
            for row in rows[start : start + _CHUNK]
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement, {"rows": Json(given)})
            stored += cursor.rowcount
    return stored


def _set_month(connection: Connection, rows: Sequence[Row]) -> None:
    """Give each track the time it is kept under: its start, else that of the stored one, else now.

    A stored track whose start has changed is moved to where its row will be looked for.
    """
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        kept = _queries.move_tracks(
            connection,
            client_ids=[row.values["client_id"] for row in part],
            starts=[row.values["started_at"] for row in part],
        )
        at = {found.client_id: found.at for found in kept}
        for row in part:
            row.values["at"] = at[str(row.values["client_id"])]


def record(
    connection: Connection, report: ImportReport, *, file_sha256: bytes, account_id: int | None
) -> int:
    """Write down an import, each of its rejects, and an audit row; gives the batch's id."""
    import_batch_id = _queries.insert_batch(
        connection,
        layer=report.layer,
        file_name=report.file_name,
        file_sha256=file_sha256,
        format=report.format,
        encoding=report.encoding,
        crs=report.crs,
        rows_read=report.rows_read,
        rows_stored=report.rows_stored,
        rows_unchanged=report.rows_unchanged,
        rows_rejected=report.rows_rejected,
        account_id=account_id,
    )
    for start in range(0, len(report.rejects), _CHUNK):
        given = [_reject(item) for item in report.rejects[start : start + _CHUNK]]
        _queries.insert_rejects(connection, import_batch_id=import_batch_id, rejects=Json(given))
    counts = {
        "rows_read": report.rows_read,
        "rows_stored": report.rows_stored,
        "rows_unchanged": report.rows_unchanged,
        "rows_rejected": report.rows_rejected,
    }
    _queries.insert_audit(
        connection,
        account_id=account_id,
        subject=f"{report.layer} {import_batch_id}",
        detail=Json({"file_name": report.file_name, **counts}),
    )
    return int(import_batch_id)


def division_names(connection: Connection, level: str) -> dict[str, str]:
    """Names by code of the subdistricts or communities in force."""
    return {row.code: row.name_zh for row in _queries.list_division_names(connection, level=level)}


def _action(layer: Layer, updates: Sequence[str]) -> sql.Composable:
    if layer.fixed or not updates:
        return sql.SQL("DO NOTHING")
    new = [
        (
            sql.SQL("greatest(stored.{0}, excluded.{0})") if name in layer.latest else sql.SQL("excluded.{0}")
        ).format(sql.Identifier(name))
        for name in updates
    ]
    old = [sql.SQL("stored.{}").format(sql.Identifier(name)) for name in updates]
    assigned = [
        sql.SQL("{} = {}").format(sql.Identifier(name), to) for name, to in zip(updates, new, strict=True)
    ]
    comma = sql.SQL(", ")
    return sql.SQL("DO UPDATE SET {} WHERE ROW({}) IS DISTINCT FROM ROW({})").format(
        comma.join(assigned), comma.join(old), comma.join(new)
    )


def _reject(item: Reject) -> dict[str, object]:
    return {"row_number": item.row, "field": item.field, "code": item.code, "reason": item.reason}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _hex(geometry: BaseGeometry | None) -> str:
    return str(shapely.to_wkb(shapely.set_srid(geometry, 4326), hex=True, include_srid=True))
