"""Where the names on a drawing stand, so that none lies upon another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

_FIRST_WIDE = 0x2E80  # the first sign of double width
_ACROSS, _HIGH = 0.56, 1.15  # of a letter, and of a line, by the size of the letters
_ASIDE = (0.0, 0.25, -0.25, 0.5, -0.5)  # of the name's own width
_UP = (0.0, 0.5, -0.5, 1.0, -1.0)  # lines
Spot = tuple[float, float]


def placed(spots: Sequence[Spot], names: Sequence[str], size: float) -> list[Spot]:
    """The middles of names, each as near to its spot as those before leave room, or at it if they do not.

    Parameters
    ----------
    spots : where each name would stand alone, in units of the drawing.
    size : of the letters.
    """
    taken: list[tuple[float, float, float]] = []
    for (x, y), name in zip(spots, names, strict=True):
        wide = signs(name) * _ACROSS * size
        tried = [(x + aside * wide, y + up * _HIGH * size) for aside, up in product(_ASIDE, _UP)]
        tried.sort(key=lambda at: (at[0] - x) ** 2 + (at[1] - y) ** 2)
        free = (at for at in tried if not any(_meet(at, wide, one, size) for one in taken))
        taken.append((*next(free, (x, y)), wide))
    return [(x, y) for x, y, _ in taken]


def signs(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese one takes the room of two."""
    return sum(2 if ord(sign) >= _FIRST_WIDE else 1 for sign in text)


def _meet(at: Spot, wide: float, other: tuple[float, float, float], size: float) -> bool:
    x, y, other_wide = other
    return abs(at[0] - x) < (wide + other_wide) / 2 and abs(at[1] - y) < _HIGH * size
