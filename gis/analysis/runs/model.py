"""Runs of analyses: their states, when they are due, what tells two results apart. Rules only, no I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from gis.analysis.result import Result
from gis.errors import InvalidInput
from gis.zone import ZONE

MAX_TRIES = 3
"""So often a run is begun whose worker ended in the middle of it."""

LONGEST_S = 3600.0
"""A run that takes longer is given up."""

KEPT_DAYS = 90
"""Runs nobody keeps are forgotten after so many days."""

Parameters = dict[str, Any]
_STARTS, _ENDS = ("from_on", "from"), ("to_on", "to")


class State(StrEnum):
    """Where a run stands; the last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = frozenset({State.QUEUED, State.RUNNING})


class ReportWish(BaseModel):
    """A report of a run with a section for each community: its paper and its language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paper: Literal["A4", "A3"] = "A4"
    locale: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands; a report is a run with `report_of` and `report`.

    Attributes
    ----------
    steps_done, steps_all : how far it is; 0 of 0 until the first report.
    tries : how often a worker began it since it was asked for.
    asked_by : the account's name.
    sha256 : of the result, in hexadecimal; None until it is done.
    """

    run_id: int
    analysis: str
    parameters: Mapping[str, Any]
    data_version: str | None
    state: State
    steps_done: int
    steps_all: int
    tries: int
    asked_by: str
    schedule_id: int | None
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    message: str | None
    sha256: str | None
    is_kept: bool
    report_of: int | None
    report: ReportWish | None

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or is being measured."""
        return self.state in UNDER_WAY

    @property
    def took(self) -> timedelta | None:
        """From its beginning to its end."""
        return self.ended_at - self.started_at if self.ended_at and self.started_at else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """An analysis asked for every week: `weekday` as in ISO 8601 (Monday is 1), `hour` in Asia/Shanghai.

    `last_days` gives the length of its period, which ends with the day before; None where the parameters are
    taken as they stand.
    """

    schedule_id: int
    analysis: str
    parameters: Mapping[str, Any]
    last_days: int | None
    weekday: int
    hour: int
    is_enabled: bool
    next_at: datetime
    made_by: str


def checked(model: type[BaseModel], parameters: Mapping[str, Any]) -> BaseModel:
    """Parameters as the analysis knows them.

    Raises
    ------
    InvalidInput
        One is missing, unknown or bad; the pointer names it.
    """
    try:
        return model.model_validate(dict(parameters))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise InvalidInput(
            "This parameter is missing, unknown or not valid.", pointer=str((*fault["loc"], "parameters")[0])
        ) from error


def as_json(parameters: BaseModel) -> Parameters:
    """Parameters as they are kept with a run."""
    return parameters.model_dump(mode="json", by_alias=True)


def digest(value: Any) -> bytes:
    """SHA-256 of a JSON value, in whatever order its members come.

    Raises
    ------
    ValueError
        A number is no number (NaN, infinity): no figure may be that.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


def digest_of(result: Result) -> bytes:
    """SHA-256 of a result: names, figures, rows and shapes in their order, and the findings."""
    tables = [
        {
            "name": table.name,
            "figures": [[figure.name, figure.unit] for figure in table.figures],
            "rows": table.rows,
            "place": table.place,
            "shapes": None if table.shapes is None else [shape.hex() for shape in table.shapes],
        }
        for table in result.tables
    ]
    return digest({"tables": tables, "findings": [asdict(finding) for finding in result.findings]})


def names_of(model: type[BaseModel]) -> frozenset[str]:
    """The names of an analysis' parameters as they are kept and stand in addresses."""
    return frozenset(info.alias or name for name, info in model.model_fields.items())


def period_in(names: Collection[str]) -> tuple[str, str] | None:
    """Which parameters are the first and the last day of a period; None where there is none to move along."""
    start = next((name for name in _STARTS if name in names), None)
    end = next((name for name in _ENDS if name in names), None)
    return (start, end) if start and end else None


def moved(
    parameters: Mapping[str, Any], period: tuple[str, str] | None, last_days: int | None, today: date
) -> Parameters:
    """Parameters with the period that ends yesterday and has `last_days` days."""
    if period is None or last_days is None:
        return dict(parameters)
    first, last = today - timedelta(days=last_days), today - timedelta(days=1)
    return {**parameters, period[0]: first.isoformat(), period[1]: last.isoformat()}


def next_time(weekday: int, hour: int, after: datetime) -> datetime:
    """The first such hour of the week in Asia/Shanghai later than a moment."""
    local = after.astimezone(ZONE)
    days = (weekday - local.isoweekday()) % 7
    at = datetime.combine(local.date() + timedelta(days=days), time(hour), ZONE)
    return at if at > after else at + timedelta(days=7)
