"""A kept coverage: shares of cells and communities, and what they were measured from. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gis.analysis.patrol.model import PatrolQuestion


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
    repeats. `is_current` is false when a day of the period was painted anew after it was computed, or waits.
    """

    request: PatrolQuestion
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
