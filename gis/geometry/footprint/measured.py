"""Covered areas of zones of any size: by squares where they suffice, by rows where they do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.geometry.footprint.grid import Layer
from gis.geometry.footprint.lines import Floats, lines_of
from gis.geometry.footprint.needed import needed_lines
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones

Bools = NDArray[np.bool_]

LIKELY_OFF = 0.001
_STEP_M = 0.25


def covered_within_m2(
    zones: Zones, legs: ArrayLike, points: ArrayLike, radius_m: float, *, off: float = LIKELY_OFF
) -> Floats:
    """Area (k,) covered of each zone, as a rule no further from the true one than `off` of the zone.

    Raises InvalidInput as `paint` does.
    """
    layer = paint(zones.grid, legs, points, radius_m)
    return refined_m2(zones, layer, lines_of(legs, points), radius_m, off=off)[0]


def refined_m2(
    zones: Zones, layer: Layer, lines: Floats, radius_m: float, *, off: float = LIKELY_OFF
) -> tuple[Floats, Bools]:
    """Area (k,) covered of each zone, and which were measured by rows, from lines (n, 4) and their layer.

    Those are by rows whose likely error in squares is larger than `off` of their area.
    """
    covered = zones.share([layer]) * zones.area_m2
    doubtful = zones.likely_error_m2([layer]) > off * zones.area_m2
    if doubtful.any():
        shapes = zones.polygons[doubtful]
        needed = needed_lines(shapes, lines, radius_m)
        covered[doubtful] = covered_exact_m2(shapes, needed, np.empty((0, 2)), radius_m, step_m=_STEP_M)
    return covered, doubtful
