"""What is asked of patrol coverage, and what is to be reached. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gis.errors import InvalidInput

MAX_DAYS = 92
MAX_RADIUS_M = 2000.0
DEFAULT_DAYS, DEFAULT_RADIUS_M = 30, 50.0
LOOK_BACK_DAYS = 92
"""So far before the period a last visit is looked for."""

PlaceKind = Literal["cell", "parcel"]


class PatrolQuestion(BaseModel):
    """A period of calendar days in Asia/Shanghai, both included, and a radius in metres."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_on: date
    to_on: date
    radius_m: float = Field(default=DEFAULT_RADIUS_M)

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if self.to_on < self.from_on:
            raise InvalidInput("The period ends before it begins.", pointer="to")
        if (self.to_on - self.from_on).days >= MAX_DAYS:
            raise InvalidInput("A period has at most 92 days.", pointer="to")
        if not 1 <= self.radius_m <= MAX_RADIUS_M:
            raise InvalidInput("The radius is from 1 to 2000 metres.", pointer="radius_m")
        return self

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.from_on + timedelta(days=n) for n in range((self.to_on - self.from_on).days + 1)]


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
