"""What a planner asks of patrol coverage, and the answer. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gis.errors import InvalidInput

MAX_DAYS = 92
MAX_RADIUS_M = 2000.0


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """A period of calendar days in Asia/Shanghai, both included, and a radius in metres."""

    from_on: date
    to_on: date
    radius_m: float

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise InvalidInput("The period ends before it begins.", pointer="to")
        if (self.to_on - self.from_on).days >= MAX_DAYS:
            raise InvalidInput("A period has at most 92 days.", pointer="to")
        if not 1 <= self.radius_m <= MAX_RADIUS_M:
            raise InvalidInput("The radius is from 1 to 2000 metres.", pointer="radius_m")


@dataclass(frozen=True, slots=True)
class CellShare:
    """One cell's coverage; areas in m² (EPSG:4547)."""

    community_code: str
    community_name: str
    community_name_en: str
    code: str
    name: str
    area_m2: float
    covered_m2: float

    @property
    def share(self) -> float:
        """Covered part, 0 to 1."""
        return self.covered_m2 / self.area_m2 if self.area_m2 else 0.0


@dataclass(frozen=True, slots=True)
class CommunityShare:
    """One community's coverage: the sums over its cells."""

    code: str
    name: str
    name_en: str
    area_m2: float
    covered_m2: float
    cells: tuple[CellShare, ...]

    @property
    def share(self) -> float:
        """Covered part, 0 to 1."""
        return self.covered_m2 / self.area_m2 if self.area_m2 else 0.0


@dataclass(frozen=True, slots=True)
class CoverageResult:
    """The answer with what it was measured from.

    `fixes` are the recorded positions used, `legs` the lines between them, `effort_km` the way walked with
    repeats. `is_current` is false when points or tracks of the period came in after it was computed.
    """

    request: CoverageRequest
    computed_at: datetime
    fixes: int
    legs: int
    effort_km: float
    is_current: bool
    is_schematic: bool
    communities: tuple[CommunityShare, ...]

    @property
    def share(self) -> float:
        """Covered part of all the reader may see."""
        area = sum(c.area_m2 for c in self.communities)
        return sum(c.covered_m2 for c in self.communities) / area if area else 0.0


def by_community(cells: Sequence[CellShare]) -> tuple[CommunityShare, ...]:
    """Sum cells up to their communities, in the order of codes."""
    groups: dict[str, list[CellShare]] = {}
    for cell in cells:
        groups.setdefault(cell.community_code, []).append(cell)
    return tuple(
        CommunityShare(
            code=code,
            name=group[0].community_name,
            name_en=group[0].community_name_en,
            area_m2=sum(cell.area_m2 for cell in group),
            covered_m2=sum(cell.covered_m2 for cell in group),
            cells=tuple(group),
        )
        for code, group in sorted(groups.items())
    )
