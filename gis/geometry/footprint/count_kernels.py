"""What is compiled of counting: bits into numbers by zone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.geometry.compiled import compiled

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


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
