"""How long the legal steps may take: everybody reads it, the administrator keeps it."""

from __future__ import annotations

from typing import Any

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.findings.model import Rule
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__)


def list_rules(db: Database, actor: Actor) -> list[Any]:
    """Rules in force today or to come."""
    actor.require(Permission.MANAGE_CALENDAR)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.rules(connection))


def set_rule(db: Database, actor: Actor, rule: Rule) -> None:
    """Let a rule hold from its day on, in place of those that would hold then; clocks that run stay.

    Raises
    ------
    InvalidInput
        The day is past, or there is no such violation.
    """
    actor.require(Permission.MANAGE_CALENDAR)
    with db.transaction(actor.identity) as connection:
        if rule.valid_from < _queries.today(connection):
            raise InvalidInput("A rule holds from today on at the earliest.", pointer="valid_from")
        if not _queries.is_violation(connection, kind=rule.kind):
            raise InvalidInput("There is no such code.", pointer="kind")
        place = {"kind": rule.kind, "step": rule.step, "valid_from": rule.valid_from}
        _queries.remove_later(connection, **place)
        _queries.end_former(connection, **place)
        _queries.insert_rule(
            connection, days=rule.days, in_working_days=rule.in_working_days, source=rule.source, **place
        )
        record_audit(
            connection,
            actor.account_id,
            "finding_rule.set",
            f"{rule.kind} {rule.step}",
            days=rule.days,
            in_working_days=rule.in_working_days,
            valid_from=rule.valid_from,
        )
