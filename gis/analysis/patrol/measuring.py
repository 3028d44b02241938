"""Patrol coverage as an analysis: `load` reads, `measure` is pure, the result is tables by place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gis.analysis.patrol import loading, tables
from gis.analysis.patrol.areas import cell_areas, parcel_areas
from gis.analysis.patrol.figures import (
    Figures,
    revisits,
    visits_of,
    work,
)
from gis.analysis.patrol.gaps import priority, ranked_gaps
from gis.analysis.patrol.loading import Material, paint_missing
from gis.analysis.patrol.model import PatrolQuestion
from gis.analysis.result import Analysis, Progress, Result, Table

MOST_GAPS = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of a period: of communities, cells and parcels, each in the order of `Places`."""

    communities: Figures
    cells: Figures
    parcels: Figures


def measure(material: Material, question: PatrolQuestion, progress: Progress) -> Result:
    """Measure communities, cells and parcels for a period, and for the one it is compared with."""
    other, both = material.other, [material, *([material.other] if material.other else [])]
    steps = sum(len(one.days) + 1 for one in both)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, steps)

    now = measure_places(material, question.radius_m, step)
    than = measure_places(other, question.radius_m, step) if other else None
    gaps = ranked_gaps(material, priority(material, now.cells), question.radius_m, most=MOST_GAPS)
    found = tables_of(material, question, now, than)
    return Result((*found, tables.gap_table(material, now.cells, gaps)), tables.findings(material, found[0]))


def tables_of(
    material: Material, question: PatrolQuestion, now: Measured, than: Measured | None
) -> tuple[Table, ...]:
    """Tables of communities, cells and parcels, and what they were measured from."""
    return (
        tables.community_table(material, now.communities, now.cells, than.communities if than else None),
        tables.cell_table(material, now.cells, than.cells if than else None),
        tables.parcel_table(material, now.parcels, than.parcels if than else None),
        tables.basis_table(material, question),
    )


def measure_places(material: Material, radius_m: float, step: Callable[[], None] = lambda: None) -> Measured:
    """Measure all places; `step` is called after each day and at the end."""
    places, first = material.places, len(material.places.cells)
    painted = paint_missing(material, radius_m, step)
    now, before = visits_of(material)
    every, done = revisits(now, before, len(places), material.until_ms), work(material)
    cells, parcels = slice(0, first), slice(first, None)
    of_cells = Figures(cell_areas(places, painted, radius_m), done.cut(cells), every.cut(cells))
    of_parcels = Figures(parcel_areas(places, painted, radius_m), done.cut(parcels), every.cut(parcels))
    community, count = places.community_of, len(places.communities)
    of_communities = Figures(
        of_cells.area.summed(community[cells], count),
        of_cells.work.summed(community[cells], count),
        revisits(now.of(community), before.of(community), count, material.until_ms),
    )
    step()
    return Measured(of_communities, of_cells, of_parcels)


PATROL: Analysis[PatrolQuestion, Material] = Analysis(
    name="patrol",
    parameters=PatrolQuestion,
    version=loading.version,
    load=loading.load,
    measure=measure,
)
