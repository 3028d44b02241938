"""Findings: made as patrols log them, listed with their legal clocks, ticked off, re-checked on site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.findings.model import (
    Clock,
    Finding,
    FindingQuery,
    LoggedPoint,
    Step,
    by_incident,
    describe,
    incident_client_id,
)
from gis.patrol.model import parse_text
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.photo.reading import carry_photos

_queries = load_queries(__file__, "store")
PAGE_SIZE = 50
MAP_SIZE = 1000
MAX_NOTE = 500
_RECHECKS = 200


def raise_incidents(connection: Connection, actor: Actor, points: Sequence[LoggedPoint]) -> list[int]:
    """Make an incident with its legal clock of every violation among points stored in this transaction.

    A point that has its incident already gets no second one. Returns the ids of new incidents.
    """
    kinds = {row.code: row for row in _queries.violations(connection)}
    found = [point for point in points if point.kind in kinds]
    if not found:
        return []
    rows = _queries.insert_findings(
        connection,
        points=[str(point.client_id) for point in found],
        incidents=[str(incident_client_id(point.client_id)) for point in found],
        descriptions=[
            describe(point.note, kinds[point.kind].name_zh, kinds[point.kind].name_en, actor.locale)
            for point in found
        ],
    )
    raised = list(rows)
    made = [row.incident_id for row in raised]
    if made:
        _queries.insert_deadlines(connection, incident_ids=made)
        carry_photos(
            connection,
            from_records=[row.patrol_point_client_id for row in raised],
            to_records=[row.client_id for row in raised],
        )
        record_audit(connection, actor.account_id, "finding.raise", "", incidents=made)
    return made


@dataclass(frozen=True, slots=True)
class FindingPage:
    """Findings in the order of what is due next, how many steps of all open ones stand where, and choices."""

    findings: tuple[Finding, ...]
    clocks: dict[Clock, int]
    has_next: bool
    kinds: tuple[Any, ...]
    communities: tuple[Any, ...]
    teams: tuple[Any, ...]


def list_findings(
    db: Database, actor: Actor, asked: FindingQuery, *, page: int = 1, page_size: int = PAGE_SIZE
) -> FindingPage:
    """A page of findings, counted from 1."""
    actor.require(Permission.SEE_FINDINGS)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = list(
            _queries.findings(
                connection,
                is_open=asked.is_open,
                kind=asked.kind,
                community=asked.community,
                team=asked.team,
                page_size=page_size + 1,
                skip=(page - 1) * page_size,
            )
        )
        shown = rows[:page_size]
        deadlines = by_incident(
            list(_queries.deadlines(connection, incident_ids=[row.incident_id for row in shown]))
        )
        return FindingPage(
            tuple(Finding(row, deadlines.get(row.incident_id, ())) for row in shown),
            {Clock(row.clock): row.number for row in _queries.clocks(connection)},
            has_next=len(rows) > page_size,
            kinds=tuple(_queries.violations(connection)),
            communities=tuple(_queries.communities(connection)),
            teams=tuple(_queries.teams(connection)),
        )


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """One finding with its clock, and the all-clear that counts as its re-check, if there is one."""

    finding: Finding
    recheck: Any | None


def show_finding(db: Database, actor: Actor, incident_id: int) -> FindingDetail:
    """One finding in full.

    Raises
    ------
    NotFound
        There is no such incident, or it is no finding.
    """
    actor.require(Permission.SEE_FINDINGS)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _queries.finding(connection, incident_id=incident_id)
        if row is None:
            raise NotFound
        deadlines = by_incident(list(_queries.deadlines(connection, incident_ids=[incident_id])))
        finding = Finding(row, deadlines.get(incident_id, ()))
        return FindingDetail(finding, _queries.recheck(connection, incident_id=incident_id))


def tick_step(
    db: Database, actor: Actor, incident_id: int, step: str, note: str, *, request_id: str = ""
) -> None:
    """Say that a step of the legal clock is done, and how.

    Raises
    ------
    NotFound
        There is no such finding or step.
    InvalidInput
        The note is empty or too long.
    Conflict
        The step was done before, or the case is closed.
    """
    actor.require(Permission.HANDLE_FINDINGS)
    if step not in set(Step):
        raise NotFound
    note = parse_text(note, "note", MAX_NOTE)
    if not note:
        raise InvalidInput("Say how it was done.", pointer="note", code="missing")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _queries.lock_finding(connection, incident_id=incident_id)
        if row is None:
            raise NotFound
        if not row.is_open:
            raise Conflict("The case is closed.", code="closed")
        if not _queries.tick_step(connection, incident_id=incident_id, step=step, note=note):
            raise Conflict("This step is done already.", code="done-before")
        record_audit(connection, actor.account_id, "finding.step_done", str(incident_id), step=step)


def to_recheck(db: Database, actor: Actor) -> list[Any]:
    """Findings of the actor's area that were handled and that somebody should now see to be gone."""
    actor.require(Permission.LOG_PATROL)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.rechecks(connection, page_size=_RECHECKS))
