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
_FEW_NUMBERS = 20


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


def layout_of(paper: str, *, maps: int, aspect: float, numbers: int, tall: int, low: int) -> Layout:
    """Lay out a section.

    Parameters
    ----------
    maps, tall, low : how many there are.
    aspect : the width of what the maps show by its height.
    numbers : how many beats or new cells the first map has to tell apart.
    """
    if paper == "A3":
        return _wide(maps, aspect, tall, low)
    if maps > 1:
        return _two_on_a4(aspect, is_crowded=numbers > _FEW_NUMBERS)
    page = PAGES["A4"]
    abreast = max(min(low, _MOST_ABREAST), 1)
    below = (page - (abreast - 1) * GAP) // abreast
    if not tall:
        return Layout((_fitted(page, aspect, 430 if low else 560),), 0, below, abreast=abreast)
    beside = 425
    return Layout((_fitted(beside, aspect, 450),), page - beside - GAP, below, abreast=abreast)


def _two_on_a4(aspect: float, *, is_crowded: bool) -> Layout:
    """The first map over the whole width, the second beside the bars: on one page, unless the first is full.

    That is as high as a page takes then.
    """
    page, beside = PAGES["A4"], 425
    first = _fitted(page, aspect, 670 if is_crowded else 350)
    second = _fitted(beside, aspect, 470 if is_crowded else 280)
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
