"""The analysis "split": one community in cells of about equal work, beside its cells of today."""

from __future__ import annotations

import shapely

from gis.analysis.result import Analysis, Figure, Finding, Place, Progress, Result, Table, Unit
from gis.analysis.workload import measure as figures
from gis.analysis.workload.draft import Split, SplitMaterial, SplitQuestion, divide_anew, load
from gis.analysis.workload.fairness import Spread
from gis.analysis.workload.material import digest_of
from gis.database.pool import Connection

NEW = (figures.CODE, Figure("units", Unit.COUNT), figures.MINUTES, figures.OVER_MEAN)
TODAY = (
    figures.CODE,
    Figure("units_today", Unit.COUNT),
    Figure("minutes_today", Unit.MINUTES),
    Figure("over_mean_today", Unit.NUMBER),
)


def version(connection: Connection, question: SplitQuestion) -> str:
    """The state of all the data a question speaks of: the division in force, and the places of work."""
    material = load(connection, question)
    told = (material.revision.revision_id, material.places, material.before, material.weights)
    return digest_of(told)


def measure(material: SplitMaterial, question: SplitQuestion, progress: Progress) -> Result:
    """Divide the community: tables summary, new_cells (with outlines) and cells (of today)."""
    split = divide_anew(material)
    progress(1, 1)
    return told(split)


def told(split: Split) -> Result:
    """A divided community as a result."""
    rows = tuple(
        (cell.code, cell.units, cell.minutes, _over(cell.minutes, split.after)) for cell in split.cells
    )
    today = tuple(
        (cell.code, cell.units, cell.minutes, _over(cell.minutes, split.before)) for cell in split.today
    )
    outlines = tuple(shapely.to_wkb(cell.outline) for cell in split.cells)
    summary = tuple(
        (number, what, *figures.evenness(of), split.weights_version)
        for number, (what, of) in enumerate((("before", split.before), ("after", split.after)), start=1)
    )
    tables = (
        Table("summary", (figures.NUMBER, figures.WHAT, *figures.EVENNESS, figures.VERSION), summary),
        Table("new_cells", NEW, rows, shapes=outlines),
        Table("cells", TODAY, today, Place.CELL),
    )
    return Result(tables, tuple(_findings(split)))


def _over(minutes: float, of: Spread) -> float:
    return round(minutes / of.mean, 4) if of.mean else 0.0


def _findings(split: Split) -> list[Finding]:
    before, after = split.before, split.after
    found = [
        Finding("split_evenness", {"before_cv": round(before.cv, 3), "after_cv": round(after.cv, 3)}),
        Finding(
            "split_heaviest",
            {"before_times": round(before.max_over_mean, 2), "after_times": round(after.max_over_mean, 2)},
        ),
    ]
    if split.lower_bound > 1.0:
        found.append(Finding("split_bound", {"times": round(split.lower_bound, 2)}))
    if split.is_sound:
        found.append(Finding("split_sound", {"cells": after.count}))
    else:
        faults = (*split.verdict.broken, *split.verdict.errors)
        found.append(Finding("split_unsound", {"count": len(faults), "first": faults[0]}))
    return found


SPLIT: Analysis[SplitQuestion, SplitMaterial] = Analysis(
    name="split", parameters=SplitQuestion, version=version, load=load, measure=measure
)
