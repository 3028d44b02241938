"""Colours of the planner's maps and charts, safe for the colour-blind.

Sequential: three ramps of even steps in lightness, light to dark, the same as other maps of the product have
(static/js/map/palette.js), so they survive a grey printer. Diverging: the blue ramp and the orange one from a
pale middle. Classes: Okabe and Ito (2008), "Color Universal Design". tests/webmap/planner/test_palette.py
holds them to it by the model of Machado, Oliveira and Fernandes (2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

WARM = ("#fdf1d0", "#fbd98a", "#f4b04a", "#de7f22", "#b4540a", "#743003")
COOL = ("#e6f0f7", "#c2dbea", "#8fbddb", "#5799c4", "#2a71a5", "#0f4775")
GREEN = ("#e7f3ea", "#c0e1ca", "#8ac9a4", "#4fa981", "#1d7d5e", "#055040")
DIVERGING = ("#0f4775", "#2a71a5", "#8fbddb", "#f2f2ee", "#f4b04a", "#b4540a", "#743003")
NO_DATA = "#dfe4e7"

ORANGE, SKY, BLUISH_GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, VERMILION, REDDISH_PURPLE, BLACK = "#0072b2", "#d55e00", "#cc79a7", "#000000"
OKABE_ITO = (BLUE, VERMILION, BLUISH_GREEN, ORANGE, SKY, REDDISH_PURPLE, YELLOW, BLACK)

_RAMPS: dict[str, tuple[str, ...]] = {"high": GREEN, "low": WARM, "": COOL}


def ramp(good: Literal["high", "low", ""], count: int) -> tuple[str, ...]:
    """`count` colours from light to dark: green where much is good, orange where little is, else blue."""
    return spread(_RAMPS[good], count)


def diverging(good: Literal["high", "low", ""]) -> tuple[str, ...]:
    """The colours on both sides of 0, the orange ones where it is worse; above 0 where neither is."""
    return DIVERGING[::-1] if good == "high" else DIVERGING


def spread(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """`count` of the colours, as far from each other as there are."""
    if count <= 1:
        return (colours[len(colours) // 2],)
    return tuple(colours[round(step * (len(colours) - 1) / (count - 1))] for step in range(count))
