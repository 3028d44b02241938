"""Levels of parcels and seasons of the year: what plans begin with, and what a valid patrol day is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.patrol.generation import plan_rounds
from gis.patrol.plans import MAX_ROUNDS, PERIODS
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "planning")
_LEAP_YEAR = 2000
_MAX_M, _MAX_MINUTES, _MAX_DAYS = 100_000, 1_440, 31
MAX_VISITS = 99


@dataclass(frozen=True, slots=True)
class LevelDraft:
    """How often parcels of a level are to be patrolled, and how many visits a month they shall have."""

    name_zh: str
    name_en: str
    rounds_wanted: int
    per: str
    visits_a_month: int

    def __post_init__(self) -> None:
        _check_names(self.name_zh, self.name_en)
        if not 1 <= self.rounds_wanted <= MAX_ROUNDS:
            raise InvalidInput("One to ten rounds.", pointer="rounds_wanted")
        if self.per not in PERIODS:
            raise InvalidInput("Rounds are counted by day or week.", pointer="per")
        if not 0 <= self.visits_a_month <= MAX_VISITS:
            raise InvalidInput("The number is out of range.", pointer="visits_a_month")


@dataclass(frozen=True, slots=True)
class SeasonDraft:
    """A season ("MM-DD" to "MM-DD", both included) and what makes a patrol day valid in it."""

    code: str
    name_zh: str
    name_en: str
    first_day: str
    last_day: str
    least_m: int
    least_minutes: int
    least_days: int

    def __post_init__(self) -> None:
        _check_names(self.name_zh, self.name_en)
        if not (self.code.isascii() and self.code.replace("-", "").replace("_", "").isalnum()):
            raise InvalidInput("A code has small letters and digits.", pointer="code")
        for field in ("first_day", "last_day"):
            _check_day(getattr(self, field), field)
        for field, most in (("least_m", _MAX_M), ("least_minutes", _MAX_MINUTES), ("least_days", _MAX_DAYS)):
            if not 0 <= getattr(self, field) <= most:
                raise InvalidInput("The number is out of range.", pointer=field)


def levels_and_seasons(db: Database, actor: Actor) -> tuple[list[Any], list[Any]]:
    """List the levels in their order, and the seasons with how many plans use each."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.levels(connection)), list(_queries.seasons(connection))


def change_level(db: Database, actor: Actor, code: str, draft: LevelDraft, *, request_id: str = "") -> None:
    """Change a level; plans that exist stay as they are. Raises `NotFound`."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if not _queries.update_level(connection, code=code, **asdict(draft)):
            raise NotFound
        record_audit(connection, actor.account_id, "patrol_level.change", code)


def create_season(db: Database, actor: Actor, draft: SeasonDraft, *, request_id: str = "") -> int:
    """Store a new season. Raises `Conflict` if its code is taken."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        season_id: int = _queries.insert_season(connection, **asdict(draft))
        record_audit(connection, actor.account_id, "season.create", str(season_id))
    return season_id


def change_season(
    db: Database, actor: Actor, season_id: int, draft: SeasonDraft, *, request_id: str = ""
) -> None:
    """Change a season and have the rounds of its plans follow. Raises `NotFound`, `Conflict`."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if not _queries.update_season(connection, season_id=season_id, **asdict(draft)):
            raise NotFound
        _follow(connection, season_id)
        record_audit(connection, actor.account_id, "season.change", str(season_id))


def delete_season(db: Database, actor: Actor, season_id: int, *, request_id: str = "") -> None:
    """Remove a season that no plan uses. Raises `NotFound`, `Conflict`."""
    actor.require(Permission.PLAN_ROUNDS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if not _queries.delete_season(connection, season_id=season_id):
            raise NotFound
        record_audit(connection, actor.account_id, "season.delete", str(season_id))


def _follow(connection: Connection, season_id: int) -> None:
    for row in list(_queries.plans_of_season(connection, season_id=season_id)):
        plan_rounds(connection, plan_id=row.patrol_plan_id)


def _check_names(*names: str) -> None:
    if not all(1 <= len(name) <= 50 for name in names):
        raise InvalidInput("Give a name in both languages.", pointer="name_zh")


def _check_day(text: str, field: str) -> None:
    try:
        date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError as error:
        raise InvalidInput("Write a day of the year as 06-01.", pointer=field) from error
    if len(text) != len("06-01"):
        raise InvalidInput("Write a day of the year as 06-01.", pointer=field)
