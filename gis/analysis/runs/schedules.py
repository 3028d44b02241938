"""Analyses asked for every week, in the name of who made the schedule; and old runs forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gis.analysis.registry import analysis_named
from gis.analysis.runs.model import (
    KEPT_DAYS,
    Schedule,
    as_json,
    checked,
    digest,
    moved,
    names_of,
    next_time,
    period_in,
)
from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.zone import ZONE

_queries = load_queries(__file__, "store")
MAX_LAST_DAYS = 92


def list_schedules(db: Database, actor: Actor) -> list[Schedule]:
    """All schedules, by analysis."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return [Schedule(**row._asdict()) for row in _queries.schedules(connection)]


def create_schedule(  # noqa: PLR0913 - what a schedule is
    db: Database,
    actor: Actor,
    name: str,
    parameters: Mapping[str, Any],
    *,
    last_days: int | None,
    weekday: int,
    hour: int,
) -> int:
    """Have an analysis measured every week from now on; gives the schedule's number.

    Raises
    ------
    NotFound, InvalidInput
        There is no such analysis; a parameter, the day, the hour or the length of the period is not valid.
    """
    actor.require(Permission.RUN_COVERAGE)
    model = analysis_named(name).parameters
    _check_times(last_days, weekday, hour)
    period = period_in(names_of(model))
    if last_days is not None and period is None:
        raise InvalidInput("This analysis has no period of days.", pointer="last_days")
    with db.transaction(actor.identity) as connection:
        now = _queries.now(connection)
        # What it will be asked with must be valid, whenever that is.
        asked = checked(model, moved(parameters, period, last_days, now.astimezone(ZONE).date()))
        schedule_id: int = _queries.insert_schedule(
            connection,
            analysis=name,
            parameters=json.dumps(as_json(asked)),
            last_days=last_days,
            weekday=weekday,
            hour=hour,
            next_at=next_time(weekday, hour, now),
        )
        record_audit(connection, actor.account_id, "analysis.schedule", str(schedule_id), analysis=name)
    return schedule_id


def switch_schedule(db: Database, actor: Actor, schedule_id: int, *, is_enabled: bool) -> None:
    """Pause a schedule or let it go on, from its next time. Raises `NotFound`."""
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity) as connection:
        row = _queries.schedule_times(connection, schedule_id=schedule_id)
        if row is None:
            raise NotFound
        next_at = next_time(row.weekday, row.hour, row.now)
        _queries.switch_schedule(connection, schedule_id=schedule_id, is_enabled=is_enabled, next_at=next_at)
        action = "analysis.schedule_on" if is_enabled else "analysis.schedule_off"
        record_audit(connection, actor.account_id, action, str(schedule_id))


def delete_schedule(db: Database, actor: Actor, schedule_id: int) -> None:
    """Delete a schedule; the runs it asked for stay. Raises `NotFound`."""
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity) as connection:
        if _queries.delete_schedule(connection, schedule_id=schedule_id) is None:
            raise NotFound
        record_audit(connection, actor.account_id, "analysis.unschedule", str(schedule_id))


def ask_due(connection: Connection) -> int:
    """Ask for what is due, each schedule once for all times it missed; gives how many are. As gis_migrator.

    Whether who made a schedule may still measure is judged when the run begins.
    """
    due = list(_queries.due_schedules(connection))
    for row in due:
        parameters = moved(
            row.parameters, period_in(row.parameters), row.last_days, row.now.astimezone(ZONE).date()
        )
        _queries.ask_scheduled(
            connection,
            analysis=row.analysis,
            parameters=json.dumps(parameters),
            sha256=digest(parameters),
            account_id=row.account_id,
            schedule_id=row.analysis_schedule_id,
        )
        next_at = next_time(row.weekday, row.hour, row.now)
        _queries.move_on(connection, schedule_id=row.analysis_schedule_id, next_at=next_at)
    if due:
        _queries.wake_worker(connection)
    return len(due)


def forget_old_runs(connection: Connection) -> int:
    """Forget runs that ended `KEPT_DAYS` ago and that nobody keeps; gives how many. As gis_migrator."""
    forgotten: int = _queries.forget_old(connection, days=KEPT_DAYS)
    return forgotten


def _check_times(last_days: int | None, weekday: int, hour: int) -> None:
    if not 1 <= weekday <= 7:
        raise InvalidInput("A day of the week is a number from 1 (Monday) to 7.", pointer="weekday")
    if not 0 <= hour <= 23:
        raise InvalidInput("An hour is a number from 0 to 23.", pointer="hour")
    if last_days is not None and not 1 <= last_days <= MAX_LAST_DAYS:
        raise InvalidInput("A period has from 1 to 92 days.", pointer="last_days")
