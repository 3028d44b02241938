"""HiGHS, through scipy: the one place that calls it. As a program it solves what stands on its input.

python -m gis.analysis.siting.highs < packed > answer
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from gis.analysis.siting.model import Floats


@dataclass(frozen=True, slots=True)
class Program:
    """Minimise cost · v where low <= rows · v <= high and 0 <= v <= 1, v whole where `whole` is 1."""

    cost: Floats
    rows: csr_array
    low: Floats
    high: Floats
    whole: Floats


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


def solve(program: Program, time_limit_s: float) -> Solved:
    """Solve it with one thread; the same answer each time as long as the time suffices."""
    found = milp(
        program.cost,
        constraints=LinearConstraint(program.rows, program.low, program.high),
        integrality=program.whole,
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


def packed(program: Program, time_limit_s: float) -> bytes:
    """What the program reads."""
    file, rows = io.BytesIO(), program.rows
    np.savez(
        file,
        cost=program.cost,
        data=rows.data,
        indices=rows.indices,
        indptr=rows.indptr,
        low=program.low,
        high=program.high,
        whole=program.whole,
        time_limit_s=time_limit_s,
    )
    return file.getvalue()


def answered(answer: bytes) -> Solved:
    """What the program wrote."""
    with np.load(io.BytesIO(answer)) as found:
        values = found["values"]
        return Solved(
            values if len(values) else None,
            float(found["bound"]),
            bool(found["proven"]),
            str(found["message"]),
        )


def _main() -> None:
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as given:
        cost = given["cost"]
        rows = csr_array(
            (given["data"], given["indices"], given["indptr"]), shape=(len(given["low"]), len(cost))
        )
        program = Program(cost, rows, given["low"], given["high"], given["whole"])
        time_limit_s = float(given["time_limit_s"])
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # HiGHS may print: not into the answer
        found = solve(program, time_limit_s)
        np.savez(
            answer,
            values=np.empty(0) if found.values is None else found.values,
            bound=found.bound,
            proven=found.proven,
            message=found.message,
        )


if __name__ == "__main__":
    _main()
