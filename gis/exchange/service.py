"""Load a file into a layer: one file, one transaction, one report.

Accepted rows are stored, refused ones listed with row, field and reason; repeating a load changes nothing.
A load is undone as a whole by any failure of ours, and by one refused row if the caller asks for all or
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg2
import shapely
from shapely.geometry.base import BaseGeometry

from gis.database.errors import to_domain
from gis.database.pool import Connection, connect
from gis.errors import Conflict, InvalidInput
from gis.exchange import columns, store
from gis.exchange.check_names import compare_names
from gis.exchange.checking import Checked, Checking, check_rows, given_columns
from gis.exchange.division import load_division
from gis.exchange.layers import CHECKED_LAYERS, LAYERS, LOADABLE, NEAR_M, Layer
from gis.exchange.model import ImportReport, LoadOptions, RawRow, Reject, Row, Table
from gis.exchange.source import read_table, resolve_crs, shown_name
from gis.geometry.crs import find_crs
from gis.geometry.suspect import suspect_crs
from gis.roads.service import read_roads, replace_network

_PLACED = ("cell_id", "community_id")
_GPX_KIND = "OK"


def load_file(url: str, layer: str, path: str | Path, options: LoadOptions | None = None) -> ImportReport:
    """Load a file into a layer, or communities and cells into a new division (layer ``division``).

    Parameters
    ----------
    url : libpq URL of a role that may become gis_migrator.
    layer : one of `gis.exchange.layers.LOADABLE`.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable; nothing is stored and no batch recorded.
    TooLarge
        The file is too large.
    Conflict
        No division is loaded that rows could be placed in.
    Busy
        The database is restarting.
    """
    chosen, file = options or LoadOptions(), Path(path)
    if layer not in LOADABLE:
        raise InvalidInput(
            f"unknown layer {layer[:40]!r}; known are {', '.join(LOADABLE)}",
            pointer="layer",
            code="unknown-layer",
        )
    if layer == "division":
        with _transaction(url, dry_run=chosen.dry_run) as connection:
            return load_division(connection, file, chosen)
    table = read_roads(file, chosen) if layer == "road" else read_table(file, layer, chosen)
    digest = hashlib.sha256(file.read_bytes()).digest()
    with _transaction(url, dry_run=chosen.dry_run) as connection:
        store.enter(connection)
        if layer in CHECKED_LAYERS:
            report = compare_names(connection, layer, table)
        elif layer == "road":
            report = _load_roads(connection, table, chosen, shown_name(file))
        else:
            report = _load(connection, LAYERS[layer], table, chosen)
        report = replace(report, file_name=shown_name(file), dry_run=chosen.dry_run)
        if chosen.dry_run:
            return report
        batch = store.record(connection, report, file_sha256=digest, account_id=chosen.account_id)
        return replace(report, import_batch_id=batch)


@contextmanager
def _transaction(url: str, *, dry_run: bool) -> Iterator[Connection]:
    try:
        with closing(connect(url)) as connection:
            yield connection
            if dry_run:
                connection.rollback()
            else:
                connection.commit()
    except psycopg2.Error as error:
        known = to_domain(error)
        if known is None:
            raise
        raise known from error


def _load_roads(connection: Connection, table: Table, options: LoadOptions, name: str) -> ImportReport:
    from gis.roads.shape import told  # scipy

    found = replace_network(connection, table, options, name=name)
    return replace(found.rows, warnings=(*found.rows.warnings, *told(found)))


def _load(connection: Connection, layer: Layer, table: Table, options: LoadOptions) -> ImportReport:
    district = store.outline(connection)
    if district is None:
        raise Conflict("no division is loaded: rows have nothing to be placed in; load one first")
    outline, _ = district
    task = _task(connection, layer, table, options)
    crs, doubts = resolve_crs(table, task.matched, options)
    task = replace(task, crs=crs)
    warnings = [*table.warnings, *doubts, *_missing_columns(task)]
    checked = check_rows(task)
    warnings += _suspicions(task, checked, outline)
    outside = _place(connection, task, checked)
    if layer.name == "patrol_point":
        _drop_conflicts(connection, checked)
    if outside and layer.outside == "near":
        warnings.append(f"{outside} lie up to {NEAR_M:.0f} m outside the district: kept, in no cell")
    elif outside:
        warnings.append(f"{outside} lie outside the district: kept and flagged")
    if options.all_or_nothing and checked.rejects:
        return _nothing(task, checked, warnings)
    updates = _updates(task)
    stored = store.upsert(connection, layer, checked.rows, updates)
    return ImportReport(
        layer=layer.name,
        file_name="",
        format=table.format,
        encoding=table.encoding,
        crs=crs,
        rows_read=len(table.rows),
        rows_stored=stored,
        rows_unchanged=len(checked.rows) - stored + checked.repeated,
        rejects=tuple(sorted(checked.rejects, key=lambda item: item.row)),
        warnings=tuple(warnings),
        rows_outside=outside,
    )


def _task(connection: Connection, layer: Layer, table: Table, options: LoadOptions) -> Checking:
    fields = [field.name for field in layer.fields]
    matched = columns.match_columns(layer.name, table.columns, [*columns.POSITION, *fields])
    unknown = set(options.constants) - set(fields)
    if unknown:
        raise InvalidInput(
            f"{layer.name} has no field {', '.join(sorted(unknown))}; it has {', '.join(fields)}",
            pointer="constants",
            code="unknown-field",
        )
    constants = {**columns.implied_values(layer.name, table.columns), **options.constants}
    known = store.known(connection, [field.lookup for field in layer.fields if field.lookup])
    if table.format == "gpx" and layer.name == "patrol_point":
        constants.setdefault("kind", _GPX_KIND)
        table = replace(
            table, rows=[_without_unknown_kind(row, known["violation_kind"].keys) for row in table.rows]
        )
    return Checking(layer, table, matched, "", constants, known)


def _without_unknown_kind(row: RawRow, kinds: Mapping[str, object]) -> RawRow:
    """The type of a waypoint is free text; only one that is a kind of ours counts."""
    if str(row.values.get("kind", "")).lower() in kinds:
        return row
    return replace(row, values={**row.values, "kind": None})


def _missing_columns(task: Checking) -> list[str]:
    missing = [
        field.name
        for field in task.layer.fields
        if field.required and field.name not in task.matched and field.name not in task.constants
    ]
    if not missing:
        return []
    return [f"no column for {', '.join(missing)} among {', '.join(task.table.columns) or 'none'}"]


def _suspicions(task: Checking, checked: Checked, outline: BaseGeometry) -> list[str]:
    """What the coordinates look like instead of what they are said to be; only ever a warning."""
    if task.layer.shape != "point" or not find_crs(task.crs).is_degrees or not checked.rows:
        return []
    coordinates = shapely.get_coordinates([row.geometry for row in checked.rows])
    found = suspect_crs(coordinates[:, 0], coordinates[:, 1], outline=outline)
    return [
        suspicion.message
        for suspicion in found
        if not (suspicion.kind == "likely-gcj02" and task.crs != "wgs84")
    ]


def _place(connection: Connection, task: Checking, checked: Checked) -> int:
    """Give every row its cell and community; refuse those outside where the layer does. Counts the kept."""
    layer = task.layer
    if layer.shape == "line":
        lines = [row.geometry for row in checked.rows if row.geometry is not None]
        communities = store.communities_of(connection, lines)
        for row, community_id in zip(checked.rows, communities, strict=True):
            row.values.update(community_id=community_id, is_outside=community_id is None)
        return communities.count(None)
    inner = shapely.point_on_surface(np.array([row.geometry for row in checked.rows], dtype=object))
    kept, outside = [], 0
    for row, cell in zip(checked.rows, store.cells_at(connection, list(inner)), strict=True):
        is_outside = cell.cell_id is None
        if is_outside and _refused(layer, cell.distance_m):
            checked.rejects.append(_out_of_district(row, cell.distance_m))
            continue
        outside += is_outside
        row.values.update(cell_id=cell.cell_id, community_id=cell.community_id)
        if layer.outside == "keep":
            row.values["is_outside"] = is_outside
        kept.append(row)
    checked.rows = kept
    return outside


def _refused(layer: Layer, distance_m: float) -> bool:
    return layer.outside == "reject" or (layer.outside == "near" and distance_m > NEAR_M)


def _out_of_district(row: Row, distance_m: float) -> Reject:
    lon, lat = shapely.get_coordinates(shapely.centroid(row.geometry))[0].tolist()
    far = f"{distance_m:.0f} m" if distance_m < 2_000 else f"{distance_m / 1000:.1f} km"
    reason = f"{lon:.5f}, {lat:.5f} lies {far} outside the district"
    if lon == lat == 0:
        reason += " (0, 0 is what devices write that have no position)"
    return Reject(row.number, "position", "out-of-district", reason)


def _drop_conflicts(connection: Connection, checked: Checked) -> None:
    taken = store.conflicts(connection, checked.rows)
    reason = "another patrol point is stored under this id; stored points are not changed by files"
    checked.rejects += [
        Reject(row.number, "client_id", "conflict", reason)
        for row in checked.rows
        if row.values["client_id"] in taken
    ]
    checked.rows = [row for row in checked.rows if row.values["client_id"] not in taken]


def _nothing(task: Checking, checked: Checked, warnings: list[str]) -> ImportReport:
    """The report of a load in which one row spoils all: every row counts as refused."""
    named = {item.row for item in checked.rejects}
    held = [
        Reject(
            row.number,
            "",
            "held-back",
            "not stored: all or nothing was asked for, and other rows are refused",
        )
        for row in task.table.rows
        if row.number not in named
    ]
    return ImportReport(
        layer=task.layer.name,
        file_name="",
        format=task.table.format,
        encoding=task.table.encoding,
        crs=task.crs,
        rows_read=len(task.table.rows),
        rows_stored=0,
        rows_unchanged=0,
        rejects=(*sorted(checked.rejects, key=lambda item: item.row), *held),
        warnings=tuple(warnings),
    )


def _updates(task: Checking) -> list[str]:
    """Columns in which stored rows follow the file: what it gives, and what follows from that."""
    given = [name for name in given_columns(task) if name not in ("code", task.layer.key)]
    derived = {
        "building": ("pinyin_initials",),
        "facility": ("pinyin_initials",),
        "parcel": ("area_m2",),
        "patrol_track": ("length_m", "fixes", "is_outside", "community_id"),
    }.get(task.layer.name, ())
    placed = () if task.layer.shape == "line" else _PLACED
    return list(dict.fromkeys([*given, *derived, *placed, "geom"]))
