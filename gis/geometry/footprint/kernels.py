"""What is compiled: capsules into bits, bits into counts. In one module, see `gis.geometry.compiled`.

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
def paint_rows(
    layer: Words, columns: int, lines: Floats, radius: float, rows: tuple[int, int], is_needed: Bools
) -> None:
    """Paint rows[0] to before rows[1], noting lines that set a new bit; lines and radius are in pixels."""
    starts = np.empty(rows[1] - rows[0], np.int32)
    ends = np.empty(rows[1] - rows[0], np.int32)
    for number in range(lines.shape[0]):
        shape = capsule(lines[number], radius)
        low = max(rows[0], math.ceil(shape[1] - radius))
        count = min(rows[1], math.floor(shape[3] + radius) + 1) - low
        if count > 0:
            _left_sides(shape, radius, low, columns, starts[:count])
            _right_sides(shape, radius, low, columns, ends[:count])
            if _set_spans(layer[low:], starts[:count], ends[:count]):
                is_needed[number] = True


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
def _set_spans(layer: Words, starts: Columns, ends: Columns) -> bool:
    """Set the bits from starts[row] to ends[row] of each row; whether one of them was not set."""
    new = np.uint64(0)
    for row in range(starts.size):
        if starts[row] <= ends[row]:
            new |= _set_span(layer, row, starts[row], ends[row])
    return bool(new != np.uint64(0))


@compiled
def _set_span(layer: Words, row: int, start: int, end: int) -> np.uint64:
    """Set the bits from `start` to `end` of a row; zero if all of them were set."""
    first, last = start >> 6, end >> 6
    from_start = _ALL << np.uint64(start & 63)
    to_end = _ALL >> np.uint64(63 - (end & 63))
    # Whether a span ends in the word it begins in cannot be foretold: no branch on it.
    apart = _ALL if first != last else np.uint64(0)
    word = layer[row, first]
    new = from_start & (to_end | apart) & ~word
    layer[row, first] = word | (from_start & (to_end | apart))
    for between in range(first + 1, last):
        new |= ~layer[row, between]
        layer[row, between] = _ALL
    word = layer[row, last]
    layer[row, last] = word | (to_end & (from_start | apart))
    new |= to_end & (from_start | apart) & ~word
    return np.uint64(new)


@compiled
def set_runs(layer: Words, columns: int, run_of_row: Ints, runs: Ints, around: int) -> None:
    """Set the squares of all runs, and those up to `around` squares from them."""
    for row in range(layer.shape[0]):
        for run in range(run_of_row[row], run_of_row[row + 1]):
            start, end = max(runs[run, 0] - around, 0), min(runs[run, 1] + around, columns) - 1
            for beside in range(max(row - around, 0), min(row + around + 1, layer.shape[0])):
                _set_span(layer, beside, start, end)


@compiled
def ones(word: np.uint64) -> np.int64:
    """How many bits are set; the compiler knows this form as one instruction (Hacker's Delight, 5-1)."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def count_runs(words: Words, first_row: int, run_of_row: Ints, runs: Ints, found: Ints) -> None:
    """Add the bits set in the runs of some rows to the count of each run's zone.

    `runs` has columns start, stop, zone; those of row r are run_of_row[r] to before run_of_row[r + 1].
    """
    for row in range(words.shape[0]):
        for run in range(run_of_row[first_row + row], run_of_row[first_row + row + 1]):
            start, end = runs[run, 0], runs[run, 1] - 1
            first, last = start >> 6, end >> 6
            from_start = _ALL << np.uint64(start & 63)
            to_end = _ALL >> np.uint64(63 - (end & 63))
            if first == last:
                count = ones(words[row, first] & from_start & to_end)
            else:
                count = ones(words[row, first] & from_start) + ones(words[row, last] & to_end)
                for word in range(first + 1, last):
                    count += ones(words[row, word])
            found[runs[run, 2]] += count


@compiled
def mark_last(words: Words, mark: int, marks: NDArray[np.uint16]) -> None:
    """Write `mark` at each set bit; marks have shape (rows, words * 64)."""
    for row in range(words.shape[0]):
        for word in range(words.shape[1]):
            bits = words[row, word]
            if bits != np.uint64(0):
                for bit in range(64):
                    is_set = (bits >> np.uint64(bit)) & np.uint64(1) != np.uint64(0)
                    before = marks[row, word * 64 + bit]
                    marks[row, word * 64 + bit] = np.uint16(mark) if is_set else before


@compiled
def add_up(words: Words, marks: NDArray[np.uint16]) -> None:
    """Add each bit to its count; counts have shape (rows, words * 64)."""
    for row in range(words.shape[0]):
        for word in range(words.shape[1]):
            bits = words[row, word]
            if bits != np.uint64(0):
                for bit in range(64):
                    marks[row, word * 64 + bit] += np.uint16((bits >> np.uint64(bit)) & np.uint64(1))


@compiled
def count_marks(marks: NDArray[np.uint16], first_row: int, run_of_row: Ints, runs: Ints, found: Ints) -> None:
    """Count each mark in each zone: found has shape (k, marks)."""
    for row in range(marks.shape[0]):
        for run in range(run_of_row[first_row + row], run_of_row[first_row + row + 1]):
            zone = runs[run, 2]
            for column in range(runs[run, 0], runs[run, 1]):
                found[zone, marks[row, column]] += 1


@compiled
def count_sides(words: Words, first_row: int, run_of_row: Ints, runs: Ints, sides: Ints) -> None:
    """Count sides that part a covered square of a zone from what is not one, to the left and below.

    A row has as many sides to the right as to the left, and a column as many above as below.
    """
    for row in range(words.shape[0] - 1):
        below, stop_below = run_of_row[first_row + row], run_of_row[first_row + row + 1]
        for run in range(stop_below, run_of_row[first_row + row + 2]):
            start, end, zone = runs[run, 0], runs[run, 1], runs[run, 2]
            here = words[row + 1]
            sides[zone] += _count_rises(here, start, end) + _count_both(here, here, start, end)
            while below < stop_below and (
                runs[below, 2] < zone or (runs[below, 2] == zone and runs[below, 1] <= start)
            ):
                below += 1
            beside = below
            while beside < stop_below and runs[beside, 2] == zone and runs[beside, 0] < end:
                low, high = max(start, runs[beside, 0]), min(end, runs[beside, 1])
                sides[zone] -= _count_both(here, words[row], low, high)
                beside += 1


@compiled
def _count_both(one: Words, other: Words, start: int, end: int) -> int:
    """Columns from `start` to before `end`, at least one, that are set in both rows."""
    first, last = start >> 6, (end - 1) >> 6
    from_start = _ALL << np.uint64(start & 63)
    to_end = _ALL >> np.uint64(63 - ((end - 1) & 63))
    count = 0
    for word in range(first, last + 1):
        bits = one[word] & other[word]
        if word == first:
            bits &= from_start
        if word == last:
            bits &= to_end
        count += int(ones(bits))
    return count


@compiled
def _count_rises(row: Words, start: int, end: int) -> int:
    """Columns from `start` to before `end` that are set while the one to the left is not, or lies before."""
    first, last = start >> 6, (end - 1) >> 6
    from_start = _ALL << np.uint64(start & 63)
    to_end = _ALL >> np.uint64(63 - ((end - 1) & 63))
    count, carry = 0, np.uint64(0)
    for word in range(first, last + 1):
        bits = row[word]
        if word == first:
            bits &= from_start
        if word == last:
            bits &= to_end
        count += int(ones(bits & ~((bits << np.uint64(1)) | carry)))
        carry = bits >> np.uint64(63)
    return count
