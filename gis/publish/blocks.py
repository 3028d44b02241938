"""Features of points by square, read once for all who see the whole district in the same role.

Boxes of a map that is moved hold the same features again and again. So whole squares are kept, each under
what the row policies let its reader see and under how often it was written, and where features depend on the
day, under the day. All that is asked of the database for every box, so a square that is no longer true, or
no longer the reader's, is never found. Squares at the edge are cut by the positions of their points.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from gis.database.pool import Database
from gis.geometry.quad import morton, square_of
from gis.people.model import Actor
from gis.publish import blocks_store
from gis.publish.blocks_store import SQUARE_ZOOM, Rows, Written
from gis.publish.kept import Kept
from gis.publish.layers import Layer
from gis.publish.model import BBox

LEAST_AREA, MOST_SQUARES = 0.5, 400
"""Squares that a box is as large as, and that it touches: reading whole squares for less costs more than it
saves, and more are half a district."""

_EDGE = 1e-9  # degrees, a tenth of a millimetre: more than a square's number can err, far less than its side
_OVER = 3  # how many times the limit the squares may hold, since only what is in the box counts
_TRIES = 3


@dataclass(frozen=True, slots=True)
class FeatureBlock:
    """What one reader sees of one layer in one square.

    Attributes
    ----------
    bounds : west, south, east and north of all positions; None where there are none.
    """

    rows: Rows
    bounds: tuple[float, float, float, float] | None

    @property
    def size(self) -> int:
        """Bytes it takes in the cache, about."""
        return len(self.rows.text) + 24 * len(self.rows.lon) + 800

    def inside(self, box: BBox) -> tuple[int, list[bytes]]:
        """How many features lie in a box, edges included, and their text in pieces."""
        if self.bounds is None:
            return 0, []
        text, offsets, lon, lat = self.rows
        west, south, east, north = self.bounds
        if box.west <= west and box.south <= south and east <= box.east and north <= box.north:
            return len(lon), [text]
        is_inside = np.zeros(len(lon) + 2, dtype=bool)  # with nothing before the first and after the last
        is_inside[1:-1] = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        turns = np.flatnonzero(is_inside[1:] != is_inside[:-1])  # the first inside, the first outside, ...
        starts, stops = offsets[turns[::2]].tolist(), offsets[turns[1::2]].tolist()
        pieces = [text[start : stop - 1] for start, stop in zip(starts, stops, strict=True)]
        return int(np.count_nonzero(is_inside)), pieces


def _block(rows: Rows) -> FeatureBlock:
    lon, lat = rows.lon, rows.lat
    if not len(lon):
        return FeatureBlock(rows, None)
    return FeatureBlock(rows, (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))


class BlockCache(Kept[FeatureBlock]):
    """The squares last asked for."""


@dataclass(frozen=True, slots=True)
class _Cover:
    """Columns and rows of squares, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def number(self) -> int:
        """How many squares."""
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)

    def squares(self, margin: int = 0) -> Iterator[int]:
        """Morton numbers by row and column, without so many at each edge."""
        for row in range(self.top + margin, self.bottom + 1 - margin):
            for column in range(self.left + margin, self.right + 1 - margin):
                yield morton(column, row)


def features_within(
    db: Database, actor: Actor, layer: Layer, box: BBox, *, limit: int, cache: BlockCache
) -> tuple[list[bytes], int] | None:
    """Texts of all features in a box and their number; None where the database is better asked for them.

    That is where the box is too small or touches too many squares, or holds more than the limit, and for
    readers of a few cells, who have little to read.

    Raises
    ------
    Busy, GisError
        As `Database.ask` does.
    """
    cover = _cover(box)
    if not actor.sees_district or _area(box) < LEAST_AREA or cover.number > MOST_SQUARES:
        return None
    blocks = _blocks(db, actor, layer, cover, limit, cache)
    if blocks is None:
        return None
    number = 0
    texts: list[bytes] = []
    for block in blocks:
        count, pieces = block.inside(box)
        number += count
        texts += pieces
    return (texts, number) if number <= limit else None


def _area(box: BBox) -> float:
    """How many squares a box is as large as, about."""
    side = 360 / (1 << SQUARE_ZOOM)
    height = side * math.cos(math.radians((box.south + box.north) / 2))
    return (box.east - box.west) / side * ((box.north - box.south) / height)


def _cover(box: BBox) -> _Cover:
    """The squares that a point in the box can lie in."""
    left, top = square_of(box.west - _EDGE, box.north + _EDGE, SQUARE_ZOOM)
    right, bottom = square_of(box.east + _EDGE, box.south - _EDGE, SQUARE_ZOOM)
    return _Cover(left, top, right, bottom)


def _blocks(
    db: Database, actor: Actor, layer: Layer, cover: _Cover, limit: int, cache: BlockCache
) -> list[FeatureBlock] | None:
    """The squares of a box, all of one moment; None where they hold too much, or change all the while.

    What is not found is read together with the state of all squares: where that is another than before,
    those found before are looked for again.
    """
    squares = list(cover.squares())
    state = blocks_store.written(db, actor.identity, layer, squares)
    made: dict[Hashable, FeatureBlock] = {}
    for _ in range(_TRIES):
        if _is_too_much(state, cover, limit):
            return None
        keys = [_key(layer, square, state) for square in squares]
        blocks = [made.get(key) or cache.find(key) for key in keys]
        missing = [square for square, block in zip(squares, blocks, strict=True) if block is None]
        if not missing:
            return [block for block in blocks if block is not None]
        state, rows = blocks_store.read(db, actor.identity, layer, squares, missing)
        for square in missing:
            key = _key(layer, square, state)
            made[key] = _block(rows[square])
            cache.keep(key, made[key])
    return None


def _key(layer: Layer, square: int, state: Written) -> Hashable:
    day = state.day if layer.told_for == "day" else None
    return layer.name, square, state.versions.get(square, 0), state.scope, day


def _is_too_much(state: Written, cover: _Cover, limit: int) -> bool:
    """Whether the box holds more than the limit for certain, or its squares far more."""
    inner = sum(state.objects.get(square, 0) for square in cover.squares(margin=1))
    return inner > limit or sum(state.objects.values()) > _OVER * limit
