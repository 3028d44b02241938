"""The charts of the workload, for its page and its report."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext

from gis.analysis.result import Result, Table, Unit
from webmap.planner.charts import Axis, Chart, Point, Share, histogram, lorenz_curve, trend_lines
from webmap.planner.classes import classes_of
from webmap.planner.values import sign_of
from webmap.planner.words.workload import WORDS

_ON_PAPER = 50  # points of a curve nobody can click
_COLUMNS = 3  # of a legend; one where three charts stand beside each other


def charts_for_paper(result: Result) -> tuple[Chart, ...]:
    """The charts of the page, narrower, the curve with fewer points, without notes: all is defined there."""
    charts = charts_of(result, most_points=_ON_PAPER, columns=1)
    return tuple(replace(chart, note="") for chart in charts)


def charts_of(
    result: Result, *, most_points: int | None = None, columns: int = _COLUMNS
) -> tuple[Chart, ...]:
    """How the minutes are spread over the cells, how evenly, and how they go from month to month."""
    cells, trend = result.table("cells"), result.table("trend")
    minutes = _column(cells, "minutes")
    axis = Axis(f"{WORDS.figure('minutes').title} ({sign_of(Unit.MINUTES)})", Unit.MINUTES)
    charts = [
        Chart(
            "spread",
            gettext("How many cells have how much"),
            histogram(
                minutes,
                axis,
                classes=classes_of(minutes, Unit.MINUTES, WORDS.figure("minutes")),
                count=Axis(gettext("Cells")),
            ),
        ),
        Chart(
            "lorenz",
            gettext("Lorenz curve of the cells"),
            lorenz_curve(
                _thinned(_shares(cells), most_points),
                Axis(gettext("Share of cells, lightest first"), Unit.SHARE),
                Axis(gettext("Share of minutes"), Unit.SHARE),
            ),
            note=gettext(
                "On the dashed line all cells carry the same. The Gini is twice the area between line "
                "and curve."
            ),
        ),
    ]
    if trend.rows:
        lines = trend_lines(_points(trend), axis, columns=columns)
        note = str(WORDS.figure("month").definition)
        charts.append(Chart("trend", gettext("Month by month"), lines, note=note))
    return tuple(charts)


def _shares(cells: Table) -> list[Share]:
    """Every cell on the Lorenz curve, lightest first."""
    minutes = dict(zip((str(row[0]) for row in cells.rows), _column(cells, "minutes"), strict=True))
    whole = sum(minutes.values()) or 1.0
    shares, held = [], 0.0
    for number, (code, value) in enumerate(sorted(minutes.items(), key=lambda one: (one[1], one[0])), 1):
        held += value
        shares.append(Share(code, code, number / len(minutes), min(held / whole, 1.0)))
    return shares


def _thinned(shares: list[Share], most: int | None) -> list[Share]:
    """At most about so many points of a curve, its end among them."""
    step = 1 if most is None else max(1, -(-len(shares) // most))
    return shares[::-1][::step][::-1]


def _points(trend: Table) -> list[Point]:
    names = ("checks_minutes", "incidents_minutes", "points_minutes", "travel_minutes")
    at = [figure.name for figure in trend.figures]
    return [
        Point(
            name, str(WORDS.figure(name).title), str(row[at.index("month")]), float(row[at.index(name)] or 0)
        )
        for name in names
        for row in trend.rows
    ]


def _column(table: Table, name: str) -> list[float]:
    at = [figure.name for figure in table.figures].index(name)
    return [float(row[at] or 0) for row in table.rows]
