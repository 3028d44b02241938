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
from gis.geometry.tiling_kernels import BLOCK, OUTSIDE, UNSURE, Bools, Floats, Ints, Table

__all__ = ["OUTSIDE", "UNSURE", "Tiling"]

_TILES = 1_500_000  # ten metres in a district of 150 km²
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
        told = np.arange(len(polygons), dtype=np.int64) if labels is None else labels
        self._labels = np.append(told, [UNSURE, OUTSIDE])
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
        self._frame = kernels.Frame(*map(float, (*low, *scale, columns, rows)))
        in_tiles = (edges - np.tile(low, 2)) * np.tile(scale, 2)
        table, lists, pairs = _tiles(in_tiles, owner, (rows, columns))
        self._table = _in_blocks(table)
        candidates, of = _candidates(in_tiles, owner, len(polygons), (rows, columns), pairs)
        # One more edge, for `kernels.find` to look at where a candidate has none.
        self._near = (lists.astype(np.int32), candidates, np.vstack([edges[of], np.zeros(4)]))

    def find(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """The label of the polygon that holds each point, and which points are unsure.

        Parameters
        ----------
        x, y : contiguous, shape (n,); what is no number is outside.

        Returns
        -------
        found : int64 of shape (n,), a label, OUTSIDE or UNSURE.
        unsure : the numbers of points that are UNSURE, ascending, shape (m,).
        """
        found: Ints = np.empty(len(x), dtype=np.int64)
        unsure: list[Ints] = []
        points = (x, y, self._frame)

        def work(start: int, stop: int) -> None:
            kernels.find(self._table, self._near, self._labels, points, (start, stop), found)
            unsure.append(start + np.flatnonzero(found[start:stop] == UNSURE))

        in_parts(work, len(x), max(1, len(x) // _PART))
        return found, np.sort(np.concatenate(unsure))


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


def _in_blocks(table: Table) -> tuple[Table, Table]:
    """The table in two levels, small enough for the processor's cache: see `kernels.find`.

    Most blocks hold one value only, and those of a value stand once.
    """
    rows, columns = (-(-side // BLOCK) for side in table.shape)
    padded: Table = np.full((rows * BLOCK, columns * BLOCK), OUTSIDE, dtype=np.int32)
    padded[: table.shape[0], : table.shape[1]] = table
    blocks = padded.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)
    is_mixed = (blocks != blocks[:, :1, :1]).any(axis=(1, 2))
    values, number = np.unique(blocks[~is_mixed, 0, 0], return_inverse=True)
    numbers: Table = np.empty(len(blocks), dtype=np.int32)
    numbers[~is_mixed] = number
    numbers[is_mixed] = len(values) + np.arange(is_mixed.sum())
    plain = np.broadcast_to(values[:, None, None], (len(values), BLOCK, BLOCK))
    return numbers.reshape(rows, columns), np.concatenate([plain, blocks[is_mixed]])


def _spans(edges: Floats, owner: Ints, rows: int) -> Floats:
    """What lies within polygons along the middle of each row: (n, 4) of row, owner, start, end."""
    crossed = _collect(lambda out: kernels.crossings(edges, owner, rows, out), np.empty((0, 3)))
    crossed = crossed[np.lexsort((crossed[:, 2], crossed[:, 1], crossed[:, 0]))]
    return np.column_stack([crossed[0::2], crossed[1::2, 2]])


def _candidates(
    edges: Floats, owner: Ints, polygons: int, shape: tuple[int, int], pairs: Ints
) -> tuple[Table, Ints]:
    """What `kernels.find` asks of each pair of tile and polygon, and the numbers of the edges for that."""
    slots, held = _slots(edges, owner, polygons, shape[0])
    slot_of = slots.first[pairs[:, 1]] + pairs[:, 0] // shape[1]
    is_odd = np.zeros(len(pairs), dtype=np.int32)
    found = _collect(
        lambda out: kernels.beside(edges, pairs, (slot_of, slots.start, held), shape[1], is_odd, out),
        np.empty((0, 2), np.int64),
    )
    start = np.searchsorted(found[:, 0], np.arange(len(pairs) + 1))
    candidates = np.column_stack([pairs[:, 1], is_odd, start[:-1], start[1:]]).astype(np.int32)
    return candidates, found[:, 1]


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
