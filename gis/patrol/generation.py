"""Making the rounds of the coming days from plans, and settling those whose day is over."""

from __future__ import annotations

from datetime import date
from typing import Any

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.patrol.plans import DAYS_AHEAD, Rhythm, Season, Slot, Window, slots

_queries = load_queries(__file__, "planning")


def plan_rounds(
    connection: Connection, first: date | None = None, days: int = DAYS_AHEAD, *, plan_id: int | None = None
) -> int:
    """Make the rounds of some days follow the plans as they stand.

    A round that has begun, by the clock or by its team, stays as it is. One that has not follows its plan,
    and is withdrawn where the plan no longer has it. Doing it again changes nothing.

    Parameters
    ----------
    connection : a transaction of a planner, an administrator or gis_migrator.
    first : the first of the days, today unless told; in Asia/Shanghai.
    plan_id : only this plan.

    Returns
    -------
    int
        How many rows were written, which is none when all was as it should be.
    """
    first = first or _queries.today(connection)
    return sum(
        _follow(connection, row, first, days) for row in list(_queries.rhythms(connection, plan_id=plan_id))
    )


def settle_rounds(connection: Connection) -> int:
    """Store what time has made of rounds whose day is over; returns how many."""
    return int(_queries.settle_rounds(connection))


def rhythm_of(row: Any) -> Rhythm:
    """The rhythm of a stored plan, with its season's days."""
    starts_and_ends = zip(row.window_starts, row.window_ends, strict=True)
    return Rhythm(
        weekdays=tuple(row.weekdays),
        rounds=row.rounds,
        per=row.per,
        windows=tuple(Window(first, last) for first, last in starts_and_ends),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        season=Season(row.first_day, row.last_day) if row.first_day else None,
    )


def _follow(connection: Connection, row: Any, first: date, days: int) -> int:
    plan_id = row.patrol_plan_id
    _queries.lock_plan(connection, plan_id=plan_id)
    now = _queries.now(connection)
    wanted: list[Slot] = []
    if row.is_active:
        wanted = [slot for slot in slots(rhythm_of(row), first, days) if slot.planned_from > now]
    last = date.fromordinal(first.toordinal() + days - 1) if row.is_active else date.max
    written = _queries.withdraw_rounds(
        connection,
        plan_id=plan_id,
        first=first,
        last=last,
        dates=[slot.on_date for slot in wanted],
        numbers=[slot.number for slot in wanted],
    )
    written += _queries.put_rounds(
        connection,
        plan_id=plan_id,
        numbers=[slot.number for slot in wanted],
        starts=[slot.planned_from for slot in wanted],
        ends=[slot.planned_to for slot in wanted],
    )
    written += _queries.drop_stale_points(connection, plan_id=plan_id, first=first)
    written += _queries.put_points(connection, plan_id=plan_id, first=first)
    return int(written)
