"""What siting gives, and what it is asked about: who could be served from where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]
Progress = Callable[[int, int], None]

TIME_LIMIT_S = 60.0


class Status(StrEnum):
    """How far an answer is proven."""

    OPTIMAL = "optimal"  # nothing is better
    TIME_LIMIT = "time_limit"  # the best found when time was up; the bound tells how much better there may be
    HEURISTIC = "heuristic"  # good and quick, not proven; the bound tells how much better there may be


@dataclass(frozen=True, slots=True)
class Siting:
    """Chosen sites and how good they are.

    Attributes
    ----------
    sites : numbers of the new sites, ascending; without those that were there before.
    objective : what they reach, counted anew from the sites.
    bound : no choice of as many sites has a better objective than this.
    solver : what the solver said, or the name of the method.
    """

    sites: Indices
    objective: float
    bound: float
    status: Status
    solver: str

    @property
    def gap(self) -> float:
        """How far the objective may be from the best there is, as a share of the objective."""
        missing = abs(self.bound - self.objective)
        if not missing:
            return 0.0
        return missing / abs(self.objective) if self.objective else float("inf")


@dataclass(frozen=True)
class Cover:
    """Which points each site serves.

    Attributes
    ----------
    serves : (n, m) 1 where site j serves point i, else empty.
    weight : (n,) people or homes at each point, not negative.
    """

    serves: csr_array
    weight: Floats

    @classmethod
    def from_pairs(cls, point: Indices, site: Indices, weight: Floats, sites: int) -> Cover:
        """Pairs of a point and a site near enough to serve it, each once or more often."""
        ones = np.ones(len(point))
        serves = csr_array((ones, (point, site)), shape=(len(weight), sites))
        serves.sum_duplicates()
        serves.data[:] = 1.0
        return cls(serves, np.asarray(weight, float))

    @cached_property
    def by_site(self) -> csr_array:
        """(m, n) the same the other way round."""
        return self.serves.T.tocsr()

    @cached_property
    def step(self) -> float:
        """Two different sums of weights are farther apart: nearly 1 where weights are whole numbers."""
        whole = np.array_equal(self.weight, np.round(self.weight))
        return 1.0 - 1e-6 if whole else 1e-9 * float(self.weight.sum())

    def points_of(self, site: int) -> Indices:
        """Points the site serves."""
        starts = self.by_site.indptr
        return np.asarray(self.by_site.indices[starts[site] : starts[site + 1]], np.intp)

    def only(self, sites: Indices) -> Cover:
        """The same points with some of the sites."""
        return Cover(self.serves[:, sites], self.weight)

    def served_by(self, sites: Indices) -> Bools:
        """(n,) points at least one of these sites serves."""
        chosen = np.zeros(self.serves.shape[1])
        chosen[sites] = 1.0
        return np.asarray(self.serves @ chosen > 0)

    def people(self, sites: Indices) -> float:
        """Weight of the points at least one of these sites serves."""
        return float(self.weight[self.served_by(sites)].sum())

    def left_by(self, existing: Indices) -> Cover:
        """What is still to be served when some sites are there already, equal points put together.

        Points served already or by no site are dropped, and points that the same sites serve become one with
        the sum of their weights. No choice of further sites changes its gain by that, so the answer is exact.
        """
        open_to = ~self.served_by(existing) & (np.diff(self.serves.indptr) > 0) & (self.weight > 0)
        rows = np.flatnonzero(open_to)
        serves = self.serves[rows]
        serves.sort_indices()
        number: dict[bytes, int] = {}
        of = np.empty(len(rows), np.intp)
        for i, (start, end) in enumerate(zip(serves.indptr[:-1], serves.indptr[1:], strict=True)):
            of[i] = number.setdefault(serves.indices[start:end].tobytes(), len(number))
        _, first = np.unique(of, return_index=True)
        weight = np.bincount(of, self.weight[rows], minlength=len(number)).astype(float)
        return Cover(serves[first], weight)


def no_progress(done: int, of: int) -> None:
    """For callers who do not ask how far it is."""
