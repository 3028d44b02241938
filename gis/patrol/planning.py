"""What a planner does with plans: looks at them, saves one, and has its rounds follow at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.patrol.generation import plan_rounds
from gis.patrol.plans import DAYS_AHEAD, PlanDraft, Season, Slot, slots
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__)
MOST_PLANS = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A stored plan and its check points by id, in order."""

    row: Any
    check_points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a plan of a team is chosen from."""

    teams: list[Any]
    seasons: list[Any]
    levels: list[Any]
    parcels: list[Any]
    check_points: list[Any]
    outlines: list[dict[str, Any]]


def list_plans(db: Database, actor: Actor) -> list[Any]:
    """List the plans the actor may see: those in use first, a patrol member's own team's alone."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.plans(connection, most=MOST_PLANS))


def show_plan(db: Database, actor: Actor, plan_id: int) -> Plan:
    """Show one plan. Raises `NotFound`."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _queries.plan(connection, plan_id=plan_id)
        if row is None:
            raise NotFound
        points = _queries.points_of_plan(connection, plan_id=plan_id)
        return Plan(row, tuple(point.check_point_id for point in points))


def choices(db: Database, actor: Actor, team_id: int | None) -> Choices:
    """List what a plan may be made of; without a team, or with one that is not there, the first one's."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        teams = list(_queries.teams(connection))
        if teams and team_id not in {team.team_id for team in teams}:
            team_id = teams[0].team_id
        parcels = list(_queries.parcels_of_team(connection, team_id=team_id))
        outlines = _queries.parcel_outlines(connection, parcel_ids=[row.parcel_id for row in parcels])
        return Choices(
            teams,
            list(_queries.seasons(connection)),
            list(_queries.levels(connection)),
            parcels,
            list(_queries.check_points_of_team(connection, team_id=team_id)),
            [_feature(row) for row in outlines],
        )


def season_days(db: Database, actor: Actor, season_id: int) -> Season:
    """The days of a season. Raises `InvalidInput` if there is none."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _season(connection, season_id)


def preview(db: Database, actor: Actor, draft: PlanDraft) -> list[Slot]:
    """The rounds a plan has in the coming days, also those of today that have begun; nothing is saved."""
    actor.require(Permission.PLAN_ROUNDS)
    if not draft.is_active:
        return []
    with db.transaction(actor.identity, read_only=True) as connection:
        first: date = _queries.today(connection)
        return list(slots(draft.rhythm, first, DAYS_AHEAD))


def save_plan(
    db: Database, actor: Actor, draft: PlanDraft, *, plan_id: int | None = None, request_id: str = ""
) -> int:
    """Store a new plan or change one, and have the rounds of the coming days follow it.

    Raises
    ------
    NotFound
        There is no such plan.
    InvalidInput
        The team does not patrol where a check point lies.
    Conflict
        Team, parcel, season or a check point is not there any more.
    """
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        points = list(draft.check_points)
        if _queries.points_out_of_reach(connection, team_id=draft.team_id, check_points=points):
            raise InvalidInput(
                "The team does not patrol where one of the check points lies.", pointer="points"
            )
        if plan_id is None:
            plan_id = int(_queries.insert_plan(connection, **_columns(draft)))
            verb = "create"
        else:
            if _queries.lock_plan(connection, plan_id=plan_id) is None:
                raise NotFound
            _queries.update_plan(connection, plan_id=plan_id, **_columns(draft))
            _queries.delete_plan_points(connection, plan_id=plan_id)
            verb = "change"
        _queries.insert_plan_points(connection, plan_id=plan_id, check_points=points)
        plan_rounds(connection, plan_id=plan_id)
        record_audit(
            connection, actor.account_id, f"patrol_plan.{verb}", str(plan_id), is_active=draft.is_active
        )
    return plan_id


def _columns(draft: PlanDraft) -> dict[str, Any]:
    rhythm = draft.rhythm
    return {
        "name": draft.name,
        "team_id": draft.team_id,
        "parcel_id": draft.parcel_id,
        "season_id": draft.season_id,
        "is_ordered": draft.is_ordered,
        "weekdays": list(rhythm.weekdays),
        "rounds": rhythm.rounds,
        "per": rhythm.per,
        "window_starts": [window.first for window in rhythm.windows],
        "window_ends": [window.last for window in rhythm.windows],
        "overdue_after_min": draft.overdue_after_min,
        "valid_from": rhythm.valid_from,
        "valid_to": rhythm.valid_to,
        "is_active": draft.is_active,
    }


def _season(connection: Connection, season_id: int) -> Season:
    row = _queries.season(connection, season_id=season_id)
    if row is None:
        raise InvalidInput("There is no such season.", pointer="season_id")
    return Season(row.first_day, row.last_day)


def _feature(row: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": json.loads(row.geometry),
        "properties": {"id": row.parcel_id, "code": row.code, "name": row.name_zh},
    }
