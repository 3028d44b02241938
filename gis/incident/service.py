"""Reporting incidents, changing what they say, taking them from state to state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.incident.lifecycle import State, check_edit, check_step, check_waiver, next_states, parts_of
from gis.incident.model import MAX_NOTE, WRITABLE, IncidentChange, IncidentReport, check_past
from gis.patrol.model import parse_text
from gis.people.model import Actor, Permission, Role
from gis.people.service import record_audit
from gis.publish.draft import Draft
from gis.publish.versions import Expected, Version, present, unchanged

_queries = load_queries(__file__, "store")
_SOURCES = {Role.OFFICER: "officer", Role.PATROL: "patrol", Role.DISPATCHER: "hotline"}


@dataclass(frozen=True, slots=True)
class Reported:
    """The stored incident and whether this report made it."""

    incident_id: int
    is_new: bool


def categories(db: Database, actor: Actor) -> list[Any]:
    """List the categories in force: code, family, name_zh, name_en, time_limit_hours."""
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.categories(connection))


def report_incident(db: Database, actor: Actor, report: IncidentReport, *, request_id: str = "") -> Reported:
    """Store an incident; the same `client_id` again gives the same incident.

    Cell, community and deadline are set here: the deadline is the category's time limit from now.

    Raises
    ------
    InvalidInput
        There is no such category today.
    Conflict
        The `client_id` stands for another report.
    """
    actor.require(Permission.REPORT_INCIDENT)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if report.category not in {row.code for row in _queries.categories(connection)}:
            raise InvalidInput("There is no such category.", pointer="category")
        made = _queries.insert_incident(
            connection,
            client_id=str(report.client_id),
            report_sha256=Binary(report.content_sha256),
            category=report.category,
            source=_SOURCES[actor.role],
            severity=report.severity,
            people=report.people,
            description=report.description.strip(),
            address=report.address.strip(),
            occurred_at=report.occurred_at or datetime.now(UTC),
            lon=report.lon,
            lat=report.lat,
        )
        if made is not None:
            record_audit(
                connection,
                actor.account_id,
                "incident.report",
                str(made.incident_id),
                category=report.category,
            )
            return Reported(made.incident_id, is_new=True)
        known = _queries.find_by_client_id(connection, client_id=str(report.client_id))
        if known is None or not _is_same(known, report, actor):
            raise Conflict("Another incident is stored under this client_id.")
        return Reported(known.incident_id, is_new=False)


def _is_same(known: Any, report: IncidentReport, actor: Actor) -> bool:
    """Whether a report is one sent before; those of before migration 0007 left no hash to compare."""
    is_same_content = known.report_sha256 is None or bytes(known.report_sha256) == report.content_sha256
    return known.reporter_id == actor.account_id and is_same_content


@dataclass(frozen=True, slots=True)
class Course:
    """How an incident came to stand where it does, and where the reader may bring it next.

    `steps` are from_state, to_state, at, note, is_mine and `by`, the name, for those who see accounts.
    """

    state: State
    steps: tuple[Any, ...]
    next_states: tuple[State, ...]


def course_of(db: Database, actor: Actor, incident_id: int) -> Course:
    """Tell an incident's steps so far and the next ones that are the actor's.

    Raises
    ------
    NotFound
        There is none, or it is not this actor's to see.
    """
    actor.require(Permission.SEE_MAPS)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _queries.standing_of(connection, incident_id=incident_id)
        if row is None:
            raise NotFound
        steps = tuple(_queries.steps_of(connection, incident_id=incident_id))
        has_handled = bool(_queries.has_handled(connection, incident_id=incident_id))
    parts = parts_of(actor, is_mine=row.is_mine, is_own_cell=row.is_own_cell)
    state = State(row.state)
    following = next_states(state, parts, has_handled=has_handled, needs_recheck=row.needs_recheck)
    return Course(state, steps, following)


def change_incident(
    db: Database,
    actor: Actor,
    incident_id: int,
    draft: Draft,
    *,
    expected: Expected,
    request_id: str = "",
) -> Version:
    """Change what an incident says, where it lies, or its state with a note; whole or in part.

    Without a `state` it stays where it stands. Cell and community follow the position; the deadline follows
    the category until the report is accepted.

    Raises
    ------
    NotFound
        There is none, or it is not this actor's to see.
    PreconditionFailed
        Somebody changed it since.
    InvalidInput
        A member is not valid.
    Conflict
        The change or the step is not to be made, or not by this actor.
    """
    actor.require(Permission.REPORT_INCIDENT)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _locked(connection, incident_id)
        before = unchanged(connection, actor, "incident", incident_id, expected)
        members = draft.over(before.properties, WRITABLE)
        wanted = IncidentChange.read(members, state=State(row.state))
        position = None if draft.geometry is None else draft.position()
        if position is not None and _is_there(row, position):
            position = None
        _apply(connection, actor, incident_id, (row, wanted), position)
        return present(connection, actor, "incident", incident_id)


def void_incident(
    db: Database, actor: Actor, incident_id: int, *, expected: Expected, request_id: str = ""
) -> None:
    """Void an incident: the row and its history stay. Raises as `change_incident`."""
    draft = Draft({"state": State.VOIDED.value}, is_whole=False)
    change_incident(db, actor, incident_id, draft, expected=expected, request_id=request_id)


def close_unreached(
    db: Database, actor: Actor, incident_id: int, reason: str, *, request_id: str = ""
) -> None:
    """Close a finding that is being checked, with a reason why no patrol can see on site that it is gone.

    Raises
    ------
    NotFound
        There is none.
    InvalidInput
        The reason says too little or too much.
    Conflict
        It is no finding, is not being checked, or the actor handled it.
    """
    actor.require(Permission.HANDLE_FINDINGS)
    reason = parse_text(reason, "reason", MAX_NOTE)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _locked(connection, incident_id)
        check_waiver(reason, is_finding=row.is_finding)
        parts = parts_of(actor, is_mine=row.is_mine, is_own_cell=row.is_own_cell)
        has_handled = bool(_queries.has_handled(connection, incident_id=incident_id))
        check_step(State(row.state), State.CLOSED, parts, has_handled=has_handled)
        _queries.insert_step(
            connection, incident_id=incident_id, from_state=row.state, to_state=State.CLOSED, note=reason
        )
        _queries.close_unreached(connection, incident_id=incident_id, reason=reason)
        record_audit(connection, actor.account_id, "finding.close_unreached", str(incident_id))


def _locked(connection: Connection, incident_id: int) -> Any:
    row = _queries.lock_incident(connection, incident_id=incident_id)
    if row is None:
        raise NotFound
    return row


def _is_there(row: Any, position: tuple[float, float]) -> bool:
    """To the seventh decimal, which is as much as a reader is given."""
    return all(abs(a - b) < 1e-7 for a, b in zip(position, (row.lon, row.lat), strict=True))


def _apply(
    connection: Connection,
    actor: Actor,
    incident_id: int,
    change: tuple[Any, IncidentChange],
    position: tuple[float, float] | None,
) -> None:
    """Judge a change by the rules and write it."""
    row, wanted = change
    state = State(row.state)
    parts = parts_of(actor, is_mine=row.is_mine, is_own_cell=row.is_own_cell)
    changed = sorted(name for name, value in wanted.says.items() if getattr(row, name) != value)
    if changed or position is not None:
        check_edit(state, parts, is_move=position is not None)
    elif wanted.state is state and not wanted.note:
        return
    if "category" in changed:
        _check_category(connection, wanted.category)
    if "occurred_at" in changed:
        check_past(wanted.occurred_at, "/properties/occurred_at")
    if wanted.state is not state:
        has_handled = bool(_queries.has_handled(connection, incident_id=incident_id))
        needs_recheck = row.is_finding and row.recheck is None
        check_step(state, wanted.state, parts, has_handled=has_handled, needs_recheck=needs_recheck)
        _queries.insert_step(
            connection, incident_id=incident_id, from_state=state, to_state=wanted.state, note=wanted.note
        )
    elif wanted.note:
        raise InvalidInput("A note goes with a step to another state.", pointer="/properties/note")
    recheck = row.recheck if wanted.state is State.CLOSED else None
    _queries.update_incident(
        connection, incident_id=incident_id, state=wanted.state, recheck=recheck, **wanted.says
    )
    if position is not None:
        _queries.move_incident(connection, incident_id=incident_id, lon=position[0], lat=position[1])
        changed.append("geometry")
    record_audit(
        connection,
        actor.account_id,
        "incident.change",
        str(incident_id),
        members=changed or None,
        state=wanted.state if wanted.state is not state else None,
    )


def _check_category(connection: Connection, code: str) -> None:
    if code not in {row.code for row in _queries.categories(connection)}:
        raise InvalidInput("There is no such category.", pointer="/properties/category")
