"""What is asked of patrol coverage, and what is to be reached. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gis.analysis.result import EARLIEST, LATEST
from gis.errors import InvalidInput

MAX_DAYS = 92
MAX_RADIUS_M = 2000.0
DEFAULT_DAYS, DEFAULT_RADIUS_M = 30, 50.0
LOOK_BACK_DAYS = 92
"""So far before the period a last visit is looked for."""

PlaceKind = Literal["cell", "parcel"]


class PatrolQuestion(BaseModel):
    """A period of calendar days in Asia/Shanghai, both included, and a radius in metres.

    With `than_from` and `than_to` the period is compared with that one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    radius_m: float = Field(default=DEFAULT_RADIUS_M, ge=1, le=MAX_RADIUS_M)
    than_from: date | None = None
    than_to: date | None = None

    @model_validator(mode="after")
    def _holds(self) -> Self:
        _check_period(self.from_on, self.to_on, "to")
        if (self.than_from is None) != (self.than_to is None):
            missing = "than_from" if self.than_from is None else "than_to"
            raise InvalidInput("The other period needs both its days.", pointer=missing)
        if self.than_from is not None and self.than_to is not None:
            _check_period(self.than_from, self.than_to, "than_to")
        return self

    @property
    def other(self) -> PatrolQuestion | None:
        """The same question about the period it is compared with."""
        if self.than_from is None or self.than_to is None:
            return None
        return PatrolQuestion.about(self.than_from, self.than_to, self.radius_m)

    @classmethod
    def about(cls, first: date, last: date, radius_m: float = DEFAULT_RADIUS_M) -> PatrolQuestion:
        """The question about one period."""
        return cls.model_validate({"from": first, "to": last, "radius_m": radius_m})

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.from_on + timedelta(days=n) for n in range((self.to_on - self.from_on).days + 1)]


def _check_period(first: date, last: date, pointer: str) -> None:
    if last < first:
        raise InvalidInput("The period ends before it begins.", pointer=pointer)
    if first < EARLIEST or last > LATEST:
        raise InvalidInput("Days are from 2000 to 2100.", pointer=pointer)
    if (last - first).days >= MAX_DAYS:
        raise InvalidInput("A period has at most 92 days.", pointer=pointer)


@dataclass(frozen=True, slots=True)
class Target:
    """What a level is to reach.

    Attributes
    ----------
    place, level : cells by land use, parcels by level.
    share : 0 to 1, to be covered in the period asked.
    days : the longest time without a visit.
    """

    place: PlaceKind
    level: str
    share: float
    days: int

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InvalidInput("A share is from 0 to 100 %.", pointer="share", code="out-of-range")
        if not 1 <= self.days <= 366:
            raise InvalidInput("Days are from 1 to 366.", pointer="days", code="out-of-range")
