"""The quarantine, for the administrator: look, correct and send again, or dismiss."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.patrol.model import Envelope, Outcome, Receipt, parse_text
from gis.patrol.quarantine import MAX_BYTES
from gis.patrol.records import log_records
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.people.standing_in import Reason, stand_in_for

_queries = load_queries(__file__, "quarantine")

PAGE_SIZE = 50
STATES = ("open", "repaired", "dismissed")
MAX_REASON = 500


def quarantined(db: Database, actor: Actor, *, state: str = "open", before: int | None = None) -> list[Any]:
    """List what is kept in a state of `STATES`, newest first, `PAGE_SIZE` at a time; `before` is an id."""
    actor.require(Permission.MANAGE_QUARANTINE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.list_quarantined(connection, state=state, before=before, limit=PAGE_SIZE))


def show_quarantined(db: Database, actor: Actor, quarantine_id: int) -> Any:
    """Show one, with what was sent; leaves an audit row, since it tells where somebody was.

    Raises
    ------
    NotFound
        There is no such payload.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    with db.transaction(actor.identity) as connection:
        row = _get(connection, quarantine_id)
        record_audit(
            connection, actor.account_id, "quarantine.read", str(quarantine_id), sender=row.account_id
        )
    return row


def repair(
    db: Database, actor: Actor, quarantine_id: int, corrected: str, *, request_id: str = ""
) -> Receipt:
    """Send a corrected payload through the door it came by, in its sender's name.

    Stored first and then marked, in two transactions: should the second fail, repairing again answers
    `duplicate` and marks it.

    Raises
    ------
    NotFound
        There is no such payload.
    Conflict
        It is settled already.
    InvalidInput
        The correction is no JSON object, the sender may not log records any more, or the record is refused
        again; `pointer` names its field.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    payload = _read(corrected)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _get(connection, quarantine_id)
    if row.state != "open":
        raise Conflict("This record is settled already.")
    receipt = _send_again(db, actor, row, payload, request_id=request_id)
    if receipt.outcome in (Outcome.CONFLICT, Outcome.REJECTED):
        raise InvalidInput(str(receipt.detail), pointer=receipt.pointer, code=receipt.code or "invalid")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        text = json.dumps(payload, ensure_ascii=False)
        _settle(connection, quarantine_id, "repaired", repaired=text, reason="")
        record_audit(
            connection,
            actor.account_id,
            "quarantine.repair",
            str(quarantine_id),
            sender=row.account_id,
            client_id=receipt.client_id,
            outcome=receipt.outcome.value,
        )
    return receipt


def dismiss(db: Database, actor: Actor, quarantine_id: int, reason: str, *, request_id: str = "") -> None:
    """Settle a payload without storing it.

    Raises
    ------
    InvalidInput
        No reason is given.
    Conflict
        There is no such open payload.
    """
    actor.require(Permission.MANAGE_QUARANTINE)
    text = parse_text(reason, "reason", MAX_REASON)
    if not text:
        raise InvalidInput("Say why it is dismissed.", pointer="reason")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        _settle(connection, quarantine_id, "dismissed", repaired=None, reason=text)
        record_audit(connection, actor.account_id, "quarantine.dismiss", str(quarantine_id))


def _get(connection: Connection, quarantine_id: int) -> Any:
    row = _queries.get_quarantined(connection, quarantine_id=quarantine_id)
    if row is None:
        raise NotFound
    return row


def _read(corrected: str) -> dict[str, Any]:
    if len(corrected.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidInput("A record has at most 16 kB.", pointer="payload", code="too-long")
    try:
        payload = json.loads(corrected)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("This is not JSON.", pointer="payload", code="not-json") from error
    if not isinstance(payload, dict):
        raise InvalidInput("A record is a JSON object.", pointer="payload", code="not-an-object")
    return payload


def _send_again(db: Database, actor: Actor, row: Any, payload: dict[str, Any], *, request_id: str) -> Receipt:
    reason = Reason("quarantine.stand_in", str(row.quarantine_id), permission=Permission.MANAGE_QUARANTINE)
    sender = stand_in_for(db, actor, row.account_id, reason, may_write=True, request_id=request_id)
    envelope = Envelope(
        row.sent_at,
        None if row.device_id is None else UUID(str(row.device_id)),
        row.received_at,
        keeps_refused=False,
    )
    return log_records(db, sender, [payload], envelope, request_id=request_id)[0]


def _settle(
    connection: Connection, quarantine_id: int, state: str, *, repaired: str | None, reason: str
) -> None:
    row = _queries.settle(
        connection, quarantine_id=quarantine_id, state=state, repaired=repaired, reason=reason
    )
    if row is None:
        raise Conflict("This record is settled already.")
