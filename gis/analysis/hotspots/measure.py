"""Hot spots as tables and findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.analysis.hotspots.bunching import Bunch, Street, bunches, streets
from gis.analysis.hotspots.findings import HOT, findings
from gis.analysis.hotspots.judging import Judged, judge
from gis.analysis.hotspots.material import HotspotMaterial
from gis.analysis.hotspots.model import HotspotQuestion, Standing
from gis.analysis.hotspots.space_time import Whole
from gis.analysis.hotspots.weights import Bools
from gis.analysis.result import Figure, Place, Progress, Result, Table, Unit, Value
from gis.geometry.crs import to_wgs84

CODE, NUMBER = Figure("code", Unit.CODE), Figure("number", Unit.COUNT)
COMMUNITY = Figure("community_code", Unit.CODE)
INCIDENTS, UNITS = Figure("incidents", Unit.COUNT), Figure("units", Unit.COUNT)
RATE, STANDING = Figure("rate", Unit.NUMBER), Figure("standing", Unit.CODE)
CELL_FIGURES = (
    CODE,
    COMMUNITY,
    STANDING,
    INCIDENTS,
    UNITS,
    RATE,
    Figure("smoothed_rate", Unit.NUMBER),
    Figure("expected", Unit.NUMBER),
    Figure("times", Unit.NUMBER),
    Figure("z", Unit.NUMBER),
    Figure("p", Unit.NUMBER),
    Figure("is_significant", Unit.YES_NO),
    Figure("trend", Unit.CODE),
    Figure("hot_weeks", Unit.COUNT),
    Figure("hot_since", Unit.DATE),
    Figure("moran", Unit.CODE),
    Figure("moran_p", Unit.NUMBER),
    Figure("effort_m", Unit.METRES),
    Figure("is_little_walked", Unit.YES_NO),
)
COMMUNITY_FIGURES = (
    CODE,
    STANDING,
    INCIDENTS,
    UNITS,
    RATE,
    Figure("hot_cells", Unit.COUNT),
    Figure("few_units_cells", Unit.COUNT),
    Figure("little_walked_cells", Unit.COUNT),
)
STARTS_ON = Figure("starts_on", Unit.DATE)
WEEK_FIGURES = (NUMBER, STARTS_ON, INCIDENTS, RATE)
BUNCH_FIGURES = (
    NUMBER,
    Figure("cell_code", Unit.CODE),
    Figure("first_on", Unit.DATE),
    Figure("last_on", Unit.DATE),
    INCIDENTS,
    Figure("in_circle", Unit.COUNT),
    Figure("expected_in_circle", Unit.NUMBER),
    Figure("radius_m", Unit.METRES),
    Figure("chance", Unit.NUMBER),
)
STREET_FIGURES = (
    NUMBER,
    Figure("cell_code", Unit.CODE),
    INCIDENTS,
    Figure("share_of_district", Unit.SHARE),
    Figure("area_m2", Unit.SQUARE_METRES),
)
_STEPS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The result, and the weeks of every cell behind it: (n, w) incidents, and whether a cell was hot."""

    result: Result
    weekly_counts: Whole
    weekly_hot: Bools


def measure(material: HotspotMaterial, question: HotspotQuestion, progress: Progress) -> Measured:
    """Tables cells, communities, weeks, bunches and streets; findings, the gravest first.

    300 incidents a day over twelve weeks take a second or two; the first call compiles for some more.
    """
    judged = judge(material, question)
    progress(1, _STEPS)
    bunched, undecided = bunches(material.incidents, question)
    progress(2, _STEPS)
    dense = streets(material.incidents, question)
    progress(3, _STEPS)
    tables = (
        _cells(material, question, judged),
        _communities(material, judged),
        _weeks(material, question, judged),
        _bunches(material, question, bunched),
        _streets(material, dense),
    )
    found = tuple(findings(material, question, judged, (bunched, undecided, dense)))
    progress(_STEPS, _STEPS)
    is_hot = np.zeros(judged.weekly_counts.shape, dtype=bool)
    is_hot[judged.rows] = judged.weekly.is_hot
    return Measured(Result(tables, found), judged.weekly_counts, is_hot)


def _cells(material: HotspotMaterial, question: HotspotQuestion, judged: Judged) -> Table:
    place = {int(row): number for number, row in enumerate(judged.rows)}
    counts, cells = judged.weekly_counts.sum(axis=1), material.cells
    nothing: tuple[Value, ...] = (None,) * 10
    rows = []
    for row, code in enumerate(cells.codes):
        number, units, count = place.get(row), int(cells.units[row]), int(counts[row])
        figures = nothing if number is None else _figures(question, judged, number)
        rows.append(
            (
                *(code, cells.communities[row], str(judged.standing[row]), count, units),
                round(100 * count / units, 2) if units else None,
                figures[0],
                round(judged.mean * units, 2),
                *figures[1:],
                round(float(cells.effort_m[row])),
                bool(judged.is_little_walked[row]),
            )
        )
    return Table("cells", CELL_FIGURES, tuple(rows), Place.CELL)


def _figures(question: HotspotQuestion, judged: Judged, number: int) -> tuple[Value, ...]:
    """Figures of one judged cell, from the smoothed rate to Moran's p, without what was expected."""
    weekly, rate = judged.weekly, float(judged.smoothed[number])
    run, alike = int(weekly.run[number]), bool(judged.is_alike[number])
    return (
        round(100 * rate, 2),
        round(rate / judged.mean, 2) if judged.mean else 0.0,
        round(float(judged.z[number]), 3),
        _chance(judged.p[number]),
        bool(judged.is_significant[number]),
        str(weekly.trend[number]),
        int(weekly.is_hot[number].sum()),
        question.week_start(question.weeks - run).isoformat() if run else None,
        str(judged.moran.kind[number]) if alike else None,
        _chance(judged.moran.p[number]),
    )


def _communities(material: HotspotMaterial, judged: Judged) -> Table:
    counts, cells = judged.weekly_counts.sum(axis=1), material.cells
    hot = np.isin(judged.standing, HOT)
    rows = []
    for code in sorted(set(cells.communities)):
        own = np.array([community == code for community in cells.communities])
        units, count = int(cells.units[own].sum()), int(counts[own].sum())
        of = [int(np.count_nonzero(own & which)) for which in (hot, *_greyed(judged))]
        gravest = next(
            (str(name) for name in HOT if (judged.standing[own] == name).any()), str(Standing.USUAL)
        )
        rows.append((code, gravest, count, units, round(100 * count / units, 2) if units else None, *of))
    return Table("communities", COMMUNITY_FIGURES, tuple(rows), Place.COMMUNITY)


def _greyed(judged: Judged) -> Iterable[np.ndarray]:
    return (judged.standing == grey for grey in (Standing.FEW_UNITS, Standing.LITTLE_EFFORT))


def _weeks(material: HotspotMaterial, question: HotspotQuestion, judged: Judged) -> Table:
    counts, units = judged.weekly_counts.sum(axis=0), int(material.cells.units.sum())
    rows = tuple(
        (
            week + 1,
            question.week_start(week).isoformat(),
            int(counts[week]),
            round(100 * int(counts[week]) / units, 3) if units else None,
        )
        for week in range(question.weeks)
    )
    return Table("weeks", WEEK_FIGURES, rows)


def _bunches(material: HotspotMaterial, question: HotspotQuestion, found: list[Bunch]) -> Table:
    rows = tuple(
        (
            number,
            _code(material, bunch.cell),
            question.day(bunch.evidence.first_day).isoformat(),
            question.day(bunch.evidence.last_day).isoformat(),
            len(bunch.members),
            bunch.evidence.count,
            round(bunch.evidence.expected, 2),
            bunch.evidence.radius_m,
            _chance(bunch.evidence.p),
        )
        for number, bunch in enumerate(found, start=1)
    )
    return Table("bunches", BUNCH_FIGURES, rows, shapes=_outlines([bunch.outline for bunch in found]))


def _streets(material: HotspotMaterial, found: list[Street]) -> Table:
    total = max(len(material.incidents.cell), 1)
    rows = tuple(
        (
            number,
            _code(material, street.cell),
            len(street.members),
            round(len(street.members) / total, 4),
            round(float(shapely.area(street.outline))),
        )
        for number, street in enumerate(found, start=1)
    )
    return Table("streets", STREET_FIGURES, rows, shapes=_outlines([street.outline for street in found]))


def _outlines(shapes: list[BaseGeometry]) -> tuple[bytes, ...]:
    """Outlines in metres as WKB in degrees, to a tenth of a metre."""
    if not shapes:
        return ()
    degrees = shapely.set_precision(to_wgs84(np.asarray(shapes, dtype=object)), 1e-6)
    return tuple(shapely.to_wkb(degrees).tolist())


def _code(material: HotspotMaterial, cell: int) -> str | None:
    return material.cells.codes[cell] if cell >= 0 else None


def _chance(p: float) -> float:
    """A p to three digits: it may be very small."""
    return float(f"{p:.3g}")
