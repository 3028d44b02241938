"""Compile what somebody's first question would else wait for: `python -m gis.analysis.ahead [--gently]`.

Every public function with compiled loops is called once, with as little as makes it call them all. Their
machine code is kept beside their modules (see `gis.geometry.compiled`), where all processes find it. Half a
minute of one core on a new machine, about two seconds where everything is compiled.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import shapely

_LEGS = np.array([[10.0, 10.0, 60.0, 40.0], [60.0, 40.0, 90.0, 90.0]])
_POINTS = np.array([[20.0, 80.0]])
_SIDE_M = 100.0
_RADIUS_M = 10.0


def compile_all() -> None:
    """Compile and keep everything; harmless when repeated or done by several processes at a time."""
    _footprints()
    _cells_of_points()
    _sites()
    _bunches()


def _footprints() -> None:
    from gis.geometry.footprint import ages, gaps, painter, scanline
    from gis.geometry.footprint.grid import Grid
    from gis.geometry.footprint.zones import Zones

    square = shapely.box(0, 0, _SIDE_M, _SIDE_M)
    grid = Grid.around(square.bounds)
    zones = Zones.prepare(grid, [square])
    layers = [painter.paint(grid, _LEGS, _POINTS, _RADIUS_M)]
    zones.covered_m2(layers)
    zones.errors_m2(layers)
    ages.last_day(zones, layers)
    ages.days_covered(zones, layers)
    gaps.Swept(_LEGS, _POINTS, _RADIUS_M).gap(square)
    scanline.covered_exact_m2([square], _LEGS, _POINTS, _RADIUS_M)


def _cells_of_points() -> None:
    from gis.geometry.tiling import Tiling

    halves = np.array([shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 2)], dtype=object)
    Tiling(halves, tiles=64).find(np.array([0.5, 1.5]), np.array([1.0, 1.0]))


def _sites() -> None:
    from gis.analysis.siting.p_median import shortest_ways

    # Whole numbers that greed alone does not solve: exchange and the bound are asked, too.
    metres = np.random.default_rng(1).integers(1, 100, (12, 6)).astype(float)
    shortest_ways(metres, np.ones(12), 2, time_limit_s=0)


def _bunches() -> None:
    from gis.analysis.hotspots.chance import Chance
    from gis.analysis.hotspots.space_time import Bunches, Near

    places = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    bunches = Bunches(places, Near(1.0, 1.0, 3))
    bunches.labels([0.0, 0.0, 0.0])
    bunches.near_pairs([0.0, 0.0, 0.0])
    Chance(places, [0, 0, 0]).evidence(np.array([0, 1, 2]))


if __name__ == "__main__":
    if "--gently" in sys.argv:
        os.nice(19)
    compile_all()
