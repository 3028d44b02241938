"""Workbooks out (XLSX): sheets written row by row, so that memory does not grow with them.

The few parts of SpreadsheetML that a table needs (ECMA-376 part 1, 12 and 18) are written here as text: five
times as fast as openpyxl, with which a district's month would hold up a worker for half a minute.

Text is text: it stands in cells of inline strings, which are never formulas, and what begins like a formula
is marked besides, so that whoever types over it makes none either. Characters that XML cannot hold are left
out.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Self
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_MAX_TEXT = 32_767
"""Characters a cell of Excel holds."""
_PIECE = 1024 * 1024
_PLAIN, _HEAD, _QUOTED = 0, 1, 2
"""Styles by their place in the cellXfs of _STYLES."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FROZEN = (
    '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
    '<selection pane="bottomRight"/>'
)
_STYLES = (
    f'{_DECLARATION}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE3EEF0"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"'
    ' applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and its width in characters."""

    label: str
    width: float = 12.0


class Book:
    """A workbook being written; sheets stand in the order they are begun in. To be used in a `with` block."""

    def __init__(self) -> None:
        self._sheets: list[Sheet] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sheet in self._sheets:
            sheet.rows.close()

    def sheet(self, title: str, columns: Sequence[Column], *, has_head: bool = True) -> Sheet:
        """Begin a sheet of at most 31 characters in its title; rows may go to all sheets in turn."""
        made = Sheet(title, columns, has_head=has_head)
        self._sheets.append(made)
        if has_head:
            made.head([column.label for column in columns])
        return made

    def save(self, file: IO[bytes]) -> None:
        """Write it to a file; nothing can be added afterwards."""
        numbers = range(1, len(self._sheets) + 1)
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as package:
            package.writestr("[Content_Types].xml", _content_types(numbers))
            package.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
            package.writestr("xl/workbook.xml", _workbook([sheet.title for sheet in self._sheets]))
            parts = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
            package.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
            package.writestr("xl/styles.xml", _STYLES)
            for number, sheet in zip(numbers, self._sheets, strict=True):
                with package.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                    sheet.copy_to(part)


class Sheet:
    """A sheet that takes rows of texts, numbers, days and aware times, which are shown in Asia/Shanghai."""

    def __init__(self, title: str, columns: Sequence[Column], *, has_head: bool) -> None:
        self.title = title
        self.rows = tempfile.SpooledTemporaryFile(_PIECE)  # noqa: SIM115 - the book closes it
        widths = "".join(
            f'<col min="{number}" max="{number}" width="{column.width:g}" customWidth="1"/>'
            for number, column in enumerate(columns, start=1)
        )
        self._write(
            f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            f"{_FROZEN if has_head else ''}</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
        )

    def head(self, labels: Sequence[str]) -> None:
        """Add a row of headings."""
        self._write(f"<row>{''.join(_text(label, _HEAD) for label in labels)}</row>")

    def row(self, values: Sequence[Any]) -> None:
        """Add a row."""
        self._write(f"<row>{''.join(map(_cell, values))}</row>")

    def copy_to(self, part: IO[bytes]) -> None:
        """Write it as a part of the package, in pieces."""
        self._write("</sheetData></worksheet>")
        self.rows.seek(0)
        while piece := self.rows.read(_PIECE):
            part.write(piece)

    def _write(self, text: str) -> None:
        self.rows.write(text.encode())


def local(at: datetime) -> str:
    """A moment in Asia/Shanghai to the second, in text that sorts; Excel has no times with a zone."""
    return at.astimezone(ZONE).isoformat(" ")[:19]


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        return _text(local(value))
    text = str(value)
    return _text(text, _QUOTED if text.startswith(FORMULA_SIGNS) else _PLAIN)


def _text(text: str, style: int = _PLAIN) -> str:
    shown = escape(_NOT_XML.sub("", text)[:_MAX_TEXT])
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _workbook(titles: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"/>'
        for number, title in enumerate(titles, start=1)
    )
    return (
        f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets></workbook>"
    )


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _content_types(numbers: Sequence[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{sheets}</Types>'
    )
