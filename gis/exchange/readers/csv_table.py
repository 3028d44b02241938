"""CSV as people save it: any common delimiter, a title above the header, either language of header."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS, RawRow, Table
from gis.exchange.readers.text import decode

_DELIMITERS = (",", ";", "\t", "|", "，")
_HEADER_WITHIN = 10
_LONGEST_CELL = 4_000_000

CountKnown = Callable[[list[str]], int]


def read_csv(data: bytes, *, count_known: CountKnown, encoding: str | None = None) -> Table:
    """Read rows, numbered as a spreadsheet shows them; every cell is text.

    Parameters
    ----------
    count_known : how many cells of a row name a known field: tells the header from a title above it.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable: undecodable, empty, a quotation mark never closed.
    """
    text = decode(data, encoding)
    delimiter = _delimiter(text.text)
    csv.field_size_limit(_LONGEST_CELL)
    lines = list(_records(text.text, delimiter))
    header_at = _header(lines, count_known)
    header = [cell.strip() for cell in _cells(lines[header_at][1])]
    while header and not header[-1]:
        header.pop()
    found = [_row(number, cells, header) for number, cells in lines[header_at + 1 :] if cells]
    rows = [row for row in found if row is not None]
    if not rows:
        raise InvalidInput("there is no row below the header", code="empty")
    if len(rows) > MAX_ROWS:
        raise InvalidInput(f"{len(rows):,} rows; {MAX_ROWS:,} at most: split the file", code="too-many")
    warnings = text.warnings
    if blank := len(found) - len(rows):
        warnings += (f"{blank} rows without any content are not counted",)
    return Table("csv", rows, tuple(dict.fromkeys(header)), text.encoding, None, warnings)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | InvalidInput]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise InvalidInput(
                    f"a quotation mark in row {number} is never closed",
                    pointer=str(number),
                    code="open-quote",
                ) from error
            yield number, InvalidInput(f"malformed row: {error}", pointer="", code="malformed-row")


def _row(number: int, cells: list[str] | InvalidInput, header: list[str]) -> RawRow | None:
    if isinstance(cells, InvalidInput):
        return RawRow(number, {}, fault=cells)
    if not any(cell.strip() for cell in cells):
        return None
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        reason = f"{len(cells)} cells under {len(header)} headers: a delimiter inside an unquoted cell?"
        return RawRow(number, {}, fault=InvalidInput(reason, pointer="", code="too-many-cells"))
    values: dict[str, object] = {}
    for name, cell in zip(header, cells, strict=False):
        values.setdefault(name, cell)
    return RawRow(number, values)


def _cells(cells: list[str] | InvalidInput) -> list[str]:
    return [] if isinstance(cells, InvalidInput) else cells


def _header(lines: list[tuple[int, list[str] | InvalidInput]], count_known: CountKnown) -> int:
    """Index of the row that names the most known fields; without any, the first with two cells."""
    scores = [count_known(_cells(cells)) for _, cells in lines[:_HEADER_WITHIN]]
    best = max(scores, default=0)
    if best > 0:
        return scores.index(best)
    filled = (sum(bool(cell.strip()) for cell in _cells(cells)) for _, cells in lines[:_HEADER_WITHIN])
    return next((index for index, count in enumerate(filled) if count > 1), 0)


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells, more than one."""
    start = text[:20_000].splitlines()[:20]
    return max(_DELIMITERS, key=lambda delimiter: _agreement(start, delimiter))


def _agreement(lines: Iterable[str], delimiter: str) -> tuple[int, int]:
    counts = Counter(line.count(delimiter) for line in lines if line.strip())
    counts.pop(0, None)
    if not counts:
        return 0, 0
    cells, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    return times, cells
