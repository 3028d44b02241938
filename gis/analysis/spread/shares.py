"""The share of each zone that patrols covered, measured here or parted over a cluster, to the bit the same.

A part of the zones has a grid of its own. Corners of grids are whole multiples of the resolution, and a
coordinate less such a corner is exact in floating point, so a square of any grid is the same square.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from gis.analysis.spread.legs import LegFiles
from gis.errors import InvalidInput
from gis.geometry.crs import METRIC_EPSG
from gis.geometry.footprint.grid import RES_M, Grid
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.zones import Zones

if TYPE_CHECKING:
    import dask_geopandas

_MEASURED = {"code": "object", "area_m2": "float64", "covered_m2": "float64", "share": "float64"}


@dataclass(frozen=True, slots=True)
class Period:
    """What is measured: days, the radius and the side of a square in metres."""

    days: tuple[date, ...]
    radius_m: float
    res_m: float = RES_M


def shares(zones: gpd.GeoDataFrame, legs: LegFiles, period: Period) -> pd.DataFrame:
    """Measure zones in this process.

    Parameters
    ----------
    zones : polygons in EPSG:4547 with a column `code`.

    Returns
    -------
    DataFrame
        code, area_m2, covered_m2 and share (0 to 1) of each zone, in their order, under their index.

    Raises
    ------
    InvalidInput
        The zones are in another CRS, or have no code.
    """
    if zones.crs is None or zones.crs.to_epsg() != METRIC_EPSG:
        raise InvalidInput(f"Zones must be in EPSG:{METRIC_EPSG}.", pointer="zones")
    if "code" not in zones:
        raise InvalidInput("Zones need a column code.", pointer="zones")
    if zones.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _MEASURED.items()})
    bounds = zones.total_bounds.tolist()
    grid = Grid.around(bounds, period.res_m)
    layer = paint(grid, legs.near(bounds, period.days, period.radius_m), [], period.radius_m)
    prepared = Zones.prepare(grid, zones.geometry.to_numpy())
    return pd.DataFrame(
        {
            "code": zones["code"],
            "area_m2": prepared.area_m2,
            "covered_m2": prepared.covered_m2([layer]),
            "share": prepared.share([layer]),
        },
        index=zones.index,
    )


def parted(zones: gpd.GeoDataFrame, by: str, parts: int) -> dask_geopandas.GeoDataFrame:
    """Zones for a cluster: `parts` parts of whole groups, such as communities, under the group as index.

    Parameters
    ----------
    zones : polygons in EPSG:4547 with a column `code`.
    by : column of the group; zones of one never come apart.
    """
    import dask_geopandas

    grouped = zones.set_index(by).sort_index(kind="stable")
    return dask_geopandas.from_geopandas(grouped, npartitions=parts)


def shares_parted(zones: dask_geopandas.GeoDataFrame, legs: LegFiles, period: Period) -> pd.DataFrame:
    """Measure parted zones on the cluster of the current Dask client; what comes back is ordered by code.

    Parts depend on nothing but their legs, so a part that a dead worker had is measured again by another.
    """
    meta = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _MEASURED.items()})
    meta.index.name = zones.index.name
    found: pd.DataFrame = zones.map_partitions(shares, legs, period, meta=meta).compute()
    return found.sort_values("code", kind="stable")
