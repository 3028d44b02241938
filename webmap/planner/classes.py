"""Classes of a figure's values: edges and colours, one set for map, legend and charts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from gis.analysis.result import Unit
from gis.publish.model import class_breaks
from webmap.planner.definitions import Word
from webmap.planner.palette import NO_DATA, diverging, ramp, spread

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Classes:
    """Edges, ascending: a class holds its lower edge, the last one both; a colour for each class."""

    edges: tuple[float, ...]
    colours: tuple[str, ...]

    def colour(self, value: float | None) -> str:
        """The colour of a value; the one of no data for None."""
        if value is None:
            return NO_DATA
        return self.colours[bisect_right(self.edges[1:-1], value)]


def classes_of(values: Sequence[float | None], unit: Unit, word: Word) -> Classes:
    """Classes of some values: the word's own edges, fifths of a share, else about equal counts in each.

    Values on both sides of 0 (a z-score, a change) get classes that mirror at 0 and diverging colours.
    """
    known = [value for value in values if value is not None]
    if word.edges:
        count = len(word.edges) - 1
        colours = spread(diverging(word.good), count) if word.edges[0] < 0 else ramp(word.good, count)
        return Classes(word.edges, colours)
    if unit is Unit.SHARE and all(0 <= value <= 1 for value in known):
        return Classes(_SHARES, ramp(word.good, len(_SHARES) - 1))
    if any(value < 0 for value in known):
        return _mirrored(known, diverging(word.good))
    edges = class_breaks(known)
    return Classes(edges, ramp(word.good, len(edges) - 1))


def _mirrored(values: Sequence[float], ends: Sequence[str]) -> Classes:
    """Seven classes; the middle one lies around 0."""
    upper = class_breaks([abs(value) for value in values], classes=4)[1:]
    edges = tuple(sorted({*(-edge for edge in upper), *upper}))
    count, middle = len(edges) - 1, len(ends) // 2
    reach = count // 2
    colours = tuple(ends[middle + round((step - reach) * middle / max(reach, 1))] for step in range(count))
    return Classes(edges, colours)
