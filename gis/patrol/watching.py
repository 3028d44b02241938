"""Watching: today's rounds as they stand, who is out on them, and where everybody was seen last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import OutOfScope
from gis.patrol.rounds import State
from gis.people.model import Actor, Permission

_queries = load_queries(__file__)
MOST_ROUNDS = 1_000
UNDER_WAY = frozenset({State.STARTED, State.PAUSED})


@dataclass(frozen=True, slots=True)
class WatchQuery:
    """Which rounds to watch: codes of a community and of a team, a state; None for all."""

    community: str | None = None
    team: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class WatchedRound:
    """A round of today, who is out on it with the last position, and what it has found so far.

    `people` is empty unless the round is under way; `findings` is for those who may open them.
    """

    row: Any
    people: tuple[Any, ...] = ()
    findings: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """Communities and teams one may choose among."""

    communities: tuple[Any, ...]
    teams: tuple[Any, ...]


def watch_rounds(
    db: Database, actor: Actor, asked: WatchQuery, *, request_id: str = ""
) -> tuple[WatchedRound, ...]:
    """List the rounds of today that the actor may see, overdue ones first, `MOST_ROUNDS` at most.

    Rounds of the night before stay to an hour after their end.
    Of rounds under way it tells who walks them and, where the actor may be shown it, the last position
    (WGS84 degrees, metres). Whose position is shown leaves an audit row once an hour.

    Raises
    ------
    OutOfScope
        The actor's token only reads, so no trace could be left.
    """
    actor.require(Permission.SEE_ROUNDS)
    if not actor.may_write:
        raise OutOfScope
    with db.transaction(actor.identity, request_id=request_id) as connection:
        rows = list(
            _queries.live_rounds(
                connection,
                community=asked.community,
                team=asked.team,
                state=asked.state and asked.state.value,
                most=MOST_ROUNDS,
            )
        )
        out = [row.patrol_round_id for row in rows if row.state in UNDER_WAY]
        people = _queries.live_people(connection, round_ids=out) if out else ()
        findings: Iterable[Any] = ()
        if actor.may(Permission.SEE_FINDINGS):
            ids = [row.patrol_round_id for row in rows]
            findings = _queries.live_findings(connection, round_ids=ids)
        people_of, findings_of = _by_round(people), _by_round(findings)
    return tuple(
        WatchedRound(row, people_of(row.patrol_round_id), findings_of(row.patrol_round_id)) for row in rows
    )


def watch_choices(db: Database, actor: Actor) -> Choices:
    """Give the communities and the teams the actor may choose among."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return Choices(tuple(_queries.communities(connection)), tuple(_queries.teams(connection)))


def _by_round(rows: Iterable[Any]) -> Callable[[int], tuple[Any, ...]]:
    """Rows that come in the order of their rounds, by round."""
    grouped = {key: tuple(group) for key, group in groupby(rows, key=lambda row: row.patrol_round_id)}
    return lambda round_id: grouped.get(round_id, ())
