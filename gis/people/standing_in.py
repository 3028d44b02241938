"""Acting in the name of somebody else: the one way there is, for what a phone could not send itself."""

from __future__ import annotations

from dataclasses import dataclass

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.people.model import Actor, Permission, Role
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody acts for another: action, subject and detail of the audit row, and what allows it."""

    action: str
    subject: str
    detail: tuple[tuple[str, str], ...] = ()
    permission: Permission = Permission.TAKE_IN_RESCUED


def stand_in_for(
    db: Database, actor: Actor, account_id: int, reason: Reason, *, may_write: bool, request_id: str = ""
) -> Actor:
    """Give the actor of another person, once an audit row that names both is committed.

    What is done with it is held by that person's own role and row policies of today, so it reaches no further
    than the person would. Only people who log records can be stood in for, never one with wider rights.

    Parameters
    ----------
    may_write : False makes every transaction read-only in the database.

    Raises
    ------
    Forbidden
        The actor lacks the permission, or came by a token.
    InvalidInput
        There is no such account, it is closed, or its role logs no records.
    """
    actor.require_session()
    actor.require(reason.permission)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _queries.person(connection, account_id=account_id)
        person = None
        if row is not None and row.is_active:
            person = Actor(row.account_id, Role(row.role), row.full_name, row.username, may_write=may_write)
        if person is None or not person.may(Permission.LOG_PATROL):
            raise InvalidInput(
                "This person may not log records any more.", pointer="account", code="sender-left"
            )
        record_audit(
            connection,
            actor.account_id,
            reason.action,
            reason.subject,
            sender=person.account_id,
            **dict(reason.detail),
        )
    return person
