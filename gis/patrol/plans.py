"""Plans of rounds: on which days, how often, when, and which rounds follow from that. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gis.errors import InvalidInput
from gis.zone import ZONE

"""Where days begin and clock times hold: UTC+8, without summer time since 1992."""

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MAX_ROUNDS = 10
MAX_WINDOWS = 10
MAX_POINTS = 100
MAX_NAME = 100
MAX_OVERDUE_MIN = 720
PERIODS = ("day", "week")
DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True)
class Window:
    """A time window in local time; one that does not end after its start ends on the next day."""

    first: time
    last: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Its beginning and end on a day, as aware times."""
        begins = datetime.combine(day, self.first, ZONE)
        ends = datetime.combine(day, self.last, ZONE)
        return begins, ends if ends > begins else ends + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Season:
    """From one day of the year to another ("MM-DD"), both included; may go over the new year."""

    first_day: str
    last_day: str

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        at = f"{day:%m-%d}"
        if self.first_day <= self.last_day:
            return self.first_day <= at <= self.last_day
        return at >= self.first_day or at <= self.last_day


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the rounds of a plan are.

    Attributes
    ----------
    weekdays : ISO, 1 Monday to 7 Sunday, ascending.
    rounds, per : so many a day of these, or so many a week spread over them.
    windows : taken in turn by the rounds of a day.
    """

    weekdays: tuple[int, ...]
    rounds: int
    per: str
    windows: tuple[Window, ...]
    valid_from: date
    valid_to: date | None = None
    season: Season | None = None

    def __post_init__(self) -> None:
        if not self.weekdays or not set(self.weekdays) <= set(EVERY_DAY):
            raise InvalidInput("Choose at least one day of the week.", pointer="weekdays")
        if not 1 <= self.rounds <= MAX_ROUNDS:
            raise InvalidInput("One to ten rounds.", pointer="rounds")
        if self.per not in PERIODS:
            raise InvalidInput("Rounds are counted by day or week.", pointer="per")
        if not 1 <= len(self.windows) <= MAX_WINDOWS:
            raise InvalidInput("Give one to ten time windows.", pointer="windows")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidInput("The period ends before it begins.", pointer="valid_to")

    def is_on(self, day: date) -> bool:
        """Whether the plan holds on a day and it is one of its weekdays."""
        is_valid = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        in_season = self.season is None or self.season.holds(day)
        return is_valid and in_season and day.isoweekday() in self.weekdays

    def rounds_on(self, day: date) -> int:
        """How many rounds a day has.

        Rounds by week are spread over the weekdays by number, so that a week always looks the same.
        """
        if not self.is_on(day):
            return 0
        if self.per == "day":
            return self.rounds
        days = len(self.weekdays)
        place = sorted(self.weekdays).index(day.isoweekday())
        return sum(1 for number in range(self.rounds) if number * days // self.rounds % days == place)


@dataclass(frozen=True, slots=True)
class Slot:
    """A round to be: its number on its day, from 1, and its window as aware times."""

    on_date: date
    number: int
    planned_from: datetime
    planned_to: datetime


def slots(rhythm: Rhythm, first: date, days: int) -> Iterator[Slot]:
    """The rounds of some days, the first included, in order."""
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        for number in range(1, rhythm.rounds_on(day) + 1):
            window = rhythm.windows[(number - 1) % len(rhythm.windows)]
            yield Slot(day, number, *window.on(day))


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as somebody wants it: check points by id in their order."""

    name: str
    team_id: int
    rhythm: Rhythm
    check_points: tuple[int, ...]
    is_ordered: bool = False
    parcel_id: int | None = None
    season_id: int | None = None
    overdue_after_min: int = 30
    is_active: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= MAX_NAME:
            raise InvalidInput("Give the plan a name.", pointer="name")
        if not 1 <= len(self.check_points) <= MAX_POINTS:
            raise InvalidInput("Choose one to a hundred check points.", pointer="points")
        if len(set(self.check_points)) < len(self.check_points):
            raise InvalidInput("A check point is in the plan twice.", pointer="points")
        if not 0 <= self.overdue_after_min <= MAX_OVERDUE_MIN:
            raise InvalidInput("At most twelve hours.", pointer="overdue_after_min")
