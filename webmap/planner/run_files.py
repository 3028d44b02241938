"""Results of runs as files: one table as CSV, all of them as a workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

from flask_babel import gettext

from gis.analysis.result import Place, Table, Unit, Value
from gis.analysis.runs.service import Outcome, PlaceName
from gis.exchange.formulas import formula_safe
from gis.exchange.workbook import Book, Column
from webmap.i18n import is_english
from webmap.planner.definitions import Word, Words
from webmap.planner.run_words import stated
from webmap.planner.tables import findings
from webmap.planner.values import NUMERIC, cell_text, csv_value, heading

_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_TITLE = 31
_ABOUT = (Column("", 28), Column("", 60), Column("", 60), Column("", 40))


def name_of(place: PlaceName) -> str:
    """A place's name in the reader's language."""
    return (is_english() and place.en) or place.zh


def is_named(table: Table) -> bool:
    """Whether names of places are added to a table: it has places, and no names of its own."""
    return table.place is not None and all(figure.name != "name" for figure in table.figures)


def heads_of(table: Table, words: Words) -> list[str]:
    """Headings of a table: its first figure, the name of the place if it has one, the other figures."""
    heads = [heading(figure, words.figure(figure.name)) for figure in table.figures]
    return [heads[0], *([gettext("Name")] if is_named(table) else []), *heads[1:]]


def as_csv(outcome: Outcome, index: int, words: Words) -> bytes:
    """A table as CSV: UTF-8 with BOM, as Excel expects it; what was asked at the end of every row.

    No text can become a formula.
    """
    table, names = outcome.result.tables[index], outcome.names[index]
    asked = stated(outcome.run, words)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*heads_of(table, words), *(title for title, _ in asked)])
    told = [formula_safe(value) for _, value in asked]
    for row, place in zip(table.rows, names, strict=True):
        values = [
            csv_value(value, figure.unit, words.figure(figure.name))
            for figure, value in zip(table.figures, row, strict=True)
        ]
        named = [formula_safe(name_of(place))] if is_named(table) else []
        writer.writerow([values[0], *named, *values[1:], *told])
    return text.getvalue().encode("utf-8-sig")


def write_workbook(file: IO[bytes], outcome: Outcome, words: Words) -> None:
    """Write a workbook: a sheet on what it is and what its figures mean, then a sheet for each table."""
    with Book(file) as book:
        about = book.sheet(gettext("About"), _ABOUT, has_head=False)
        for row in _about(outcome, words):
            about.row(row)
        for table, names, title in zip(
            outcome.result.tables, outcome.names, _titles(outcome, words), strict=True
        ):
            sheet = book.sheet(title, [Column(head, _width(head)) for head in heads_of(table, words)])
            for row in _rows(table, names, words):
                sheet.row(row)


def place_names(outcome: Outcome) -> dict[str, str]:
    """Names of the communities and cells of a result by code, for sentences and tables that speak of them."""
    return {
        str(row[0]): name_of(name)
        for table, names in zip(outcome.result.tables, outcome.names, strict=True)
        if table.place in (Place.COMMUNITY, Place.CELL)
        for row, name in zip(table.rows, names, strict=True)
    }


def _about(outcome: Outcome, words: Words) -> Iterator[Sequence[Any]]:
    yield [str(words.title)]
    yield from stated(outcome.run, words)
    yield []
    for finding in findings(outcome.result, words, place_names(outcome)):
        yield [gettext("Finding"), finding["text"], finding["code"]]
    yield []
    yield [gettext("Figure"), gettext("Meaning"), gettext("Formula"), gettext("Source")]
    known = {figure.name: figure for table in outcome.result.tables for figure in table.figures}
    for figure in known.values():
        word = words.figure(figure.name)
        yield [heading(figure, word), str(word.definition), str(word.formula), str(word.source)]


def _rows(table: Table, names: Sequence[PlaceName], words: Words) -> Iterator[list[Any]]:
    known = [words.figure(figure.name) for figure in table.figures]
    for row, place in zip(table.rows, names, strict=True):
        values = [
            _cell(value, figure.unit, word)
            for value, figure, word in zip(row, table.figures, known, strict=True)
        ]
        yield [values[0], *([name_of(place)] if is_named(table) else []), *values[1:]]


def _cell(value: Value, unit: Unit, word: Word) -> str | int | float | None:
    """A number as it is (a share in percent), else the text of a page."""
    if value is None or isinstance(value, bool | str):
        return None if value is None else cell_text(value, unit, word)
    return round(100 * value, 8) if unit is Unit.SHARE and unit in NUMERIC else value


def _titles(outcome: Outcome, words: Words) -> list[str]:
    """A title for each table that Excel takes: short, without its signs, each once."""
    titles: list[str] = []
    for number, table in enumerate(outcome.result.tables, 1):
        title = _NOT_IN_TITLES.sub(" ", str(words.table(table.name))).strip()[:_LONGEST_TITLE] or table.name
        if title.casefold() in {gettext("About").casefold(), *(one.casefold() for one in titles)}:
            title = f"{title[: _LONGEST_TITLE - 4]} {number}"
        titles.append(title)
    return titles


def _width(head: str) -> float:
    return max(10.0, min(40.0, 2.0 + sum(2 if ord(sign) > 0x2E80 else 1 for sign in head)))
