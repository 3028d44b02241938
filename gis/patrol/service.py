"""Logging on patrol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.patrol.model import Envelope, Receipt
from gis.patrol.records import log_records
from gis.people.model import Actor, Permission

_queries = load_queries(__file__, "store")
_NOTHING_SAID = Envelope()


def violation_kinds(db: Database, actor: Actor) -> list[Any]:
    """List what a point may report: code, name_zh, name_en, is_violation."""
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.kinds(connection))


def log_points(
    db: Database,
    actor: Actor,
    raw_points: Sequence[object],
    envelope: Envelope = _NOTHING_SAID,
    *,
    request_id: str = "",
) -> list[Receipt]:
    """Store a batch of points and answer each, as `log_records` does for records of the type `point`."""
    raws = [{**raw, "type": "point"} if isinstance(raw, Mapping) else raw for raw in raw_points]
    return log_records(db, actor, raws, envelope, request_id=request_id)


def point_ids(db: Database, actor: Actor, client_ids: Sequence[str]) -> dict[str, int]:
    """Ids of stored points by `client_id`; those the actor may not see are left out."""
    actor.require(Permission.LOG_PATROL)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = _queries.find_points(connection, client_ids=list(client_ids))
        return {row.client_id: row.patrol_point_id for row in rows}
