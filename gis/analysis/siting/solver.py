"""Minimising with HiGHS so that it can be ended: what takes longer than a moment has a process of its own.

HiGHS tells nobody how far it is and cannot be interrupted from without, nor can a thread it runs in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gis.analysis.siting.highs import Program, Solved, answered, packed, solve

_AT_ONCE_S = 1.0
_LOOK_EVERY_S = 0.2
_GRACE_S = 5.0
"""HiGHS looks at the clock now and then only; a process has to start too."""
_ROOT = Path(__file__).resolve().parents[3]


def always_wanted() -> None:
    """For callers whose work nobody cancels."""


def minimise(
    program: Program, time_limit_s: float, still_wanted: Callable[[], None] = always_wanted
) -> Solved:
    """Minimise within the time limit.

    `still_wanted` is called several times a second, after the first; what it raises ends the work at once.
    """
    if not len(program.cost):
        return Solved(np.empty(0), 0.0, True, "nothing to decide")
    ends = time.monotonic() + time_limit_s
    first = solve(program, min(time_limit_s, _AT_ONCE_S))
    if first.proven or time_limit_s <= _AT_ONCE_S:
        return first
    then = _apart(program, ends - time.monotonic(), still_wanted)
    if then.proven:
        return then
    found = [one.values for one in (then, first) if one.values is not None]
    best = min(found, key=lambda values: float(program.cost @ values), default=None)
    return Solved(best, max(first.bound, then.bound), False, then.message)


def _apart(program: Program, time_limit_s: float, still_wanted: Callable[[], None]) -> Solved:
    """Solve it in a process of its own, which is ended when the time is over or `still_wanted` raises."""
    given: bytes | None = packed(program, time_limit_s)
    ends = time.monotonic() + time_limit_s + _GRACE_S
    # Nothing of the environment but where libraries are: no passwords.
    environment = {name: os.environ.get(name, "") for name in ("PATH", "LD_LIBRARY_PATH")}
    with subprocess.Popen(
        [sys.executable, "-m", "gis.analysis.siting.highs"],
        cwd=_ROOT,
        env={**environment, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while time.monotonic() < ends:
                try:
                    answer, _ = process.communicate(given, timeout=_LOOK_EVERY_S)
                except subprocess.TimeoutExpired:
                    given = None  # it has been sent, or goes on being sent
                    still_wanted()
                else:
                    return answered(answer) if process.returncode == 0 else _no_answer("it failed")
        finally:
            process.kill()
    return _no_answer("it did not keep to its time")


def _no_answer(why: str) -> Solved:
    return Solved(None, -np.inf, False, f"HiGHS: no answer, {why}")
