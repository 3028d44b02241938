"""Legs in Parquet files by day and square of 5 km, so that a part of a city reads only what is near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.geometry.tracks import MAX_GAP_M

Floats = NDArray[np.float64]
Bounds = Sequence[float]

SQUARE_M = 5_000.0
_COLUMNS = ["x1", "y1", "x2", "y2"]


@dataclass(frozen=True, slots=True)
class LegFiles:
    """A directory of legs: `<day>/<column>_<row>-<source>.parquet`, a leg in the square where it begins.

    Coordinates are metres in EPSG:4547, easting before northing, as doubles. No leg is longer than
    `gis.geometry.tracks.MAX_GAP_M`. It is sent to workers as it is: all of them see the directory.
    """

    root: Path

    def write(self, day: date, source: str, legs: Floats) -> None:
        """Replace what `source` (a district, a tile) gave for a day: legs (n, 4).

        Raises
        ------
        InvalidInput
            Not four columns, or a leg that is too long to be one.
        """
        if legs.ndim != 2 or legs.shape[1] != 4:
            raise InvalidInput("legs must be an array of 4 columns.", pointer="legs")
        if len(legs) and np.hypot(legs[:, 2] - legs[:, 0], legs[:, 3] - legs[:, 1]).max() > MAX_GAP_M:
            raise InvalidInput(f"A leg is at most {MAX_GAP_M:g} m long.", pointer="legs")
        place = self._of_day(day)
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob(f"*-{source}.parquet"):
            old.unlink()
        square = np.floor(legs[:, :2] / SQUARE_M).astype(np.int64)
        frame = pd.DataFrame(legs, columns=_COLUMNS)
        for (column, row), part in frame.groupby([square[:, 0], square[:, 1]]):
            part.to_parquet(place / f"{column}_{row}-{source}.parquet", index=False)

    def near(self, bounds: Bounds, days: Sequence[date], reach_m: float) -> Floats:
        """All legs (n, 4) of some days that may reach within `reach_m` of west, south, east, north."""
        west, south, east, north = bounds
        reach = reach_m + MAX_GAP_M
        low = np.floor(np.array([west - reach, south - reach]) / SQUARE_M)
        high = np.floor(np.array([east + reach, north + reach]) / SQUARE_M)
        found = [np.empty((0, 4))]
        for day in days:
            for path in sorted(self._of_day(day).glob("*.parquet")):
                square = np.array([int(part) for part in path.name.partition("-")[0].split("_")])
                if (square >= low).all() and (square <= high).all():
                    found.append(pd.read_parquet(path).to_numpy())
        legs = np.concatenate(found)
        x1, y1, x2, y2 = legs.T
        is_near = (np.maximum(x1, x2) >= west - reach_m) & (np.minimum(x1, x2) <= east + reach_m)
        is_near &= (np.maximum(y1, y2) >= south - reach_m) & (np.minimum(y1, y2) <= north + reach_m)
        near: Floats = np.ascontiguousarray(legs[is_near])
        return near

    def _of_day(self, day: date) -> Path:
        return self.root / day.isoformat()
