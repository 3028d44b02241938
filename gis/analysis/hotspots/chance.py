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

RADII_M = (50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0, 800.0)
_CENTRES = 4


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
        order = np.argsort(self._places[:, 0], kind="stable")
        self._sorted, self._sorted_day = self._places[order], self._day[order]
        self._looked_at = self._day.size * len(RADII_M) * _periods(self._day)

    def evidence(self, members: Whole) -> Evidence:
        """Find the cylinder that speaks most for a bunch.

        Parameters
        ----------
        members : row numbers of the bunch, ascending, at least one.
        """
        from scipy.stats import hypergeom

        first, last = int(self._day[members].min()), int(self._day[members].max())
        then = int(np.count_nonzero((self._day >= first) & (self._day <= last)))
        centres = _centres(self._places, members)
        there, both = (
            np.concatenate(counts)
            for counts in zip(*(self._round(centre, first, last) for centre in centres), strict=True)
        )
        p = np.minimum(hypergeom.sf(both - 1, self._day.size, there, then) * self._looked_at, 1.0)
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
        west, east = np.searchsorted(self._sorted[:, 0], centre[0] + np.array([-RADII_M[-1], RADII_M[-1]]))
        places, day = self._sorted[west : east + 1], self._sorted_day[west : east + 1]
        distance = np.hypot(*(places - centre).T)
        is_then = (day >= first) & (day <= last)
        return _within(distance), _within(distance[is_then])


def _within(distance: Floats) -> Whole:
    """How many are at most each of the radii away."""
    return np.searchsorted(np.sort(distance), RADII_M, side="right").astype(np.int64)


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
