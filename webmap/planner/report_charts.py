"""The charts of a report, from the specifications that pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from flask_babel import gettext

from gis.analysis.result import Place, Result, Unit
from gis.analysis.runs.service import Outcome
from webmap.planner import beats_charts, curves, workload_charts
from webmap.planner.charts import Axis, Bar, Chart, histogram, ranked_bars
from webmap.planner.classes import Classes, classes_of
from webmap.planner.definitions import Words
from webmap.planner.map_data import place_tables
from webmap.planner.report_figure import Shown
from webmap.planner.run_files import name_of
from webmap.planner.values import heading

_MOST_BARS = 30
_LONGEST_CLASS = 260  # pixels
TALL = ("bars", "beats", "new")
"""Charts as high as they have bars, which many have; the others are low."""
OF_BARS = (*TALL, "classes")
_OWN: Mapping[str, Callable[[Result], Sequence[Chart]]] = {
    "services": curves.of_services,
    "sites": curves.sites_for_paper,
    "split": beats_charts.charts_of_split,
    "workload": workload_charts.charts_for_paper,
}
"""Charts of the pages that a result alone makes; they speak of the whole."""
_TOLD_BY_OWN = ("split", "workload")
"""Where those tell how the figure is spread."""


def charts_of(outcome: Outcome, words: Words, shown: Shown | None, code: str | None) -> list[Chart]:
    """The charts of the figure a report shows, for a community or (None) the district."""
    if shown is None:
        return []
    if outcome.run.analysis == "beats":
        return _of_beats(outcome, code)
    if shown.classes is None:
        return [_by_class(outcome, shown, code)]
    axis = Axis(heading(shown.figure, shown.word), shown.figure.unit)
    if code is not None:
        bars = _bars(outcome, words, shown.index, shown.position, shown.classes, code)
        return [_ranked(gettext("Places in order"), bars, axis)] if bars else []
    name = outcome.run.analysis
    spread = () if name in _TOLD_BY_OWN else _spread(shown, axis)
    own = _OWN[name](outcome.result) if name in _OWN else ()
    return [*spread, *own, *_of_communities(outcome, words, shown, axis)]


def _of_beats(outcome: Outcome, code: str | None) -> list[Chart]:
    """The beats of a community, or of all: their map tells them apart and has no value to be charted."""
    index = next(at for at, table in enumerate(outcome.result.tables) if table.name == "beats")
    return list(beats_charts.charts_of(outcome.result, outcome.rows_in(index, code)))


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
    return Chart("classes", str(shown.word.title), ranked_bars(bars, count, longest_name=_LONGEST_CLASS))


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
    index, position = outcome.result.tables.index(table), names.index(shown.figure.name)
    values = [value if isinstance(value := row[position], int | float) else None for row in table.rows]
    classes = classes_of(values, shown.figure.unit, shown.word)  # sums are beyond the classes of cells
    bars = _bars(outcome, words, index, position, classes, None)
    return [_ranked(gettext("Communities in order"), bars, axis)]


def _ranked(title: str, bars: list[Bar], axis: Axis) -> Chart:
    """Bars whose heading tells the figure: below them there is less room for it."""
    return Chart("bars", f"{title} · {axis.title}", ranked_bars(bars, Axis("", axis.unit)))


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
