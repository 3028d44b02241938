"""How long ago, and on how many days, the area of a zone was covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.geometry.footprint.count_kernels import add_up, count_marks, mark_last
from gis.geometry.footprint.grid import Layer
from gis.geometry.footprint.zones import Zones

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.uint16]

MAX_DAYS = 4000


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers of days are spread over the area of each zone.

    Attributes
    ----------
    pixels : (k, n) squares of each zone with 0, 1, ... n - 1 days.
    never : (k,) squares of each zone that have no such number, because they were never covered.
    """

    pixels: Ints
    never: Ints

    @property
    def never_share(self) -> Floats:
        """Share (k,) of each zone that was never covered; NaN for a zone without squares."""
        total = self._total()
        share: Floats = np.divide(self.never, total, out=np.full(len(total), np.nan), where=total > 0)
        return share

    def quantile(self, share: float) -> Floats:
        """The fewest days (k,) that `share` of the area, 0 to 1, has at most.

        Infinite where too much was never covered, NaN for a zone without squares.
        """
        total = self._total()
        is_enough = np.cumsum(self.pixels, axis=1) >= np.maximum(share * total, 1)[:, None]
        days = np.where(is_enough.any(axis=1), is_enough.argmax(axis=1), np.inf)
        found: Floats = np.where(total > 0, days, np.nan)
        return found

    def mean(self) -> Floats:
        """Mean of days (k,) over what was covered; NaN where nothing was."""
        covered = self.pixels.sum(axis=1)
        days = self.pixels @ np.arange(self.pixels.shape[1])
        mean: Floats = np.divide(days, covered, out=np.full(len(days), np.nan), where=covered > 0)
        return mean

    def _total(self) -> Ints:
        total: Ints = self.pixels.sum(axis=1) + self.never
        return total


def last_day(zones: Zones, layers: Sequence[Layer]) -> Spread:
    """Days since each square was last covered: 0 if in the last of the layers, which are in order of days."""
    counts = _counted(zones, layers, lambda words, day, marks: mark_last(words, day + 1, marks))
    return Spread(np.ascontiguousarray(counts[:, :0:-1]), counts[:, 0].copy())


def days_covered(zones: Zones, layers: Sequence[Layer]) -> Spread:
    """In how many of the layers each square is covered; the squares that are in none have 0, not `never`."""
    counts = _counted(zones, layers, lambda words, _day, marks: add_up(words, marks))
    return Spread(counts, np.zeros(len(counts), dtype=np.int64))


def _counted(zones: Zones, layers: Sequence[Layer], mark: Callable[[Layer, int, Marks], None]) -> Ints:
    """Squares of each zone by what is left of `mark` called for each layer: (k, layers + 1)."""
    if len(layers) > MAX_DAYS:
        raise InvalidInput("These are too many days.", pointer="layers")
    for layer in layers:
        zones.grid.check(layer)
    counts = np.zeros((len(zones), len(layers) + 1), dtype=np.int64)

    def count(first: int, stop: int, into: Ints) -> None:
        marks = np.zeros((stop - first, zones.grid.words * 64), dtype=np.uint16)
        for day, layer in enumerate(layers):
            mark(layer[first:stop], day, marks)
        count_marks(marks, first, zones.run_of_row, zones.runs, into)

    zones.by_bands(count, counts)
    return counts
