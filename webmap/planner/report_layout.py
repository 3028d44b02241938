"""Where the maps and charts of a report stand, and how large: so that no page is left half empty. Pure.

Lengths are CSS pixels (1/96 inch), in which letters of charts and maps have the size they are drawn in.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGES = {"A4": 688, "A3": 1482}  # the width between the margins of print/page.html
GAP = 16
_LOWEST = 220
_ROOM_FOR_BAR = 30  # of a map, for its margins and bar of scale
_MOST_ABREAST = 3


@dataclass(frozen=True, slots=True)
class Size:
    """Of a map with its frame."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of the maps, and widths of charts: of the `tall` with a row for each place and of the `low` ones.

    The first `over` maps take the whole width, one above the other; those that follow, the tall charts and
    (`is_low_beside`) the low ones stand beside each other. Low ones else stand below, `abreast` in a row.
    """

    maps: tuple[Size, ...]
    tall: int
    low: int
    over: int = 0
    abreast: int = 1
    is_low_beside: bool = False


def layout_of(paper: str, *, maps: int, aspect: float, tall: int, low: int) -> Layout:
    """Lay out a section: `aspect` is the width of what maps show by its height, the others are numbers."""
    if paper == "A3":
        return _wide(maps, aspect, tall, low)
    if maps > 1:
        return _two_on_a4(aspect)
    page = PAGES["A4"]
    abreast = max(min(low, _MOST_ABREAST), 1)
    below = (page - (abreast - 1) * GAP) // abreast
    if not tall:
        return Layout((_fitted(page, aspect, 430 if low else 560),), 0, below, abreast=abreast)
    beside = 425
    return Layout((_fitted(beside, aspect, 450),), page - beside - GAP, below, abreast=abreast)


def _two_on_a4(aspect: float) -> Layout:
    """The first map over the whole width, the second beside its bars: on one page if both are flat enough.

    If not, the first is as high as a page takes.
    """
    page, beside = PAGES["A4"], 425
    fits = aspect > 1.2
    first, second = _fitted(page, aspect, 350 if fits else 670), _fitted(beside, aspect, 280 if fits else 470)
    return Layout((first, second), page - beside - GAP, page, over=1)


def _wide(maps: int, aspect: float, tall: int, low: int) -> Layout:
    """All beside each other: maps, what has a row for each place, and by one map the low ones in a column."""
    page = PAGES["A3"]
    if maps > 1:
        size = _fitted(560, aspect, 600)
        return Layout((size,) * maps, page - maps * (560 + GAP), page)
    rest = page - 720 - GAP
    if tall and low:
        rest = (rest - GAP) // 2
    return Layout((_fitted(720, aspect, 680),), rest, rest, is_low_beside=True)


def _fitted(width: int, aspect: float, most: int) -> Size:
    return Size(width, round(max(min((width - _ROOM_FOR_BAR) / aspect + 2 * _ROOM_FOR_BAR, most), _LOWEST)))
