"""Functions compiled by numba, and work in threads. Importing this imports numba: do so where it computes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])

THREADS = max(1, min(4, len(os.sched_getaffinity(0))))


def compiled(function: _Function) -> _Function:
    """Compile at the first call, keep the machine code beside the module, run without Python's lock.

    numba takes kept code for current by the time of the function's own file alone: functions that call each
    other belong in one module. Nothing is kept where no directory can be written.
    """
    try:
        made = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        made = njit(nogil=True, error_model="numpy")(function)
    return cast(_Function, made)


def compiled_walk(function: _Function) -> _Function:
    """Compile a generator that compiled functions loop over.

    Not kept: numba loads a kept generator without what its callers need, so those would no longer compile
    (KeyError in `get_generator_impl`). The callers are kept with it inside them.
    """
    return cast(_Function, njit(nogil=True, error_model="numpy")(function))


def in_parts(work: Callable[[int, int], object], size: int, parts: int) -> None:
    """Call `work(start, stop)` for `parts` stretches of 0..size, several at a time.

    Threads of our own, not numba's: its pool ends the process when two requests enter it at once.
    """
    cuts = [size * part // parts for part in range(parts + 1)]
    stretches = [(start, stop) for start, stop in pairwise(cuts) if stop > start]
    if THREADS == 1 or len(stretches) == 1:
        for start, stop in stretches:
            work(start, stop)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        _all(pool.map(lambda stretch: work(*stretch), stretches))


def _all(results: Iterable[object]) -> None:
    """Wait for all, raising the first error."""
    for _ in results:
        pass
