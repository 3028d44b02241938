"""Reads of the published layers: typed functions over the named and the composed statements."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg2.extensions import BYTES, register_type
from psycopg2.sql import SQL, Composable

from gis.database.pool import Connection, Database, Identity
from gis.database.question import Question
from gis.database.sql import load_queries
from gis.geometry.quad import QUAD_ZOOM, box_ranges, tile_range
from gis.publish import composed, composed_outlines, composed_tiles, mvt
from gis.publish.crs import PLAIN, Form
from gis.publish.filters import Filter, Parameters, values_of
from gis.publish.layers import Layer
from gis.publish.model import (
    MAX_CLUSTERS,
    BBox,
    Found,
    cluster_zoom,
    like_pattern,
    snapped,
    tally_zoom,
)
from gis.publish.order import Page

_queries = load_queries(__file__)
_records = load_queries(__file__, "records")


class Features(NamedTuple):
    """Features as joined text, and how many rows were found (one more than asked if there are more).

    `first` and `last` are the cursors of the first row and of the last one asked for, in the order read.
    """

    features: bytes
    found: int
    first: str | None = None
    last: str | None = None


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


def items(  # noqa: PLR0913 - one read, whole
    db: Database,
    identity: Identity,
    layer: Layer,
    chosen: Filter,
    page: Page,
    values: Parameters,
    form: Form = PLAIN,
) -> Features:
    """One page of features. `values` are the limit and the cursor's."""
    question = composed.items(layer, chosen, page, form)
    features, found, first, last = _row(db.ask(identity, question, {**values_of(chosen), **values}))
    return Features(features, found, _text(first), _text(last))


def all_items(
    db: Database, identity: Identity, layer: Layer, chosen: Filter, *, limit: int, form: Form = PLAIN
) -> Features:
    """Everything that matches, in no order; no more than one beyond the limit."""
    question = composed.whole(layer, chosen, form)
    return Features(*_row(db.ask(identity, question, {**values_of(chosen), "limit": limit})))


def count(db: Database, identity: Identity, layer: Layer, chosen: Filter) -> int:
    """How many rows match."""
    return int(_row(db.ask(identity, composed.matched(layer, chosen), values_of(chosen)))[0])


def count_all(db: Database, identity: Identity, layer: Layer) -> int:
    """How many rows a layer has, for a reader who sees them all."""
    return int(_row(db.ask(identity, composed.MATCHED_BY_TALLY, {"layer": layer.tally}))[0])


def outlines_version(db: Database, identity: Identity) -> bytes:
    """What tells one state of the division tables from every other."""
    version: bytes = _row(db.ask(identity, composed_outlines.VERSION, {}))[0]
    return version


def outlines(
    db: Database, identity: Identity, layer: Layer
) -> tuple[bytes, tuple[bytes, ...], tuple[bytes, ...]]:
    """The places of a division layer in force, by code: version, features as UTF-8, geometries as WKB."""
    version, features, shapes = _row(db.ask(identity, composed_outlines.outlines(layer.name), {}))
    # In an array, texts come decoded.
    return version, tuple(text.encode() for text in features), tuple(map(bytes, shapes))


def first_items(connection: Connection, layer: Layer, chosen: Filter, *, limit: int) -> Features:
    """The first features within an open transaction."""
    question = composed.items(layer, chosen, Page())
    values = {**values_of(chosen), "limit": limit}
    features, found, _, _ = _bytes_row(connection, question.statement, values)
    return Features(features, found)


@lru_cache
def _record_of(name: str) -> Question:
    return Question(SQL(getattr(_records, f"record_of_{name}").sql))


def record(connection: Connection, layer: Layer, key: Any) -> str | None:
    """One feature of a layer that is no division in full, as GeoJSON text, within an open transaction."""
    found: str | None = getattr(_records, f"record_of_{layer.name}")(connection, key=key)
    return found


def ask_record(
    db: Database, identity: Identity, layer: Layer, key: Any, since: str | None = None
) -> bytes | None:
    """One feature in full as GeoJSON text; `since` is the first day of a place no longer in force."""
    row = db.ask(identity, _record_of(layer.name), {"key": key, "since": since})
    return row[0] if row else None


def clusters(
    db: Database, identity: Identity, layer: Layer, chosen: Filter, *, zoom: int, by_tally: bool
) -> Features:
    """Points gathered in whole squares of 64 pixels at that zoom, capped."""
    assert chosen.area is not None  # noqa: S101 (clusters are asked for a box)
    square = cluster_zoom(zoom)
    box = snapped(chosen.area.box, square)
    level = tally_zoom(square) if by_tally else None
    values: Parameters = {**values_of(chosen), **_corners(box), "cap": MAX_CLUSTERS}
    lows, highs = box_ranges(box.west, box.south, box.east, box.north)
    if level is None:
        values |= {"lows": lows, "highs": highs, "shift": 2 * (QUAD_ZOOM - square)}
    else:
        above = 2 * (QUAD_ZOOM - level)
        values |= {"lows": [low >> above for low in lows], "highs": [-(-high >> above) for high in highs]}
        values |= {"layer": layer.name, "zoom": level, "shift": 2 * (level - square)}
        values |= {"below": 2 * (QUAD_ZOOM - square)}
    question = composed.clusters(layer, chosen, by_tally=level is not None)
    return Features(*_row(db.ask(identity, question, values)))


def single_points(db: Database, identity: Identity, layer: Layer, chosen: Filter) -> Features:
    """Points one by one, capped."""
    values = {**values_of(chosen), "cap": MAX_CLUSTERS}
    return Features(*_row(db.ask(identity, composed.single_points(layer, chosen), values)))


def tile_version(db: Database, identity: Identity, layer: Layer, z: int, x: int, y: int) -> tuple[int, bytes]:
    """How often the rows around a tile were written, and a key of what the reader may see of them."""
    zoom, low, high = 0, 0, 1
    if layer.is_point:
        up = max(0, z - _VERSION_ZOOM)
        zoom = _VERSION_ZOOM
        low, high = tile_range(z - up, x >> up, y >> up, zoom)
    values = {"layer": layer.tally, "zoom": zoom, "low": low, "high": high}
    version, scope = _row(db.ask(identity, composed_tiles.TILE_VERSION, values))
    return version, scope


def tile_of_shapes(
    db: Database, identity: Identity, layer: Layer, box: BBox, tile: tuple[int, int, int]
) -> bytes:
    """A Mapbox vector tile of features that are no points; empty bytes where there are none."""
    z, x, y = tile
    values = {**_corners(box), "layer": layer.name, "z": z, "x": x, "y": y}
    return _tile(db.ask(identity, composed_tiles.tile_of_shapes(layer.name), values))


def tile_of_points(db: Database, identity: Identity, layer: Layer, tile: tuple[int, int, int]) -> bytes:
    """A Mapbox vector tile of points in the order of their ids; empty bytes where there are none."""
    low, high = tile_range(*tile)
    row = _row(db.ask(identity, composed_tiles.tile_of_points(layer.name), {"low": low, "high": high}))
    packed_ids, lons, lats, numbers, *columns = row
    if packed_ids is None:
        return b""
    ids = np.frombuffer(packed_ids, ">i8").astype(np.uint64)
    order = np.argsort(ids)  # so that the same rows are the same bytes, and no kind covers the others
    alike = [dict(zip(layer.tile_columns, values, strict=True)) for values in zip(*columns, strict=True)]
    kinds = np.repeat(np.arange(len(alike)), numbers)
    east, south = mvt.pixels(_degrees(lons)[order], _degrees(lats)[order], *tile)
    return mvt.layer_of_points(layer.name, alike, kinds[order], ids[order], (east, south))


def tile_of_counts(
    db: Database, identity: Identity, layer: Layer, tile: tuple[int, int, int], *, by_tally: bool
) -> bytes:
    """A Mapbox vector tile of counts per square, some 64 squares across."""
    z, x, y = tile
    zoom = tally_zoom(min(z + _SQUARES_BITS, 19)) or 19
    low, high = tile_range(z, x, y, zoom if by_tally else QUAD_ZOOM)
    values = {"layer": layer.name, "x": x, "y": y, "side": 1 << z, "low": low, "high": high, "zoom": zoom}
    values |= {"shift": 2 * (QUAD_ZOOM - zoom)}
    return _tile(db.ask(identity, composed_tiles.tile_of_counts(layer.name, by_tally=by_tally), values))


def nearest(
    connection: Connection, layer: Layer, position: tuple[float, float], k: int, *, by_spatial_index: bool
) -> Features:
    """The k nearest features to a (lon, lat) with their distances in metres."""
    statement = composed_tiles.nearest(layer, Filter(), by_spatial_index=by_spatial_index)
    lon, lat = position
    return Features(*_bytes_row(connection, statement, {"lon": lon, "lat": lat, "k": k}))


def matched_by_place(
    connection: Connection, layer: Layer, chosen: Filter
) -> list[tuple[int | None, int | None, int]]:
    """(cell_id, community_id, number of rows) of what matches."""
    with connection.cursor() as cursor:
        cursor.execute(composed.matched_by_place(layer, chosen), values_of(chosen))
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


# Written-to squares are told apart this finely: a write spoils the tiles of about a square kilometre.
_VERSION_ZOOM = 15
# A tile of counts shows squares some 2^6 across.
_SQUARES_BITS = 6


def _tile(row: tuple[Any, ...] | None) -> bytes:
    return bytes(row[0]) if row and row[0] else b""


def _degrees(packed: Any) -> NDArray[np.float64]:
    return np.frombuffer(packed, ">f8").astype(np.float64)


def _corners(box: BBox) -> Parameters:
    return {"west": box.west, "south": box.south, "east": box.east, "north": box.north}


def _text(cursor: Any) -> str | None:
    return cursor.decode() if isinstance(cursor, bytes) else None if cursor is None else str(cursor)


def _row(answer: tuple[Any, ...] | None) -> tuple[Any, ...]:
    assert answer is not None  # noqa: S101 (an aggregate has one row)
    return answer
