"""The benchmark's data, made from a seed: a district of 800 cells, and days of patrols as many as asked for.

Sizes are those of the district. Its outline, its settlements and where its people live are the schematic
division's, whose own cells, small and with few corners, stand beside it. Nothing of it is kept on disk.
Everything is in metres, EPSG:4547, easting before northing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.division.schematic import SchematicDivision, build_schematic_division
from gis.geometry.crs import to_metric
from gis.geometry.tracks import MAX_ACCURACY_M, MAX_GAP_M, MAX_GAP_S, ON_FOOT_MPS
from scripts.benchmark.coverage.division import Division, divide
from scripts.benchmark.coverage.streets import DAY_FIXES, Day, Streets, lay_streets, walk_a_day

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

SEED = 20140401
RADIUS_M = 50.0
PARCELS, UNITS, BUILDINGS = 2_547, 300_000, 22_000
_PARCEL_LATTICE_M, _PARCEL_CORNERS = 200.0, 12


class Data:
    """What rows are measured on; each part is made when first asked for, the same for the same seed."""

    def __init__(self, seed: int = SEED) -> None:
        self.seed = seed
        self._days: dict[int, Day] = {}

    @cached_property
    def cells(self) -> Geometries:
        """800 polygons that cover 155 km² without gap or overlap, median 97 vertices, by community."""
        return self._division.cells

    @cached_property
    def schematic(self) -> Geometries:
        """The demo's 735 cells, which people live in evenly: half of them below 6 ha, with few corners."""
        return to_metric(np.array([cell.geometry for cell in self._drawn.cells], dtype=object))

    @cached_property
    def population(self) -> Ints:
        """People of each cell: those of the schematic cells by area."""
        cell, drawn = shapely.STRtree(self.schematic).query(self.cells, predicate="intersects")
        shared = shapely.area(shapely.intersection(self.cells[cell], self.schematic[drawn]))
        people = np.array([one.population for one in self._drawn.cells])
        held = people[drawn] * shared / shapely.area(self.schematic)[drawn]
        return np.rint(np.bincount(cell, held, len(self.cells))).astype(np.int64)

    @cached_property
    def community_of_cell(self) -> Ints:
        """Number of each cell's community."""
        return self._division.community

    @cached_property
    def communities(self) -> Geometries:
        """28 polygons, unions of their cells."""
        of = [self.cells[self.community_of_cell == one] for one in range(self.community_of_cell.max() + 1)]
        return np.array([shapely.coverage_union_all(part) for part in of], dtype=object)

    @cached_property
    def district(self) -> shapely.Geometry:
        """Everything."""
        return shapely.coverage_union_all(self.cells)

    @cached_property
    def parcels(self) -> Geometries:
        """2,547 parcels, median 6,400 m², none over another."""
        rng = self.stream(1)
        west, south, east, north = self.district.bounds
        lattice = np.stack(
            np.meshgrid(np.arange(west, east, _PARCEL_LATTICE_M), np.arange(south, north, _PARCEL_LATTICE_M)),
            -1,
        ).reshape(-1, 2)
        lattice = lattice[shapely.contains_xy(shapely.buffer(self.district, -110.0), *lattice.T)]
        centre = rng.permutation(lattice)[:PARCELS]
        angle = np.sort(rng.random((PARCELS, _PARCEL_CORNERS)), axis=1) * 2 * np.pi
        reach = np.exp(rng.normal(np.log(47.0), 0.35, (PARCELS, 1))) * rng.uniform(0.7, 1.3, angle.shape)
        corner = np.stack([np.cos(angle), np.sin(angle)], -1) * np.minimum(reach, 98.0)[..., None]
        return np.asarray(shapely.polygons(centre[:, None] + corner), dtype=object)

    @cached_property
    def units(self) -> Floats:
        """300,000 rental units (n, 2) in 22,000 buildings, where people live."""
        rng = self.stream(2)
        weights = self.population / self.population.sum()
        cell = np.sort(rng.choice(len(self.cells), BUILDINGS, p=weights))
        buildings = shapely.get_coordinates(shapely.point_on_surface(self.cells))[cell]
        west, south, east, north = shapely.bounds(self.cells)[cell].T
        waiting = np.arange(BUILDINGS)
        while len(waiting):
            x = rng.uniform(west[waiting], east[waiting])
            y = rng.uniform(south[waiting], north[waiting])
            inside = shapely.contains_xy(self.cells[cell[waiting]], x, y)
            buildings[waiting[inside]] = np.column_stack([x, y])[inside]
            waiting = waiting[~inside]
        return buildings[np.sort(rng.integers(0, BUILDINGS, UNITS))]

    @cached_property
    def streets(self) -> Streets:
        """The streets that patrols walk."""
        return lay_streets(self.stream(3), self.district)

    def day(self, number: int) -> Day:
        """Raw fixes of a day: 100,000, of 200 walkers."""
        if number not in self._days:
            self._days[number] = walk_a_day(self.seed, self.streets, number)
        return self._days[number]

    def legs(self, days: Sequence[int]) -> tuple[Floats, Ints]:
        """Legs (n, 4) of some days, and where each day's begin: (days + 1,)."""
        parts = [legs_of(walk_a_day(self.seed, self.streets, number)) for number in days]
        return np.concatenate(parts), np.cumsum([0, *map(len, parts)])

    def stream(self, subject: int) -> np.random.Generator:
        """Random numbers of a subject, which no other changes."""
        return np.random.default_rng([self.seed, 1 << 30, subject])

    @cached_property
    def _drawn(self) -> SchematicDivision:
        return build_schematic_division()

    @cached_property
    def _division(self) -> Division:
        settlements = to_metric(shapely.points([(one.lon, one.lat) for one in self._drawn.communities]))
        outline = to_metric(self._drawn.district.geometry)
        return divide(self.stream(4), outline, shapely.get_coordinates(settlements))


def legs_of(day: Day) -> Floats:
    """Legs (n, 4) of a day: between neighbours of good accuracy within the gaps and the speed of tracks.

    A short way of what `gis.geometry.tracks` cleans in full, to make months of legs in seconds.
    """
    good = day.accuracy_m <= MAX_ACCURACY_M
    walker, at_s = day.walker[good], day.at_s[good]
    xy = np.column_stack([day.x, day.y])[good]
    metres, seconds = np.hypot(*np.diff(xy, axis=0).T), np.diff(at_s)
    is_leg = (np.diff(walker) == 0) & (seconds > 0) & (seconds <= MAX_GAP_S)
    is_leg &= (metres <= MAX_GAP_M) & (metres <= ON_FOOT_MPS * seconds)
    return np.column_stack([xy[:-1], xy[1:]])[is_leg]


def days_of(fixes: int) -> range:
    """The days that hold so many fixes."""
    return range(-(-fixes // DAY_FIXES))
