"""Covered areas of zones of any size: by squares where they suffice, by rows where they do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gis.geometry.footprint.lines import Floats, lines_of
from gis.geometry.footprint.needed import fewest_lines
from gis.geometry.footprint.painter import paint_lines
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones

LIKELY_OFF = 0.001
_STEP_M = 0.5


def covered_within_m2(
    zones: Zones, legs: ArrayLike, points: ArrayLike, radius_m: float, *, off: float = LIKELY_OFF
) -> Floats:
    """Area (k,) covered of each zone, hardly ever further from the true one than `off` of the zone.

    Zones whose likely error in squares is larger are measured by rows of half a metre, from the few lines
    that cover their squares. Raises InvalidInput as `paint` does.
    """
    layer, lines = zones.grid.empty(), lines_of(legs, points)
    needed = lines[paint_lines(zones.grid, lines, radius_m, layer)]
    covered = zones.share([layer]) * zones.area_m2
    doubtful = zones.likely_error_m2([layer]) > off * zones.area_m2
    if doubtful.any():
        few = fewest_lines(zones.grid, needed, radius_m, zones.squares(doubtful, around=1))
        covered[doubtful] = covered_exact_m2(
            zones.polygons[doubtful], few, np.empty((0, 2)), radius_m, step_m=_STEP_M
        )
    return covered
