"""Which of many polygons holds each of millions of points? Exact, by a table of tiles.

Most tiles lie within one polygon or in none, and one look says so. In the others the few edges of the few
polygons near are crossed by a ray (even-odd rule). A point so close to an edge that floating point could err
is told as unsure, for the caller to ask an exact predicate.

Polygons may have holes and parts and may overlap. Coordinates are plain numbers of any system.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gis.geometry import tiling_kernels as kernels
from gis.geometry.compiled import in_parts
from gis.geometry.edges import edges_of
from gis.geometry.tiling_kernels import OUTSIDE, UNSURE, Bools, Floats, Ints, Table

__all__ = ["OUTSIDE", "UNSURE", "Tiling"]

_TILES = 1_500_000  # 6 MB: ten metres in a district of 150 km²
_PART = 1 << 16
_Array = TypeVar("_Array", Floats, Ints)


class Tiling:
    """A table of tiles over polygons. Read only once made, so threads may share it."""

    def __init__(
        self, polygons: NDArray[np.object_], labels: Ints | None = None, *, tiles: int = _TILES
    ) -> None:
        """Build the table: 0.4 s for 800 polygons of a hundred corners; the first call ever compiles, some s.

        Parameters
        ----------
        polygons : polygons or multipolygons, shape (k,); where they overlap, the first one is found.
        labels : what `find` tells for each, not negative; their numbers from 0 if left out.
        tiles : how many tiles cover them all, roughly.
        """
        self._labels = np.arange(len(polygons), dtype=np.int64) if labels is None else labels
        edges, owner = edges_of(polygons)
        if len(edges):
            low, high = edges.reshape(-1, 2).min(axis=0), edges.reshape(-1, 2).max(axis=0)
        else:
            low, high = np.zeros(2), np.ones(2)
        width, height = np.maximum(high - low, np.finfo(float).tiny * 1e6)
        rows = max(1, ceil((tiles * height / width) ** 0.5))
        columns = max(1, ceil(tiles / rows))
        # A little wider, so that the last corner lies within the last tile.
        scale = np.array([columns / width, rows / height]) * (1 - 1e-9)
        self._frame = np.concatenate([low, scale])
        in_tiles = (edges - np.tile(low, 2)) * np.tile(scale, 2)
        self._table, lists, pairs = _tiles(in_tiles, owner, (rows, columns))
        slots, of_slots = _slots(in_tiles, owner, len(polygons), rows)
        slot = slots.first[pairs[:, 1]] + pairs[:, 0] // columns
        candidates = np.column_stack([pairs[:, 1], slots.start[slot], slots.start[slot + 1]])
        self._near = (lists.astype(np.int32), candidates.astype(np.int32), edges[of_slots])

    def find(self, x: Floats, y: Floats) -> Ints:
        """The label of the polygon that holds each point: int64 of shape (n,), OUTSIDE or UNSURE.

        Parameters
        ----------
        x, y : contiguous, shape (n,); what is no number is outside.
        """
        found: Ints = np.empty(len(x), dtype=np.int64)
        points = (x, y, self._frame)
        in_parts(
            lambda start, stop: kernels.find(
                self._table, self._near, self._labels, points, (start, stop), found
            ),
            len(x),
            max(1, len(x) // _PART),
        )
        return found


class _Slots(NamedTuple):
    """Edges by polygon and row: `first` + row is the slot, `start` where its edges begin."""

    first: Ints
    start: Ints


def _tiles(edges: Floats, owner: Ints, shape: tuple[int, int]) -> tuple[Table, Ints, Ints]:
    """The table; and of tiles that edges touch where candidates start, and pairs of tile and polygon."""
    table: Table = np.full(shape, OUTSIDE, dtype=np.int32)
    near = _collect(lambda out: kernels.touched(edges, owner, shape, out), np.empty((0, 2), np.int64))
    is_border: Bools = np.zeros(shape, dtype=np.bool_)
    is_border.reshape(-1)[near[:, 0]] = True
    spans = _spans(edges, owner, shape[0])
    # Whoever covers the middle of a tile of the border without an edge in it covers all of it.
    whole = _collect(lambda out: kernels.fill(spans, is_border, table, out), np.empty((0, 2), np.int64))
    pairs = np.unique(np.concatenate([near, whole]), axis=0) if len(near) else near
    places, first = np.unique(pairs[:, 0], return_index=True)
    table.reshape(-1)[places] = -3 - np.arange(len(places), dtype=np.int32)
    return table, np.append(first, len(pairs)), pairs


def _spans(edges: Floats, owner: Ints, rows: int) -> Floats:
    """What lies within polygons along the middle of each row: (n, 4) of row, owner, start, end."""
    crossed = _collect(lambda out: kernels.crossings(edges, owner, rows, out), np.empty((0, 3)))
    crossed = crossed[np.lexsort((crossed[:, 2], crossed[:, 1], crossed[:, 0]))]
    return np.column_stack([crossed[0::2], crossed[1::2, 2]])


def _slots(edges: Floats, owner: Ints, polygons: int, rows: int) -> tuple[_Slots, Ints]:
    """Slots of polygons' rows, and the numbers of the edges in them one after another."""
    bottom, top = np.full(polygons, rows, dtype=np.int64), np.full(polygons, -1, dtype=np.int64)
    np.minimum.at(bottom, owner, np.maximum(np.floor(edges[:, 1]).astype(np.int64) - 1, 0))
    np.maximum.at(top, owner, np.minimum(np.floor(edges[:, 3]).astype(np.int64) + 1, rows - 1))
    begin = np.concatenate([[0], np.cumsum(np.maximum(top - bottom + 1, 0))])
    first = begin[:-1] - bottom
    held = _collect(
        lambda out: kernels.rows_touched(edges, owner, first, rows, out), np.empty((0, 2), np.int64)
    )
    held = held[np.argsort(held[:, 0], kind="stable")]
    start = np.searchsorted(held[:, 0], np.arange(begin[-1] + 1)).astype(np.int64)
    return _Slots(first, start), np.ascontiguousarray(held[:, 1])


def _collect(write: Callable[[_Array], int], empty: _Array) -> _Array:
    """All rows a kernel finds: counted first, then written."""
    rows = np.empty((write(empty), empty.shape[1]), dtype=empty.dtype)
    write(rows)
    return rows
