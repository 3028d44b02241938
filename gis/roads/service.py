"""The road network: brought by a file, replaced as a whole, told with how it hangs together.

A file that holds no usable line, or any refused line where all or nothing is asked for, changes nothing; it
is written down all the same.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.exchange import columns, store
from gis.exchange.checking import Checked, Checking, check_rows
from gis.exchange.layers import LAYERS
from gis.exchange.model import ImportReport, LoadOptions, Reject, Table
from gis.exchange.readers.streets import FORMATS, read_streets
from gis.exchange.source import read_table, resolve_crs, shown_name
from gis.geometry.crs import to_metric
from gis.people.model import Actor, Permission
from gis.roads.model import MAX_TEXT, NEAR_M, RoadNetwork, RoadReport, Shape, Stated, Streets, is_walkable

_queries = load_queries(__file__, "store")
_LAYER = LAYERS["road"]
_CHUNK = 5_000
_READ_MS = 120_000


def present_network(db: Database, actor: Actor) -> RoadNetwork:
    """The network in force. Raises `NotFound` where there is none."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        network = find_network(connection)
    if network is None:
        raise NotFound("There is no road network yet.", code="no-network")
    return network


def find_network(connection: Connection) -> RoadNetwork | None:
    """The network in force in this transaction, None if there is none."""
    row = _queries.present_network(connection)
    return None if row is None else RoadNetwork(**row._asdict())


def walkable_lines(connection: Connection, network: RoadNetwork) -> NDArray[np.object_]:
    """What can be walked on: LineStrings, EPSG:4326, in the order they were stored."""
    found = [
        bytes(row.wkb) for row in _queries.walkable_lines(connection, road_network_id=network.road_network_id)
    ]
    return np.asarray(shapely.from_wkb(found), dtype=object) if found else np.empty(0, dtype=object)


def import_roads(
    db: Database,
    actor: Actor,
    name: str,
    data: bytes,
    *,
    options: LoadOptions | None = None,
    request_id: str = "",
) -> RoadReport:
    """Replace the network by what a file holds, and write the import down like every other.

    Parameters
    ----------
    name : the file's name; its suffix tells the format.
    options : title, and as constants ``source``, ``licence`` and ``dated_on`` of the network.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable, or a statement of it is; nothing has changed.
    Conflict
        No division is loaded.
    """
    actor.require(Permission.RUN_COVERAGE)
    chosen = options or LoadOptions()
    with tempfile.TemporaryDirectory(prefix="guangming-import-") as folder:
        path = Path(folder) / f"upload{Path(shown_name(Path(name))).suffix[:10]}"
        path.write_bytes(data)
        table = read_roads(path, chosen)
    with db.transaction(actor.identity, timeout_ms=_READ_MS, request_id=request_id) as connection:
        report = replace_network(connection, table, chosen, name=shown_name(Path(name)))
        digest = hashlib.sha256(data).digest()
        batch = store.record(connection, report.rows, file_sha256=digest, account_id=actor.account_id)
    return replace(report, rows=replace(report.rows, import_batch_id=batch))


def read_roads(path: Path, options: LoadOptions) -> Table:
    """The lines of a road file. Raises `InvalidInput` or `TooLarge`: see the readers."""
    if path.suffix.lower() in FORMATS:
        return read_streets(path, encoding=options.encoding, states_crs=options.crs is not None)
    return read_table(path, _LAYER.name, options)


def replace_network(connection: Connection, table: Table, options: LoadOptions, *, name: str) -> RoadReport:
    """Check the lines of a table and put them in place of the present network, in the caller's transaction.

    Raises
    ------
    InvalidInput, Conflict
        As `import_roads`.
    """
    stated = _stated(options, name)
    outline = store.outline(connection)
    if outline is None:
        raise Conflict("no division is loaded: streets have no district to lie in; load one first")
    task, doubts = _task(table, options)
    checked = check_rows(task)
    far = _drop_far(checked, outline[0])
    report = ImportReport(
        layer=_LAYER.name,
        file_name=name,
        format=table.format,
        encoding=table.encoding,
        crs=task.crs,
        rows_read=len(table.rows) - far,
        rows_stored=0,
        rows_unchanged=checked.repeated,
        rejects=tuple(sorted(checked.rejects, key=lambda item: item.row)),
        warnings=(*table.warnings, *doubts),
        dry_run=options.dry_run,
    )
    if not checked.rows or (options.all_or_nothing and checked.rejects):
        return RoadReport(_nothing(report, checked), far=far)
    # A dry run is undone as a whole by its caller.
    shape = store_streets(connection, _streets(checked), stated, is_synthetic=False)
    return RoadReport(replace(report, rows_stored=len(checked.rows)), shape, far)


def store_streets(connection: Connection, streets: Streets, stated: Stated, *, is_synthetic: bool) -> Shape:
    """Put streets in place of the present network."""
    from gis.roads.shape import shape_of  # scipy

    shape = shape_of(streets)
    _queries.lock_networks(connection)
    number = _queries.insert_network(
        connection,
        **asdict(stated),
        is_synthetic=is_synthetic,
        edges=shape.edges,
        length_m=shape.length_m,
        walkable_m=shape.walkable_m,
        components=len(shape.parts),
        apart_m=shape.apart_m,
    )
    _queries.drop_networks(connection, road_network_id=number)
    for start in range(0, len(streets.lines), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        _queries.insert_lines(
            connection,
            road_network_id=number,
            classes=streets.classes[chunk],
            names=streets.names[chunk],
            walkable=streets.walkable[chunk].tolist(),
            shapes=list(shapely.to_wkb(streets.lines[chunk])),
        )
    return shape


def _streets(checked: Checked) -> Streets:
    values = [row.values for row in checked.rows]
    lines, of = shapely.get_parts([row.geometry for row in checked.rows], return_index=True)
    return Streets(
        lines=np.asarray(lines, dtype=object),
        classes=[str(values[n]["class"])[:MAX_TEXT] for n in of],
        names=[str(values[n]["name"])[:MAX_TEXT] for n in of],
        walkable=np.array([_on_foot(values[n]) for n in of], dtype=bool),
    )


def _on_foot(values: dict[str, Any]) -> bool:
    if values["walkable"] is not None:
        return bool(values["walkable"] == "yes")
    return is_walkable(str(values["class"]), foot=str(values["foot"]), access=str(values["access"]))


def _stated(options: LoadOptions, name: str) -> Stated:
    given = dict(options.constants)
    dated_on = given.pop("dated_on", "")
    unknown = set(given) - {"source", "licence"}
    if unknown:
        raise InvalidInput(
            f"road has no statement {', '.join(sorted(unknown))}; it has source, licence, dated_on",
            pointer="constants",
            code="unknown-field",
        )
    for field, text in {"title": options.title or "", **given}.items():
        if len(text) > MAX_TEXT:
            raise InvalidInput(f"{MAX_TEXT} characters at most", pointer=field, code="too-long")
    try:
        day = date.fromisoformat(dated_on) if dated_on else None
    except ValueError as error:
        raise InvalidInput("Write a day as 2026-01-31.", pointer="dated_on", code="not-a-date") from error
    return Stated(options.title or name, given.get("source", ""), given.get("licence", ""), day)


def _task(table: Table, options: LoadOptions) -> tuple[Checking, list[str]]:
    fields = [field.name for field in _LAYER.fields]
    matched = columns.match_columns(_LAYER.name, table.columns, [*columns.POSITION, *fields])
    crs, doubts = resolve_crs(table, matched, options)
    return Checking(_LAYER, table, matched, crs, {}, {}), doubts


def _drop_far(checked: Checked, outline: Any) -> int:
    """Leave out lines far outside the district; gives how many."""
    if not checked.rows:
        return 0
    lines = to_metric(np.array([row.geometry for row in checked.rows], dtype=object))
    district = to_metric(outline)
    shapely.prepare(district)
    is_near = shapely.dwithin(lines, district, NEAR_M)
    before = len(checked.rows)
    checked.rows = [row for row, near in zip(checked.rows, is_near.tolist(), strict=True) if near]
    return before - len(checked.rows)


def _nothing(report: ImportReport, checked: Checked) -> ImportReport:
    """The report of a file that changes nothing: what was good counts as held back."""
    held = [
        Reject(
            row.number,
            "",
            "held-back",
            "not stored: all or nothing was asked for, and other lines are refused",
        )
        for row in checked.rows
    ]
    return replace(report, rejects=(*report.rejects, *held))
