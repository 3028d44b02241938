"""Vector tiles, made once for everybody who may see the same.

A tile is kept under what the row policies let its reader see and under how often the rows around it were
written. Both are asked of the database for every tile, so a tile that is no longer true, or no longer the
reader's, is never found.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cached_property

import xxhash

from gis.database.pool import Database
from gis.people.model import Actor
from gis.publish import store
from gis.publish.composed_tiles import MARGIN
from gis.publish.kept import Kept
from gis.publish.layers import layer_for
from gis.publish.model import tile_bbox

_GZIP_LEVEL = 5
_LEAST_TO_GZIP = 1024


@dataclass(frozen=True)
class Tile:
    """A tile as it goes out: Mapbox vector tile bytes and a hash of them."""

    body: bytes
    digest: str

    @cached_property
    def gzipped(self) -> bytes | None:
        """The tile gzipped, where that pays; made for the first client that takes it, kept with the tile."""
        # mtime 0: the same tile is the same bytes.
        return gzip.compress(self.body, _GZIP_LEVEL, mtime=0) if len(self.body) >= _LEAST_TO_GZIP else None

    @property
    def size(self) -> int:
        """Bytes it takes in the cache at most, about: a tile gzips to less than half."""
        return len(self.body) * 3 // 2 + 300


class TileCache(Kept[Tile]):
    """The tiles last asked for."""


def tile(  # noqa: PLR0913 - a tile has three numbers
    db: Database, actor: Actor, name: str, z: int, x: int, y: int, *, cache: TileCache | None = None
) -> Tile:
    """A Mapbox vector tile of the WebMercatorQuad grid (OGC 17-083r4); empty where nothing lies.

    Point layers give counts per square at low zooms.

    Raises
    ------
    InvalidInput
        There is no such tile.
    NotFound, Forbidden
        No such layer, or not for this role.
    """
    layer = layer_for(actor, name)
    box = tile_bbox(z, x, y, margin=0.0 if layer.is_point else MARGIN)
    if cache is not None:
        key = (name, z, x, y, *store.tile_version(db, actor.identity, layer, z, x, y))
        if (known := cache.find(key)) is not None:
            return known
    if not layer.is_point:
        body = store.tile_of_shapes(db, actor.identity, layer, box, (z, x, y))
    elif z < layer.points_from_zoom:
        body = store.tile_of_counts(db, actor.identity, layer, (z, x, y), by_tally=actor.sees_district)
    else:
        body = store.tile_of_points(db, actor.identity, layer, (z, x, y))
    made = Tile(body, xxhash.xxh3_128_hexdigest(body))
    if cache is not None:
        cache.keep(key, made)
    return made
