"""What service coverage is measured on: buildings with people, facilities, streets; and ways between them.

A ground is made once for a state of the data. What is asked again of the same ground (the network, where
buildings lie on it, the way to the nearest facility of a kind) is kept with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gis.analysis.access.distances import (
    Nearest,
    Pairs,
    nearest,
    nearest_straight,
    ways,
    ways_straight,
    within,
    within_straight,
)
from gis.analysis.access.network import Floats, Indices, Lines, Network
from gis.analysis.access.snapping import Snapped, snap
from gis.analysis.services.model import MAX_TO_STREET_M, Walking
from gis.errors import NotFound
from gis.facility.hours import OpeningHours
from gis.roads.model import RoadNetwork

_KEPT = 64
"""Ways kept with a ground: every kind, always and at two or three times; half a megabyte each."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells ordered by code; `community` is an index into `communities`, codes in order too."""

    ids: Indices
    codes: tuple[str, ...]
    community: Indices
    communities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """Buildings, ordered by code: `xy` in EPSG:4547, shape (n, 2); `cell` an index into the cells."""

    codes: tuple[str, ...]
    xy: Floats
    cell: Indices
    units: Floats
    residents: Floats

    def weight(self, of: str) -> Floats:
        """(n,) residents or units."""
        return self.residents if of == "residents" else self.units


@dataclass(frozen=True, slots=True, eq=False)
class Facilities:
    """Facilities, ordered by code; `capacity` is NaN and `hours` None where nobody has said."""

    codes: tuple[str, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    names_en: tuple[str, ...]
    xy: Floats
    lon_lat: Floats
    cell: Indices
    capacity: Floats
    hours: tuple[OpeningHours | None, ...]
    hours_text: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        """Whether they are the same facilities at the same places with the same hours."""
        return (
            isinstance(other, Facilities)
            and (self.codes, self.kinds, self.hours_text) == (other.codes, other.kinds, other.hours_text)
            and np.array_equal(self.xy, other.xy)
        )

    def of_kind(self, kind: str) -> Indices:
        """Numbers of the facilities of a kind."""
        return np.flatnonzero(np.array([one == kind for one in self.kinds], bool))


@dataclass
class Ground:
    """All that is measured on. `lines` are the walkable streets in EPSG:4547; `roads` is None without any."""

    version: str
    cells: Cells
    demand: Demand
    facilities: Facilities
    lines: Lines
    roads: RoadNetwork | None
    kept: dict[tuple[object, ...], Nearest] = field(default_factory=dict)

    @cached_property
    def network(self) -> Network:
        """The longest connected part of the streets: an island in the data leads nowhere."""
        return Network.from_lines(self.lines).longest_part()

    @cached_property
    def buildings(self) -> Snapped:
        """Where the buildings lie on the network."""
        return snap(self.network, self.demand.xy, within_m=MAX_TO_STREET_M)

    def inherit(self, before: Ground) -> None:
        """Take over from an earlier state what still holds: streets, buildings' places on them, ways.

        Units are visited all day long; where buildings stand and streets run changes seldom.
        """
        if self.lines is not before.lines:
            return
        known = vars(before)
        self._take("network", known)
        if np.array_equal(self.demand.xy, before.demand.xy):
            self._take("buildings", known)
            if self.facilities == before.facilities:
                self.kept.update(before.kept)

    def _take(self, name: str, known: dict[str, object]) -> None:
        """Set a cached property as it was before, if it was asked for."""
        if name in known:
            vars(self)[name] = known[name]

    def inside(self, place: str) -> Indices:
        """Numbers of the buildings in the community or cell of a code. Raises `NotFound` if there is none."""
        cells, cell = self.cells, self.demand.cell
        if place in cells.communities:
            return np.flatnonzero(cells.community[cell] == cells.communities.index(place))
        if place in cells.codes:
            return np.flatnonzero(cell == cells.codes.index(place))
        raise NotFound

    def walks(self, asked: Walking) -> bool:
        """Whether ways are measured over streets: they are wanted and there are some."""
        return asked.way == "network" and self.roads is not None and len(self.lines) > 0

    def nearest(self, asked: Walking, places: Floats, key: tuple[object, ...] | None = None) -> Nearest:
        """The nearest of some places (m, 2) from each building; kept under a key that stands for them."""
        mark = (*key, self.walks(asked), asked.detour) if key else None
        if mark is not None and mark in self.kept:
            return self.kept[mark]
        if self.walks(asked):
            found = nearest(self.network, self.buildings, self.on_streets(places))
        else:
            found = nearest_straight(self.demand.xy, places, asked.detour)
        if mark is not None:
            while len(self.kept) >= _KEPT:
                self.kept.pop(next(iter(self.kept)), None)
            self.kept[mark] = found
        return found

    def within(self, asked: Walking, places: Floats) -> Pairs:
        """All pairs of a building and one of some places (m, 2) within the minutes asked for."""
        if not len(places):
            return Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
        if self.walks(asked):
            return within(self.network, self.buildings, self.on_streets(places), asked.limit_m)
        return within_straight(self.demand.xy, places, asked.limit_m, asked.detour)

    def ways(self, asked: Walking, places: Floats, only: Indices, limit_m: float) -> Floats:
        """(m, p) metres from some places (m, 2) to some buildings; infinite beyond `limit_m`."""
        if self.walks(asked):
            return ways(self.network, self.buildings[only], self.on_streets(places), limit_m)
        return ways_straight(self.demand.xy[only], places, limit_m, asked.detour)

    def on_streets(self, places: Floats) -> Snapped:
        """Where some places (m, 2) lie on the network, as far as streets are near."""
        return snap(self.network, places, within_m=MAX_TO_STREET_M)
