"""What is compiled of `gis.geometry.tiling`. In one module, see `gis.geometry.compiled`.

Everything is in tiles: x in columns, y in rows, so tile (row, column) is column <= x < column + 1 and
row <= y < row + 1. An *edge* is x1, y1, x2, y2 from its lower to its upper end; stored like that, two
neighbours compute the same bits for the edge they share.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.geometry.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Table = NDArray[np.int32]
Bools = NDArray[np.bool_]

OUTSIDE, UNSURE = -1, -2
"""No polygon here; too close to an edge for floating point to tell."""

# Wide of what rounding may do to a coordinate counted in tiles, far less than a tile.
_PAD = 1e-6
# Three roundings on either side and one of the difference: 4 * 2^-53 of their sum (Shewchuk 1997), doubled.
_ERROR = 1e-15
_TOGETHER = 4096

BLOCK = 4
"""Tiles of a block's side: a block fills a line of the processor's cache."""


class Frame(NamedTuple):
    """Where the tiles lie: their corner, how many to a unit, and how many there are."""

    west: float
    south: float
    to_columns: float
    to_rows: float
    columns: float
    rows: float


@compiled
def _rows_of(edge: Floats, rows: int) -> tuple[int, int]:
    """The rows an edge touches, the last one included."""
    return max(0, math.floor(edge[1] - _PAD)), min(rows - 1, math.floor(edge[3] + _PAD))


@compiled
def _columns_of(edge: Floats, row: int, columns: int) -> tuple[int, int]:
    """The columns an edge touches within a row, the last one included."""
    x1, y1, x2, y2 = edge[0], edge[1], edge[2], edge[3]
    low, high = x1, x2
    if y2 > y1:
        slope = (x2 - x1) / (y2 - y1)
        low = x1 + slope * (max(y1, row - _PAD) - y1)
        high = x1 + slope * (min(y2, row + 1 + _PAD) - y1)
    if low > high:
        low, high = high, low
    return max(0, math.floor(low - _PAD)), min(columns - 1, math.floor(high + _PAD))


@compiled
def touched(edges: Floats, owner: Ints, shape: tuple[int, int], out: Ints) -> int:
    """The tiles each edge touches, as pairs of tile (row * columns + column) and owner: how many.

    They are written to `out` (n, 2) as far as it reaches; call with an empty one to count.
    """
    rows, columns = shape
    found = 0
    for number in range(edges.shape[0]):
        first, last = _rows_of(edges[number], rows)
        for row in range(first, last + 1):
            start, end = _columns_of(edges[number], row, columns)
            for column in range(start, end + 1):
                if found < out.shape[0]:
                    out[found, 0], out[found, 1] = row * columns + column, owner[number]
                found += 1
    return found


@compiled
def crossings(edges: Floats, owner: Ints, rows: int, out: Floats) -> int:
    """Where edges cross the middles of rows, as row, owner, x; written and counted like `touched`.

    An edge holds its lower end and not its upper one, so that each row is crossed evenly often.
    """
    found = 0
    for number in range(edges.shape[0]):
        x1, y1, x2, y2 = edges[number]
        if y1 == y2:
            continue
        for row in range(max(0, math.ceil(y1 - 0.5)), min(rows, math.ceil(y2 - 0.5))):
            if found < out.shape[0]:
                out[found, 0], out[found, 1] = row, owner[number]
                out[found, 2] = x1 + (row + 0.5 - y1) * (x2 - x1) / (y2 - y1)
            found += 1
    return found


@compiled
def fill(spans: Floats, is_border: NDArray[np.bool_], table: Table, out: Ints) -> int:
    """Give every tile whose middle lies in a span to the span's owner, the lowest owner wins.

    Parameters
    ----------
    spans : (n, 4) of row, owner, start and end in columns.
    is_border, table : (rows, columns); tiles of the border are not filled but written to `out` as pairs of
        tile and owner, counted like `touched`.
    """
    columns, found = table.shape[1], 0
    for number in range(spans.shape[0]):
        row, one = int(spans[number, 0]), int(spans[number, 1])
        start = max(0, math.ceil(spans[number, 2] - 0.5))
        end = min(columns, math.ceil(spans[number, 3] - 0.5))
        for column in range(start, end):
            if is_border[row, column]:
                if found < out.shape[0]:
                    out[found, 0], out[found, 1] = row * columns + column, one
                found += 1
            elif table[row, column] == OUTSIDE or one < table[row, column]:
                table[row, column] = one
    return found


@compiled
def rows_touched(edges: Floats, owner: Ints, first_slot: Ints, rows: int, out: Ints) -> int:
    """The edges in each row of each owner, as pairs of slot and edge; written and counted like `touched`.

    The slot of an owner's row is `first_slot[owner]` + row.
    """
    found = 0
    for number in range(edges.shape[0]):
        first, last = _rows_of(edges[number], rows)
        for row in range(first, last + 1):
            if found < out.shape[0]:
                out[found, 0], out[found, 1] = first_slot[owner[number]] + row, number
            found += 1
    return found


@compiled
def beside(
    edges: Floats,
    pairs: Ints,
    slots: tuple[Ints, Ints, Ints],
    columns: int,
    is_odd: Table,
    out: Ints,
) -> int:
    """Edges that may lie right of some points of a tile and not of others, as pairs of pair and edge.

    Written and counted like `touched`. What lies right of them all only turns inside and outside: told in
    `is_odd` (pairs,), 1 where that many edges are odd.

    Parameters
    ----------
    pairs : (n, 2) of tile and owner.
    slots : of each pair; where each slot begins among held edges; the held edges.
    """
    slot_of, start, held = slots
    found = 0
    for number in range(pairs.shape[0]):
        row, column = pairs[number, 0] // columns, pairs[number, 0] % columns
        is_odd[number] = 0
        for place in range(start[slot_of[number]], start[slot_of[number] + 1]):
            x1, y1, x2, y2 = edges[held[place]]
            if max(x1, x2) < column - _PAD:
                continue
            if min(x1, x2) > column + 1 + _PAD and y1 <= row - _PAD and y2 >= row + 1 + _PAD:
                is_odd[number] ^= 1
                continue
            if found < out.shape[0]:
                out[found, 0], out[found, 1] = number, held[place]
            found += 1
    return found


@compiled
def _side(edges: Floats, number: int, x: float, y: float) -> int:
    """Whether an edge lies right of a point at the point's height: 1, 0, or UNSURE."""
    y1, y2 = edges[number, 1], edges[number, 3]
    if y < y1 or y > y2:
        return 0
    x1, x2 = edges[number, 0], edges[number, 2]
    if y1 == y2:
        return UNSURE if min(x1, x2) <= x <= max(x1, x2) else 0
    across, along = (x2 - x1) * (y - y1), (x - x1) * (y2 - y1)
    if abs(across - along) <= _ERROR * (abs(across) + abs(along)):
        return UNSURE
    return 1 if y < y2 and along < across else 0


@compiled
def _first_of(near: tuple[Table, Table, Floats], place: int, x: float, y: float) -> int:
    """The first polygon of a list that holds a point, OUTSIDE or UNSURE."""
    lists, candidates, edges = near
    for member in range(lists[place], lists[place + 1]):
        crossed = candidates[member, 1]
        for number in range(candidates[member, 2], candidates[member, 3]):
            side = _side(edges, number, x, y)
            if side == UNSURE:
                return UNSURE
            crossed += side
        if crossed & 1:
            return int(candidates[member, 0])
    return OUTSIDE


@compiled
def _fetch(near: tuple[Table, Table, Floats], places: Ints) -> float:
    """Bring what some lists hold near the processor, step by step; the sum only keeps the looks alive."""
    lists, candidates, edges = near
    first = np.empty(places.size, dtype=np.int32)
    for turn in range(places.size):
        first[turn] = lists[places[turn]]
    for turn in range(places.size):
        first[turn] = candidates[first[turn], 2]
    total = 0.0
    for turn in range(places.size):
        total += edges[first[turn], 0]
    return total


@compiled
def find(
    table: tuple[Table, Table],
    near: tuple[Table, Table, Floats],
    labels: Ints,
    points: tuple[Floats, Floats, Frame],
    part: tuple[int, int],
    out: Ints,
) -> None:
    """Write for the points from part[0] to before part[1] the label of the lowest polygon that holds each.

    In steps for some thousand points at a time, each a loop of looks that wait for no other, so that the
    processor has many of them under way: memory is what takes time here.

    Parameters
    ----------
    table : of each tile the polygon that covers it, OUTSIDE, or -3 - k for the k-th list of candidates; in
        two levels: the number of each block of BLOCK x BLOCK tiles, and the tiles of each different block.
    near : where each list begins, (lists + 1,); candidates, ascending within a list, (n, 4) of polygon, 1 if
        an odd number of its edges lies right of the tile, and the first and last but one of those that may
        lie right of a point in it; those edges as given, (m, 4).
    labels : of polygons, then UNSURE and OUTSIDE.
    points : x and y as given, (n,), and where they lie among the tiles.
    """
    block_of, blocks = table
    xs, ys, frame = points
    waiting = np.empty((_TOGETHER, 2), dtype=np.int64)
    for start in range(part[0], part[1], _TOGETHER):
        count = 0
        for number in range(start, min(start + _TOGETHER, part[1])):
            across = (xs[number] - frame.west) * frame.to_columns
            up = (ys[number] - frame.south) * frame.to_rows
            found = OUTSIDE
            if 0.0 <= across < frame.columns and 0.0 <= up < frame.rows:  # no: also what is no number
                row, column = np.uint32(up), np.uint32(across)
                found = blocks[block_of[row // BLOCK, column // BLOCK], row % BLOCK, column % BLOCK]
            out[number] = labels[max(found, OUTSIDE)]
            waiting[count, 0], waiting[count, 1] = number, UNSURE - 1 - found
            count += found < UNSURE
        _fetch(near, waiting[:count, 1])
        for turn in range(count):
            number = waiting[turn, 0]
            out[number] = labels[_first_of(near, waiting[turn, 1], xs[number], ys[number])]
