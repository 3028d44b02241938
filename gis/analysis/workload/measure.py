"""The workload of cells, officers and communities: tables and findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from gis.analysis.result import Figure, Finding, Place, Progress, Result, Table, Unit, Value
from gis.analysis.workload.fairness import Spread, share_of_heaviest, spread
from gis.analysis.workload.formula import Floats, Terms, minutes_of, officer_minutes, sum_by
from gis.analysis.workload.material import WorkloadMaterial
from gis.analysis.workload.model import WorkloadQuestion

NUMBER, CODE = Figure("number", Unit.COUNT), Figure("code", Unit.CODE)
COMMUNITY = Figure("community_code", Unit.CODE)
MINUTES = Figure("minutes", Unit.MINUTES)
OVER_MEAN, CV = Figure("over_mean", Unit.NUMBER), Figure("cv", Unit.NUMBER)
GINI, MAX_OVER_MEAN = Figure("gini", Unit.NUMBER), Figure("max_over_mean", Unit.NUMBER)
MEAN = Figure("mean_minutes", Unit.MINUTES)
CELLS = Figure("cells", Unit.COUNT)
WHAT = Figure("what", Unit.CODE)
EVENNESS = (Figure("count", Unit.COUNT), MEAN, MAX_OVER_MEAN, CV, GINI)
TERMS = (
    Figure("checks_minutes", Unit.MINUTES),
    Figure("incidents_minutes", Unit.MINUTES),
    Figure("points_minutes", Unit.MINUTES),
    Figure("travel_minutes", Unit.MINUTES),
)
COUNTED = (
    Figure("units", Unit.COUNT),
    Figure("incidents_a_month", Unit.NUMBER),
    Figure("points", Unit.COUNT),
)
VERSION = Figure("weights_version", Unit.COUNT)
TO_ON, NO_OFFICER = Figure("to_on", Unit.DATE), Figure("cells_without_officer", Unit.COUNT)
MONTH = Figure("month", Unit.DATE)
_HEAVY = 0.2


def measure(material: WorkloadMaterial, question: WorkloadQuestion, progress: Progress) -> Result:
    """Measure the workload: tables summary, communities, cells, officers and trend."""
    terms = minutes_of(material.counts, material.weights)
    minutes = terms.total
    of_officers = officer_minutes(minutes, material.duties, material.weights.deputy_part)
    progress(1, 2)
    trend = _trend(material)
    tables = (
        _summary(material, minutes, of_officers),
        _communities(material, terms),
        _cells(material, terms),
        _officers(material, of_officers),
        trend,
    )
    progress(2, 2)
    return Result(tables, tuple(_findings(material, minutes, of_officers, trend)))


def _cells(material: WorkloadMaterial, terms: Terms) -> Table:
    minutes = terms.total
    mean = minutes.mean() if minutes.size else 0.0
    over = minutes / mean if mean > 0 else np.zeros_like(minutes)
    counted, split = _counted(material), _split(terms)
    rows = tuple(
        (
            code,
            material.communities[material.community[index]],
            *_rounded(counted[index], 2),
            *_rounded(split[index], 1),
            round(float(minutes[index]), 1),
            round(float(over[index]), 4),
        )
        for index, code in enumerate(material.codes)
    )
    return Table("cells", (CODE, COMMUNITY, *COUNTED, *TERMS, MINUTES, OVER_MEAN), rows, Place.CELL)


def _communities(material: WorkloadMaterial, terms: Terms) -> Table:
    minutes, community = terms.total, material.community
    count = len(material.communities)
    counted = np.column_stack([sum_by(community, column, count) for column in _counted(material).T])
    split = np.column_stack([sum_by(community, column, count) for column in _split(terms).T])
    rows: list[tuple[Value, ...]] = []
    for index, code in enumerate(material.communities):
        of = spread(minutes[community == index])
        told = (*_rounded(counted[index], 2), *_rounded(split[index], 1))
        figures = (*_rounded((of.total, of.mean), 1), *_rounded((of.max_over_mean, of.cv, of.gini), 4))
        rows.append((code, of.count, *told, *figures))
    columns = (CODE, CELLS, *COUNTED, *TERMS, MINUTES, MEAN, MAX_OVER_MEAN, CV, GINI)
    return Table("communities", columns, tuple(rows), Place.COMMUNITY)


def _officers(material: WorkloadMaterial, of_officers: Floats) -> Table:
    """Officers by number, heaviest first: nobody is named."""
    mean = of_officers.mean() if of_officers.size else 0.0
    cells = np.bincount(material.duties.officer, minlength=material.duties.officers)
    rows = tuple(
        (
            place,
            int(cells[officer]),
            round(float(of_officers[officer]), 1),
            round(float(of_officers[officer] / mean), 4) if mean > 0 else 0.0,
        )
        for place, officer in enumerate(np.argsort(-of_officers, kind="stable"), start=1)
    )
    return Table("officers", (NUMBER, CELLS, MINUTES, OVER_MEAN), rows)


def _trend(material: WorkloadMaterial) -> Table:
    """Months before; buildings' stops, grades, check points, division, weights held as they are now."""
    rows: list[tuple[Value, ...]] = []
    for number, month in enumerate(material.trend, start=1):
        of_month = replace(material.counts, units=month.units, incidents=month.incidents)
        terms = minutes_of(of_month, material.weights)
        of = spread(terms.total)
        figures = (*_rounded(_split(terms).sum(axis=0), 1), round(of.total, 1))
        rows.append((number, month.first_on.isoformat(), *figures, *evenness(of)[2:]))
    return Table("trend", (NUMBER, MONTH, *TERMS, MINUTES, MAX_OVER_MEAN, CV, GINI), tuple(rows))


def _summary(material: WorkloadMaterial, minutes: Floats, of_officers: Floats) -> Table:
    """A row for cells and one for officers."""
    held = np.unique(material.duties.cell).size
    rows: list[tuple[Value, ...]] = []
    for number, (what, loads) in enumerate((("cells", minutes), ("officers", of_officers)), start=1):
        of = spread(loads)
        told = (len(material.codes) - held, material.to_on.isoformat(), material.weights_version)
        rows.append((number, what, *evenness(of), round(of.total, 1), *told))
    columns = (NUMBER, WHAT, *EVENNESS, MINUTES, NO_OFFICER, TO_ON, VERSION)
    return Table("summary", columns, tuple(rows))


def _findings(
    material: WorkloadMaterial, minutes: Floats, of_officers: Floats, trend: Table
) -> list[Finding]:
    of = spread(minutes)
    if not of.total:
        return [Finding("workload_nothing")]
    heaviest = int(np.argmax(minutes))
    code = material.codes[heaviest]
    times = round(of.max_over_mean, 1)
    found = [
        Finding("workload_heaviest", {"cell": code, "times": times}, code),
        Finding(
            "workload_fifth",
            {"percent": round(100 * share_of_heaviest(minutes, _HEAVY)), "gini": round(of.gini, 2)},
        ),
    ]
    if of_officers.size:
        people = spread(of_officers)
        found.append(Finding("workload_officers", {"times": round(people.max_over_mean, 1)}))
    without = len(material.codes) - np.unique(material.duties.cell).size
    if without:
        found.append(Finding("workload_without_officer", {"count": int(without)}))
    totals = [float(row[trend.figures.index(MINUTES)] or 0.0) for row in trend.rows]
    if len(totals) > 1 and totals[0] > 0:
        percent = round(100 * (totals[-1] / totals[0] - 1), 1)
        key = "workload_rises" if percent > 0 else "workload_falls" if percent < 0 else "workload_steady"
        found.append(Finding(key, {"percent": abs(percent), "months": len(totals)}))
    return found


def evenness(of: Spread) -> tuple[int, float, float, float, float]:
    """How many loads, their mean in minutes, and how even they are: what a row of a summary tells."""
    return of.count, round(of.mean, 1), round(of.max_over_mean, 4), round(of.cv, 4), round(of.gini, 4)


def _counted(material: WorkloadMaterial) -> Floats:
    counts = material.counts
    return np.column_stack([counts.units.sum(axis=1), counts.incidents.sum(axis=1), counts.points])


def _split(terms: Terms) -> Floats:
    return np.column_stack([terms.checks, terms.incidents, terms.points, terms.travel])


def _rounded(values: Iterable[float], digits: int) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)
