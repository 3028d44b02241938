"""What of a cell is not covered, as polygons: from ten days of legs as they are kept, a cell at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.painting import paint_legs
from gis.geometry.footprint.gaps import Swept
from gis.geometry.footprint.grid import Grid
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row
from scripts.benchmark.coverage.works.shares import QUAD_SEGS

TITLE = "Gaps of a cell as polygons"
ORDER = 30

_DAYS, _CHECKED, _MM = 10, 40, 1000


def rows(data: Data, rounds: int) -> list[Row]:
    """Times of every cell, and how far some lie from subtracting all legs."""
    grid = Grid.around(data.district.bounds)
    days = [_kept(data.legs([day])[0]) for day in range(_DAYS)]
    needed = np.concatenate([paint_legs(grid, day, RADIUS_M).needed for day in days])
    swept = Swept(needed, [], RADIUS_M)
    seconds = np.array([_seconds(swept.gap, data.cells) for _ in range(max(1, min(rounds, 3)))])
    middle = np.median(seconds, axis=0)
    legs = np.concatenate([day.covering for day in days])
    tree = shapely.STRtree(lines := shapely.linestrings(legs.reshape(-1, 2, 2)))
    some = np.random.default_rng(data.seed).choice(len(data.cells), _CHECKED, replace=False)
    off = [
        swept.gap(cell).symmetric_difference(_plain(cell, tree, lines)).area / cell.area
        for cell in data.cells[some]
    ]
    return [
        Row("half of the cells", value=float(np.median(middle)), unit="s"),
        Row("19 of 20 cells", value=float(np.quantile(middle, 0.95)), unit="s", at_most=0.060),
        Row("slowest cell", value=float(middle.max()), unit="s"),
        Row(
            "from subtracting all legs", value=100 * max(off), unit="pp", at_most=0.01,
            note=f"the worst of {_CHECKED} cells; {len(needed):,} of {len(legs):,} legs are kept as needed",
        ),
    ]  # fmt: skip


def _kept(legs: NDArray[np.float64]) -> DayLegs:
    """A day as it is stored, in millimetres."""
    none = np.zeros(len(legs), dtype=np.int64)
    return DayLegs(np.rint(legs * _MM).astype(np.int64), none, none, none.astype(np.uint8))


def _seconds(gap: Callable[[BaseGeometry], BaseGeometry], cells: NDArray[np.object_]) -> list[float]:
    found = []
    for cell in cells:
        begun = time.perf_counter()
        gap(cell)
        found.append(time.perf_counter() - begun)
    return found


def _plain(cell: BaseGeometry, tree: shapely.STRtree, lines: NDArray[np.object_]) -> BaseGeometry:
    near = lines[tree.query(cell, predicate="dwithin", distance=RADIUS_M)]
    return cell.difference(shapely.union_all(shapely.buffer(near, RADIUS_M, quad_segs=QUAD_SEGS)))
