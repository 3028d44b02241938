"""Homes, facilities and streets that the rows on services share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gis.analysis.access.network import Network
from gis.analysis.access.snapping import Snapped, snap
from scripts.benchmark.coverage.data import Data, Floats

FACILITIES, KINDS = 500, 8
_BEND_M = 6.0


@dataclass(frozen=True)
class Town:
    """Buildings with their homes, facilities, and the streets of the district with a bend in each."""

    data: Data

    @cached_property
    def network(self) -> Network:
        """The streets to walk on."""
        streets = self.data.streets
        ends = streets.nodes[streets.edges]
        middles = ends.mean(axis=1) + self.data.stream(60).normal(0, _BEND_M, (len(ends), 2))
        lines = shapely.linestrings(np.stack([ends[:, 0], middles, ends[:, 1]], axis=1))
        return Network.from_lines(np.asarray(lines, dtype=object))

    @cached_property
    def buildings(self) -> tuple[Floats, Floats]:
        """Places (n, 2) of about 22,000 buildings, and how many homes are in each (n,)."""
        places, homes = np.unique(self.data.units, axis=0, return_counts=True)
        return places, homes.astype(float)

    @cached_property
    def facilities(self) -> Floats:
        """500 facilities (m, 2), near buildings."""
        chance = self.data.stream(61)
        near = self.buildings[0][chance.integers(0, len(self.buildings[0]), FACILITIES)]
        return near + chance.normal(0, 80, near.shape)

    @cached_property
    def snapped(self) -> tuple[Snapped, Snapped]:
        """Buildings and facilities on the streets."""
        return snap(self.network, self.buildings[0]), snap(self.network, self.facilities)
