"""The door for what phones send: records of several types, each answered for after commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, TooLarge
from gis.patrol import points, quarantine
from gis.patrol.batch import Batch, RecordType, refusal
from gis.patrol.model import MAX_BATCH, Envelope, Receipt
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")

_NOTHING_SAID = Envelope()

TYPES: Mapping[str, RecordType] = MappingProxyType({"point": points.store})
"""What a record may be, by its `type`."""


def log_records(
    db: Database,
    actor: Actor,
    raw_records: Sequence[object],
    envelope: Envelope = _NOTHING_SAID,
    *,
    request_id: str = "",
) -> list[Receipt]:
    """Store a batch of records and answer each; harmless when repeated in any order.

    Good records are stored even when others of the batch are not. The receipts hold once this returns: the
    transaction is committed. Records refused or in conflict go to the quarantine.

    Parameters
    ----------
    raw_records : sequence
        At most `MAX_BATCH` objects with a `type` of `TYPES`.

    Raises
    ------
    TooLarge
        More than `MAX_BATCH` records.
    Forbidden
        The actor may not log records.
    """
    actor.require(Permission.LOG_PATROL)
    if len(raw_records) > MAX_BATCH:
        raise TooLarge(f"A batch holds at most {MAX_BATCH} records.")
    try:
        return _log(db, actor, raw_records, envelope, request_id=request_id)
    except (Conflict, InvalidInput):
        # The database refused a row that looked good, and with it the batch: find out which.
        return [_log_alone(db, actor, raw, envelope, request_id=request_id) for raw in raw_records]


def _log(
    db: Database, actor: Actor, raws: Sequence[object], envelope: Envelope, *, request_id: str
) -> list[Receipt]:
    with db.transaction(actor.identity, request_id=request_id) as connection:
        batch = _open(connection, actor, envelope)
        receipts = quarantine.keep(batch, raws, _store(batch, raws))
        outcomes = Counter(receipt.outcome.value for receipt in receipts)
        record_audit(connection, actor.account_id, "field.log", "", sent=len(raws), **outcomes)
    return receipts


def _log_alone(db: Database, actor: Actor, raw: object, envelope: Envelope, *, request_id: str) -> Receipt:
    try:
        return _log(db, actor, [raw], envelope, request_id=request_id)[0]
    except (Conflict, InvalidInput) as error:
        with db.transaction(actor.identity, request_id=request_id) as connection:
            return quarantine.keep(_open(connection, actor, envelope), [raw], [refusal(raw, error)])[0]


def _open(connection: Connection, actor: Actor, envelope: Envelope) -> Batch:
    row = _queries.open_batch(connection)
    return Batch(
        connection,
        actor,
        envelope,
        received_at=envelope.received_at or row.received_at,
        team_id=row.team_id,
        kinds=frozenset(row.kinds or ()),
        violations=frozenset(row.violations or ()),
    )


def _store(batch: Batch, raws: Sequence[object]) -> list[Receipt]:
    receipts: dict[int, Receipt] = {}
    places: dict[str, list[int]] = {}
    for place, raw in enumerate(raws):
        try:
            places.setdefault(_type_of(raw), []).append(place)
        except InvalidInput as error:
            receipts[place] = refusal(raw, error)
    for name, found in places.items():
        mappings: list[Any] = [raws[place] for place in found]
        receipts.update(zip(found, TYPES[name](batch, mappings), strict=True))
    return [receipts[place] for place in range(len(raws))]


def _type_of(raw: object) -> str:
    if not isinstance(raw, Mapping):
        raise InvalidInput("a record is an object", pointer="record", code="not-an-object")
    name = raw.get("type")
    if not isinstance(name, str) or name not in TYPES:
        raise InvalidInput(
            f"there is no such type; there is {', '.join(TYPES)}", pointer="type", code="unknown-type"
        )
    return name
