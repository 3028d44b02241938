"""Day sheets of a team and of a parcel, a team's month with its valid days, and the calendar of rounds.

Metres and minutes come from functions that give sums and no line: `app.walked()`, `app.walked_on()` and, of
single people with a trace in the audit log, `app.walked_by()`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gis.calendar.model import Month
from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import NotFound
from gis.patrol.effort import Effort, Sum, Walk, by_walker, effort_of_day, effort_of_round, total
from gis.patrol.plans import Season
from gis.patrol.sheet_model import (
    MonthDay,
    ParcelDay,
    RoundCalendar,
    SheetRound,
    Site,
    TeamDay,
    TeamMonth,
    calendar_days,
)
from gis.patrol.valid_day import Rule, Walked, judge, rule_of
from gis.people.model import Actor, Permission, Role

_queries = load_queries(__file__)
_MOST = 1_000
_SEE_PEOPLE = frozenset({Role.PATROL, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Choices:
    """What there are sheets of on a day: the reader's teams, and the parcels its rounds name."""

    teams: Sequence[Any]
    parcels: Sequence[Any]


def choices(db: Database, actor: Actor, day: date) -> Choices:
    """List the teams the actor sees and the parcels that rounds of a day name."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return Choices(
            list(_queries.teams(connection)), list(_queries.parcels_of_day(connection, day=day, most=_MOST))
        )


def may_see_people(actor: Actor) -> bool:
    """Whether the actor may be told what single people walked: own figures, those of a team led, or all."""
    return actor.role in _SEE_PEOPLE


def team_day(
    db: Database, actor: Actor, team_id: int, day: date, *, with_people: bool = False, request_id: str = ""
) -> TeamDay:
    """A team's day sheet.

    Parameters
    ----------
    with_people : also what each person walked, where the actor may know; reading others leaves an audit row.

    Raises
    ------
    NotFound
        There is no such team, or it is not the actor's to see.
    """
    actor.require(Permission.SEE_ROUNDS)
    is_asked = with_people and may_see_people(actor)
    with db.transaction(actor.identity, read_only=not is_asked, request_id=request_id) as connection:
        team = _team(connection, team_id)
        walks = _walks(connection, actor, team_id, day, day)
        rows = list(_queries.rounds_of_day(connection, day=day, team_id=team_id, parcel_id=None, most=_MOST))
        efforts = {row.patrol_round_id: effort_of_round(walks, row.patrol_round_id) for row in rows}
        return TeamDay(
            day=day,
            rounds=_rounds(connection, rows, efforts),
            findings=list(
                _queries.findings_of_day(connection, day=day, team_id=team_id, parcel_id=None, most=_MOST)
            ),
            sees_tracks=actor.may(Permission.SEE_TRACKS),
            effort=effort_of_day(walks),
            team=team,
            loose=effort_of_day([walk for walk in walks if walk.patrol_round_id is None]),
            judgement=judge(by_walker(walks), rule_of(day, _rules(connection))),
            people=list(_queries.walked_by(connection, team_id=team_id, day=day)) if is_asked else None,
        )


def parcel_day(db: Database, actor: Actor, parcel_id: int, day: date) -> ParcelDay:
    """A parcel's day sheet: check points on it, metres and minutes inside its outline. Raises `NotFound`."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        parcel = _queries.parcel(connection, parcel_id=parcel_id)
        if parcel is None:
            raise NotFound
        sees_tracks = actor.may(Permission.SEE_TRACKS)
        walked = list(_queries.walked_on(connection, parcel_id=parcel_id, day=day)) if sees_tracks else []
        rows = list(
            _queries.rounds_of_day(connection, day=day, team_id=None, parcel_id=parcel_id, most=_MOST)
        )
        efforts = {row.patrol_round_id: _effort_on_parcel([row]) for row in walked}
        return ParcelDay(
            day=day,
            rounds=_rounds(connection, rows, efforts, parcel_id=parcel_id),
            findings=list(
                _queries.findings_of_day(connection, day=day, team_id=None, parcel_id=parcel_id, most=_MOST)
            ),
            sees_tracks=sees_tracks,
            effort=_effort_on_parcel(walked),
            parcel=parcel,
            walked=walked,
        )


def team_month(db: Database, actor: Actor, team_id: int, month: Month) -> TeamMonth:
    """A team's month: each day with its rounds, metres, minutes and whether it counts. Raises `NotFound`."""
    actor.require(Permission.SEE_ROUNDS)
    span = {"first": month.first, "last": month.last}
    with db.transaction(actor.identity, read_only=True) as connection:
        team = _team(connection, team_id)
        today = _queries.today(connection)
        rules = _rules(connection)
        walks: dict[date, list[Walk]] = defaultdict(list)
        for walk in _walks(connection, actor, team_id, month.first, month.last):
            walks[walk.on_date].append(walk)
        found = {
            row.on_date: row.findings for row in _queries.finding_counts(connection, team_id=team_id, **span)
        }
        sees_tracks = actor.may(Permission.SEE_TRACKS)
        days = [
            MonthDay(
                calendar=each,
                findings=found.get(each.day, 0),
                effort=effort_of_day(walks[each.day]),
                judgement=judge(by_walker(walks[each.day]), rule_of(each.day, rules))
                if sees_tracks and each.day <= today
                else None,
            )
            for each in _calendar(connection, month, team_id)
        ]
        sites = [Site(row) for row in _queries.sites(connection, team_id=team_id, most=_MOST, **span)]
        return TeamMonth(team, month, days, sites, rules, sees_tracks)


def round_calendar(db: Database, actor: Actor, month: Month, team_id: int | None = None) -> RoundCalendar:
    """Count a month's rounds by day and state, of one team or of all the actor sees. Raises `NotFound`."""
    actor.require(Permission.SEE_ROUNDS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return RoundCalendar(
            month,
            _queries.today(connection),
            list(_queries.teams(connection)),
            None if team_id is None else _team(connection, team_id),
            _calendar(connection, month, team_id),
        )


def _calendar(connection: Connection, month: Month, team_id: int | None) -> list[Any]:
    span = {"first": month.first, "last": month.last}
    return calendar_days(
        month,
        list(_queries.round_counts(connection, team_id=team_id, **span)),
        list(_queries.holidays(connection, **span)),
    )


def _team(connection: Connection, team_id: int) -> Any:
    team = _queries.team(connection, team_id=team_id)
    if team is None:
        raise NotFound
    return team


def _rules(connection: Connection) -> list[Rule]:
    return [
        Rule(
            Season(row.first_day, row.last_day),
            row.least_m,
            row.least_minutes,
            row.least_days,
            row.name_zh,
            row.name_en,
        )
        for row in _queries.rules(connection)
    ]


def _rounds(
    connection: Connection,
    rows: Sequence[Any],
    efforts: Mapping[int, Effort | None],
    *,
    parcel_id: int | None = None,
) -> list[SheetRound]:
    ids = [row.patrol_round_id for row in rows]
    points: dict[int, list[Any]] = defaultdict(list)
    for point in _queries.points_of(connection, round_ids=ids, parcel_id=parcel_id):
        points[point.patrol_round_id].append(point)
    excuses: dict[int, list[Any]] = defaultdict(list)
    for excuse in _queries.excuses_of(connection, round_ids=ids):
        excuses[excuse.patrol_round_id].append(excuse)
    return [
        SheetRound(row, points[id_], excuses[id_], efforts.get(id_))
        for id_, row in zip(ids, rows, strict=True)
    ]


def _walks(connection: Connection, actor: Actor, team_id: int, first: date, last: date) -> list[Walk]:
    if not actor.may(Permission.SEE_TRACKS):
        return []
    return [
        Walk(
            row.on_date,
            row.walker,
            row.patrol_round_id,
            Sum(row.tracks, row.untimed, row.metres, row.minutes),
            Sum(row.round_tracks, row.round_untimed, row.round_m, row.round_minutes),
            Walked(row.inside_m, row.inside_minutes),
        )
        for row in _queries.walked(connection, team_id=team_id, first=first, last=last)
    ]


def _effort_on_parcel(rows: Sequence[Any]) -> Effort | None:
    if not rows:
        return None
    sums = [Sum(row.tracks, row.untimed, row.metres, row.minutes) for row in rows]
    return Effort(sum(row.people for row in rows), total(sums))
