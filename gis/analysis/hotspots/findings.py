"""What hot spots come to, one plain finding each, the gravest first. Pure.

Words in both languages are found by the keys. A finding never says more than its figures: "hot" is a cell
with its neighbours, so both are counted, and stands with the share of false ones among such cells; a bunch
stands with what was to be expected.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gis.analysis.hotspots.bunching import Bunch, Street
from gis.analysis.hotspots.judging import Judged
from gis.analysis.hotspots.material import HotspotMaterial
from gis.analysis.hotspots.model import HotspotQuestion, Standing
from gis.analysis.hotspots.moran import Kind
from gis.analysis.result import Finding, Value

HOT = (
    Standing.NEW,
    Standing.GROWING,
    Standing.LASTING,
    Standing.PERSISTENT,
    Standing.STEADY,
    Standing.SPORADIC,
    Standing.FADING,
)
"""Standings of cells that are hot now, the gravest first."""

OF_LATE = frozenset({Standing.NEW, Standing.LASTING, Standing.SPORADIC})
"""Standings that tell of the weeks since."""

MOST_STREETS_TOLD = 3
MOST_UNLIKE_TOLD = 5


def findings(
    material: HotspotMaterial,
    question: HotspotQuestion,
    judged: Judged,
    bunched: tuple[list[Bunch], int, list[Street]],
) -> Iterator[Finding]:
    """Yield the findings of a question."""
    found, undecided, dense = bunched
    kind: dict[str, Value] = {"kind": question.kind or "all"}
    incidents = int(judged.weekly_counts.sum())
    if not incidents:
        yield Finding("hotspots_no_incidents", kind)
        return
    hot = int(np.isin(judged.standing, HOT).sum())
    yield Finding(
        "hotspots_summary" if hot else "hotspots_none",
        {
            **kind,
            "incidents": incidents,
            "cells": hot,
            "judged": len(judged.rows),
            "false_percent": round(100 * question.false_share, 2),
        },
    )
    yield from _hot_cells(material, question, judged, kind)
    for bunch in found:
        yield _of_bunch(material, question, bunch, kind)
    for street in dense[:MOST_STREETS_TOLD]:
        yield _of_street(material, street, kind)
    yield from _unlike(material, judged, kind)
    yield from _untold(judged, undecided)
    if material.uncounted_days:
        yield Finding("hotspots_uncounted_days", {"days": material.uncounted_days})


def _hot_cells(
    material: HotspotMaterial, question: HotspotQuestion, judged: Judged, kind: dict[str, Value]
) -> Iterator[Finding]:
    rank = {standing: number for number, standing in enumerate(HOT)}
    hot = [number for number, row in enumerate(judged.rows) if judged.standing[row] in rank]
    place = {number: rank[Standing(judged.standing[judged.rows[number]])] for number in hot}
    hot.sort(key=lambda number: (place[number], -judged.z[number], number))
    for number in hot:
        row = int(judged.rows[number])
        standing = Standing(judged.standing[row])
        yield Finding(
            f"hotspots_cell_{standing}",
            {**kind, **_named(material, row), **_of_cell(question, judged, number, standing)},
            material.cells.codes[row],
        )


def _of_cell(question: HotspotQuestion, judged: Judged, number: int, standing: Standing) -> dict[str, Value]:
    """Figures of the cell and its neighbours: since it is hot where that is of late, else of the period."""
    run = int(judged.weekly.run[number])
    first = question.weeks - run if standing in OF_LATE else 0
    incidents = int(judged.around[number, first:].sum())
    return {
        "incidents": incidents,
        "times": round(incidents / float(judged.expected_around[number, first:].sum()), 1),
        "own": int(judged.weekly_counts[judged.rows[number], first:].sum()),
        "weeks": int(judged.weekly.is_hot[number].sum()),
        "all_weeks": question.weeks,
        "since": question.week_start(first).isoformat(),
    }


def _of_bunch(
    material: HotspotMaterial, question: HotspotQuestion, bunch: Bunch, kind: dict[str, Value]
) -> Finding:
    evidence = bunch.evidence
    values = {
        **kind,
        **_named(material, bunch.cell),
        "first_on": question.day(evidence.first_day).isoformat(),
        "last_on": question.day(evidence.last_day).isoformat(),
        "incidents": evidence.count,
        "expected": round(evidence.expected, 1),
        "radius_m": evidence.radius_m,
    }
    return Finding("hotspots_bunch", values, _code(material, bunch.cell))


def _of_street(material: HotspotMaterial, street: Street, kind: dict[str, Value]) -> Finding:
    values = {
        **kind,
        **_named(material, street.cell),
        "incidents": len(street.members),
        "share_of_district": round(len(street.members) / len(material.incidents.cell), 3),
    }
    return Finding("hotspots_street", values, _code(material, street.cell))


def _unlike(material: HotspotMaterial, judged: Judged, kind: dict[str, Value]) -> Iterator[Finding]:
    """Cells high among low ones that are not called hot already."""
    shown = [
        number
        for number in np.argsort(judged.moran.p, kind="stable").tolist()
        if judged.is_alike[number]
        and judged.moran.kind[number] is Kind.HIGH_AMONG_LOW
        and judged.standing[judged.rows[number]] is Standing.USUAL
    ]
    for number in shown[:MOST_UNLIKE_TOLD]:
        row = int(judged.rows[number])
        times = round(float(judged.smoothed[number] / judged.mean), 1)
        yield Finding(
            "hotspots_unlike", {**kind, **_named(material, row), "times": times}, material.cells.codes[row]
        )


def _untold(judged: Judged, undecided: int) -> Iterator[Finding]:
    """What cannot be told: too little walked, too few units, bunches that chance may have made."""
    little = judged.standing == Standing.LITTLE_EFFORT
    if little.any():
        hot = judged.is_significant & (judged.z > 0) & little[judged.rows]
        yield Finding("hotspots_little_effort", {"cells": int(little.sum()), "hot": int(hot.sum())})
    few = int((judged.standing == Standing.FEW_UNITS).sum())
    if few:
        yield Finding("hotspots_few_units", {"cells": few})
    if undecided:
        yield Finding("hotspots_by_chance", {"bunches": undecided})


def _named(material: HotspotMaterial, row: int) -> dict[str, Value]:
    return {"cell": material.cells.names[row] if row >= 0 else None}


def _code(material: HotspotMaterial, row: int) -> str | None:
    return material.cells.codes[row] if row >= 0 else None
