"""Where and when a reader's rows of a layer lie: what a collection says of itself before it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gis.database.pool import Connection, Database
from gis.people.model import Actor
from gis.publish import composed_extents
from gis.publish.layers import Layer, layer_for
from gis.publish.model import BBox

_PLACES = 1e6


@dataclass(frozen=True, slots=True)
class Extent:
    """A rectangle in degrees (EPSG:4326) and a period; None where the reader has no row, or rows no time."""

    bbox: BBox | None
    first_at: datetime | None = None
    last_at: datetime | None = None


def extents(db: Database, actor: Actor, names: Sequence[str]) -> Mapping[str, Extent]:
    """The extents of layers, each of the rows this reader may see and no other.

    A reader of the whole district gets, for points, the outlines of the cells that hold some, and the place
    of those that lie in no cell: hundreds of steps into an index instead of a scan. Everybody else, and every
    other kind of geometry, gets the rectangle of the rows themselves. It is rounded outward to six decimals
    (0.1 m).

    Raises
    ------
    NotFound, Forbidden
        No such layer, or not for this role.
    """
    layers = [layer_for(actor, name) for name in names]
    if not layers:
        return {}
    with db.transaction(actor.identity, read_only=True) as connection:
        return {layer.name: _extent(connection, actor, layer) for layer in layers}


def extent(db: Database, actor: Actor, name: str) -> Extent:
    """The extent of one layer; see `extents`."""
    return extents(db, actor, (name,))[name]


def _extent(connection: Connection, actor: Actor, layer: Layer) -> Extent:
    is_by_cells = actor.sees_district and layer.is_point and layer.has_cell
    compose = composed_extents.by_cells if is_by_cells else composed_extents.exact
    with connection.cursor() as cursor:
        cursor.execute(compose(layer))
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 (an aggregate has one row)
    west, south, east, north, first_at, last_at = row
    if west is None:
        return Extent(None)
    return Extent(_outward(west, south, east, north), first_at, last_at)


def _outward(west: float, south: float, east: float, north: float) -> BBox:
    return BBox(
        max(-180.0, math.floor(west * _PLACES) / _PLACES),
        max(-90.0, math.floor(south * _PLACES) / _PLACES),
        min(180.0, math.ceil(east * _PLACES) / _PLACES),
        min(90.0, math.ceil(north * _PLACES) / _PLACES),
    )
