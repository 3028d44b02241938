"""What an administrator does with patrol teams: members, leaders, stand-ins and areas."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.people.admin import Period, yesterday
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")


def list_teams(db: Database, actor: Actor) -> list[Any]:
    """List patrol teams with members and areas of today."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.teams(connection))


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its members, past and to come, those of today first."""

    row: Any
    members: list[Any]


def show_team(db: Database, actor: Actor, team_id: int) -> Team:
    """Show one team. Raises `NotFound`."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _queries.team(connection, team_id=team_id)
        if row is None:
            raise NotFound
        return Team(row, list(_queries.members_of(connection, team_id=team_id)))


def create_team(db: Database, actor: Actor, *, code: str, name: str) -> int:
    """Create a patrol team."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        made = _queries.insert_team(connection, code=code.strip(), name_zh=name.strip())
        team_id = int(made[0] if isinstance(made, tuple) else made)
        record_audit(connection, actor.account_id, "team.create", str(team_id))
    return team_id


@dataclass(frozen=True, slots=True)
class Membership:
    """Walking with a team; a stand-in is in for somebody else and always has a last day."""

    team_id: int
    period: Period
    is_leader: bool = False
    is_stand_in: bool = False

    def __post_init__(self) -> None:
        if self.is_stand_in and self.period.valid_to is None:
            raise InvalidInput("A stand-in has a last day.", pointer="valid_to")


def join_team(db: Database, actor: Actor, account_id: int, membership: Membership) -> None:
    """Put a person into a team.

    Raises
    ------
    Conflict
        The person is in it in that period already, or there is no such team.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        _join(connection, actor, account_id, membership)


def add_member(db: Database, actor: Actor, username: str, membership: Membership) -> None:
    """Put somebody known by the user name into a team. Raises `InvalidInput`, and as `join_team`."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        account_id = _queries.patrol_account_id(connection, username=username.strip().lower())
        if account_id is None:
            raise InvalidInput("There is no such land-patrol account.", pointer="username")
        _join(connection, actor, account_id, membership)


def _join(connection: Connection, actor: Actor, account_id: int, membership: Membership) -> None:
    _queries.insert_team_member(
        connection,
        team_id=membership.team_id,
        account_id=account_id,
        is_leader=membership.is_leader,
        is_stand_in=membership.is_stand_in,
        valid_from=membership.period.valid_from,
        valid_to=membership.period.valid_to,
    )
    record_audit(connection, actor.account_id, "team_member.create", str(account_id), team=membership.team_id)


def leave_team(db: Database, actor: Actor, team_member_id: int) -> None:
    """Take a person out of a team, as of yesterday."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        last_day = yesterday(connection)
        _queries.take_back_team_member(connection, team_member_id=team_member_id, last_day=last_day)
        _queries.end_team_member(connection, team_member_id=team_member_id, last_day=last_day)
        record_audit(connection, actor.account_id, "team_member.end", str(team_member_id))


def give_team_area(db: Database, actor: Actor, *, team_id: int, place_code: str, valid_from: date) -> None:
    """Give a team a community or a single parcel to patrol, by code."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        community_id = _queries.current_community_id(connection, code=place_code.strip())
        parcel_id = None if community_id else _queries.parcel_id_of(connection, code=place_code.strip())
        if community_id is None and parcel_id is None:
            raise InvalidInput("There is no such community or parcel.", pointer="place_code")
        _queries.insert_team_area(
            connection, team_id=team_id, community_id=community_id, parcel_id=parcel_id, valid_from=valid_from
        )
        record_audit(connection, actor.account_id, "team_area.create", str(team_id), place=place_code)
