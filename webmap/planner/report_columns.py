"""How wide the columns of a table on paper are, and how often a narrow table stands beside itself. Pure.

Lengths are CSS pixels at letters of 8 pt. Reckoned, not measured: paper that need not measure every cell for
this is laid out in half the time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from webmap.maps import names

_SIGN, _PADDING, BETWEEN = 6.2, 12.0, 18.0  # a Latin letter, both sides of a cell, between parts
_LEAST, _MOST = 5, 40  # signs
_SHORT = 22  # signs of a text that is not broken: codes, numbers, names of cells
_NEARLY = 0.6  # of the width of the page: such a table takes all of it
_FEW_ROWS = 8
_MOST_PARTS = 4
_WIDE = frozenset("mwMW%")
_PIECE = re.compile(
    r"\(.*\)$|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+"
)  # units, Chinese signs, words: whole in a line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its figure's name, its head, whether it has numbers, its texts."""

    name: str
    head: str
    is_number: bool
    texts: tuple[str, ...]

    @property
    def need(self) -> float:
        """The width below which the head takes four lines, or short texts as codes and numbers break."""
        short = max((found for found in map(signs, self.texts) if found <= _SHORT), default=0)
        return _wide(max(short, _line(self.head, 3)))

    @property
    def wish(self) -> float:
        """The width at which no text wraps, but the head into two lines."""
        return max(self.need, _wide(max(_line(self.head, 2), *map(signs, self.texts))))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it stands on paper: rows with the parts beside each other, widths of columns in pixels.

    `gaps` are the numbers of the empty columns between parts.
    """

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    gaps: frozenset[int]


def fitting(columns: Sequence[Column], page: float) -> int:
    """How many of the columns, of which those that matter most come first, the width of the page takes."""
    used = 0.0
    for number, column in enumerate(columns):
        used += column.need
        if used > page and number > 1:
            return number
    return len(columns)


def grid_of(columns: Sequence[Column], page: float) -> Grid:
    """Lay a table out: as wide as its texts, in several parts where it is long and narrow enough."""
    count = len(columns[0].texts)
    wishes = [column.wish for column in columns]
    narrow = sum(column.need for column in columns)
    parts = min(int((page + BETWEEN) // (narrow + BETWEEN)), -(-count // _FEW_ROWS), _MOST_PARTS)
    parts = max(parts, 1)
    room = page - (parts - 1) * BETWEEN
    if sum(wishes) * parts > _NEARLY * room:
        wishes = _spread(columns, wishes, room / parts)
    height = -(-count // parts)
    rows = list(zip(*(column.texts for column in columns), strict=True))
    beside = zip_longest(
        *(rows[at : at + height] for at in range(0, count, height)), fillvalue=("",) * len(columns)
    )
    heads = tuple((column.head, column.is_number) for column in columns)
    step = len(columns) + 1
    return Grid(
        _joined([heads] * parts, ("", False)),
        tuple(_joined(one, "") for one in beside),
        _joined([tuple(wishes)] * parts, BETWEEN),
        frozenset(range(step - 1, step * parts - 1, step)),
    )


def _spread(columns: Sequence[Column], wishes: Sequence[float], room: float) -> list[float]:
    """Widths that come to the room: what is over is shared by the wishes, what lacks is taken from texts."""
    over = room - sum(wishes)
    if over >= 0:
        return [wish + over * wish / sum(wishes) for wish in wishes]
    slack = [wish - column.need for wish, column in zip(wishes, columns, strict=True)]
    lacks = min(1.0, -over / sum(slack)) if sum(slack) else 0.0
    return [wish - lacks * one for wish, one in zip(wishes, slack, strict=True)]


def _joined(parts: Sequence[tuple[T, ...]], between: T) -> tuple[T, ...]:
    return tuple(one for part in parts for one in (*part, between))[:-1]


def _line(head: str, lines: int) -> float:
    """The signs of the longest line of a head in at most so many lines, broken where that is shortest."""
    starts = [found.start() for found in _PIECE.finditer(head)][1:]
    if lines == 1 or not starts:
        return signs(head)
    return min(max(signs(head[:at].strip()), _line(head[at:], lines - 1)) for at in starts)


def signs(text: str) -> float:
    """How wide a text is, in Latin letters; some are wider than most."""
    return names.signs(text) + sum(sign in _WIDE for sign in text) / 2


def _wide(found: float) -> float:
    return min(max(found, _LEAST), _MOST) * _SIGN + _PADDING
