"""Months, and working days: Monday to Friday, but for holidays and the weekends worked in exchange.

Rules only, no I/O. `app.is_working_day`, `app.add_working_days` and `app.deadline_of` say the same in SQL.
The day a period starts on is not counted (Civil Code, Art. 201); a deadline is the last second of its day in
Asia/Shanghai.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from gis.errors import InvalidInput
from gis.zone import ZONE

YEARS = range(2000, 2101)
MAX_NAME = 100
MAX_SOURCE = 200
_SATURDAY = 6
_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar. Raises `InvalidInput` for one outside 2000 to 2100."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.year not in YEARS or not 1 <= self.number <= 12:
            raise InvalidInput("There is no such month.", pointer="month")

    @classmethod
    def read(cls, text: str) -> Month:
        """The month written as `2026-11`. Raises `InvalidInput`."""
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
            raise InvalidInput("There is no such month.", pointer="month", code="bad-month")
        year, month = text.split("-")
        return cls(int(year), int(month))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def days(self) -> list[date]:
        """Its days in order."""
        return [self.first + timedelta(days=n) for n in range(self.last.day)]

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


class DayKind(StrEnum):
    """How a day differs from what its weekday says."""

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off, or a weekend day worked in exchange.

    Raises
    ------
    InvalidInput
        With `pointer` naming the field.
    """

    on_date: date
    kind: DayKind
    name_zh: str
    name_en: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.on_date.year not in YEARS:
            raise InvalidInput("The year is from 2000 to 2100.", pointer="on_date", code="out-of-range")
        if self.kind is DayKind.WORK and self.on_date.isoweekday() < _SATURDAY:
            raise InvalidInput(
                "Only a Saturday or Sunday is worked in exchange.", pointer="kind", code="not-a-weekend"
            )
        if not self.name_zh:
            raise InvalidInput("Say what day it is.", pointer="name_zh", code="missing")
        for field, longest in (("name_zh", MAX_NAME), ("name_en", MAX_NAME), ("source", MAX_SOURCE)):
            if len(getattr(self, field)) > longest:
                raise InvalidInput("This text is too long.", pointer=field, code="too-long")


class WorkingCalendar:
    """Which days are worked. Where no holidays of a year are known, its weekdays decide."""

    def __init__(self, holidays: Iterable[Holiday]) -> None:
        self._kinds = {holiday.on_date: holiday.kind for holiday in holidays}

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked."""
        kind = self._kinds.get(day)
        return day.isoweekday() < _SATURDAY if kind is None else kind is DayKind.WORK

    def add_working_days(self, start: date, days: int) -> date:
        """The n-th working day after a day; the day itself for 0 or less."""
        day = start
        while days > 0:
            day += _DAY
            days -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to `end` included; none if `end` is earlier."""
        return sum(self.is_working_day(start + n * _DAY) for n in range(1, (end - start).days + 1))

    def deadline(self, found_at: datetime, days: int, *, in_working_days: bool) -> datetime:
        """When something is due that may take so many working or calendar days.

        Parameters
        ----------
        found_at : datetime
            Aware.
        """
        day = found_at.astimezone(ZONE).date()
        last = self.add_working_days(day, days) if in_working_days else day + days * _DAY
        return datetime.combine(last, _LAST_SECOND, ZONE)
