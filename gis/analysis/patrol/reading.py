"""Places read from the database, and kept in the process as long as nobody writes any."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis.analysis.patrol.places import Ints, Place, Places
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import NotFound
from gis.geometry.crs import to_metric

_queries = load_queries(__file__)
_KEPT = 2
_kept: dict[Any, Places] = {}
_lock = threading.Lock()


def read_places(connection: Connection) -> Places:
    """Cells, parcels and check points of the present division, for a reader who sees the whole district.

    Raises
    ------
    NotFound
        There is no division yet.
    """
    key = _queries.places_key(connection)
    if key is None:
        raise NotFound
    with _lock:
        known = _kept.get(key)
    if known is not None:
        return known
    places = _read(connection, key)
    with _lock:
        _kept[key] = places
        for old in list(_kept)[:-_KEPT]:
            del _kept[old]
    return places


def _read(connection: Connection, key: Any) -> Places:
    cell_rows, parcel_rows = list(_queries.cells(connection)), list(_queries.parcels(connection))
    cells = tuple(Place(row.cell_id, row.code, row.name_zh, row.land_use, row.community) for row in cell_rows)
    parcels = tuple(
        Place(row.parcel_id, row.code, row.name_zh, row.level, row.community) for row in parcel_rows
    )
    with_cells = {cell.community for cell in cells}
    communities = [row for row in _queries.communities(connection) if row.code in with_cells]
    return Places(
        revision_id=key.revision_id,
        cells=cells,
        parcels=parcels,
        polygons=_metric(cell_rows + parcel_rows),
        communities=tuple(row.code for row in communities),
        names={row.code: (row.name_zh, row.name_en) for row in communities},
        check_points=_check_points(list(_queries.check_points(connection)), cells, parcels),
        is_schematic=key.is_schematic,
    )


def _metric(rows: Sequence[Any]) -> Any:
    shapes = shapely.from_wkb([bytes(row.wkb) for row in rows])
    return np.asarray(to_metric(np.asarray(shapes, dtype=object)), dtype=object)


def _check_points(rows: Sequence[Any], cells: Sequence[Place], parcels: Sequence[Place]) -> Ints:
    cell = {place.place_id: number for number, place in enumerate(cells)}
    parcel = {place.place_id: number for number, place in enumerate(parcels, len(cells))}
    found = [(row.check_point_id, cell.get(row.cell_id, -1), parcel.get(row.parcel_id, -1)) for row in rows]
    return np.array(found, dtype=np.int64).reshape(-1, 3)
