"""The working calendar: everybody reads it, the administrator keeps it. Running deadlines follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gis.calendar.model import YEARS, DayKind, Holiday, WorkingCalendar
from gis.calendar.year_file import YearFile, read_year
from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")


@dataclass(frozen=True, slots=True)
class Year:
    """A year's holidays in order, the years of which any are known, and today."""

    year: int
    holidays: tuple[Holiday, ...]
    known_years: tuple[int, ...]
    today: date

    @property
    def calendar(self) -> WorkingCalendar:
        """Which days of the year are worked."""
        return WorkingCalendar(self.holidays)


def show_year(db: Database, actor: Actor, year: int | None = None) -> Year:
    """A year of the calendar; the present one unless asked.

    Raises
    ------
    InvalidInput
        The year is out of bounds.
    """
    actor.require(Permission.MANAGE_CALENDAR)
    with db.transaction(actor.identity, read_only=True) as connection:
        today = _queries.today(connection)
        asked = _checked(today.year if year is None else year)
        known = tuple(row.year for row in _queries.known_years(connection))
        return Year(asked, _holidays(connection, asked), known, today)


def put_day(db: Database, actor: Actor, holiday: Holiday) -> None:
    """Add a day, or change the one that stands for its date."""
    actor.require(Permission.MANAGE_CALENDAR)
    with db.transaction(actor.identity) as connection:
        _queries.put_holiday(
            connection,
            on_date=holiday.on_date,
            kind=holiday.kind,
            name_zh=holiday.name_zh,
            name_en=holiday.name_en,
            source=holiday.source,
        )
        record_audit(
            connection, actor.account_id, "holiday.put", holiday.on_date.isoformat(), kind=holiday.kind
        )


def remove_day(db: Database, actor: Actor, day: date) -> None:
    """Let a day be what its weekday says. Raises `NotFound` if it is already."""
    actor.require(Permission.MANAGE_CALENDAR)
    with db.transaction(actor.identity) as connection:
        if not _queries.delete_holiday(connection, on_date=day):
            raise NotFound
        record_audit(connection, actor.account_id, "holiday.remove", day.isoformat())


def import_year(db: Database, actor: Actor, data: bytes, year: int) -> YearFile:
    """Replace a year's holidays by those of a file; with any fault in it nothing is changed.

    Raises
    ------
    InvalidInput, TooLarge
        As `read_year`.
    """
    actor.require(Permission.MANAGE_CALENDAR)
    read = read_year(data, _checked(year))
    if read.rejects:
        return read
    with db.transaction(actor.identity) as connection:
        _queries.delete_year(connection, year=year)
        _queries.insert_holidays(
            connection,
            days=[holiday.on_date for holiday in read.holidays],
            kinds=[holiday.kind.value for holiday in read.holidays],
            names_zh=[holiday.name_zh for holiday in read.holidays],
            names_en=[holiday.name_en for holiday in read.holidays],
            sources=[holiday.source for holiday in read.holidays],
        )
        record_audit(connection, actor.account_id, "holiday.import", str(year), days=len(read.holidays))
    return read


def _holidays(connection: Connection, year: int) -> tuple[Holiday, ...]:
    rows = _queries.holidays(connection, first_year=year, last_year=year)
    return tuple(Holiday(r.on_date, DayKind(r.kind), r.name_zh, r.name_en, r.source) for r in rows)


def _checked(year: int) -> int:
    if year not in YEARS:
        raise InvalidInput("The year is from 2000 to 2100.", pointer="year")
    return year
