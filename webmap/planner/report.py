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

from gis.analysis.result import Finding, Place, Unit, Value
from gis.analysis.runs import service
from gis.analysis.runs.service import Outcome, Outline
from gis.database.pool import Database
from gis.errors import Busy, InvalidInput
from gis.people.model import Actor
from webmap.http.pdf import as_image, pdf_of
from webmap.i18n import is_english
from webmap.planner.charts import Chart, to_svg
from webmap.planner.definitions import Words
from webmap.planner.map_data import place_tables
from webmap.planner.report_charts import OF_BARS, TALL, charts_of
from webmap.planner.report_figure import Shown, figures_shown
from webmap.planner.report_layout import layout_of
from webmap.planner.report_maps import Maps, name_of_outline
from webmap.planner.report_tables import Tables
from webmap.planner.run_words import stated, words_or_names
from webmap.planner.tables import definitions
from webmap.planner.values import sentence, value_text

PAPERS = ("A4", "A3")
_ROW, _LOW = 15, 220  # pixels of a bar, closer than on a page, where one clicks; of a low chart
_MOST_FACTS = 8

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
        self._paper = paper
        shapes = [
            [_geometry(wkb) for wkb in service.shapes_of(db, actor, run_id, number)]
            for number in range(1, len(self.outcome.result.tables) + 1)
        ]
        self.shown: list[Shown] = figures_shown(self.outcome.result, self.words, figure)
        self._maps = Maps(self.outcome, self.words, shapes, self.communities)
        main = {*self.words.main, *(one.figure.name for one in self.shown)}
        self._told: set[str] = set()
        self._tables = Tables(self.outcome, self.words, main, self._places, paper)

    def district(self) -> dict[str, Any]:
        """The section of all places: of the whole district, or of the one community a run is about."""
        spoken_of = self.spoken_of()
        title = name_of_outline(spoken_of[0]) if len(spoken_of) == 1 else str(gettext("The whole district"))
        return self._section(title, None)

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
        return self._section(name_of_outline(found), code)

    def spoken_of(self) -> list[Outline]:
        """The communities the result has rows of."""
        known = {community for _, community in self._in_communities}
        return [one for one in self.communities if one.code in known]

    def page(self, section: dict[str, Any], *, is_last: bool = True) -> str:
        """A section as HTML for paper; the last one tells what the figures mean."""
        return render_template(
            "print/analysis.html",
            page="A3 landscape" if self._paper == "A3" else "A4",
            paper=self._paper,
            title=str(self.words.title),
            stated=stated(self.outcome.run, self.words),
            section=section,
            source=gettext(
                "Source: Guangming Grid, run %(run)s; SHA-256 of the result: %(hash)s",
                run=self.outcome.run.run_id,
                hash=self.outcome.run.sha256 or "–",
            ),
            definitions=self._definitions() if is_last else [],
            is_last=is_last,
            as_image=as_image,
        )

    def _section(self, title: str, code: str | None) -> dict[str, Any]:
        charts = charts_of(self.outcome, self.words, next(iter(self.shown), None), code)
        tall = [one for one in charts if one.id in TALL]
        low = [one for one in charts if one.id not in TALL]
        layout = layout_of(
            self._paper,
            maps=max(len(self.shown), 1),
            aspect=self._maps.aspect(self.shown, code),
            numbers=self._maps.numbers(self.shown, code),
            tall=len(tall),
            low=len(low),
        )
        tables = list(self._tables.of(code))
        self._told |= {name for table in tables for name in table["figures"]}
        return {
            "title": title,
            "code": code or "",
            "facts": self._facts(code),
            "findings": [
                sentence(self.words, one, self._units, self._places)
                for one in self.outcome.result.findings
                if self._speaks_of(one, code)
            ],
            "layout": layout,
            "maps": self._maps.of(self.shown, layout.maps, title, code),
            "tall": [self._drawn(one, layout.tall) for one in tall],
            "low": [self._drawn(one, layout.low) for one in low],
            "tables": tables,
        }

    def _drawn(self, chart: Chart, width: int) -> dict[str, Any]:
        is_of_bars = chart.id in OF_BARS
        drawn = to_svg(
            chart.spec,
            width=width,
            height=None if is_of_bars else _LOW,
            rows=_ROW * len(chart.spec["data"]["values"]) if is_of_bars else None,
            english=is_english(),
        )
        svg = Markup(drawn)  # noqa: S704 - Vega escapes what stands in its data
        return {"id": chart.id, "title": chart.title, "note": chart.note, "width": width, "svg": svg}

    def _definitions(self) -> list[dict[str, str]]:
        """What the figures mean that stand on the paper; those of one meaning together."""
        told = {*self._told, *(one.figure.name for one in self.shown)}
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for one in definitions(self.outcome.result, self.words):
            if one["name"] in told:
                same = found.setdefault(
                    (one["definition"], one["formula"], one["source"]), {**one, "title": ""}
                )
                same["title"] += f" · {one['title']}" if same["title"] else one["title"]
        return list(found.values())

    @cached_property
    def _places(self) -> dict[str, str]:
        return {one.code: name_of_outline(one) for one in self.communities}

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {figure.name: figure.unit for table in self.outcome.result.tables for figure in table.figures}

    def _facts(self, code: str | None) -> list[tuple[str, str]]:
        """The figures of a community as they stand in its own table."""
        table = place_tables(self.outcome.result, tuple(Place)).get(Place.COMMUNITY)
        row = next((row for row in table.rows if row[0] == code), None) if table else None
        if table is None or row is None:
            return []
        known = [
            (figure, value)
            for figure, value in zip(table.figures[1:], row[1:], strict=True)
            if value is not None
        ][:_MOST_FACTS]
        self._told |= {figure.name for figure, _ in known}
        words = [self.words.figure(figure.name) for figure, _ in known]
        return [
            (str(word.title), value_text(value, figure.unit, word))
            for (figure, value), word in zip(known, words, strict=True)
        ]

    def _speaks_of(self, finding: Finding, code: str | None) -> bool:
        return code is None or finding.code == code or (finding.code, code) in self._in_communities

    @cached_property
    def _in_communities(self) -> set[tuple[Value, str]]:
        """Every place with the community it lies in."""
        return {
            (row[0], place.community)
            for table, names in zip(self.outcome.result.tables, self.outcome.names, strict=True)
            for row, place in zip(table.rows, names, strict=True)
        }


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
    communities = report.spoken_of()
    steps = len(communities) + 1
    yield report.page(report.district(), is_last=steps == 1)
    for number, one in enumerate(communities, 1):
        progress(number, steps)
        yield report.page(report.community(one.code), is_last=number == steps - 1)
    progress(steps, steps)


def _geometry(wkb: bytes | None) -> BaseGeometry | None:
    return None if wkb is None else shapely.from_wkb(wkb)
