"""What a planner asks of hot spots. Rules only, no I/O."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gis.analysis.hotspots.emerging import Trend
from gis.analysis.result import EARLIEST, LATEST
from gis.errors import InvalidInput

FAMILIES = ("ZZ", "JF", "AQ", "SR")
WEEK = 7
DEFAULT_WEEKS = 12
FEWEST_WEEKS, MOST_WEEKS = 4, 26


class Standing(StrEnum):
    """What a cell is called; the first that holds, in this order, but for the classes of weeks."""

    FEW_UNITS = "few_units"
    LITTLE_EFFORT = "little_effort"
    NEW = "new"
    GROWING = "growing"
    PERSISTENT = "persistent"
    LASTING = "lasting"
    FADING = "fading"
    SPORADIC = "sporadic"
    STEADY = "steady"  # hot over the whole period, in no single week
    ENDED = "ended"  # hot over the whole period, not in the last week
    COLD = "cold"
    USUAL = "usual"


HOT_NOW = {
    Trend.NEW: Standing.NEW,
    Trend.GROWING: Standing.GROWING,
    Trend.PERSISTENT: Standing.PERSISTENT,
    Trend.LASTING: Standing.LASTING,
    Trend.FADING: Standing.FADING,
    Trend.SPORADIC: Standing.SPORADIC,
    Trend.SWINGING: Standing.SPORADIC,
}
"""What a cell is called that was hot in the last week, by its weeks."""


class HotspotQuestion(BaseModel):
    """A period of whole weeks, a kind of incident, and from when on a figure is to be believed.

    Attributes
    ----------
    from_on, to_on : days in Asia/Shanghai, both included: 4 to 26 times seven days.
    kind : empty for all incidents, a family (ZZ, JF, AQ, SR), or the code of a category.
    neighbours : cells that touch, or whose middles are at most `distance_m` apart.
    smoothing : what the smoothed rate shown is drawn towards; tested is always the district's.
    least_units : a cell with fewer rental units is not judged.
    least_incidents : a cell with fewer in the period is never hot.
    least_effort_m : metres walked a week; below it a cell is "too little effort to tell".
    false_share : share of false ones accepted among what is called significant.
    near_m, near_days, near_least : how incidents bunch; `near_least` by the number of incidents unless told.
    street_least : fewest incidents of a dense place; by their number unless told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_on: Annotated[date, Field(alias="from")]
    to_on: Annotated[date, Field(alias="to")]
    kind: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,10}$")] = ""
    neighbours: Literal["touch", "distance"] = "touch"
    distance_m: Annotated[float, Field(ge=100, le=5000)] = 1000
    smoothing: Literal["district", "neighbours"] = "district"
    least_units: Annotated[int, Field(ge=1, le=10_000)] = 20
    least_incidents: Annotated[int, Field(ge=1, le=10_000)] = 5
    least_effort_m: Annotated[float, Field(ge=0, le=100_000)] = 50
    false_share: Annotated[float, Field(gt=0, le=0.2)] = 0.05
    near_m: Annotated[float, Field(ge=20, le=1000)] = 150
    near_days: Annotated[float, Field(ge=1, le=30)] = 5
    near_least: Annotated[int | None, Field(ge=3, le=10_000)] = None
    street_least: Annotated[int | None, Field(ge=5, le=10_000)] = None

    def model_post_init(self, _: Any) -> None:
        """Raise `InvalidInput` for a period that is not 4 to 26 whole weeks."""
        if self.to_on < self.from_on:
            raise InvalidInput("The period ends before it begins.", pointer="to")
        if self.from_on < EARLIEST or self.to_on > LATEST:
            raise InvalidInput("Days are from 2000 to 2100.", pointer="to")
        if self.days % WEEK or not FEWEST_WEEKS <= self.weeks <= MOST_WEEKS:
            raise InvalidInput("The period must be 4 to 26 whole weeks.", pointer="to")

    @property
    def days(self) -> int:
        """Days of the period."""
        return (self.to_on - self.from_on).days + 1

    @property
    def weeks(self) -> int:
        """Weeks of the period; they begin on the weekday of its first day."""
        return self.days // WEEK

    def week_start(self, number: int) -> date:
        """First day of a week, counted from 0."""
        return self.from_on + timedelta(days=WEEK * number)

    def day(self, number: int) -> date:
        """A day of the period, counted from 0."""
        return self.from_on + timedelta(days=number)

    def core_size(self, incidents: int) -> int:
        """How many near each other make a core: a fifth of what the district has a day, at least 6.

        That is 60 for a district with 300,000 incidents in three years.
        """
        return self.near_least or max(6, round(0.22 * incidents / self.days))

    def street_size(self, incidents: int) -> int:
        """How many make a dense place: a half per cent of all, at least 10."""
        return self.street_least or max(10, round(0.005 * incidents))


def last_weeks(to_on: date, weeks: int = DEFAULT_WEEKS) -> tuple[date, date]:
    """First and last day of so many weeks that end with a day."""
    return to_on - timedelta(days=WEEK * weeks - 1), to_on
