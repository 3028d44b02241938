"""The monthly record of rounds: figures of a month, and the whole of it handed over round by round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.monthly.judging import judge
from gis.monthly.model import (
    Asked,
    Correction,
    Digest,
    Entry,
    Form,
    Names,
    Part,
    RoundRecord,
    Verification,
)
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")
_AT_ONCE = 100
"""Rounds read at a time, so that memory does not grow with the month."""

Take = Callable[[RoundRecord, Names], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a month holds, for a look before it is exported."""

    teams: list[Any]
    states: dict[str, int]
    rounds: int
    points: int
    visited: int
    logged: int
    findings: int
    excuses: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """What the record is of; `team` is None for all teams."""

    district: Any
    team: Any
    made_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What was handed over: rounds by state, rows by part, and the SHA-256 of it all."""

    heading: Heading
    rounds: int
    states: Mapping[str, int]
    rows: Mapping[Part, int]
    sha256: str


def may_export(db: Database, actor: Actor) -> bool:
    """Tell whether there is a record for the actor: of a patrol only leaders have one."""
    if not actor.may(Permission.EXPORT_ROUNDS):
        return False
    if actor.sees_district:
        return True
    with db.transaction(actor.identity, read_only=True) as connection:
        return bool(list(_queries.teams(connection, sees_district=False)))


def show_month(db: Database, actor: Actor, asked: Asked) -> Figures:
    """Count what the record of a month would hold.

    Raises
    ------
    NotFound
        The actor leads no team, or not this one.
    """
    actor.require(Permission.EXPORT_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        teams = _teams(connection, actor)
        team = _team(teams, actor, asked)
        rows = list(_queries.figures(connection, **_span(asked, team)))
        return Figures(
            teams,
            {row.state: row.rounds for row in rows},
            **{
                name: sum(getattr(row, name) for row in rows)
                for name in ("rounds", "points", "visited", "logged", "findings", "excuses")
            },
            is_over=_is_over(connection, asked),
        )


def export_month(
    db: Database,
    actor: Actor,
    asked: Asked,
    form: Form,
    take: Take,
    *,
    request_id: str = "",
) -> Summary:
    """Hand the record of a month over, round by round, and leave an audit row: personal data goes out.

    Parameters
    ----------
    take : called once for each round, in the order of days.

    Raises
    ------
    NotFound
        The actor leads no team, or not this one; or there is no district yet.
    InvalidInput
        The month has more rounds than the form may hold.
    """
    actor.require(Permission.EXPORT_ROUNDS)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        team = _team(_teams(connection, actor), actor, asked)
        span = _span(asked, team)
        if _queries.count_rounds(connection, **span) > form.most:
            raise InvalidInput(
                "This month has too many rounds for one file: choose a team.",
                pointer="team",
                code="too-many-rounds",
            )
        heading = _heading(connection, asked, team)
        digest = Digest([str(asked.month), heading.district.code, team and team.code])
        names = Names(
            {row.account_id: row.full_name for row in _queries.people(connection)},
            {row.code: row for row in _queries.kinds(connection)},
        )
        for record in _records(connection, span):
            digest.add(record)
            take(record, names)
        record_audit(
            connection,
            actor.account_id,
            "monthly_record.export",
            str(asked.month),
            team=team and team.code,
            form=form.name,
            rounds=digest.rounds,
            sha256=digest.sha256,
        )
    return Summary(heading, digest.rounds, digest.states, digest.rows, digest.sha256)


def _teams(connection: Connection, actor: Actor) -> list[Any]:
    teams = list(_queries.teams(connection, sees_district=actor.sees_district))
    if not teams and not actor.sees_district:
        raise NotFound
    return teams


def _team(teams: Sequence[Any], actor: Actor, asked: Asked) -> Any:
    """The team asked for; a leader who asks for none means the first of the own."""
    if asked.team_id is None:
        return None if actor.sees_district else teams[0]
    for team in teams:
        if team.team_id == asked.team_id:
            return team
    raise NotFound


def _heading(connection: Connection, asked: Asked, team: Any) -> Heading:
    district = _queries.district(connection)
    if district is None:  # no division was published yet
        raise NotFound
    return Heading(district, team, _queries.now(connection), _is_over(connection, asked))


def _span(asked: Asked, team: Any) -> dict[str, Any]:
    month = asked.month
    return {"first": month.first, "last": month.last, "team_id": team and team.team_id}


def _is_over(connection: Connection, asked: Asked) -> bool:
    return bool(_queries.today(connection) > asked.month.last)


def _records(connection: Connection, span: Mapping[str, Any]) -> Iterator[RoundRecord]:
    plans = list(_queries.rounds(connection, **span))
    ids = [plan.patrol_round_id for plan in plans]
    refused = _grouped(_queries.refused(connection, round_ids=ids))
    for start in range(0, len(plans), _AT_ONCE):
        yield from _chunk(connection, plans[start : start + _AT_ONCE], refused)


def _chunk(
    connection: Connection, plans: Sequence[Any], refused: Mapping[int, list[Any]]
) -> Iterator[RoundRecord]:
    ids = [plan.patrol_round_id for plan in plans]
    points = _grouped(_queries.points(connection, round_ids=ids))
    entries = _grouped(map(Entry._make, _queries.entries(connection, round_ids=ids)))
    findings = _grouped(_queries.findings(connection, round_ids=ids))
    corrections = _grouped(map(Correction._make, _queries.corrections(connection, round_ids=ids)))
    verifications = _grouped(map(Verification._make, _queries.verifications(connection, round_ids=ids)))
    for plan in plans:
        key = plan.patrol_round_id
        here, told, kept = points.get(key, []), entries.get(key, []), refused.get(key, [])
        settled = [_settled(row) for row in kept if row.state != "open"]
        yield RoundRecord(
            plan,
            here,
            told,
            judge(plan, here, told, findings.get(key, []), kept),
            [*corrections.get(key, []), *settled],
            verifications.get(key, []),
        )


def _settled(row: Any) -> Correction:
    """What became of a refused record: `repaired` or `dismissed`."""
    return Correction(
        row.patrol_round_id,
        "quarantine",
        str(row.quarantine_id),
        row.code,
        row.settled_by,
        row.settled_at,
        None,
        row.state,
        row.reason,
    )


def _grouped(rows: Any) -> dict[int, list[Any]]:
    """Rows by their round, in their order."""
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.patrol_round_id, []).append(row)
    return grouped
