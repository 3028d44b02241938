"""Points and sites a covering problem can do without (Beasley 1987): exact, and the rest is much smaller."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from gis.analysis.siting.model import Bools, Indices

_MOST_PRODUCTS = 100_000_000  # a second of work


def reduced(serves: csr_array) -> tuple[csr_array, Indices]:
    """What is left to be covered, and the sites (columns) that matter for it.

    A point is left out when all sites of another point serve it: whoever serves that one serves it too. A
    site is left out when another one serves all its points, the lower number staying of equals.
    """
    sites = np.arange(serves.shape[1])
    while True:
        size = serves.shape
        serves = serves[~_holds_another(serves)]
        by_site = serves.T.tocsr()
        kept = (np.diff(by_site.indptr) > 0) & ~_within_another(by_site)
        serves, sites = by_site[kept].T.tocsr(), sites[kept]
        if serves.shape == size:
            return serves, sites


def _holds_another(sets: csr_array) -> Bools:
    """Rows that hold all columns of another row, the later ones of equals."""
    _, other = _inside(sets)
    out = np.zeros(sets.shape[0], bool)
    out[other] = True
    return out


def _within_another(sets: csr_array) -> Bools:
    """Rows whose columns all are in another row, the later ones of equals."""
    size = np.diff(sets.indptr)
    one, other = _inside(sets)
    out = np.zeros(sets.shape[0], bool)
    equal = size[one] == size[other]
    out[np.where(equal, other, one)] = True
    return out


def _inside(sets: csr_array) -> tuple[Indices, Indices]:
    """Pairs of rows of which the first lies in the second; of equal rows the lower one is the first."""
    size, held_by = np.diff(sets.indptr), np.bincount(sets.indices, minlength=sets.shape[1])
    if (held_by.astype(float) ** 2).sum() > _MOST_PRODUCTS:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    common = (sets @ sets.T).tocoo()
    one, other = common.row, common.col
    inside = (common.data == size[one]) & ((size[one] < size[other]) | (one < other))
    return one[inside], other[inside]
