"""Looking at rounds and judging what was missed: lists for the desk, excuses asked for and decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.patrol.model import parse_text
from gis.patrol.rounds import EXCUSABLE, State
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "walking")
MOST_ROUNDS = 1_000
MAX_REASON = 500
_DECISIONS = ("granted", "refused")


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of some days as they stand now, and the ids of those with an excuse to be decided."""

    rows: list[Any]
    asked: frozenset[int]


@dataclass(frozen=True, slots=True)
class Round:
    """One round with its points and excuses; who asked and decided is told to those who may see accounts."""

    row: Any
    points: list[Any]
    excuses: list[Any]

    @property
    def may_be_excused(self) -> bool:
        """Whether somebody may ask now."""
        is_open = any(excuse.decision is None for excuse in self.excuses)
        return State(self.row.state) in EXCUSABLE and not is_open


def rounds_of_days(db: Database, actor: Actor, first: date, last: date) -> Rounds:
    """List the rounds the actor may see of some days, both included, `MOST_ROUNDS` at most."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = list(_queries.rounds_between(connection, first=first, last=last, most=MOST_ROUNDS))
        ids = [row.patrol_round_id for row in rows]
        asked = _queries.rounds_with_open_excuse(connection, round_ids=ids)
        return Rounds(rows, frozenset(row.patrol_round_id for row in asked))


def show_round(db: Database, actor: Actor, round_id: int) -> Round:
    """Show one round. Raises `NotFound`."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _round(connection, round_id)


def ask_excuse(db: Database, actor: Actor, round_id: int, reason: str, *, request_id: str = "") -> int:
    """Ask that a round of the own team be excused.

    Raises
    ------
    NotFound
        There is no such round, or it is another team's.
    InvalidInput
        No reason.
    Conflict
        It is done or excused, or somebody has asked already.
    """
    actor.require(Permission.WALK_ROUNDS)
    said = parse_text(reason, "reason", MAX_REASON)
    if not said:
        raise InvalidInput("Say why.", pointer="reason", code="missing")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if _queries.lock_round(connection, round_id=round_id) is None:
            raise NotFound
        if not _round(connection, round_id).may_be_excused:
            raise Conflict("This round cannot be excused now.", code="not-excusable")
        excuse_id: int = _queries.insert_excuse(connection, round_id=round_id, reason=said)
        record_audit(connection, actor.account_id, "round_excuse.ask", str(excuse_id), round=round_id)
    return excuse_id


def decide_excuse(db: Database, actor: Actor, excuse_id: int, decision: str, *, request_id: str = "") -> None:
    """Grant or refuse an excuse somebody else asked for.

    Raises
    ------
    NotFound
        There is none.
    InvalidInput
        Neither granted nor refused.
    Conflict
        It is decided, or the actor asked for it.
    """
    actor.require(Permission.DECIDE_EXCUSES)
    if decision not in _DECISIONS:
        raise InvalidInput("An excuse is granted or refused.", pointer="decision", code="unknown-word")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        excuse = _queries.lock_excuse(connection, excuse_id=excuse_id)
        if excuse is None:
            raise NotFound
        if excuse.asked_by == actor.account_id:
            raise Conflict("Whoever asked for an excuse does not decide it.", code="own-work")
        if excuse.decision is not None:
            raise Conflict("This excuse is decided.", code="decided")
        _queries.lock_round(connection, round_id=excuse.patrol_round_id)
        _queries.decide_excuse(connection, excuse_id=excuse_id, decision=decision)
        if decision == "granted":
            _queries.write_excused(connection, round_id=excuse.patrol_round_id)
        record_audit(
            connection,
            actor.account_id,
            "round_excuse.decide",
            str(excuse_id),
            round=excuse.patrol_round_id,
            decision=decision,
        )


def _round(connection: Connection, round_id: int) -> Round:
    row = _queries.round_by_id(connection, round_id=round_id)
    if row is None:
        raise NotFound
    return Round(
        row,
        list(_queries.points_of(connection, round_ids=[round_id])),
        list(_queries.excuses_of(connection, round_id=round_id)),
    )
