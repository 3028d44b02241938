"""The tables of a report: the rows and columns paper has room for, those that matter most first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from flask_babel import gettext

from gis.analysis.result import Place, Table, Unit
from gis.analysis.runs.service import Outcome
from webmap.planner.definitions import Words
from webmap.planner.report_columns import Column, fitting, grid_of
from webmap.planner.report_layout import PAGES
from webmap.planner.run_files import is_named, name_of
from webmap.planner.values import NUMERIC, cell_text, heading, named

_MOST_ROWS = 40
_MOST_COLUMNS = {"A4": 7, "A3": 13}
_FEW_ROWS = 3  # such a table has as many columns as the page is wide


class Tables:
    """Makes the tables of a run, whole or of a community; `main` names the figures they may not lose.

    `places` are the names by code of places that tables of no place speak of.
    """

    def __init__(
        self, outcome: Outcome, words: Words, main: Collection[str], places: Mapping[str, str], paper: str
    ) -> None:
        self._outcome, self._words, self._main = outcome, words, main
        self._places, self._paper = places, paper

    def of(self, code: str | None) -> Iterator[dict[str, Any]]:
        """Every table with rows there, laid out, with the names of the figures it tells."""
        for index, table in enumerate(self._outcome.result.tables):
            numbers = self._outcome.rows_in(index, code)
            if not numbers or (code is not None and table.place is Place.COMMUNITY):
                continue
            known = [column for column in range(len(table.figures)) if self._is_told(table, column, numbers)]
            first, by = self._first(table, numbers)
            columns = self._columns(index, known, first)
            yield {
                "title": str(self._words.table(table.name)),
                "grid": grid_of(columns, PAGES[self._paper]),
                "figures": [column.name for column in columns],
                "is_record": len(numbers) == 1 and table.place is None,
                "shown": len(first),
                "count": len(numbers),
                "by": by,
                "is_narrowed": len(columns) - is_named(table) < len(known),
            }

    def _is_told(self, table: Table, column: int, numbers: list[int]) -> bool:
        """Whether a column is worth its room; colours that only tell neighbours apart are for maps."""
        word = self._words.figure(table.figures[column].name)
        return not word.tells_apart and tells(table, column, numbers)

    def _columns(self, index: int, known: list[int], rows: list[int]) -> list[Column]:
        """As many columns as the paper takes: the first, the name, the main ones, those before the others."""
        table = self._outcome.result.tables[index]
        order = sorted(known, key=lambda at: (at > 0 and table.figures[at].name not in self._main, at))
        most = len(order) if len(rows) <= _FEW_ROWS else _MOST_COLUMNS[self._paper]
        made = {at: self._column(index, at, rows) for at in order[:most]}
        names = [name_of(self._outcome.names[index][number]) for number in rows]
        name = [Column("", gettext("Name"), False, tuple(names))] if is_named(table) else []
        ranked = [made[0], *name, *(column for at, column in made.items() if at)]
        taken = ranked[: fitting(ranked, PAGES[self._paper])]
        return [one for one in (made[0], *name, *(made[at] for at in sorted(made) if at)) if one in taken]

    def _column(self, index: int, at: int, rows: list[int]) -> Column:
        table = self._outcome.result.tables[index]
        figure = table.figures[at]
        word = self._words.figure(figure.name)
        places = None if table.place else self._places
        values = [table.rows[number][at] for number in rows]
        texts = tuple(named(value, places) or cell_text(value, figure.unit, word) for value in values)
        return Column(figure.name, heading(figure, word), figure.unit in NUMERIC, texts)

    def _first(self, table: Table, numbers: list[int]) -> tuple[list[int], str]:
        """The rows there is room for; of too many those that matter most, and by which figure."""
        at = next((at for at in range(len(table.figures)) if self._ranks(table, at)), None)
        if len(numbers) <= _MOST_ROWS or at is None:
            return numbers[:_MOST_ROWS], ""
        word = self._words.figure(table.figures[at].name)
        sign = 1 if word.good == "high" else -1
        place = {name: number for number, name in enumerate(word.classes)}
        values = [(table.rows[number][at], number) for number in numbers]
        known = sorted(
            (place[value] if value in place else sign * value, number)
            for value, number in values
            if value in place or isinstance(value, int | float)
        )
        return [number for _, number in known[:_MOST_ROWS]], str(word.title)

    def _ranks(self, table: Table, at: int) -> bool:
        """Whether a figure tells which rows matter: a number with a better end, or a class."""
        figure = table.figures[at]
        word = self._words.figure(figure.name)
        is_class = figure.unit is Unit.CODE and bool(word.classes) and not word.tells_apart
        return figure.name in self._main and (is_class or (figure.unit in NUMERIC and bool(word.good)))


def tells(table: Table, column: int, numbers: list[int]) -> bool:
    """Whether a column is worth its room: it has values, and is no code that all rows share."""
    values = {table.rows[number][column] for number in numbers}
    is_shared = len(values) == 1 and len(numbers) > 1 and table.figures[column].unit is Unit.CODE
    return column == 0 or (values != {None} and not is_shared)
