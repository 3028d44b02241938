"""The weights of the workload formula and what a planner asks with them. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer, field_validator

from gis.errors import InvalidInput

MONTH_DAYS = 365.25 / 12
"""A mean month, 30.4375 days."""

TOUR_FACTOR = 0.7124
"""Length of a shortest tour of n random places in an area A, by √(n·A).

The form is proved (Beardwood, Halton and Hammersley 1959). The constant is a numerical estimate by Johnson,
McGeoch and Rothberg 1996, as told in MathWorld, "Traveling Salesman Constants"; proved is only
that it is more than 0.6277 (Gaudio and Jaillet 2020).
"""

MAX_DAYS, MAX_MONTHS = 366, 24
OTHER_CHECK_MINUTES = 8.0
"""Of a grade the weights do not name; an assumption, that of "watch"."""

FAMILIES = ("ZZ", "JF", "AQ", "SR")
LONGEST_REASON = 500

Key = Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]
Family = Annotated[str, Field(pattern=f"^({'|'.join(FAMILIES)})$")]
Minutes = Annotated[float, Field(ge=0, le=1_440, allow_inf_nan=False)]
Checks = Annotated[dict[Key, Minutes], Field(max_length=20)]


class Source(StrEnum):
    """Where the value of a weight comes from."""

    ASSUMPTION = "assumption"
    LABOUR_2025 = "labour_2025"  # 人社部发〔2025〕2号: 365 - 104 - 13 = 248 working days a year
    CHANGED = "changed"  # by the version's author, who says why


class Weights(BaseModel):
    """The weights of the formula; every one is the planner's to change.

    Attributes
    ----------
    check : minutes for checking one unit, by grade.
    incident : minutes an officer spends on one incident, by family.
    point_minutes : for one visit of a check point, without the way.
    point_visits : visits a month of a check point that belongs to no parcel; others have their parcel's.
    walk_m_min : metres walked in a minute.
    detour : metres walked by metres as the crow flies.
    working_days : days in a month over which the ways are spread.
    deputy_part : what a deputy carries of a cell by what its primary officer carries.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: Annotated[dict[Key, Minutes], Field(max_length=20)] = {
        "lenient": 6.0,
        "watch": 8.0,
        "strict": 12.0,
        "banned": 12.0,
    }
    incident: dict[Family, Minutes] = {"ZZ": 30.0, "JF": 90.0, "AQ": 40.0, "SR": 20.0}
    point_minutes: Minutes = 4.0
    point_visits: Annotated[float, Field(ge=0, le=99, allow_inf_nan=False)] = 2.0
    walk_m_min: Annotated[float, Field(ge=10, le=500, allow_inf_nan=False)] = 75.0
    detour: Annotated[float, Field(ge=1, le=3, allow_inf_nan=False)] = 1.3
    working_days: Annotated[float, Field(ge=1, le=31, allow_inf_nan=False)] = 20.67
    deputy_part: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0

    def checked(self, grades: Sequence[str]) -> list[float]:
        """Minutes of a check by grade, in order; grades that are not named take `OTHER_CHECK_MINUTES`."""
        return [self.check.get(grade, OTHER_CHECK_MINUTES) for grade in grades]

    def flat(self) -> dict[str, float]:
        """Every weight by its name; those by grade and family as `check.watch`, `incident.SR`."""
        told = self.model_dump()
        return {
            **{f"check.{grade}": minutes for grade, minutes in told.pop("check").items()},
            **{f"incident.{family}": minutes for family, minutes in told.pop("incident").items()},
            **told,
        }

    def changed(self, values: Mapping[str, float]) -> Weights:
        """The weights with some of them replaced, by their flat names.

        Raises
        ------
        InvalidInput
            No such weight, or a value out of bounds; `pointer` names it.
        """
        told = self.model_dump()
        for name, value in values.items():
            group, _, key = name.partition(".")
            if group in ("check", "incident") and key:
                told[group][key] = value
            elif group in told and not key and group not in ("check", "incident"):
                told[group] = value
            else:
                raise InvalidInput("There is no such weight.", pointer=name)
        try:
            return Weights.model_validate(told)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"] if part != "[key]")
            raise InvalidInput("The number is out of range.", pointer=where) from error


DEFAULTS = Weights()


def source_of(name: str, value: float) -> Source:
    """Where a weight's value comes from: a default says what it is, anything else is its version's."""
    if DEFAULTS.flat().get(name) != value:
        return Source.CHANGED
    return Source.LABOUR_2025 if name == "working_days" else Source.ASSUMPTION


class WorkQuestion(BaseModel):
    """What work is asked about, and by which weights it is counted.

    Attributes
    ----------
    to : the last day counted, today unless told; units filed and officers assigned are those of this day.
    days : how far back incidents are counted; they are scaled to a month of 30.4375 days.
    weights_version : which kept version of the weights; the latest unless told.
    what_if : weights in place of the version's, by flat name; in an address as `check.watch:12,detour:1.2`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: date | None = None
    days: Annotated[int, Field(ge=7, le=MAX_DAYS)] = 91
    weights_version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    what_if: dict[str, float] = {}

    @field_validator("what_if", mode="before")
    @classmethod
    def _from_address(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.partition(":") for part in value.split(",") if part.strip()]
        return {name.strip(): number.strip() for name, _, number in pairs}

    @field_serializer("what_if", when_used="json")
    def _to_address(self, value: dict[str, float]) -> str:
        return ",".join(f"{name}:{number:.12g}" for name, number in value.items())


class WorkloadQuestion(WorkQuestion):
    """What is asked of the workload: also its trend, of so many full calendar months before that of `to`."""

    months: Annotated[int, Field(ge=0, le=MAX_MONTHS)] = 6


class WeightsVersion(BaseModel):
    """A kept version of the weights: who changed them, when and why. `by` is empty for the first."""

    model_config = ConfigDict(frozen=True)

    version: int
    weights: Weights
    reason: str
    by: str
    at: datetime


class Measured(BaseModel):
    """What real records say a weight is: the median of `count` observations between two days.

    It is offered once there are `LEAST_MEASURED` observations over eight weeks, and adopted only by a
    person who keeps a new version.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    count: int
    first_on: date
    last_on: date

    @property
    def is_enough(self) -> bool:
        """Whether there is enough of it to be offered."""
        long_enough = (self.last_on - self.first_on).days >= LEAST_MEASURED_DAYS
        return long_enough and self.count >= LEAST_MEASURED


LEAST_MEASURED_DAYS = 56
LEAST_MEASURED = 30
"""From when on records are offered as a weight; both are assumptions, no source says how many are enough."""
