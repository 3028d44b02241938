"""Reads of the published layers: typed functions over the named and the composed statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg2.extensions import BYTES, register_type
from psycopg2.sql import Composable

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.publish import composed, composed_tiles
from gis.publish.composed import Area, Filter, Parameters
from gis.publish.layers import Layer
from gis.publish.model import MAX_CLUSTERS, BBox, Found, cluster_size_deg, like_pattern

_queries = load_queries(__file__)
_records = load_queries(__file__, "records")

MANY_CELLS = 200
"""Above so many cells an area is no longer small: their list would cost more than it spares."""


class Page(NamedTuple):
    """Features as joined text, how many rows were found (one more than asked if there are more), last key."""

    features: bytes
    found: int
    last_key: str | None = None


class PlaceName(NamedTuple):
    """Code and name of a cell or community."""

    code: str
    name: str


def find_cell_id(connection: Connection, code: str) -> int | None:
    """The present cell of that code."""
    found: int | None = _queries.find_cell_id(connection, code=code)
    return found


def find_community_id(connection: Connection, code: str) -> int | None:
    """The present community of that code."""
    found: int | None = _queries.find_community_id(connection, code=code)
    return found


def cells_near(connection: Connection, box: BBox, *, limit: int = MANY_CELLS + 1) -> list[int]:
    """Ids of the cells, of any revision, that can hold points of a box."""
    rows = _queries.list_cells_near(
        connection, west=box.west, south=box.south, east=box.east, north=box.north, limit=limit
    )
    return [row.cell_id for row in rows]


def items(
    connection: Connection, layer: Layer, chosen: Filter, *, limit: int, after: Any, by_key_index: bool
) -> Page:
    """One page of features."""
    statement, values = composed.items(layer, chosen, after=after, by_key_index=by_key_index)
    features, found, last_key = _bytes_row(connection, statement, {**values, "limit": limit})
    return Page(features, found, last_key.decode() if last_key else None)


def record(connection: Connection, layer: Layer, key: Any) -> str | None:
    """One feature in full as GeoJSON text."""
    found: str | None = getattr(_records, f"record_of_{layer.name}")(connection, key=key)
    return found


def clusters(connection: Connection, layer: Layer, chosen: Filter, *, zoom: int) -> Page:
    """Points gathered in squares of 64 pixels at that zoom, capped."""
    statement, values = composed.clusters(layer, chosen)
    values |= {"size_deg": cluster_size_deg(zoom), "cap": MAX_CLUSTERS}
    return Page(*_bytes_row(connection, statement, values))


def single_points(connection: Connection, layer: Layer, chosen: Filter) -> Page:
    """Points one by one, capped."""
    statement, values = composed.single_points(layer, chosen)
    return Page(*_bytes_row(connection, statement, {**values, "cap": MAX_CLUSTERS}))


def tile_of_features(
    connection: Connection, layer: Layer, chosen: Filter, *, z: int, x: int, y: int
) -> bytes:
    """A Mapbox vector tile of the features; empty bytes where there are none."""
    statement, values = composed_tiles.tile_of_features(layer, chosen)
    return _tile(connection, statement, {**values, "z": z, "x": x, "y": y, "layer": layer.name})


def tile_of_counts(connection: Connection, layer: Layer, box: BBox, *, z: int, x: int, y: int) -> bytes:
    """A Mapbox vector tile of counts per cell."""
    cells = cells_near(connection, box)
    # A longer list of cells would keep the planner from the index a place-limited reader's rows are found by.
    of_all_cells = len(cells) > MANY_CELLS
    values: Parameters = {
        "z": z, "x": x, "y": y, "layer": layer.name, "size_deg": cluster_size_deg(z), "cells": cells,
        "west": box.west, "south": box.south, "east": box.east, "north": box.north,
    }  # fmt: skip
    return _tile(connection, composed_tiles.tile_of_counts(layer, of_all_cells=of_all_cells), values)


def nearest(
    connection: Connection, layer: Layer, position: tuple[float, float], k: int, *, by_spatial_index: bool
) -> Page:
    """The k nearest features to a (lon, lat) with their distances in metres."""
    statement, values = composed_tiles.nearest(layer, Filter(), by_spatial_index=by_spatial_index)
    lon, lat = position
    return Page(*_bytes_row(connection, statement, {**values, "lon": lon, "lat": lat, "k": k}))


def matched_by_place(
    connection: Connection, layer: Layer, chosen: Filter
) -> list[tuple[int | None, int | None, int]]:
    """(cell_id, community_id, number of rows) of what matches."""
    statement, values = composed.matched_by_place(layer, chosen)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(cell_id, community_id, number) for cell_id, community_id, number in cursor]


def place_names(
    connection: Connection, cells: Iterable[int], communities: Iterable[int]
) -> tuple[dict[int, PlaceName], dict[int, PlaceName]]:
    """Codes and names of cells and of communities, by id, in the order of their codes."""
    by_cell: dict[int, PlaceName] = {}
    by_community: dict[int, PlaceName] = {}
    rows = _queries.list_place_names(connection, cells=list(cells), communities=list(communities))
    for row in rows:
        names = by_cell if row.level == "cell" else by_community
        names[row.place_id] = PlaceName(row.code, row.name_zh)
    return by_cell, by_community


def search_places(connection: Connection, term: str, *, limit: int, with_housing: bool) -> list[Found]:
    """Places whose code, name, address or pinyin initials match, best first."""
    pattern = like_pattern(term)
    asked = {"term": term, "starts": f"{pattern}%", "contains": f"%{pattern}%", "limit": limit}
    rows = list(_queries.search_places(connection, **asked))
    if with_housing:
        rows += _queries.search_buildings(connection, **asked)
    best = sorted(rows, key=lambda row: (row.rank, row.sort, row.code))[:limit]
    return [
        Found(r.kind, r.code, r.name, r.detail, r.lon, r.lat, cell=r.cell, record_id=r.record_id)
        for r in best
    ]


def reveal_current_head(connection: Connection, building_id: int, purpose: str) -> Any | None:
    """Name and number of a building's head of today, audited; None where there is none to see."""
    head = _queries.find_current_head(connection, building_id=building_id)
    if head is None:
        return None
    return _queries.reveal_building_head(connection, building_head_id=head.building_head_id, purpose=purpose)


def _bytes_row(connection: Connection, statement: Composable, values: Parameters) -> tuple[Any, ...]:
    """One row with its text as UTF-8 bytes: what goes out as it is need not be decoded."""
    with connection.cursor() as cursor:
        register_type(BYTES, cursor)
        cursor.execute(statement, values)
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 (an aggregate has one row)
    return tuple(row)


def _tile(connection: Connection, statement: Composable, values: Parameters) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""


__all__ = ["Area", "Filter", "Page", "PlaceName"]
