"""Reading what service coverage is measured on, in one transaction of the person who asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis.analysis.access.network import Floats, Lines
from gis.analysis.services.ground import Cells, Demand, Facilities, Ground
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.facility.hours import OpeningHours
from gis.geometry.crs import METRIC_EPSG, STORAGE_EPSG, to_metric, transformer
from gis.roads.model import RoadNetwork
from gis.roads.service import find_network, walkable_lines

_queries = load_queries(__file__, "store")


def version(connection: Connection, _asked: object = None) -> str:
    """The state of the division, buildings, units, facilities, parcels and streets."""
    return ".".join(str(value or 0) for value in _queries.state_of_data(connection))


def load_ground(connection: Connection, _asked: object = None, *, before: Ground | None = None) -> Ground:
    """Read everything; nothing is computed yet. Of the ground `before` the same streets are not read again.

    The state is read first: what comes in between makes the ground older than it says, never newer.
    """
    state = version(connection)
    cells = _cells(connection)
    place = {int(cell_id): number for number, cell_id in enumerate(cells.ids.tolist())}
    roads = find_network(connection)
    same = before if before is not None and before.roads == roads else None
    lines = same.lines if same is not None else _lines(connection, roads)
    ground = Ground(
        version=state,
        cells=cells,
        demand=_demand(connection, place),
        facilities=_facilities(connection, place),
        lines=lines,
        roads=roads,
    )
    if before is not None:
        ground.inherit(before)
    return ground


def places_of_parcels(connection: Connection) -> list[Any]:
    """A point inside each parcel: code, name, cell, lon, lat."""
    return list(_queries.list_parcels(connection))


def metric(lon_lat: Sequence[tuple[float, float]] | Floats) -> Floats:
    """Longitude, latitude as easting, northing in EPSG:4547, shape (n, 2)."""
    given = np.asarray(lon_lat, dtype=np.float64).reshape(-1, 2)
    east, north = transformer(STORAGE_EPSG, METRIC_EPSG).transform(given[:, 0], given[:, 1])
    return np.column_stack([east, north])


def _lines(connection: Connection, roads: RoadNetwork | None) -> Lines:
    """Walkable streets in EPSG:4547."""
    lines = walkable_lines(connection, roads) if roads else np.empty(0, dtype=object)
    return to_metric(lines) if len(lines) else lines


def _cells(connection: Connection) -> Cells:
    rows = list(_queries.list_cells(connection))
    communities = tuple(sorted({row.community for row in rows}))
    number = {code: n for n, code in enumerate(communities)}
    return Cells(
        ids=np.array([row.cell_id for row in rows], np.intp),
        codes=tuple(row.code for row in rows),
        community=np.array([number[row.community] for row in rows], np.intp),
        communities=communities,
    )


def _demand(connection: Connection, place: dict[int, int]) -> Demand:
    rows = [row for row in _queries.list_demand(connection) if row.cell_id in place]
    return Demand(
        codes=tuple(row.code for row in rows),
        xy=metric([(row.lon, row.lat) for row in rows]),
        cell=np.array([place[row.cell_id] for row in rows], np.intp),
        units=np.array([row.units for row in rows], np.float64),
        residents=np.array([row.residents for row in rows], np.float64),
    )


def _facilities(connection: Connection, place: dict[int, int]) -> Facilities:
    rows = list(_queries.list_facilities(connection))
    lon_lat = [(row.lon, row.lat) for row in rows]
    return Facilities(
        codes=tuple(row.code for row in rows),
        kinds=tuple(row.kind for row in rows),
        names=tuple(row.name_zh for row in rows),
        names_en=tuple(row.name_en for row in rows),
        xy=metric(lon_lat),
        lon_lat=np.asarray(lon_lat, np.float64).reshape(-1, 2),
        cell=np.array([place.get(row.cell_id, -1) for row in rows], np.intp),
        capacity=np.array([np.nan if row.capacity is None else row.capacity for row in rows], np.float64),
        hours=tuple(_hours(row.opening_hours) for row in rows),
        hours_text=tuple(row.opening_hours for row in rows),
    )


def _hours(text: str) -> OpeningHours | None:
    """None where nothing is said, or what is said (written past the doors) is not understood."""
    try:
        return OpeningHours.read(text) if text else None
    except InvalidInput:
        return None


def points_wkb(lon_lat: Floats) -> tuple[bytes, ...]:
    """WKB of points (n, 2), EPSG:4326."""
    return tuple(bytes(one) for one in np.asarray(shapely.to_wkb(shapely.points(lon_lat.reshape(-1, 2)))))
