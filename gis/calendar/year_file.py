"""A year's holidays as a CSV file: every row read, or every fault told with row, field and reason. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gis.calendar.model import MAX_NAME, MAX_SOURCE, DayKind, Holiday
from gis.errors import InvalidInput, TooLarge
from gis.exchange import values
from gis.exchange.model import RawRow, Reject
from gis.exchange.readers.csv_table import read_csv

MAX_BYTES = 200_000
MAX_ROWS = 366
_FIELDS = {
    "on_date": ("on_date", "date", "日期"),
    "kind": ("kind", "type", "类型"),
    "name_zh": ("name_zh", "name", "名称", "节日"),
    "name_en": ("name_en", "英文名称"),
    "source": ("source", "来源", "依据"),
}
_KINDS = {
    **dict.fromkeys(("off", "放假", "休", "休息"), DayKind.OFF),
    **dict.fromkeys(("work", "上班", "班", "调休上班"), DayKind.WORK),
}


@dataclass(frozen=True, slots=True)
class YearFile:
    """What a file says. Where anything is wrong `holidays` is empty and `rejects` tells all of it."""

    holidays: tuple[Holiday, ...]
    rejects: tuple[Reject, ...]


def read_year(data: bytes, year: int) -> YearFile:
    """Read a year's holidays, all or nothing.

    Parameters
    ----------
    data : CSV in UTF-8 or GB18030 with the headings `on_date`, `kind` (off or work), `name_zh`, and
        optionally `name_en`, `source`; or 日期, 类型 (放假 or 上班), 名称, 英文名称, 来源.

    Raises
    ------
    InvalidInput, TooLarge
        The file as a whole is unusable.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge("A year's holidays are a small file.")
    table = read_csv(data, count_known=lambda cells: len(_matched(cells)))
    columns = _matched(table.columns)
    for field in ("on_date", "kind", "name_zh"):
        if field not in columns:
            raise InvalidInput("A column is missing.", pointer=field, code="missing-column")
    if len(table.rows) > MAX_ROWS:
        raise TooLarge("A year has at most 366 days.")
    holidays: dict[date, Holiday] = {}
    rejects: list[Reject] = []
    for row in table.rows:
        try:
            holiday = _holiday(row, columns, year)
            if holiday.on_date in holidays:
                raise InvalidInput("This day stands in the file twice.", pointer="on_date", code="twice")
        except InvalidInput as error:
            rejects.append(Reject(row.number, error.pointer or "", error.code, error.message))
        else:
            holidays[holiday.on_date] = holiday
    return YearFile(() if rejects else tuple(holidays.values()), tuple(rejects))


def _matched(headings: list[str] | tuple[str, ...]) -> dict[str, str]:
    """The file's heading of each known field."""
    known = {name: field for field, names in _FIELDS.items() for name in names}
    found: dict[str, str] = {}
    for heading in headings:
        field = known.get(heading.strip().lower())
        if field:
            found.setdefault(field, heading)
    return found


def _holiday(row: RawRow, columns: Mapping[str, str], year: int) -> Holiday:
    if row.fault is not None:
        raise InvalidInput(
            "This row has more cells than there are headings, or a stray quotation mark.", code=row.fault.code
        )

    def text(field: str, longest: int) -> str:
        try:
            return values.text(row.values.get(columns.get(field, "")), field, longest=longest) or ""
        except InvalidInput as error:
            raise InvalidInput(
                "This text is too long or holds signs that are no text.", pointer=field, code=error.code
            ) from error

    try:
        day = values.day(row.values.get(columns["on_date"]), "on_date")
    except InvalidInput as error:
        raise InvalidInput(
            "This is no day such as 2026-01-31.", pointer="on_date", code=error.code
        ) from error
    if day is None:
        raise InvalidInput("The day is missing.", pointer="on_date", code="missing")
    if day.year != year:
        raise InvalidInput("This day lies in another year.", pointer="on_date", code="other-year")
    kind = _KINDS.get(text("kind", 20).lower())
    if kind is None:
        raise InvalidInput(
            "The kind is neither a day off nor a weekend day worked.", pointer="kind", code="unknown-word"
        )
    return Holiday(
        day, kind, text("name_zh", MAX_NAME), text("name_en", MAX_NAME), text("source", MAX_SOURCE)
    )
