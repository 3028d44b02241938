"""A new day of 100,000 raw fixes, from cleaning each track to the share of every cell.

Which legs are needed is told when a day is kept, after its layer; shares by squares do without.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.patrol.painting import SQUARES_M
from gis.geometry.crs import METRIC_EPSG, STORAGE_EPSG, transformer
from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.needed import needed_lines
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.zones import Zones
from gis.geometry.tracks import Fixes, clean
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row, alternate

TITLE = "A new day"
ORDER = 40

Floats = NDArray[np.float64]


def rows(data: Data, rounds: int) -> list[Row]:
    """The whole, and its steps."""
    tracks = _tracks(data)
    grid = Grid.around(data.district.bounds)
    zones = Zones.prepare(grid, data.cells)
    legs, points = _cleaned(tracks)
    layer = paint(grid, legs, points, RADIUS_M)
    everywhere = np.array([shapely.box(*grid.bounds)], dtype=object)
    times = alternate(
        rounds,
        whole=lambda: zones.covered_m2([paint(grid, *_cleaned(tracks), RADIUS_M)]),
        cleaning=lambda: _cleaned(tracks),
        painting=lambda: paint(grid, legs, points, RADIUS_M),
        counting=lambda: zones.covered_m2([layer]),
        needed=lambda: needed_lines(everywhere, legs, RADIUS_M, SQUARES_M),
        preparing=lambda: Zones.prepare(grid, data.cells),
    )
    return [
        Row("a new day of 100,000 fixes", times["whole"], at_most=0.5),
        Row("of it cleaning", times["cleaning"]),
        Row("of it painting", times["painting"]),
        Row("of it counting", times["counting"]),
        Row("telling the legs that small places and gaps need", times["needed"]),
        Row("cells into squares, once a division", times["preparing"]),
    ]


def _tracks(data: Data) -> list[Fixes]:
    """The fixes of a day as each phone sends them."""
    day = data.day(0)
    lon, lat = transformer(METRIC_EPSG, STORAGE_EPSG).transform(day.x, day.y)
    cuts = np.flatnonzero(np.diff(day.walker)) + 1
    columns = (np.split(column, cuts) for column in (day.at_s, lon, lat, day.accuracy_m))
    return [Fixes(*track) for track in zip(*columns, strict=True)]


def _cleaned(tracks: list[Fixes]) -> tuple[Floats, Floats]:
    """Legs and lone fixes in metres of what is left of each track."""
    legs, points = [], []
    for track in tracks:
        found = clean(track)
        is_leg = np.diff(found.part) == 0
        has_leg = np.append(is_leg, False) | np.append(False, is_leg)
        legs.append(np.column_stack([found.xy[:-1], found.xy[1:]])[is_leg])
        points.append(found.xy[~has_leg])
    return np.concatenate(legs), np.concatenate(points)
