"""What of a cell is not covered, as polygons: from ten days of legs, a cell at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.geometry.footprint.gaps import Swept
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row
from scripts.benchmark.coverage.works.shares import QUAD_SEGS

TITLE = "Gaps of a cell as polygons"
ORDER = 30

_CHECKED = 12


def rows(data: Data, rounds: int) -> list[Row]:
    """Times of every cell, and how far some lie from subtracting all legs."""
    legs = data.legs(range(10))[0]
    swept = Swept(legs, [], RADIUS_M)
    seconds = np.array([_seconds(swept.gap, data.cells) for _ in range(max(1, min(rounds, 3)))])
    middle = np.median(seconds, axis=0)
    tree = shapely.STRtree(lines := shapely.linestrings(legs.reshape(-1, 2, 2)))
    some = np.random.default_rng(data.seed).choice(len(data.cells), _CHECKED, replace=False)
    off = [
        abs(swept.gap(cell).area - _plain(cell, tree, lines).area) / cell.area for cell in data.cells[some]
    ]
    return [
        Row("half of the cells", value=float(np.median(middle)), unit="s"),
        Row("19 of 20 cells", value=float(np.quantile(middle, 0.95)), unit="s", at_most=0.060),
        Row("slowest cell", value=float(middle.max()), unit="s"),
        Row(
            "from subtracting all legs", value=100 * max(off), unit="pp", at_most=0.01,
            note=f"the worst of {_CHECKED} cells",
        ),
    ]  # fmt: skip


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
