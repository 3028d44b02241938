"""What is compiled of `gis.geometry.tiling`. In one module, see `gis.geometry.compiled`.

Everything is in tiles: x in columns, y in rows, so tile (row, column) is column <= x < column + 1 and
row <= y < row + 1. An *edge* is x1, y1, x2, y2 from its lower to its upper end; stored like that, two
neighbours compute the same bits for the edge they share.
"""

from __future__ import annotations

import math

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
def _holds(edges: Floats, start: int, stop: int, x: float, y: float) -> int:
    """Whether the polygon with these edges at the height of a point holds it: 1, 0, or UNSURE."""
    crossed = 0
    for number in range(start, stop):
        side = _side(edges, number, x, y)
        if side == UNSURE:
            return UNSURE
        crossed += side
    return crossed & 1


@compiled
def find(
    table: Table,
    near: tuple[Table, Table, Floats],
    labels: Ints,
    points: tuple[Floats, Floats, Floats],
    part: tuple[int, int],
    out: Ints,
) -> None:
    """Write for the points from part[0] to before part[1] the label of the lowest polygon that holds each.

    Parameters
    ----------
    table : of each tile the polygon that covers it, OUTSIDE, or -3 - k for the k-th list of candidates.
    near : starts of the lists (k + 1,); candidates, ascending within a list, (n, 3) of polygon and the first
        and last but one of its edges in the tile's row; those edges as given, (m, 4).
    labels : of polygons; OUTSIDE and UNSURE are written as they are.
    points : x and y as given, (n,); and west, south, columns and rows to a unit.
    """
    rows, columns = table.shape
    lists, candidates, edges = near
    xs, ys, frame = points
    west, south, to_columns, to_rows = frame[0], frame[1], frame[2], frame[3]
    for number in range(part[0], part[1]):
        x, y = xs[number], ys[number]
        across, up = (x - west) * to_columns, (y - south) * to_rows
        if not (0.0 <= across < columns and 0.0 <= up < rows):  # also what is no number
            out[number] = OUTSIDE
            continue
        found = table[int(up), int(across)]
        if found < UNSURE:
            place, found = -3 - found, OUTSIDE
            for member in range(lists[place], lists[place + 1]):
                held = _holds(edges, candidates[member, 1], candidates[member, 2], x, y)
                if held != 0:
                    found = candidates[member, 0] if held == 1 else UNSURE
                    break
        out[number] = labels[found] if found >= 0 else found
