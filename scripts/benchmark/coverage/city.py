"""A city of many districts, made tile by tile: each tile is the district moved, with patrols of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.analysis.spread.legs import LegFiles
from gis.geometry.crs import METRIC_EPSG
from scripts.benchmark.coverage.data import Data, legs_of
from scripts.benchmark.coverage.streets import DAY_FIXES, walk_a_day

FIRST_DAY = date(2024, 3, 1)


@dataclass(frozen=True)
class City:
    """`tiles` copies of the district side by side, a lattice as square as may be, walked for `days` days."""

    district: Data
    tiles: int
    days: int

    @property
    def fixes(self) -> int:
        """Positions of all tiles and days."""
        return self.tiles * self.days * DAY_FIXES

    @property
    def dates(self) -> tuple[date, ...]:
        """The days."""
        return tuple(FIRST_DAY + timedelta(days=number) for number in range(self.days))

    def cells(self) -> gpd.GeoDataFrame:
        """Cells with `code` and `community`, EPSG:4547."""
        frames = [self._cells_of(tile, offset) for tile, offset in self._offsets()]
        found: gpd.GeoDataFrame = pd.concat(frames, ignore_index=True)
        return found

    def _cells_of(self, tile: int, offset: tuple[float, float]) -> gpd.GeoDataFrame:
        communities = self.district.community_of_cell
        return gpd.GeoDataFrame(
            {
                "code": [f"{tile:03d}-{number:04d}" for number in range(len(communities))],
                "community": [f"{tile:03d}-{number:02d}" for number in communities],
            },
            geometry=shapely.transform(self.district.cells, lambda xy: xy + np.array(offset)),
            crs=METRIC_EPSG,
        )

    def write_legs(self, root: Path) -> LegFiles:
        """Walk every tile and day; one day of one tile is in memory at a time."""
        files = LegFiles(root)
        for tile, offset in self._offsets():
            for number, day in enumerate(self.dates):
                walked = walk_a_day(self.district.seed + 1 + tile, self.district.streets, number)
                files.write(day, f"tile{tile:03d}", legs_of(walked) + np.tile(offset, 2))
        return files

    def _offsets(self) -> Iterator[tuple[int, tuple[float, float]]]:
        """Whole kilometres east and north, so that tiles do not overlap."""
        west, south, east, north = self.district.district.bounds
        width, height = ceil((east - west) / 1000) * 1000.0, ceil((north - south) / 1000) * 1000.0
        across = ceil((self.tiles * height / width) ** 0.5)
        for tile in range(self.tiles):
            yield tile, (tile % across * width, tile // across * height)
