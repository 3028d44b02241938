"""The charts of a report, from the specifications that pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask_babel import gettext

from gis.analysis.result import Place, Result, Unit
from gis.analysis.runs.service import Outcome
from webmap.planner import curves
from webmap.planner.charts import Axis, Bar, Chart, histogram, ranked_bars
from webmap.planner.classes import Classes
from webmap.planner.definitions import Words
from webmap.planner.map_data import place_tables
from webmap.planner.report_figure import Shown
from webmap.planner.run_files import name_of
from webmap.planner.values import heading

_MOST_BARS = 30
_CURVES: dict[str, Callable[[Result], tuple[Chart, ...]]] = {
    "services": curves.of_services,
    "sites": curves.of_sites,
}


def charts_of(outcome: Outcome, words: Words, shown: Shown | None, code: str | None) -> list[Chart]:
    """The charts of the figure a report shows, for a community or (None) the district.

    The one called "bars" is as high as it has bars; the others are low.
    """
    if shown is None:
        return []
    if shown.classes is None:
        return [_by_class(outcome, shown, code)]
    axis = Axis(heading(shown.figure, shown.word), shown.figure.unit)
    if code is not None:
        bars = _bars(outcome, words, shown.index, shown.position, shown.classes, code)
        return [Chart("bars", gettext("Places in order"), ranked_bars(bars, axis))] if bars else []
    return [*_spread(shown, axis), *_of_communities(outcome, words, shown, axis)]


def curves_of(outcome: Outcome, code: str | None) -> tuple[Chart, ...]:
    """Charts of the question's own, low and narrow; they are of the district alone."""
    own = _CURVES.get(outcome.run.analysis) if code is None else None
    return own(outcome.result) if own else ()


def _by_class(outcome: Outcome, shown: Shown, code: str | None) -> Chart:
    """How many places are of each class."""
    rows = shown.table.rows
    found = Counter(rows[number][shown.position] for number in outcome.rows_in(shown.index, code))
    bars = [
        Bar(key, str(one.title), found[key], one.colour)
        for key, one in shown.word.classes.items()
        if found[key]
    ]
    count = Axis(gettext("Number of places"), Unit.COUNT)
    return Chart("spread", str(shown.word.title), ranked_bars(bars, count))


def _spread(shown: Shown, axis: Axis) -> list[Chart]:
    values = [value for row in shown.table.rows if isinstance(value := row[shown.position], int | float)]
    if not values or shown.classes is None:
        return []
    count = Axis(gettext("Number of places"), Unit.COUNT)
    spec = histogram(values, axis, classes=shown.classes, count=count)
    return [Chart("spread", gettext("How it is spread"), spec)]


def _of_communities(outcome: Outcome, words: Words, shown: Shown, axis: Axis) -> list[Chart]:
    """Communities by the same figure, where their table has it."""
    table = place_tables(outcome.result, tuple(Place)).get(Place.COMMUNITY)
    names = [figure.name for figure in table.figures] if table else []
    if table is None or shown.classes is None or shown.figure.name not in names:
        return []
    index = outcome.result.tables.index(table)
    bars = _bars(outcome, words, index, names.index(shown.figure.name), shown.classes, None)
    return [Chart("bars", gettext("Communities in order"), ranked_bars(bars, axis))]


def _bars(
    outcome: Outcome, words: Words, index: int, position: int, classes: Classes, code: str | None
) -> list[Bar]:
    """The bars of a column, the worst end of the figure first."""
    table, names = outcome.result.tables[index], outcome.names[index]
    bars = [
        Bar(str(row[0]), name_of(names[number]) or str(row[0]), float(value), classes.colour(value))
        for number in outcome.rows_in(index, code)
        for row in (table.rows[number],)
        if isinstance(value := row[position], int | float)
    ]
    is_down = words.figure(table.figures[position].name).good != "high"
    bars.sort(key=lambda bar: (-(bar.value or 0) if is_down else bar.value or 0, bar.code))
    return bars[:_MOST_BARS]
