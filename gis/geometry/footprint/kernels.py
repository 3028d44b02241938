"""What is compiled of painting: capsules into bits. In one module, see `gis.geometry.compiled`.

A *capsule* is what lies within a radius of a leg. It is convex, so at every y it is one interval of x. From
below, each of its two sides is an arc about the lower end, a straight line, and an arc about the upper end;
where they meet, the leg's normal tells. A point is a leg without length.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gis.geometry.compiled import compiled

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Columns = NDArray[np.int32]
Capsule = tuple[float, float, float, float, float, float, float]
Reach = tuple[float, float]

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def capsule(line: Floats, radius: float) -> Capsule:
    """A leg from its lower to its upper end, with what its intervals are made from.

    Returns x1, y1, x2, y2, the normal to the left of length `radius` as nx, ny, and the leg's dx/dy.
    """
    x1, y1, x2, y2 = line[0], line[1], line[2], line[3]
    if y1 > y2 or (y1 == y2 and x1 > x2):  # both directions of a leg are the same bits
        x1, y1, x2, y2 = x2, y2, x1, y1
    dx, dy = x2 - x1, y2 - y1
    length = math.sqrt(dx * dx + dy * dy)
    if length == 0.0:
        return x1, y1, x2, y2, 0.0, 0.0, 0.0
    slope = dx / dy if dy > 0.0 else 0.0
    return x1, y1, x2, y2, -dy / length * radius, dx / length * radius, slope


@compiled
def capsules(lines: Floats, radius: float) -> Floats:
    """The capsules (n, 7) of lines (n, 4)."""
    shapes = np.empty((lines.shape[0], 7))
    for number in range(lines.shape[0]):
        shapes[number] = capsule(lines[number], radius)
    return shapes


@compiled
def _half_chord(radius: float, off: float) -> float:
    """Half the chord of a circle at a distance from its middle; none beyond the radius."""
    return math.sqrt(max(radius * radius - off * off, 0.0))


@compiled
def paint_rows(layer: Words, columns: int, lines: Floats, radius: float, rows: tuple[int, int]) -> None:
    """Paint rows[0] to before rows[1]; lines and radius are in pixels."""
    starts = np.empty(rows[1] - rows[0], np.int32)
    ends = np.empty(rows[1] - rows[0], np.int32)
    for number in range(lines.shape[0]):
        low, count = _spans(lines[number], radius, columns, rows, starts, ends)
        _set_spans(layer[low:], starts[:count], ends[:count])


@compiled
def keep_rows(
    layer: Words, columns: int, lines: Floats, reach: Reach, rows: tuple[int, int], is_kept: Bools
) -> None:
    """Note lines that reach a square that is not set, and set what they hold, from rows[0] to before rows[1].

    A line reaches squares within reach[0] and holds those within reach[1], both in pixels as the lines. Rows
    do not depend on each other: a line that is not kept holds nothing that is not set.
    """
    starts = np.empty(rows[1] - rows[0], np.int32)
    ends = np.empty(rows[1] - rows[0], np.int32)
    for number in range(lines.shape[0]):
        if not _box_lacks(layer, columns, lines[number], reach[0], rows):
            continue  # far from all that is not set: most lines, in little time
        low, count = _spans(lines[number], reach[0], columns, rows, starts, ends)
        if _lacks(layer[low:], starts[:count], ends[:count]):
            is_kept[number] = True
            if reach[1] > 0.0:
                low, count = _spans(lines[number], reach[1], columns, rows, starts, ends)
                _set_spans(layer[low:], starts[:count], ends[:count])


@compiled
def _spans(
    line: Floats, radius: float, columns: int, rows: tuple[int, int], starts: Columns, ends: Columns
) -> tuple[int, int]:
    """Write the first and last column of a line's rows; tell the first of the rows, and how many."""
    shape = capsule(line, radius)
    low = max(rows[0], math.ceil(shape[1] - radius))
    count = min(rows[1], math.floor(shape[3] + radius) + 1) - low
    if count <= 0:
        return rows[0], 0
    _left_sides(shape, radius, low, columns, starts[:count])
    _right_sides(shape, radius, low, columns, ends[:count])
    return low, count


@compiled
def _box_lacks(layer: Words, columns: int, line: Floats, radius: float, rows: tuple[int, int]) -> bool:
    """Whether a bit of the box about a line and all within the radius is not set."""
    x1, y1, x2, y2 = line[0], line[1], line[2], line[3]
    low = max(rows[0], math.ceil(min(y1, y2) - radius))
    stop = min(rows[1], math.floor(max(y1, y2) + radius) + 1)
    start = min(max(math.ceil(min(x1, x2) - radius), 0), columns)
    end = max(min(math.floor(max(x1, x2) + radius), columns - 1), -1)
    if start > end:
        return False
    row = low
    while row < stop and not _span_lacks(layer, row, start, end):
        row += 1
    return bool(row < stop)


@compiled
def _left_sides(shape: Capsule, radius: float, low: int, columns: int, starts: Columns) -> None:
    """The first column of each row from `low` on. Loops without branches do four rows at once."""
    x1, y1, x2, y2, nx, ny, slope = shape
    beyond = float(columns)
    line = min(max(math.floor(y1 + ny) - low + 1, 0), starts.size)
    arc = max(min(math.ceil(y2 + ny) - low, starts.size), line)
    for row in range(line):
        y = low + row - y1
        starts[row] = np.int32(min(max(np.ceil(x1 - _half_chord(radius, y)), 0.0), beyond))
    for row in range(line, arc):
        starts[row] = np.int32(min(max(np.ceil(x1 + nx + (low + row - y1 - ny) * slope), 0.0), beyond))
    for row in range(arc, starts.size):
        y = low + row - y2
        starts[row] = np.int32(min(max(np.ceil(x2 - _half_chord(radius, y)), 0.0), beyond))


@compiled
def _right_sides(shape: Capsule, radius: float, low: int, columns: int, ends: Columns) -> None:
    """The last column of each row from `low` on."""
    x1, y1, x2, y2, nx, ny, slope = shape
    most = columns - 1.0
    arc = min(max(math.ceil(y2 - ny) - low, 0), ends.size)
    line = min(max(math.floor(y1 - ny) - low + 1, 0), arc)
    for row in range(line):
        y = low + row - y1
        ends[row] = np.int32(max(min(np.floor(x1 + _half_chord(radius, y)), most), -1.0))
    for row in range(line, arc):
        ends[row] = np.int32(max(min(np.floor(x1 - nx + (low + row - y1 + ny) * slope), most), -1.0))
    for row in range(arc, ends.size):
        y = low + row - y2
        ends[row] = np.int32(max(min(np.floor(x2 + _half_chord(radius, y)), most), -1.0))


@compiled
def _set_spans(layer: Words, starts: Columns, ends: Columns) -> None:
    """Set the bits from starts[row] to ends[row] of each row."""
    for row in range(starts.size):
        if starts[row] <= ends[row]:
            _set_span(layer, row, starts[row], ends[row])


@compiled
def _set_span(layer: Words, row: int, start: int, end: int) -> None:
    """Set the bits from `start` to `end` of a row."""
    first, last = start >> 6, end >> 6
    from_start = _ALL << np.uint64(start & 63)
    to_end = _ALL >> np.uint64(63 - (end & 63))
    # Whether a span ends in the word it begins in cannot be foretold: no branch on it.
    apart = _ALL if first != last else np.uint64(0)
    layer[row, first] |= from_start & (to_end | apart)
    for between in range(first + 1, last):
        layer[row, between] = _ALL
    layer[row, last] |= to_end & (from_start | apart)


@compiled
def _lacks(layer: Words, starts: Columns, ends: Columns) -> bool:
    """Whether a bit from starts[row] to ends[row] of a row is not set."""
    for row in range(starts.size):
        if starts[row] <= ends[row] and _span_lacks(layer, row, starts[row], ends[row]):
            return True
    return False


@compiled
def _span_lacks(layer: Words, row: int, start: int, end: int) -> bool:
    """Whether a bit from `start` to `end` of a row is not set."""
    first, last = start >> 6, end >> 6
    from_start = _ALL << np.uint64(start & 63)
    to_end = _ALL >> np.uint64(63 - (end & 63))
    apart = _ALL if first != last else np.uint64(0)
    lacking = from_start & (to_end | apart) & ~layer[row, first]
    lacking |= to_end & (from_start | apart) & ~layer[row, last]
    for between in range(first + 1, last):
        lacking |= ~layer[row, between]
    return bool(lacking != np.uint64(0))


@compiled
def set_runs(layer: Words, run_of_row: Ints, runs: Ints) -> None:
    """Set the squares of all runs."""
    for row in range(layer.shape[0]):
        for run in range(run_of_row[row], run_of_row[row + 1]):
            _set_span(layer, row, runs[run, 0], runs[run, 1] - 1)
