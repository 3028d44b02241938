"""The division the demo stands on, read back from the database as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import shapely

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.demo.chance import Bools, Floats, Ints, Objects, until_accepted
from gis.demo.scale import DemoScale
from gis.division.locator import CellLocator
from gis.geometry.partition import Plane

_QUERIES = load_queries(__file__, "store")

PLANE = Plane(113.926, 22.766)
"""Metres about the middle of the district, good to 1 in 1,000: the demo walks in it."""


@dataclass(frozen=True)
class Communities:
    """Communities ordered by code."""

    community_id: Ints
    code: list[str]
    name: list[str]
    name_en: list[str]
    initials: list[str]


@dataclass(frozen=True)
class Ground:
    """Cells ordered by code; `community` is an index into `communities`. Polygons are lon/lat."""

    communities: Communities
    cell_id: Ints
    code: list[str]
    community: Ints
    land_use: Objects
    population: Ints
    area_m2: Floats
    polygon: Objects

    @cached_property
    def bounds(self) -> Floats:
        """West, south, east, north of each cell, shape (cells, 4)."""
        return shapely.bounds(self.polygon)

    @cached_property
    def inner(self) -> Floats:
        """A point inside each cell, lon/lat, shape (cells, 2)."""
        return shapely.get_coordinates(shapely.point_on_surface(self.polygon))

    @cached_property
    def of_community(self) -> list[Ints]:
        """Cells of each community."""
        return [np.flatnonzero(self.community == k) for k in range(len(self.communities.code))]

    @cached_property
    def _locator(self) -> CellLocator:
        return CellLocator(np.arange(len(self.code)), self.code, self.polygon)

    def inside(self, cells: Ints, lon_lat: Floats) -> Bools:
        """Tell for each position whether it lies strictly inside the cell beside it."""
        return np.asarray(shapely.contains_xy(self.polygon[cells], lon_lat[:, 0], lon_lat[:, 1]))

    def locate(self, lon_lat: Floats) -> Ints:
        """Cell of each position, -1 outside; on a border the lower code, as `app.cell_at` has it."""
        return self._locator.locate(lon_lat[:, 0], lon_lat[:, 1])

    def ids(self, cells: Ints) -> dict[str, np.ma.MaskedArray[tuple[int], np.dtype[np.int64]]]:
        """Columns cell_id and community_id for cells as `locate` gives them; NULL outside."""
        outside = cells < 0
        return {
            "cell_id": np.ma.masked_array(self.cell_id[cells], outside),
            "community_id": np.ma.masked_array(self.communities.community_id[self.community[cells]], outside),
        }


@dataclass(frozen=True)
class Setting:
    """What every subject of the demo is made for."""

    ground: Ground
    scale: DemoScale
    today: date


def read_ground(connection: Connection, communities: int | None = None) -> Ground:
    """Read the division in force; optionally only its first communities by code."""
    places = list(_QUERIES.communities_in_force(connection, limit=communities))
    index = {place.community_id: number for number, place in enumerate(places)}
    cells = [cell for cell in _QUERIES.cells_in_force(connection) if cell.community_id in index]
    polygon = np.array(shapely.from_wkb([bytes(cell.wkb) for cell in cells]), object)
    shapely.prepare(polygon)
    return Ground(
        communities=Communities(
            community_id=np.array([place.community_id for place in places], np.int64),
            code=[place.code for place in places],
            name=[place.name_zh.removesuffix("社区") for place in places],
            name_en=[place.name_en for place in places],
            initials=[place.pinyin_initials for place in places],
        ),
        cell_id=np.array([cell.cell_id for cell in cells], np.int64),
        code=[cell.code for cell in cells],
        community=np.array([index[cell.community_id] for cell in cells], np.int64),
        land_use=np.array([cell.land_use for cell in cells], object),
        population=np.array([cell.population for cell in cells], np.int64),
        area_m2=np.array([cell.area_m2 for cell in cells], float),
        polygon=polygon,
    )


def spread(rng: np.random.Generator, ground: Ground, cells: Ints) -> Floats:
    """A position anywhere inside each of the cells, lon/lat, shape (rows, 2)."""
    low, high = ground.bounds[cells, :2], ground.bounds[cells, 2:]

    def draw(rows: Ints) -> Floats:
        return np.round(rng.uniform(low[rows], high[rows]), 7)

    return until_accepted(
        draw, lambda rows, at: ground.inside(cells[rows], at), np.round(ground.inner[cells], 7)
    )


def near(rng: np.random.Generator, ground: Ground, cells: Ints, centres: Floats, sigma_m: Floats) -> Floats:
    """A position about a centre (lon/lat) but inside the cell, normally spread; shape (rows, 2)."""

    def draw(rows: Ints) -> Floats:
        offset = rng.normal(0, 1, (len(rows), 2)) * sigma_m[rows, None] / PLANE.scale
        return np.round(centres[rows] + offset, 7)

    return until_accepted(
        draw, lambda rows, at: ground.inside(cells[rows], at), np.round(ground.inner[cells], 7)
    )
