"""Workbooks out (XLSX), by XlsxWriter: sheets written row by row, so that memory does not grow with them.

Text is text, never a formula, and what begins like one is marked besides, so that whoever types over it makes
none either. Characters that XML cannot hold are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Self

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gis.exchange.formulas import is_formula
from gis.zone import ZONE

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and its width in characters."""

    label: str
    width: float = 12.0


class Book:
    """A workbook, in its file once the `with` block ends; sheets stand in the order they are begun in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        look = {"bold": True, "bg_color": "#E3EEF0", "valign": "top", "text_wrap": True}
        self._head = self._book.add_format(look)
        self._quoted = self._book.add_format({"quote_prefix": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()  # after a fault too: it removes the rows' files

    def sheet(self, title: str, columns: Sequence[Column], *, has_head: bool = True) -> Sheet:
        """Begin a sheet of at most 31 characters in its title; rows may go to all sheets in turn."""
        page = self._book.add_worksheet(title)
        for number, column in enumerate(columns):
            page.set_column(number, number, column.width)
        made = Sheet(page, self._head, self._quoted)
        if has_head:
            page.freeze_panes(1, 1)
            made.head([column.label for column in columns])
        return made


class Sheet:
    """A sheet that takes rows of texts, numbers, days and aware times, which are shown in Asia/Shanghai."""

    def __init__(self, page: Worksheet, head: Format, quoted: Format) -> None:
        self._page, self._head, self._quoted = page, head, quoted
        self._rows = 0

    def head(self, labels: Sequence[str]) -> None:
        """Add a row of headings."""
        for column, label in enumerate(labels):
            self._page.write_string(self._rows, column, _clean(label), self._head)
        self._rows += 1

    def row(self, values: Sequence[Any]) -> None:
        """Add a row."""
        write_number, write_string, row = self._page.write_number, self._page.write_string, self._rows
        for column, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, int | float) and not isinstance(value, bool):
                write_number(row, column, value)
            else:
                text = local(value) if isinstance(value, datetime) else _clean(str(value))
                write_string(row, column, text, self._quoted if is_formula(text) else None)
        self._rows += 1


def local(at: datetime) -> str:
    """A moment in Asia/Shanghai to the second, in text that sorts; Excel has no times with a zone."""
    return at.astimezone(ZONE).isoformat(" ")[:19]


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
