"""Random numbers for the demo: one independent, repeatable stream per subject, and vectorised draws."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]


def stream(seed: int, subject: str) -> np.random.Generator:
    """Give a generator of its own to a subject, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode())])


def weighted(rng: np.random.Generator, weights: NDArray[np.floating[Any]], size: int) -> Ints:
    """Draw indices with probability proportional to weights."""
    cumulative = np.cumsum(weights)
    drawn = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return np.asarray(np.minimum(drawn, len(weights) - 1), np.int64)


def shared_out(total: int, weights: Floats) -> Ints:
    """Share a whole number out in proportion to weights, by largest remainder; the sum is exact."""
    exact = total * weights / weights.sum()
    shares: Ints = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - shares), kind="stable")[: total - int(shares.sum())]
    shares[rest] += 1
    return shares


def uuids(rng: np.random.Generator, size: int) -> NDArray[np.uint8]:
    """Random UUIDs of version 4, shape (size, 16)."""
    made = rng.integers(0, 256, (size, 16), dtype=np.uint8)
    made[:, 6] = made[:, 6] & 0x0F | 0x40
    made[:, 8] = made[:, 8] & 0x3F | 0x80
    return made


def rank_within(groups: Ints) -> Ints:
    """Number the members of each group from 0; equal groups must stand together."""
    if len(groups) == 0:
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.r_[starts, len(groups)])
    return np.arange(len(groups)) - np.repeat(starts, sizes)


def until_accepted(
    draw: Callable[[Ints], Floats],
    accept: Callable[[Ints, Floats], Bools],
    fallback: Floats,
    *,
    tries: int = 12,
) -> Floats:
    """Draw positions again where they are not accepted; after some tries take the fallback.

    `draw` and `accept` get the row numbers concerned; positions have shape (rows, 2).
    """
    made = fallback.copy()
    waiting = np.arange(len(fallback))
    for _ in range(tries):
        drawn = draw(waiting)
        good = accept(waiting, drawn)
        made[waiting[good]] = drawn[good]
        waiting = waiting[~good]
        if len(waiting) == 0:
            break
    return made


def category(codes: Ints, names: Sequence[str], *, distinct: bool = True) -> Any:
    """A text column by number of its value; `distinct` is False if names repeat."""
    if not distinct:
        return np.array(names, object)[codes]
    return pd.Categorical.from_codes(codes, pd.Index(list(names)))
