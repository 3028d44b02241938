"""Communities and cells from a file, published as the division that replaces the present one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas

from gis.database.pool import Connection
from gis.division.codes import pinyin_initials
from gis.division.model import DivisionDraft, PublishReport
from gis.division.service import publish
from gis.errors import InvalidInput
from gis.exchange import columns, store
from gis.exchange.checking import parse_fields, rejected
from gis.exchange.layers import DIVISION_LEVELS
from gis.exchange.model import ImportReport, LoadOptions, RawRow, Reject, Table
from gis.exchange.places import place_of
from gis.exchange.readers.geopackage import list_sheets
from gis.exchange.source import SHEETS, read_table, resolve_crs, shown_name
from gis.geometry.crs import STORAGE_EPSG
from gis.zone import local_today

_WANTED = ("community", "cell")


def load_division(connection: Connection, path: Path, options: LoadOptions) -> ImportReport:
    """Publish the communities and cells of a GeoPackage or of two files.

    A GeoPackage has layers ``communities`` and ``cells``, and may have ``subdistricts`` and ``district``.
    With two files, `path` holds the cells and `options.communities_path` the communities. All or nothing:
    one refused row and the division in force stays. Rows of the report number within their layer, which
    `field` names.

    Raises
    ------
    InvalidInput
        A file is unusable, the code scheme is not named, or the division has overlaps, gaps or parents
        that do not exist.
    """
    if not options.code_scheme:
        raise InvalidInput(
            "a division needs the name of its code scheme, e.g. nbs-2018",
            pointer="code_scheme",
            code="no-code-scheme",
        )
    tables = _tables(path, options)
    store.enter(connection)
    frames: dict[str, geopandas.GeoDataFrame] = {}
    rejects: list[Reject] = []
    warnings: list[str] = []
    crs = ""
    for level, table in tables.items():
        frame, faults, crs, said = _frame(level, table, options)
        frames[level] = frame
        rejects += faults
        warnings += [f"{level}: {warning}" for warning in said]
    report = _report(path, tables, crs, warnings)
    if rejects:
        report = replace(report, rejects=(*rejects, *_held_back(tables, rejects)))
    else:
        report = _counted(report, publish(connection, _draft(frames, path, options)))
    report = replace(report, dry_run=options.dry_run)
    if options.dry_run:
        return report
    digest = hashlib.sha256(path.read_bytes()).digest()
    batch = store.record(connection, report, file_sha256=digest, account_id=options.account_id)
    return replace(report, import_batch_id=batch)


def _tables(path: Path, options: LoadOptions) -> dict[str, Table]:
    if options.communities_path is not None:
        return {
            "community": read_table(Path(options.communities_path), "community", options),
            "cell": read_table(path, "cell", options),
        }
    if path.suffix.lower() != ".gpkg":
        raise InvalidInput(
            "cells need their communities: give a GeoPackage with both layers, or a second file",
            pointer="communities",
            code="no-communities",
        )
    by_name = {name.lower(): name for name in list_sheets(path)}
    chosen = {
        level: next((by_name[name] for name in SHEETS[level] if name in by_name), None)
        for level in DIVISION_LEVELS
    }
    missing = [SHEETS[level][0] for level in _WANTED if chosen[level] is None]
    if missing:
        raise InvalidInput(f"the file has no layer {' and no layer '.join(missing)}", code="no-such-sheet")
    return {
        level: read_table(path, level, replace(options, sheet=sheet))
        for level, sheet in chosen.items()
        if sheet
    }


def _frame(
    level: str, table: Table, options: LoadOptions
) -> tuple[geopandas.GeoDataFrame, list[Reject], str, list[str]]:
    fields = DIVISION_LEVELS[level]
    matched = columns.match_columns(level, table.columns, ["wkt", *(field.name for field in fields)])
    crs, warnings = resolve_crs(table, matched, options)
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    numbers: dict[str, int] = {}
    for raw in table.rows:
        try:
            row = _row(level, raw, matched, crs)
            first = numbers.setdefault(row["code"], raw.number)
            if first != raw.number:
                raise InvalidInput(
                    f"{row['code']} stands already in row {first}", pointer="code", code="duplicate-key"
                )
            rows.append(row)
        except InvalidInput as fault:
            reject = rejected(raw.number, fault)
            rejects.append(replace(reject, field=f"{level}: {reject.field}"))
    frame = geopandas.GeoDataFrame(rows or {"geometry": []}, geometry="geometry", crs=STORAGE_EPSG)
    return frame, rejects, crs, [*table.warnings, *warnings]


def _row(level: str, raw: RawRow, matched: dict[str, str], crs: str) -> dict[str, Any]:
    if raw.fault is not None:
        raise raw.fault
    place = place_of(raw, matched, "polygon", crs)
    if place is None:
        raise InvalidInput("no outline: a polygon is needed", pointer="geometry", code="no-position")
    row = parse_fields(raw, DIVISION_LEVELS[level], matched, {})
    if level == "community":
        row["pinyin_initials"] = pinyin_initials(row["name_zh"] or "")
    return {**row, "geometry": place}


def _draft(frames: dict[str, geopandas.GeoDataFrame], path: Path, options: LoadOptions) -> DivisionDraft:
    name = shown_name(path)
    return DivisionDraft(
        title=options.title or Path(name).stem,
        code_scheme=str(options.code_scheme),
        source=name,
        is_schematic=options.schematic,
        valid_from=local_today(),
        communities=frames["community"],
        cells=frames["cell"],
        subdistricts=frames.get("subdistrict"),
        district=frames.get("district"),
    )


def _report(path: Path, tables: dict[str, Table], crs: str, warnings: Sequence[str]) -> ImportReport:
    first = next(iter(tables.values()))
    return ImportReport(
        layer="division",
        file_name=shown_name(path),
        format=first.format,
        encoding=first.encoding,
        crs=crs,
        rows_read=sum(len(table.rows) for table in tables.values()),
        rows_stored=0,
        rows_unchanged=0,
        warnings=tuple(warnings),
    )


def _held_back(tables: dict[str, Table], rejects: Sequence[Reject]) -> list[Reject]:
    named = {(item.field.split(":")[0], item.row) for item in rejects}
    reason = "not stored: a division is published whole or not at all, and other rows are refused"
    return [
        Reject(row.number, f"{level}: ", "held-back", reason)
        for level, table in tables.items()
        for row in table.rows
        if (level, row.number) not in named
    ]


def _counted(report: ImportReport, published: PublishReport) -> ImportReport:
    if published.unchanged:
        return replace(report, rows_unchanged=report.rows_read)
    moved = ", ".join(f"{layer} {count}" for layer, count in published.resolved.items() if count)
    outside = ", ".join(f"{layer} {count}" for layer, count in published.outside.items() if count)
    said = [
        f"rows that changed their cell: {moved or 'none'}",
        f"rows that lie in no cell now: {outside or 'none'}",
        f"assignments carried {published.assignments_carried}, ended {published.assignments_ended}; "
        f"cells without an officer {published.cells_without_officer}",
        *published.findings,
    ]
    return replace(report, rows_stored=report.rows_read, warnings=(*report.warnings, *said))
