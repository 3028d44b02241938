"""Cells and parcels as coverage counts them: outlines in EPSG:4547, their squares, what each is to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.patrol.packing import digest
from gis.division.locator import CellLocator

if TYPE_CHECKING:
    from gis.geometry.footprint.zones import Zones

Geometries = NDArray[np.object_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MARGIN_M, _ROUND_M = 512.0, 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """A cell or a parcel. `level` is the land use of a cell, the level of a parcel."""

    place_id: int
    code: str
    name: str
    level: str
    community: str


@dataclass(frozen=True)
class Places:
    """Cells by code, then parcels by code; what concerns people is not in it, so that readers share it.

    Attributes
    ----------
    cells, parcels : in the order of codes.
    polygons : (k,) outlines of cells and then parcels, EPSG:4547.
    communities : codes, in order, of the communities that have cells.
    names : name in Chinese and English by code of a community.
    check_points : (n, 3) id, number of the cell and number of the parcel in `polygons`, -1 for none.
    is_schematic : the division is no legal one.
    """

    revision_id: int
    cells: tuple[Place, ...]
    parcels: tuple[Place, ...]
    polygons: Geometries
    communities: tuple[str, ...]
    names: dict[str, tuple[str, str]]
    check_points: Ints
    is_schematic: bool

    def __len__(self) -> int:
        return len(self.cells) + len(self.parcels)

    @cached_property
    def shape_version(self) -> str:
        """Digest of what effort and squares depend on: which places there are and their outlines."""
        ids = np.array([place.place_id for place in (*self.cells, *self.parcels)], dtype=np.int64)
        return digest(ids, np.array([len(self.cells)]), b"".join(shapely.to_wkb(self.polygons)))

    @cached_property
    def area_m2(self) -> Floats:
        """Areas (k,) in EPSG:4547."""
        return np.asarray(shapely.area(self.polygons), dtype=np.float64)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the grid: whole multiples of 512 m, so that it hardly ever moves."""
        west, south, east, north = shapely.total_bounds(self.polygons)
        low = np.floor(np.array([west, south]) / _MARGIN_M) * _MARGIN_M
        high = np.ceil(np.array([east, north]) / _MARGIN_M) * _MARGIN_M
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @cached_property
    def community_of(self) -> Ints:
        """Number of each place's community (k,) in `communities`; -1 for a parcel: its cells count it."""
        number = {code: n for n, code in enumerate(self.communities)}
        of_cells = [number[cell.community] for cell in self.cells]
        return np.array(of_cells + [-1] * len(self.parcels), dtype=np.int64)

    @cached_property
    def zones(self) -> Zones:
        """The cells as runs of squares; made where it is computed with, since it imports the kernels."""
        from gis.analysis.patrol.painting import grid_of
        from gis.geometry.footprint.zones import Zones

        return Zones.prepare(grid_of(self), self.polygons[: len(self.cells)])

    @cached_property
    def parcel_zones(self) -> Zones:
        """The parcels with 3 m round them: tells one that is covered whole from one that is in part."""
        from gis.analysis.patrol.painting import grid_of
        from gis.geometry.footprint.zones import Zones

        grown = shapely.buffer(self.polygons[len(self.cells) :], _ROUND_M, join_style="mitre")
        return Zones.prepare(grid_of(self), grown)

    def cell_of(self, xy: Floats) -> Ints:
        """Number of the cell of points (n, 2) in metres, -1 for none; on a border the lower code's."""
        return self._cells.locate(xy[:, 0], xy[:, 1])

    def parcel_of(self, xy: Floats) -> Ints:
        """Number of the parcel of points (n, 2), after those of the cells, -1 for none."""
        return self._parcels.locate(xy[:, 0], xy[:, 1])

    @cached_property
    def _cells(self) -> CellLocator:
        return _locator(self.cells, self.polygons[: len(self.cells)], 0)

    @cached_property
    def _parcels(self) -> CellLocator:
        return _locator(self.parcels, self.polygons[len(self.cells) :], len(self.cells))


def _locator(places: Sequence[Place], polygons: Geometries, first: int) -> CellLocator:
    return CellLocator(np.arange(first, first + len(places)), [place.code for place in places], polygons)
