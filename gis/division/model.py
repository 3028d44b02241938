"""What a division is, what publishing one reports, and what reading one gives. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import geopandas

NEAR_BORDER_M = 20.0
"""A position this near to a cell's border may as well belong to the neighbour: phones err by as much."""


class Level(StrEnum):
    """The four levels of a division, from the whole to its parts."""

    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    CELL = "cell"


LAND_USES = ("urban_village", "estate", "industrial", "hill", "other")


@dataclass(frozen=True)
class DivisionDraft:
    """A division that is ready to be published.

    Frames hold one polygon or multipolygon per row (EPSG:4326, lon/lat) and the columns `code`, `name_zh`,
    `name_en`, `parent_code`; communities also `pinyin_initials`, `code_is_provisional`, cells `land_use`
    (one of `LAND_USES`) and `population`. Only `code` and the geometry must be there: a missing name is
    the code, a missing parent is the place of the level above that holds the row's inner point. Without
    `subdistricts` or `district` there is one of each, the union of what it holds.
    """

    title: str
    code_scheme: str
    source: str
    is_schematic: bool
    valid_from: date
    communities: geopandas.GeoDataFrame
    cells: geopandas.GeoDataFrame
    subdistricts: geopandas.GeoDataFrame | None = None
    district: geopandas.GeoDataFrame | None = None


@dataclass(frozen=True)
class PublishReport:
    """What a publication did.

    `counts` and `areas_m2` go by level (EPSG:4547); `resolved` and `outside` by layer: rows whose cell or
    community changed, and rows that lie in no cell. An assignment is `carried` if at least one new cell
    inherits it, else `ended`; the same for the areas of patrol teams.
    """

    revision_id: int
    unchanged: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    areas_m2: dict[str, float] = field(default_factory=dict)
    resolved: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)
    assignments_carried: int = 0
    assignments_ended: int = 0
    cells_without_officer: int = 0
    team_areas_carried: int = 0
    team_areas_ended: int = 0
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One publication of the whole division; `valid_to` is the first day it no longer holds."""

    revision_id: int
    title: str
    code_scheme: str
    source: str
    is_schematic: bool
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PlaceName:
    """Code and names of one place of a division."""

    code: str
    name: str
    name_en: str
    is_schematic: bool


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a cell: a colleague's name and masked number. `duty` is primary or deputy."""

    name: str
    duty: str
    phone_masked: str | None


@dataclass(frozen=True, slots=True)
class Location:
    """Where a position (WGS84 degrees) lies in the division of a day; nothing but `inside` when outside.

    `border_distance_m` is the distance to the border of the cell, or of the nearest cell from outside.
    """

    lon: float
    lat: float
    on_date: date
    inside: bool
    near_border: bool
    border_distance_m: float | None
    district: PlaceName | None = None
    subdistrict: PlaceName | None = None
    community: PlaceName | None = None
    cell: PlaceName | None = None
    responsible: tuple[Responsible, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the division in force, with the places it lies in, outermost first.

    `bounds` are west, south, east, north and `centre` an inner point, in WGS84 degrees; `parts` counts the
    places one level below; `place_id` is the key that rows of the layers carry (cell_id, community_id);
    `land_use` is of cells, `population` of cells or the sum of theirs.
    """

    level: Level
    place_id: int
    code: str
    name: str
    name_en: str
    is_schematic: bool
    code_scheme: str
    area_m2: float
    bounds: tuple[float, float, float, float]
    centre: tuple[float, float]
    parts: int
    population: int
    land_use: str | None
    mine: bool
    within: tuple[PlaceName, ...] = ()
