"""Reporting incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput
from gis.incident.model import IncidentReport
from gis.people.model import Actor, Permission, Role
from gis.people.service import record_audit

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
            category=report.category,
            source=_SOURCES[actor.role],
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
    return (known.reporter_id, known.category, known.description, known.lon, known.lat) == (
        actor.account_id,
        report.category,
        report.description.strip(),
        report.lon,
        report.lat,
    )
