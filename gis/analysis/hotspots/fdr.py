"""How many of many tests to believe: the procedure of Benjamini and Hochberg (1995). Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def threshold(p: ArrayLike, share: float) -> float:
    """The largest k·share/m that the k-th smallest of m p-values does not exceed; 0 where there is none.

    Rejecting what is at most this keeps the expected share of false ones among the rejected at most
    `share`, for tests that are independent or depend positively on each other, as neighbours do.
    """
    ordered = np.sort(np.asarray(p, dtype=np.float64))
    steps = share * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    passed = np.flatnonzero(ordered <= steps)
    return float(steps[passed[-1]]) if passed.size else 0.0


def kept(p: ArrayLike, share: float) -> NDArray[np.bool_]:
    """Which tests stay significant."""
    values = np.asarray(p, dtype=np.float64)
    limit = threshold(values, share)
    found: NDArray[np.bool_] = (values <= limit) & (limit > 0)
    return found
