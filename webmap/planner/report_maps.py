"""The maps of a report: a figure's colours, borders and names over them, and what has shapes of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, radians
from typing import Any

import numpy as np
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
from webmap.planner.report_layout import Size
from webmap.planner.values import heading

_THICK = 1.8
_FRAME = 4  # pixels of padding and line round a map

Shapes = Sequence[Sequence[BaseGeometry | None]]


def name_of_outline(one: Outline) -> str:
    """A community's name in the reader's language."""
    return (is_english() and one.en) or one.zh


class Maps:
    """Draws the maps of a run, whole or of a community; `shapes` are those of every row of every table."""

    def __init__(
        self, outcome: Outcome, words: Words, shapes: Shapes, communities: Sequence[Outline]
    ) -> None:
        self._outcome, self._words, self._shapes = outcome, words, shapes
        self._communities = [(one, shapely.from_wkb(one.wkb)) for one in communities]

    def aspect(self, shown: Sequence[Shown], code: str | None) -> float:
        """How wide what the maps show is, by its height."""
        first = next(iter(shown), None)
        framing = [one.shape for one in self._outlines(first, code) or self._areas(first, code)]
        if not framing:
            return 1.0
        west, south, east, north = shapely.total_bounds(np.asarray(framing, dtype=object)).tolist()
        wide = (east - west) * cos(radians((south + north) / 2))
        return float(wide / (north - south)) if wide and north > south else 1.0

    def numbers(self, shown: Sequence[Shown], code: str | None) -> int:
        """How many beats, new cells or the like the first map tells apart."""
        return sum(1 for _ in self._borders(next(iter(shown), None), code))

    def of(
        self, shown: Sequence[Shown], sizes: Sequence[Size], title: str, code: str | None
    ) -> list[dict[str, Any]]:
        """A map of each figure with heading, meaning and legend; one of places alone if there is none."""
        drawn: list[Shown | None] = [*shown] or [None]
        marks = self._legend_of_marks(code)
        meanings = [str(one.word.definition) if one else "" for one in drawn]
        return [
            {
                "figure": heading(one.figure, one.word) if one else "",
                "meaning": meaning if meaning not in meanings[:number] else "",
                "width": size.width,
                "svg": self._drawn(one, title, code, size),
                "legend": [*(one.legend(self._outcome.rows_in(one.index, code)) if one else []), *marks],
            }
            for number, (one, meaning, size) in enumerate(zip(drawn, meanings, sizes, strict=True))
        ]

    def _drawn(self, shown: Shown | None, title: str, code: str | None, size: Size) -> Markup:
        return maps.choropleth(
            self._areas(shown, code),
            label=title,
            outlines=self._outlines(shown, code),
            marks=self._marks(code),
            width=size.width - 2 * _FRAME,
            height=size.height - 2 * _FRAME,
        )

    def _outlines(self, shown: Shown | None, code: str | None) -> list[maps.Outline]:
        return [*self._communities_around(shown, code), *self._borders(shown, code)]

    def _areas(self, shown: Shown | None, code: str | None) -> list[maps.Area]:
        if shown is None:
            return []
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
