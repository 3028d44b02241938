"""What an administrator does with people and duties, and an auditor with the log. Teams: teams.py."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission, Role
from gis.people.passwords import hash_password
from gis.people.service import record_audit, revoke_tokens

_queries = load_queries(__file__, "store")
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Person:
    """One person with all duties, past and present."""

    account: Any
    assignments: list[Any]
    teams: list[Any]


def list_people(db: Database, actor: Actor, *, q: str = "", role: str = "", page: int = 1) -> list[Any]:
    """List people with today's cells and teams; `PAGE_SIZE` + 1 rows tell of a next page."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(
            _queries.people(connection, q=q, role=role, page_size=PAGE_SIZE + 1, skip=(page - 1) * PAGE_SIZE)
        )


def show_person(db: Database, actor: Actor, account_id: int) -> Person:
    """Show one person. Raises `NotFound`."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity, read_only=True) as connection:
        account = _queries.person(connection, account_id=account_id)
        if account is None:
            raise NotFound
        return Person(
            account,
            list(_queries.assignments_of(connection, account_id=account_id)),
            list(_queries.team_duties_of(connection, account_id=account_id)),
        )


def create_account(
    db: Database, actor: Actor, *, username: str, full_name: str, role: str, phone: str | None
) -> tuple[int, str]:
    """Create an account with a one-time password, told only here and to be changed at first sign-in.

    Raises
    ------
    Conflict
        The user name is taken.
    InvalidInput
        A field is not valid.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    if role not in {r.value for r in Role} - {Role.ANONYMOUS.value}:
        raise InvalidInput("There is no such role.", pointer="role")
    password = secrets.token_urlsafe(9)
    with db.transaction(actor.identity) as connection:
        account_id = _scalar(
            _queries.insert_account(
                connection,
                username=username.strip().lower(),
                full_name=full_name.strip(),
                role=role,
                phone=(phone or "").strip() or None,
            )
        )
        _queries.insert_credential(connection, account_id=account_id, password_hash=hash_password(password))
        record_audit(connection, actor.account_id, "account.create", str(account_id), role=role)
    return account_id, password


def update_account(
    db: Database, actor: Actor, account_id: int, *, full_name: str, role: str, is_active: bool
) -> None:
    """Change name, role or state of an account.

    A changed role or a closed account ends its sessions and revokes its tokens.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    if account_id == actor.account_id and (role != actor.role or not is_active):
        raise InvalidInput("You cannot close your own account or change your own role.", pointer="role")
    with db.transaction(actor.identity) as connection:
        before = _queries.person(connection, account_id=account_id)
        if before is None:
            raise NotFound
        _queries.update_account(
            connection, account_id=account_id, full_name=full_name.strip(), role=role, is_active=is_active
        )
        tokens = None
        if role != before.role or not is_active:
            _queries.revoke_sessions_of(connection, account_id=account_id)
            tokens = revoke_tokens(connection, account_id)
        record_audit(
            connection,
            actor.account_id,
            "account.update",
            str(account_id),
            role=role,
            is_active=is_active,
            tokens_revoked=tokens,
        )


def reset_password(db: Database, actor: Actor, account_id: int) -> str:
    """Give a new one-time password, told only here; ends the person's sessions, revokes the tokens."""
    actor.require(Permission.MANAGE_PEOPLE)
    password = secrets.token_urlsafe(9)
    with db.transaction(actor.identity) as connection:
        changed = _queries.change_password(
            connection, account_id=account_id, password_hash=hash_password(password), must_change=True
        )
        if not changed:
            raise NotFound
        _queries.revoke_sessions_of(connection, account_id=account_id)
        tokens = revoke_tokens(connection, account_id)
        record_audit(connection, actor.account_id, "password.reset", str(account_id), tokens_revoked=tokens)
    return password


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both included; open when `valid_to` is None."""

    valid_from: date
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidInput("The period ends before it begins.", pointer="valid_to")


@dataclass(frozen=True, slots=True)
class Duty:
    """Answering for a cell, as primary or deputy."""

    cell_code: str
    duty: str
    period: Period
    reason: str = ""


def assign_cell(db: Database, actor: Actor, account_id: int, duty: Duty) -> None:
    """Make a person answer for a cell.

    Raises
    ------
    InvalidInput
        There is no such cell today.
    Conflict
        The cell has a primary officer in that period already, or the person has the cell already.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    code = duty.cell_code.strip()
    with db.transaction(actor.identity) as connection:
        cell_id = _queries.current_cell_id(connection, code=code)
        if cell_id is None:
            raise InvalidInput("There is no such cell today.", pointer="cell_code")
        _queries.insert_assignment(
            connection,
            account_id=account_id,
            cell_id=cell_id,
            duty=duty.duty,
            valid_from=duty.period.valid_from,
            valid_to=duty.period.valid_to,
            reason=duty.reason.strip()[:200],
        )
        record_audit(
            connection, actor.account_id, "assignment.create", str(account_id), cell=code, duty=duty.duty
        )


def end_assignment(db: Database, actor: Actor, assignment_id: int) -> None:
    """End an assignment as of yesterday, or take back one that began today: the cell is no longer seen."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        last_day = yesterday(connection)
        _queries.take_back_assignment(connection, assignment_id=assignment_id, last_day=last_day)
        _queries.end_assignment(connection, assignment_id=assignment_id, last_day=last_day)
        record_audit(connection, actor.account_id, "assignment.end", str(assignment_id))


def read_audit(
    db: Database, actor: Actor, *, action: str = "", username: str = "", before: int | None = None
) -> list[Any]:
    """Read the audit log, latest first, `PAGE_SIZE` rows before an id. Reading it is itself audited."""
    actor.require(Permission.READ_AUDIT)
    with db.transaction(actor.identity) as connection:
        rows = list(
            _queries.audit_rows(
                connection, action=action, username=username, before=before, page_size=PAGE_SIZE
            )
        )
        record_audit(connection, actor.account_id, "audit.read", "", action=action, username=username)
    return rows


def yesterday(connection: Connection) -> date:
    """The last day of what ends now."""
    today: date = _queries.today(connection)
    return today - timedelta(days=1)


def _scalar(row: Any) -> int:
    return int(row[0] if isinstance(row, tuple) else row)
