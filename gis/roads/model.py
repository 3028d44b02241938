"""What a road network is, and what of it can be walked on. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from gis.exchange.model import ImportReport

MAX_TEXT = 200
NEAR_M = 3_000.0
"""How far outside the district lines are kept: people walk over its border to what lies near."""

_NO_ENTRY = frozenset({"no", "private", "customers", "delivery", "military"})
_NOT_WALKABLE = frozenset(
    {
        *("motorway", "motorway_link", "construction", "proposed", "raceway", "bus_guideway", "escape"),
        *("abandoned", "disused", "razed", "planned", "no", "高速", "高速公路", "高速路", "快速路"),
    }
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What the person who brings a network says of it."""

    title: str = ""
    source: str = ""
    licence: str = ""
    dated_on: date | None = None


@dataclass(frozen=True, slots=True)
class Streets:
    """Lines as they were brought: LineStrings, EPSG:4326; all of length n."""

    lines: NDArray[np.object_]
    classes: list[str]
    names: list[str]
    walkable: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """A connected part of what can be walked on; `lon`, `lat` is one of its nodes."""

    edges: int
    length_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Shape:
    """How a network hangs together.

    Attributes
    ----------
    edges : streets on foot between two junctions or dead ends.
    length_m : of all lines; `walkable_m` of those on foot.
    parts : connected parts of what can be walked on, longest first.
    loose_ends, crossings : see `gis.analysis.access.network.Network`.
    """

    edges: int
    length_m: float
    walkable_m: float
    parts: tuple[Part, ...]
    loose_ends: int = 0
    crossings: int = 0

    @property
    def apart_m(self) -> float:
        """Walkable length that is not connected with the longest part."""
        return sum(part.length_m for part in self.parts[1:])


@dataclass(frozen=True, slots=True)
class RoadNetwork:
    """The network in force. `road_network_id` grows with each import: the version of the streets."""

    road_network_id: int
    title: str
    source: str
    licence: str
    dated_on: date | None
    is_synthetic: bool
    edges: int
    length_m: float
    walkable_m: float
    components: int
    apart_m: float
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class RoadReport:
    """What became of a road file.

    Attributes
    ----------
    shape : None where nothing was stored, and nothing has changed then.
    far : lines left out because they lie farther outside the district than `NEAR_M`.
    """

    rows: ImportReport
    shape: Shape | None = None
    far: int = 0


def is_walkable(road_class: str, *, foot: str = "", access: str = "") -> bool:
    """Whether one may walk on a line of this class.

    As OpenStreetMap's defaults have it: everything but motorways and what is not there yet, unless `foot`
    says otherwise, or `access` closes it and `foot` does not open it.
    """
    if foot in ("yes", "designated", "permissive"):
        return True
    return road_class.lower() not in _NOT_WALKABLE and foot not in _NO_ENTRY and access not in _NO_ENTRY
