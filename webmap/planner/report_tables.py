"""The tables of a report: the rows and columns paper has room for, those that matter most first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from gis.analysis.result import Place, Table, Unit
from gis.analysis.runs.service import Outcome
from webmap.planner.definitions import Words
from webmap.planner.run_files import is_named, name_of
from webmap.planner.values import NUMERIC, cell_text, heading, named

_MOST_ROWS = 40
_MOST_COLUMNS = {"A4": 7, "A3": 13}
_LEAST_SIGNS, _MOST_SIGNS, _FIRST_WIDE = 6, 40, 0x2E80  # signs of a column, the first of double width


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
        """Every table with rows there, as texts with the widths of its columns."""
        for index, table in enumerate(self._outcome.result.tables):
            numbers = self._outcome.rows_in(index, code)
            if not numbers or (code is not None and table.place is Place.COMMUNITY):
                continue
            known = [column for column in range(len(table.figures)) if tells(table, column, numbers)]
            columns = self._columns(table, known)
            heads = self._heads(table, columns)
            first, by = self._first(table, numbers)
            rows = [self._texts(index, number, columns) for number in first]
            yield {
                "title": str(self._words.table(table.name)),
                "heads": heads,
                "rows": rows,
                "widths": widths_of([head for head, _ in heads], rows),
                "is_record": len(numbers) == 1 and table.place is None,
                "count": len(numbers),
                "by": by,
                "is_narrowed": len(columns) < len(known),
            }

    def _columns(self, table: Table, known: list[int]) -> list[int]:
        """As many columns as the paper takes: the first, the main ones and those before the others."""
        first = sorted(known, key=lambda at: (at > 0 and table.figures[at].name not in self._main, at))
        return sorted(first[: _MOST_COLUMNS[self._paper]])

    def _first(self, table: Table, numbers: list[int]) -> tuple[list[int], str]:
        """The rows there is room for; of too many those that matter most, and by which figure."""
        at = next(
            (
                at
                for at, one in enumerate(table.figures)
                if one.name in self._main and one.unit in NUMERIC and self._words.figure(one.name).good
            ),
            None,
        )
        if len(numbers) <= _MOST_ROWS or at is None:
            return numbers[:_MOST_ROWS], ""
        word = self._words.figure(table.figures[at].name)
        sign = 1 if word.good == "high" else -1
        values = [(table.rows[number][at], number) for number in numbers]
        known = sorted((sign * value, number) for value, number in values if isinstance(value, int | float))
        return [number for _, number in known[:_MOST_ROWS]], str(word.title)

    def _heads(self, table: Table, columns: list[int]) -> list[tuple[str, bool]]:
        figures = [table.figures[column] for column in columns]
        heads = [
            (heading(figure, self._words.figure(figure.name)), figure.unit in NUMERIC) for figure in figures
        ]
        return [heads[0], *([(gettext("Name"), False)] if is_named(table) else []), *heads[1:]]

    def _texts(self, index: int, number: int, columns: list[int]) -> list[str]:
        table = self._outcome.result.tables[index]
        row = table.rows[number]
        texts = [
            named(row[column], None if table.place else self._places)
            or cell_text(row[column], figure.unit, self._words.figure(figure.name))
            for column in columns
            for figure in (table.figures[column],)
        ]
        name = [name_of(self._outcome.names[index][number])] if is_named(table) else []
        return [texts[0], *name, *texts[1:]]


def tells(table: Table, column: int, numbers: list[int]) -> bool:
    """Whether a column is worth its room: it has values, and is no code that all rows share."""
    values = {table.rows[number][column] for number in numbers}
    is_shared = len(values) == 1 and len(numbers) > 1 and table.figures[column].unit is Unit.CODE
    return column == 0 or (values != {None} and not is_shared)


def widths_of(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """The columns' shares of a table's width in percent, by their longest texts; heads may take two lines.

    Paper that need not measure every cell for this is laid out in half the time.
    """
    columns = zip(*rows, strict=True) if rows else ([] for _ in heads)
    wide = [
        min(max(_LEAST_SIGNS, _signs(head) / 2, *map(_signs, column)), _MOST_SIGNS)
        for head, column in zip(heads, columns, strict=True)
    ]
    return [round(100 * one / sum(wide), 2) for one in wide]


def _signs(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese one takes the room of two."""
    return sum(2 if ord(sign) > _FIRST_WIDE else 1 for sign in text)
