"""What day sheets, month tables and the calendar of rounds hold. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gis.calendar.model import DayKind, Holiday, Month, WorkingCalendar
from gis.patrol.effort import Effort
from gis.patrol.rounds import State
from gis.patrol.valid_day import Judgement, Rule, days_wanted

_ORDER = tuple(State)


@dataclass(frozen=True, slots=True)
class SheetRound:
    """A round with its check points and excuses; `effort` is None where no track tells or may be told."""

    row: Any
    points: Sequence[Any]
    excuses: Sequence[Any]
    effort: Effort | None = None

    @property
    def visited(self) -> int:
        """How many check points were visited."""
        return sum(1 for point in self.points if point.visited_at)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What team and parcel sheets have in common.

    Attributes
    ----------
    sees_tracks : whether the reader may be told metres and minutes.
    effort : of the day; None without a track.
    """

    day: date
    rounds: Sequence[SheetRound]
    findings: Sequence[Any]
    sees_tracks: bool
    effort: Effort | None

    @property
    def states(self) -> Counter[str]:
        """How many rounds stand in each state."""
        return Counter(each.row.state for each in self.rounds)

    @property
    def points(self) -> int:
        """Check points of all rounds."""
        return sum(len(each.points) for each in self.rounds)

    @property
    def visited(self) -> int:
        """Those visited."""
        return sum(each.visited for each in self.rounds)


@dataclass(frozen=True, slots=True)
class TeamDay(Sheet):
    """A team's day. `loose` was walked in no round; `people` is filled only for who asked and may know."""

    team: Any
    loose: Effort | None
    judgement: Judgement
    people: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True)
class ParcelDay(Sheet):
    """A parcel's day: check points on it, and what was walked inside its outline by team and round."""

    parcel: Any
    walked: Sequence[Any]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar with its rounds by state."""

    day: date
    holiday: Holiday | None
    is_worked: bool
    states: Counter[str] = field(default_factory=Counter)
    points: int = 0
    visited: int = 0

    @property
    def rounds(self) -> int:
        """How many rounds."""
        return self.states.total()


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of a team's month; `judgement` is None for one to come and for who may not see tracks."""

    calendar: CalendarDay
    findings: int
    effort: Effort | None
    judgement: Judgement | None

    @property
    def day(self) -> date:
        """Which day."""
        return self.calendar.day


@dataclass(frozen=True, slots=True)
class Site:
    """A parcel, and how many visits it had of those it shall have."""

    row: Any

    @property
    def is_enough(self) -> bool | None:
        """Whether it was visited often enough; None without check points, where nothing can tell."""
        return self.row.visits >= self.row.wanted if self.row.points else None


@dataclass(frozen=True, slots=True)
class TeamMonth:
    """A team's month by day, and by parcel."""

    team: Any
    month: Month
    days: Sequence[MonthDay]
    sites: Sequence[Site]
    rules: Sequence[Rule]
    sees_tracks: bool

    @property
    def valid(self) -> int:
        """How many days are valid."""
        return sum(1 for day in self.days if day.judgement and day.judgement.is_valid)

    @property
    def wanted(self) -> int:
        """How many shall be."""
        return days_wanted(self.month.days, self.rules)

    @property
    def metres(self) -> float:
        """Sum over days and people."""
        return sum(day.effort.sum.metres for day in self.days if day.effort)

    @property
    def minutes(self) -> float:
        """Sum over days and people."""
        return sum(day.effort.sum.minutes for day in self.days if day.effort)


@dataclass(frozen=True, slots=True)
class RoundCalendar:
    """A month of rounds, of one team or of all the reader sees."""

    month: Month
    today: date
    teams: Sequence[Any]
    team: Any | None
    days: Sequence[CalendarDay]


def calendar_days(month: Month, counts: Sequence[Any], holidays: Sequence[Any]) -> list[CalendarDay]:
    """Put rows of counts and holidays on the days of a month."""
    named = {
        row.on_date: Holiday(row.on_date, DayKind(row.kind), row.name_zh, row.name_en) for row in holidays
    }
    calendar = WorkingCalendar(named.values())
    by_day: dict[date, list[Any]] = {}
    for row in counts:
        by_day.setdefault(row.on_date, []).append(row)
    return [
        CalendarDay(
            day,
            named.get(day),
            calendar.is_working_day(day),
            Counter({row.state: row.rounds for row in sorted(by_day.get(day, ()), key=_place)}),
            sum(row.points for row in by_day.get(day, ())),
            sum(row.visited for row in by_day.get(day, ())),
        )
        for day in month.days
    ]


def _place(row: Any) -> int:
    return _ORDER.index(row.state)
