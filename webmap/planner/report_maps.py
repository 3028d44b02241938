"""The maps of a report: a figure's colours, borders and names over them, and what has shapes of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gis.analysis.result import Table
from gis.analysis.runs.service import Outcome, Outline
from webmap.i18n import is_english
from webmap.maps import choropleth as maps
from webmap.planner.definitions import Words
from webmap.planner.map_data import labels_of
from webmap.planner.palette import VERMILION
from webmap.planner.report_figure import Shown
from webmap.planner.values import heading

_SIZES = {"A4": (680, 520), "A3": (860, 490)}
_BESIDE = {"A4": (680, 430), "A3": (680, 560)}  # of a map that has another beside or below it
_THICK = 1.8

Shapes = Sequence[Sequence[BaseGeometry | None]]


def name_of_outline(one: Outline) -> str:
    """A community's name in the reader's language."""
    return (is_english() and one.en) or one.zh


class Maps:
    """Draws the maps of a run, whole or of a community; `shapes` are those of every row of every table."""

    def __init__(
        self, outcome: Outcome, words: Words, shapes: Shapes, communities: Sequence[Outline], paper: str
    ) -> None:
        self._outcome, self._words, self._shapes = outcome, words, shapes
        self._communities = [(one, shapely.from_wkb(one.wkb)) for one in communities]
        self._paper = paper

    def of(self, shown: Sequence[Shown], title: str, code: str | None) -> list[dict[str, Any]]:
        """A map of each figure with heading, meaning and legend; one of places alone if there is none."""
        size = (_SIZES if len(shown) < 2 else _BESIDE)[self._paper]
        drawn: list[Shown | None] = [*shown] or [None]
        marks = self._legend_of_marks(code)
        return [
            {
                "figure": heading(one.figure, one.word) if one else "",
                "meaning": str(one.word.definition) if one else "",
                "svg": self._drawn(one, title, code, size),
                "legend": [*(one.legend(self._outcome.rows_in(one.index, code)) if one else []), *marks],
            }
            for one in drawn
        ]

    def _drawn(self, shown: Shown | None, title: str, code: str | None, size: tuple[int, int]) -> Markup:
        width, height = size
        outlines = [*self._communities_around(shown, code), *self._borders(shown, code)]
        areas = self._areas(shown, code) if shown else []
        return maps.choropleth(
            areas, label=title, outlines=outlines, marks=self._marks(code), width=width, height=height
        )

    def _areas(self, shown: Shown, code: str | None) -> list[maps.Area]:
        shapes = self._shapes[shown.index]
        return [
            maps.Area(shape, shown.colour(shown.table.rows[number][shown.position]))
            for number in self._outcome.rows_in(shown.index, code)
            if (shape := shapes[number]) is not None
        ]

    def _communities_around(self, shown: Shown | None, code: str | None) -> Iterator[maps.Outline]:
        """The community asked for, or all that have rows of the figure; no names where rows have theirs."""
        touched = {place.community for place in self._outcome.names[shown.index]} if shown else set()
        is_named = code is None and not self._words.outlined
        for one, shape in self._communities:
            if one.code == code or (code is None and (one.code in touched or not touched - {""})):
                yield maps.Outline(shape, name_of_outline(one) if is_named else "", _THICK)

    def _borders(self, shown: Shown | None, code: str | None) -> Iterator[maps.Outline]:
        """The rows of tables that divide the map, each with what its first column says.

        A map of what they are compared with is without them.
        """
        if shown is not None and shown.figure.name == self._words.compared:
            return
        for index, table in self._own_shapes(is_outlined=True):
            labels = labels_of(table)
            yield from (
                maps.Outline(shape, labels[number])
                for number in self._outcome.rows_in(index, code)
                if (shape := self._shapes[index][number]) is not None
            )

    def _marks(self, code: str | None) -> list[maps.Area]:
        """What has shapes of its own, in the community or anywhere."""
        return [
            maps.Area(shape, VERMILION)
            for index, _ in self._own_shapes()
            for number in self._outcome.rows_in(index, code)
            if (shape := self._shapes[index][number]) is not None
        ]

    def _legend_of_marks(self, code: str | None) -> list[tuple[str, str]]:
        return [
            (VERMILION, str(self._words.table(table.name)))
            for index, table in self._own_shapes()
            if any(self._shapes[index][row] for row in self._outcome.rows_in(index, code))
        ]

    def _own_shapes(self, *, is_outlined: bool = False) -> Iterator[tuple[int, Table]]:
        """The tables with shapes of their own: those that lie on the map, or those that divide it."""
        for index, table in enumerate(self._outcome.result.tables):
            if table.place is None and (table.name in self._words.outlined) == is_outlined:
                yield index, table
