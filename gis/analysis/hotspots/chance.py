"""Whether a bunch of incidents is more than chance: a bound that holds for all bunches together. Pure.

The question is that of the space-time permutation scan (Kulldorff et al. 2005): given how often each place
and each day has incidents, would so many of this place fall on these days if the days were dealt anew? For
one cylinder (a circle round an incident, some days on end) the answer is exact: its count is hypergeometric.
A bunch was found by looking, so its p is multiplied by the number of cylinders that could have been looked
at: incidents x radii x periods (Bonferroni). So the chance that *any* bunch of data without bunches gets
below p is at most p, whatever depends on whatever. Nothing is simulated and there is no seed; the price is
that the weakest bunches are not told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gis.analysis.hotspots.space_time import Whole
from gis.analysis.hotspots.weights import Floats
from gis.errors import InvalidInput
from gis.geometry.compiled import compiled

RADII_M = (50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0, 800.0)
_CENTRES = 2
_ROUNDING_M = 1e-6
_NEGLIGIBLE = 1e-15


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a bunch: the cylinder that tells most.

    Attributes
    ----------
    x, y, radius_m : the circle, metres, EPSG:4547.
    first_day, last_day : whole days, as given.
    count, expected : incidents in the cylinder, and how many were to be expected.
    p : at most how likely any bunch like this is by chance, 0 to 1.
    """

    x: float
    y: float
    radius_m: float
    first_day: int
    last_day: int
    count: int
    expected: float
    p: float


class Chance:
    """All incidents of a period, against which bunches are judged."""

    def __init__(self, xy: ArrayLike, day: ArrayLike) -> None:
        """Sort the incidents from west to east, so that a circle looks at a strip of them only.

        Parameters
        ----------
        xy : (n, 2) metres, EPSG:4547.
        day : (n,) whole days.

        Raises
        ------
        InvalidInput
            There are not as many days as places.
        """
        self._places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        self._day = np.asarray(day, dtype=np.int64)
        if self._day.shape != (len(self._places),):
            raise InvalidInput("There must be one day for each incident.", pointer="day")
        order = np.argsort(self._places[:, 0])
        self._sorted, self._sorted_day = self._places[order], self._day[order]
        self._days = np.sort(self._day)
        self._looked_at = self._day.size * len(RADII_M) * _periods(self._day)

    def evidence(self, members: Whole) -> Evidence:
        """Find the cylinder that speaks most for a bunch.

        Parameters
        ----------
        members : row numbers of the bunch, ascending, at least one.
        """
        first, last = int(self._day[members].min()), int(self._day[members].max())
        then = int(np.diff(np.searchsorted(self._days, (first, last + 1)))[0])
        centres = _centres(self._places, members)
        there, both = (
            np.concatenate(counts)
            for counts in zip(*(self._round(centre, first, last) for centre in centres), strict=True)
        )
        p = _bounded_tail(both, (self._day.size, there, then), self._looked_at)
        best = int(np.argmin(p))
        x, y = centres[best // len(RADII_M)].tolist()
        return Evidence(
            x=x,
            y=y,
            radius_m=RADII_M[best % len(RADII_M)],
            first_day=first,
            last_day=last,
            count=int(both[best]),
            expected=float(there[best]) * then / self._day.size,
            p=float(p[best]),
        )

    def _round(self, centre: Floats, first: int, last: int) -> tuple[Whole, Whole]:
        """How many incidents lie within each radius of a place, and how many of them on the days."""
        reach = RADII_M[-1] + _ROUNDING_M
        west, east = np.searchsorted(self._sorted[:, 0], (centre[0] - reach, centre[0] + reach))
        places, day = self._sorted[west:east], self._sorted_day[west:east]
        there, both = _by_ring(places, day, centre, np.square(RADII_M), (first, last))
        return np.cumsum(there), np.cumsum(both)


@compiled
def _by_ring(
    places: Floats, day: Whole, centre: Floats, square_m2: Floats, days: tuple[int, int]
) -> tuple[Whole, Whole]:
    """How many places lie in each ring about a centre, radii given as squares, and how many on the days."""
    there, both = np.zeros(len(square_m2), np.int64), np.zeros(len(square_m2), np.int64)
    for i in range(len(places)):
        apart = (places[i, 0] - centre[0]) ** 2 + (places[i, 1] - centre[1]) ** 2
        if apart <= square_m2[-1]:
            ring = 0
            while apart > square_m2[ring]:
                ring += 1
            there[ring] += 1
            both[ring] += days[0] <= day[i] <= days[1]
    return there, both


def _bounded_tail(count: Whole, of: tuple[int, Whole, int], times: int) -> Floats:
    """P(X >= count) of hypergeometric numbers, `times` as much, at most 1.

    `of` is how many there are in all, at the place and on the days. The tail is added up term by term above
    the mean, until no more comes or it has reached 1: scipy adds up all terms, which are thousands.
    """
    from scipy.special import betaln

    total, there, then = of
    draws = np.minimum(there, then).astype(np.float64)
    others = np.maximum(there, then).astype(np.float64)

    def log_choose(n: Floats, k: Floats) -> Floats:
        found: Floats = -np.log1p(n) - betaln(n - k + 1.0, k + 1.0)
        return found

    k = count.astype(np.float64)
    term = np.exp(
        log_choose(others, k)
        + log_choose(total - others, draws - k)
        - log_choose(np.full_like(k, total), draws)
    )
    sums, is_above = term.copy(), k * total > draws * others
    while np.any(is_above & (term > _NEGLIGIBLE * sums) & (sums * times < 1)):
        term *= (others - k) * (draws - k) / ((k + 1) * (total - others - draws + k + 1))
        k += 1
        sums += term
    return np.where(is_above, np.minimum(sums * times, 1.0), 1.0)


def _periods(days: Whole) -> int:
    """How many periods of days on end there are in all."""
    total = int(days.max() - days.min()) + 1 if days.size else 0
    return total * (total + 1) // 2


def _centres(places: Floats, members: Whole) -> Floats:
    """The member in the middle, and some spread over the others: a long bunch has no round middle."""
    own = places[members]
    middle = int(np.argmin(np.hypot(*(own - np.median(own, axis=0)).T)))
    spread = np.linspace(0, len(own) - 1, min(_CENTRES, len(own))).astype(np.intp)
    chosen: Floats = own[np.unique(np.append(spread, middle))]
    return chosen
