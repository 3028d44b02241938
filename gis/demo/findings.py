"""What patrols found as incidents with legal clocks: some fresh, some late, most re-checked and closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from gis.calendar.model import DayKind, Holiday, WorkingCalendar
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.demo.chance import Ints
from gis.demo.ground import Setting
from gis.demo.patrol import Fixes
from gis.findings.model import Step, incident_client_id
from gis.zone import ZONE

_QUERIES = load_queries(__file__, "store")
Columns = dict[str, Any]

_COURSE = ("reported", "accepted", "filed", "dispatched", "handling", "handled", "checking", "closed")
_DESK_HOURS = (2, 5, 9, 26)  # until accepted, filed, dispatched and in hand
_NEVER_HANDLED = 0.06
_NEVER_TICKED = {Step.STOP_NOTICE: 0.03, Step.CORRECTION: 0.0, Step.INVESTIGATION: 0.08}
_ARCHIVED_AFTER = timedelta(days=30)
_NOTES = {
    Step.STOP_NOTICE: "已现场送达停工通知（演示）",
    Step.CORRECTION: "当事人已整改（演示）",
    Step.INVESTIGATION: "已立案调查（演示）",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a step of a kind of violation may take."""

    kind: str
    step: Step
    days: int
    in_working_days: bool


@dataclass(frozen=True)
class Law:
    """What findings are judged by: rules, the calendar, and the incident category of each kind."""

    rules: Sequence[Rule]
    calendar: WorkingCalendar
    categories: Mapping[str, str]


@dataclass(frozen=True)
class Desk:
    """Account ids: the dispatcher who takes the steps, the officer who handles in each cell."""

    dispatcher: int
    officer_of_cell: Ints


def finding_tables(
    connection: Connection,
    rng: np.random.Generator,
    setting: Setting,
    points: Columns,
    fixes: Fixes,
    desk: Desk,
) -> dict[str, Columns]:
    """Columns by table: the incident, the steps and the deadlines of every violation among the points."""
    law = _read_law(connection)
    found = np.flatnonzero(points["kind"].codes > 0)
    taken = _QUERIES.take_ids(connection, table="app.incident", column="incident_id", count=len(found))
    now = datetime.combine(setting.today, datetime.min.time(), ZONE)
    looks = _Looks(points, fixes)
    rows: dict[str, list[Columns]] = {"incident": [], "incident_step": [], "finding_deadline": []}
    for incident_id, point in zip((row.id for row in taken), found.tolist(), strict=True):
        found_at = _moment(points["device_at"][point])
        course, recheck = _course(rng, found_at, now, looks, point)
        incident = {"incident_id": incident_id} | _incident(points, point, course, recheck, law)
        officer = int(desk.officer_of_cell[max(0, int(fixes.cell[point]))])
        deadlines = [
            {"incident_id": incident_id} | _deadline(rng, rule, found_at, course, now, law)
            for rule in law.rules
            if rule.kind == incident["violation"]
        ]
        for deadline in deadlines:
            deadline["done_by"] = desk.dispatcher if deadline["done_at"] else None
        incident["due_at"] = max(deadline["due_at"] for deadline in deadlines)
        if incident["state"] == "closed" and now - course[-1] > _ARCHIVED_AFTER:
            incident["state"] = "archived"
        rows["incident"].append(incident)
        rows["incident_step"] += _steps(incident_id, course, officer, desk.dispatcher)
        rows["finding_deadline"] += deadlines
    return {table: _columns(made) for table, made in rows.items() if made}


def _read_law(connection: Connection) -> Law:
    holidays = (Holiday(row.on_date, DayKind(row.kind), row.name_zh) for row in _QUERIES.holidays(connection))
    return Law(
        [
            Rule(row.kind, Step(row.step), row.days, row.in_working_days)
            for row in _QUERIES.finding_rules(connection)
        ],
        WorkingCalendar(holidays),
        {row.code: row.category for row in _QUERIES.finding_categories(connection)},
    )


def _columns(rows: Sequence[Columns]) -> Columns:
    columns: Columns = {name: [row[name] for row in rows] for name in rows[0]}
    if "geom" in columns:
        columns["geom"] = np.array(columns["geom"])
    return columns


def _steps(incident_id: int, course: Sequence[datetime], officer: int, dispatcher: int) -> list[Columns]:
    return [
        {
            "incident_id": incident_id,
            "from_state": _COURSE[n - 1],
            "to_state": _COURSE[n],
            "account_id": officer if _COURSE[n] == "handled" else dispatcher,
            "at": at,
        }
        for n, at in enumerate(course, start=1)
    ]


class _Looks:
    """All-clears by parcel in order of time: where a re-check may have been."""

    def __init__(self, points: Columns, fixes: Fixes) -> None:
        self._points = points
        clear = np.flatnonzero((points["kind"].codes == 0) & (fixes.parcel >= 0))
        order = clear[np.lexsort((points["device_at"][clear], fixes.parcel[clear]))]
        self._rows = order
        self._parcels = fixes.parcel[order]
        self._of_point = fixes.parcel

    def after(self, point: int, handled_at: datetime) -> tuple[UUID, datetime] | None:
        """The first all-clear in the point's parcel since then, on another day than the finding."""
        parcel = self._of_point[point]
        first, last = np.searchsorted(self._parcels, [parcel, parcel + 1])
        rows = self._rows[first:last]
        at = self._points["device_at"]
        found_on = _moment(at[point]).date()
        start = np.searchsorted(at[rows], np.datetime64(handled_at.astimezone(UTC).replace(tzinfo=None)))
        for row in rows[start:].tolist():
            seen_at = _moment(at[row])
            if seen_at.date() != found_on and seen_at > handled_at:
                return UUID(bytes=self._points["client_id"][row].tobytes()), seen_at
        return None


def _course(
    rng: np.random.Generator, found_at: datetime, now: datetime, looks: _Looks, point: int
) -> tuple[list[datetime], UUID | None]:
    """When each step after the report was taken, as far as it went by now, and what saw it gone."""
    course = [found_at + timedelta(hours=hours) for hours in _DESK_HOURS]
    if rng.random() < _NEVER_HANDLED:
        return [at for at in course if at <= now], None
    handled_at = course[-1] + timedelta(hours=float(rng.gamma(2.0, 14.0)))
    course += [handled_at, handled_at + timedelta(hours=20)]
    seen = looks.after(point, handled_at)
    if seen is None:
        return [at for at in course if at <= now], None
    closed_at = max(course[-1], seen[1]) + timedelta(hours=3)
    if closed_at > now:
        return [at for at in course if at <= now], None
    return [*course, closed_at], seen[0]


def _incident(
    points: Columns, point: int, course: Sequence[datetime], recheck: UUID | None, law: Law
) -> Columns:
    kind = str(points["kind"][point])
    state = _COURSE[len(course)]
    own = UUID(bytes=points["client_id"][point].tobytes())
    return {
        "client_id": incident_client_id(own),
        "category": law.categories[kind],
        "state": state,
        "source": "patrol",
        "description": f"{points['note'][point] or '巡查发现违法行为'}（演示）",
        "occurred_at": _moment(points["device_at"][point]),
        "reported_at": _moment(points["received_at"][point]),
        "closed_at": course[-1] if state == "closed" else None,
        "reporter_id": int(points["account_id"][point]),
        "cell_id": _or_none(points["cell_id"][point]),
        "community_id": _or_none(points["community_id"][point]),
        "parcel_id": _or_none(points["parcel_id"][point]),
        "violation": kind,
        "patrol_point_client_id": own,
        "recheck_client_id": recheck,
        "geom": points["geom"][point],
    }


def _deadline(
    rng: np.random.Generator,
    rule: Rule,
    found_at: datetime,
    course: Sequence[datetime],
    now: datetime,
    law: Law,
) -> Columns:
    """A step of the clock; corrections are done when the case was handled."""
    due_at = law.calendar.deadline(found_at, rule.days, in_working_days=rule.in_working_days)
    handled = len(course) > _COURSE.index("handled") - 1
    if rule.step is Step.CORRECTION:
        done_at = course[_COURSE.index("handled") - 1] if handled else None
    else:
        done_at = found_at + timedelta(hours=float(rng.gamma(3.0, 5.0 * rule.days)))
    latest = course[-1] if len(course) == len(_COURSE) - 1 else now
    is_done = done_at is not None and done_at <= latest and rng.random() >= _NEVER_TICKED[rule.step]
    return {
        "step": rule.step.value,
        "found_at": found_at,
        "days": rule.days,
        "in_working_days": rule.in_working_days,
        "due_at": due_at,
        "done_at": done_at if is_done else None,
        "note": _NOTES[rule.step] if is_done else "",
    }


def _moment(at: np.datetime64) -> datetime:
    """A naive moment in UTC as an aware one in the district's zone."""
    return at.astype("M8[s]").item().replace(tzinfo=UTC).astimezone(ZONE)  # type: ignore[no-any-return]


def _or_none(value: Any) -> int | None:
    return None if value is np.ma.masked else int(value)
