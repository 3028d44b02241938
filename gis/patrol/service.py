"""Logging on patrol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, TooLarge
from gis.findings import service as findings
from gis.patrol.model import MAX_BATCH, Outcome, PatrolPoint, Receipt, parse_point
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")


def violation_kinds(db: Database, actor: Actor) -> list[Any]:
    """List what a point may report: code, name_zh, name_en, is_violation."""
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.kinds(connection))


def log_points(
    db: Database, actor: Actor, raw_points: Sequence[object], *, request_id: str = ""
) -> list[Receipt]:
    """Store a batch of points and answer each; harmless when repeated in any order.

    Good points are stored even when others of the batch are not. The receipts hold once this returns:
    the transaction is committed. A point outside the district is stored and flagged.

    Parameters
    ----------
    raw_points : sequence
        At most `MAX_BATCH` points as `parse_point` reads them.

    Raises
    ------
    TooLarge
        More than `MAX_BATCH` points.
    Forbidden
        The actor may not log points.
    """
    actor.require(Permission.LOG_PATROL)
    if len(raw_points) > MAX_BATCH:
        raise TooLarge(f"A batch holds at most {MAX_BATCH} points.")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        kinds = {row.code for row in _queries.kinds(connection)}
        parsed = [_parse(raw, kinds) for raw in raw_points]
        first = _first_by_id(parsed)
        created = _insert(connection, list(first.values()))
        findings.raise_incidents(connection, actor, [first[key] for key in sorted(created)])
        stored = _stored_hashes(connection, first, created)
        record_audit(
            connection, actor.account_id, "patrol_point.log", "", sent=len(raw_points), created=len(created)
        )
    return [
        item if isinstance(item, Receipt) else _receipt(item, first, created, stored.get(str(item.client_id)))
        for item in parsed
    ]


def point_ids(db: Database, actor: Actor, client_ids: Sequence[str]) -> dict[str, int]:
    """Ids of stored points by `client_id`; those the actor may not see are left out."""
    actor.require(Permission.LOG_PATROL)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = _queries.find_points(connection, client_ids=list(client_ids))
        return {row.client_id: row.patrol_point_id for row in rows}


def _parse(raw: object, kinds: set[str]) -> PatrolPoint | Receipt:
    """Read one point, or write the receipt that refuses it."""
    try:
        point = parse_point(raw)
        if point.kind not in kinds:
            raise InvalidInput(f"there is no kind {point.kind!r}", pointer="kind", code="unknown-kind")
    except InvalidInput as error:
        claimed = raw.get("client_id") if isinstance(raw, Mapping) else None
        detail = f"{error.pointer}: {error.message}" if error.pointer else error.message
        # A lone surrogate could not be answered.
        shown = str(claimed)[:64].encode("utf-8", "replace").decode()
        return Receipt(shown, Outcome.REJECTED, error.code, detail, pointer=error.pointer)
    return point


def _first_by_id(parsed: Sequence[PatrolPoint | Receipt]) -> dict[str, PatrolPoint]:
    first: dict[str, PatrolPoint] = {}
    for item in parsed:
        if isinstance(item, PatrolPoint):
            first.setdefault(str(item.client_id), item)
    return first


def _insert(connection: Connection, points: Sequence[PatrolPoint]) -> set[str]:
    """Insert what is new; return the ids that were."""
    if not points:
        return set()
    rows = _queries.insert_points(
        connection,
        team_id=_queries.my_team(connection),
        client_ids=[str(p.client_id) for p in points],
        hashes=[Binary(p.content_sha256) for p in points],
        lons=[p.lon for p in points],
        lats=[p.lat for p in points],
        kinds=[p.kind for p in points],
        notes=[p.note for p in points],
        device_ats=[p.device_at for p in points],
        accuracies=[p.accuracy_m for p in points],
        sequences=[p.sequence for p in points],
    )
    return {row.client_id for row in rows}


def _stored_hashes(
    connection: Connection, first: dict[str, PatrolPoint], created: set[str]
) -> dict[str, bytes]:
    """Hash of the stored content by id; an id that is taken by a row the actor may not see has none."""
    hashes = {key: first[key].content_sha256 for key in created}
    older = [key for key in first if key not in created]
    if older:
        rows = _queries.existing(connection, client_ids=older)
        hashes.update({row.client_id: bytes(row.content_sha256) for row in rows})
    return hashes


def _receipt(
    point: PatrolPoint, first: dict[str, PatrolPoint], created: set[str], stored: bytes | None
) -> Receipt:
    key = str(point.client_id)
    if key in created and first[key] is point:
        return Receipt(key, Outcome.CREATED, sha256=point.content_sha256.hex())
    if stored == point.content_sha256:
        return Receipt(key, Outcome.DUPLICATE, sha256=stored.hex())
    return Receipt(key, Outcome.CONFLICT, "id-taken", "another point is stored under this client_id")
