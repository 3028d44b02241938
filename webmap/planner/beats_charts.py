"""The minutes of proposed beats, or of a community's new cells, for pages and reports."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext

from gis.analysis.result import Result, Table, Unit
from webmap.planner.charts import Axis, Bar, Chart, ranked_bars
from webmap.planner.values import sign_of
from webmap.planner.words.workload import MINUTES

_MOST_BARS = 40


def charts_of(result: Result, rows: Collection[int] | None = None) -> tuple[Chart, ...]:
    """The beats in order, the heaviest first; `rows` are the numbers of those to show, all unless told."""
    table = result.table("beats")
    bars = [
        Bar("", gettext("Beat %(number)s", number=number), minutes)
        for number, minutes in _heaviest(table, rows)
    ]
    return _ranked("beats", gettext("Minutes of each beat"), bars)


def charts_of_split(result: Result) -> tuple[Chart, ...]:
    """The new cells in order, the heaviest first."""
    bars = [Bar("", str(code), minutes) for code, minutes in _heaviest(result.table("new_cells"), None)]
    return _ranked("new", gettext("Minutes of each new cell"), bars)


def _heaviest(table: Table, rows: Collection[int] | None) -> list[tuple[object, float]]:
    """The first column and the minutes of rows, the heaviest first."""
    at = [figure.name for figure in table.figures].index("minutes")
    told = [
        (row[0], float(row[at] or 0))
        for number, row in enumerate(table.rows)
        if rows is None or number in rows
    ]
    return sorted(told, key=lambda one: -one[1])


def _ranked(name: str, title: str, bars: list[Bar]) -> tuple[Chart, ...]:
    """A chart, of many bars the first and the last; none without bars."""
    if not bars:
        return ()
    half, is_cut = _MOST_BARS // 2, len(bars) > _MOST_BARS
    shown = [*bars[:half], *bars[-half:]] if is_cut else bars
    note = str(gettext("The %(count)s heaviest and lightest.", count=half)) if is_cut else ""
    axis = Axis(f"{MINUTES.title} ({sign_of(Unit.MINUTES)})", Unit.MINUTES)
    return (Chart(name, title, ranked_bars(shown, axis), note=note),)
