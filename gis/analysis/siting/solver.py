"""HiGHS, through scipy: the one place that calls it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from gis.analysis.siting.model import Floats


@dataclass(frozen=True, slots=True)
class Solved:
    """A solution of a minimisation.

    Attributes
    ----------
    values : of the variables; None if none was found in time.
    bound : no solution is smaller; minus infinity if nothing is known.
    proven : whether the solution is the smallest.
    message : what HiGHS said.
    """

    values: Floats | None
    bound: float
    proven: bool
    message: str


def minimise(cost: Floats, constraints: list[LinearConstraint], whole: Floats, time_limit_s: float) -> Solved:
    """Minimise cost · v over 0 <= v <= 1, v whole where `whole` is 1.

    One thread; the same answer each time as long as the time suffices.
    """
    if not len(cost):
        return Solved(np.empty(0), 0.0, True, "nothing to decide")
    found = milp(
        cost,
        constraints=constraints,
        integrality=whole,
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": max(time_limit_s, 0.01), "mip_rel_gap": 0.0},
    )
    bound = getattr(found, "mip_dual_bound", None)
    return Solved(
        None if found.x is None else np.asarray(found.x, float),
        -np.inf if bound is None or not np.isfinite(bound) else float(bound),
        found.status == 0,
        f"HiGHS: {found.message}",
    )
