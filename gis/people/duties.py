"""What waits for a person today: the figures and lists of the first page, by role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.people.model import Actor, Role

_queries = load_queries(__file__)
LIST_LENGTH = 20


def today(db: Database, actor: Actor) -> dict[str, Any]:
    """Collect what the actor's first page shows, in one transaction.

    Returns
    -------
    dict
        By role: `cells`, `overdue_units`, `open_incidents` (officer); `teams`, `areas`, `rounds`,
        `points_today` (patrol); `families`, `open_incidents` (dispatcher); `totals` (planner);
        `staffing`, `imports` (admin); rows are named tuples.
    """
    with db.transaction(actor.identity, read_only=True) as connection:
        return _BY_ROLE[actor.role](connection)


def _officer(connection: Connection) -> dict[str, Any]:
    return {
        "cells": list(_queries.my_cells(connection)),
        "overdue_units": list(_queries.overdue_units(connection, page_size=LIST_LENGTH)),
        "open_incidents": list(_queries.open_incidents(connection, page_size=LIST_LENGTH)),
    }


def _patrol(connection: Connection) -> dict[str, Any]:
    return {
        "teams": list(_queries.my_teams(connection)),
        "areas": list(_queries.my_areas(connection)),
        "rounds": list(_queries.rounds_today(connection)),
        "points_today": _queries.my_points_today(connection),
    }


def _dispatcher(connection: Connection) -> dict[str, Any]:
    return {
        "families": list(_queries.incident_families(connection)),
        "open_incidents": list(_queries.open_incidents(connection, page_size=2 * LIST_LENGTH)),
    }


def _planner(connection: Connection) -> dict[str, Any]:
    return {
        "totals": _queries.district_totals(connection),
        "families": list(_queries.incident_families(connection)),
    }


def _auditor(connection: Connection) -> dict[str, Any]:
    return {
        "totals": _queries.district_totals(connection),
        "imports": list(_queries.recent_imports(connection)),
    }


def _admin(connection: Connection) -> dict[str, Any]:
    return {
        "staffing": _queries.staffing(connection),
        "totals": _queries.district_totals(connection),
        "imports": list(_queries.recent_imports(connection)),
    }


_BY_ROLE: dict[Role, Callable[[Connection], dict[str, Any]]] = {
    Role.OFFICER: _officer,
    Role.PATROL: _patrol,
    Role.DISPATCHER: _dispatcher,
    Role.PLANNER: _planner,
    Role.AUDITOR: _auditor,
    Role.ADMIN: _admin,
}
