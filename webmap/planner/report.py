"""The report of a run for paper: maps, charts, tables and definitions of the district or a community.

Maps and charts are SVG made on the server, the charts from the specifications pages show.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import shapely
from flask import render_template
from flask_babel import gettext
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gis.analysis.result import Finding, Place, Table, Unit
from gis.analysis.runs import service
from gis.analysis.runs.service import Outcome, Outline
from gis.database.pool import Database
from gis.errors import Busy, InvalidInput
from gis.people.model import Actor
from webmap.http.pdf import pdf_of
from webmap.i18n import is_english
from webmap.maps import choropleth as maps
from webmap.planner.charts import Chart, to_svg
from webmap.planner.definitions import Words
from webmap.planner.map_data import place_tables
from webmap.planner.palette import VERMILION
from webmap.planner.report_charts import charts_of, curves_of
from webmap.planner.report_figure import Shown, in_order, shown_of
from webmap.planner.run_files import is_named, name_of
from webmap.planner.run_words import stated, words_or_names
from webmap.planner.tables import definitions
from webmap.planner.values import NUMERIC, cell_text, heading, named, sentence, value_text

PAPERS = ("A4", "A3")
_MAP = {"A4": (680, 520), "A3": (860, 490)}
_CHART = {"A4": 540, "A3": 440}
_CURVE = {"A4": 270, "A3": 440}  # two beside each other
_MOST_ROWS, _MOST_FACTS = 40, 8
_MOST_COLUMNS = {"A4": 7, "A3": 13}

# Drawing takes a whole core for seconds: one at a time in a process leaves the others to those who read.
_drawing = threading.Lock()
_WAIT_S = 20.0


class Report:
    """What one run's report is made from; sections are made one by one."""

    def __init__(
        self, db: Database, actor: Actor, run_id: int, *, paper: str = "A4", figure: str = ""
    ) -> None:
        if paper not in PAPERS:
            raise InvalidInput("Paper is A4 or A3.", pointer="paper")
        self.outcome: Outcome = service.outcome_of(db, actor, run_id)
        self.words: Words = words_or_names(self.outcome.run.analysis)
        self.communities: list[Outline] = service.communities(db, actor)
        self._paper, self._figure = paper, figure
        self._shapes = [
            [_geometry(wkb) for wkb in service.shapes_of(db, actor, run_id, number)]
            for number in range(1, len(self.outcome.result.tables) + 1)
        ]
        self._outlines = {one.code: shapely.from_wkb(one.wkb) for one in self.communities}

    def district(self) -> dict[str, Any]:
        """The section of the whole district."""
        return self._section(gettext("The whole district"), None)

    def community(self, code: str) -> dict[str, Any]:
        """The section of a community.

        Raises
        ------
        InvalidInput
            There is no such community.
        """
        found = next((one for one in self.communities if one.code == code), None)
        if found is None:
            raise InvalidInput("There is no such community.", pointer="community")
        return self._section(_name(found), code)

    def page(self, section: dict[str, Any], *, is_last: bool = True) -> str:
        """A section as HTML for paper; the last one tells what the figures mean."""
        return render_template(
            "print/analysis.html",
            page="A3 landscape" if self._paper == "A3" else "A4",
            paper=self._paper,
            title=str(self.words.title),
            stated=stated(self.outcome.run, self.words),
            section=section,
            definitions=definitions(self.outcome.result, self.words) if is_last else [],
            is_last=is_last,
        )

    @cached_property
    def shown(self) -> Shown | None:
        """The figure of the maps."""
        return shown_of(self.outcome.result, self.words, self._figure)

    def _section(self, title: str, code: str | None) -> dict[str, Any]:
        return {
            "title": title,
            "code": code or "",
            "facts": self._facts(code),
            "findings": [
                sentence(self.words, one, self._units, self._places)
                for one in self.outcome.result.findings
                if self._speaks_of(one, code)
            ],
            "figure": heading(self.shown.figure, self.shown.word) if self.shown else "",
            "meaning": str(self.shown.word.definition) if self.shown else "",
            "map": self._map(title, code),
            "legend": [*(self.shown.legend() if self.shown else []), *self._legend_of_marks(code)],
            "charts": self._charts(code),
            "curves": [self._drawn(one, _CURVE[self._paper]) for one in curves_of(self.outcome, code)],
            "tables": list(self._tables(code)),
        }

    def _charts(self, code: str | None) -> list[dict[str, Any]]:
        found = charts_of(self.outcome, self.words, self.shown, code)
        return [self._drawn(one, _CHART[self._paper]) for one in found]

    def _drawn(self, chart: Chart, width: int) -> dict[str, Any]:
        drawn = to_svg(chart.spec, width=width, english=is_english())
        svg = Markup(drawn)  # noqa: S704 - Vega escapes what stands in its data
        return {"id": chart.id, "title": chart.title, "svg": svg}

    @cached_property
    def _places(self) -> dict[str, str]:
        return {one.code: _name(one) for one in self.communities}

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {figure.name: figure.unit for table in self.outcome.result.tables for figure in table.figures}

    def _rows(self, index: int, code: str | None) -> list[int]:
        """Which rows of a table lie in a community; all for the district."""
        return self.outcome.rows_in(index, code)

    def _facts(self, code: str | None) -> list[tuple[str, str]]:
        """The figures of a community as they stand in its own table."""
        table = place_tables(self.outcome.result, tuple(Place)).get(Place.COMMUNITY)
        row = next((row for row in table.rows if row[0] == code), None) if table else None
        if table is None or row is None:
            return []
        pairs = zip(table.figures[1:], row[1:], strict=True)
        return [
            (str(word.title), value_text(value, figure.unit, word))
            for figure, value in pairs
            for word in (self.words.figure(figure.name),)
            if value is not None
        ][:_MOST_FACTS]

    def _speaks_of(self, finding: Finding, code: str | None) -> bool:
        if code is None or finding.code == code:
            return True
        return any(
            row[0] == finding.code and place.community == code
            for table, names in zip(self.outcome.result.tables, self.outcome.names, strict=True)
            for row, place in zip(table.rows, names, strict=True)
            if finding.code is not None
        )

    def _map(self, title: str, code: str | None) -> Markup:
        width, height = _MAP[self._paper]
        areas = []
        if self.shown is not None:
            shapes = self._shapes[self.shown.index]
            areas = [
                maps.Area(shape, self.shown.colour(self.shown.table.rows[number][self.shown.position]))
                for number in self._rows(self.shown.index, code)
                if (shape := shapes[number]) is not None
            ]
        chosen = [one for one in self.communities if code is None or one.code == code]
        outlines = [
            maps.Outline(self._outlines[one.code], _name(one) if code is None else "") for one in chosen
        ]
        return maps.choropleth(
            areas, label=title, outlines=outlines, marks=self._marks(code), width=width, height=height
        )

    def _marks(self, code: str | None) -> list[maps.Area]:
        """What has shapes of its own, in the community or anywhere."""
        return [
            maps.Area(shape, VERMILION)
            for index, table in enumerate(self.outcome.result.tables)
            if table.place is None
            for number in self._rows(index, code)
            if (shape := self._shapes[index][number]) is not None
        ]

    def _legend_of_marks(self, code: str | None) -> list[tuple[str, str]]:
        return [
            (VERMILION, str(self.words.table(table.name)))
            for index, table in enumerate(self.outcome.result.tables)
            if table.place is None and any(self._shapes[index][row] for row in self._rows(index, code))
        ]

    def _tables(self, code: str | None) -> Iterator[dict[str, Any]]:
        for index, table in enumerate(self.outcome.result.tables):
            numbers = self._in_order(index, self._rows(index, code))
            if not numbers or (code is not None and table.place is Place.COMMUNITY):
                continue
            known = [column for column in range(len(table.figures)) if self._tells(table, column, numbers)]
            columns = known[: _MOST_COLUMNS[self._paper]]
            yield {
                "title": str(self.words.table(table.name)),
                "heads": self._heads(table, columns),
                "rows": [self._texts(index, number, columns) for number in numbers[:_MOST_ROWS]],
                "is_record": len(numbers) == 1 and table.place is None,
                "left_out": max(0, len(numbers) - _MOST_ROWS),
                "is_narrowed": len(columns) < len(known),
            }

    def _in_order(self, index: int, numbers: list[int]) -> list[int]:
        """Of more rows than are printed those count that the figure of the map speaks of first."""
        shown, table = self.shown, self.outcome.result.tables[index]
        names = [figure.name for figure in table.figures]
        if len(numbers) <= _MOST_ROWS or shown is None or shown.figure.name not in names:
            return numbers
        column = names.index(shown.figure.name)
        return in_order(numbers, [table.rows[number][column] for number in numbers], shown.word)

    def _tells(self, table: Table, column: int, numbers: list[int]) -> bool:
        """Whether a column is worth its room: it has values, and is no code that all rows share."""
        values = {table.rows[number][column] for number in numbers}
        is_shared = len(values) == 1 and len(numbers) > 1 and table.figures[column].unit is Unit.CODE
        return column == 0 or (values != {None} and not is_shared)

    def _heads(self, table: Table, columns: list[int]) -> list[tuple[str, bool]]:
        figures = [table.figures[column] for column in columns]
        heads = [
            (heading(figure, self.words.figure(figure.name)), figure.unit in NUMERIC) for figure in figures
        ]
        return [heads[0], *([(gettext("Name"), False)] if is_named(table) else []), *heads[1:]]

    def _texts(self, index: int, number: int, columns: list[int]) -> list[str]:
        table = self.outcome.result.tables[index]
        row = table.rows[number]
        texts = [
            named(row[column], None if table.place else self._places)
            or cell_text(row[column], figure.unit, self.words.figure(figure.name))
            for column in columns
            for figure in (table.figures[column],)
        ]
        name = [name_of(self.outcome.names[index][number])] if is_named(table) else []
        return [texts[0], *name, *texts[1:]]


def report_of(
    db: Database, actor: Actor, run_id: int, *, paper: str = "A4", figure: str = "", community: str = ""
) -> tuple[Report, bytes]:
    """The report of the district, or of one community, with its PDF.

    Raises
    ------
    NotFound, InvalidInput
        There is no such run that is done, paper or community.
    Busy
        This process has drawn another report for too long.
    """
    report = Report(db, actor, run_id, paper=paper, figure=figure)
    if not _drawing.acquire(timeout=_WAIT_S):
        raise Busy
    try:
        section = report.community(community) if community else report.district()
        return report, pdf_of([report.page(section)])
    finally:
        _drawing.release()


def report_by_community(
    db: Database, actor: Actor, run_id: int, *, paper: str, progress: Callable[[int, int], None]
) -> bytes:
    """The report of the district and then of each community, in one PDF."""
    report = Report(db, actor, run_id, paper=paper)
    return pdf_of(_pages(report, progress))


def _pages(report: Report, progress: Callable[[int, int], None]) -> Iterator[str]:
    """Section by section, so that each is laid out before the next is begun."""
    steps = len(report.communities) + 1
    yield report.page(report.district(), is_last=steps == 1)
    for number, one in enumerate(report.communities, 1):
        progress(number, steps)
        yield report.page(report.community(one.code), is_last=number == steps - 1)
    progress(steps, steps)


def _name(one: Outline) -> str:
    return (is_english() and one.en) or one.zh


def _geometry(wkb: bytes | None) -> BaseGeometry | None:
    return None if wkb is None else shapely.from_wkb(wkb)
