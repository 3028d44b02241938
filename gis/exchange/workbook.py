"""Workbooks out (XLSX): sheets written row by row, so that memory does not grow with them.

Text is text: what begins like a formula is marked as text, so that neither Excel nor whoever types over it
makes a formula of it. Characters that XML cannot hold are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Self
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

ZONE = ZoneInfo("Asia/Shanghai")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "#")
"""What formulas begin with, and with # the error values of Excel."""
_MAX_TEXT = 32_767
"""Characters a cell of Excel holds."""
_HEAD = {
    "font": Font(bold=True),
    "fill": PatternFill("solid", start_color="FFE3EEF0"),
    "alignment": Alignment(vertical="top", wrap_text=True),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and its width in characters."""

    label: str
    width: float = 12.0


class Book:
    """A workbook being written; sheets stand in the order they are begun in.

    To be used in a `with` block: what is not saved leaves no files behind.
    """

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        self._is_saved = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_saved:
            return
        # openpyxl removes the file of each sheet as it saves, and else when the process ends.
        for sheet in self._book.worksheets:
            writer = sheet._writer  # type: ignore[union-attr]
            if writer is not None:
                sheet.close()  # type: ignore[union-attr]
                writer.cleanup()

    def sheet(self, title: str, columns: Sequence[Column], *, has_head: bool = True) -> Sheet:
        """Begin a sheet of at most 31 characters in its title; rows may go to all sheets in turn."""
        sheet = self._book.create_sheet(title)
        for number, column in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = column.width
        made = Sheet(sheet)
        if has_head:
            sheet.freeze_panes = "B2"
            made.head([column.label for column in columns])
        return made

    def save(self, file: IO[bytes]) -> None:
        """Write it to a file; nothing can be added afterwards."""
        self._book.save(file)
        self._is_saved = True


class Sheet:
    """A sheet that takes rows of texts, numbers, days and aware times, which are shown in Asia/Shanghai."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def head(self, labels: Sequence[str]) -> None:
        """Add a row of headings."""
        cells = []
        for label in labels:
            cell = WriteOnlyCell(self._sheet, label)
            for name, style in _HEAD.items():
                setattr(cell, name, style)
            cells.append(cell)
        self._sheet.append(cells)

    def row(self, values: Sequence[Any]) -> None:
        """Add a row."""
        self._sheet.append([self._cell(value) for value in values])

    def _cell(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, datetime):
            return local(value)
        return value

    def _text(self, text: str) -> Any:
        text = ILLEGAL_CHARACTERS_RE.sub("", str(text))[:_MAX_TEXT]
        if not text.startswith(FORMULA_SIGNS):
            return text
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell


def local(at: datetime) -> str:
    """A moment in Asia/Shanghai to the second, in text that sorts; Excel has no times with a zone."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
