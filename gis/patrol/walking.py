"""What phones tell of rounds: starts, stops and visited check points, kept and worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound, TooLarge
from gis.patrol.evidence import Moment, happened
from gis.patrol.model import MAX_BATCH, Outcome, Receipt
from gis.patrol.round_events import Told, parse_event, parse_visit
from gis.patrol.rounds import Course, Event, Kind, Point, Way, course_of
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__)
_Where = Callable[[Told, datetime], int | None]
"""The check point something is about that was at a moment. Raises `InvalidInput`."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """What a phone told, when it was, and the check point it is about."""

    told: Told
    moment: Moment
    check_point_id: int | None

    @property
    def key(self) -> str:
        return str(self.told.client_id)


def log_events(
    db: Database,
    actor: Actor,
    round_id: int,
    raw_events: Sequence[object],
    *,
    sent_at: datetime | None = None,
    request_id: str = "",
) -> list[Receipt]:
    """Store starts, pauses, resumes and ends of a round and answer each; harmless when repeated in any order.

    Parameters
    ----------
    raw_events : at most `MAX_BATCH`, as `parse_event` reads them.
    sent_at : the phone's clock as it sent them, which tells how wrong it goes.

    Raises
    ------
    NotFound
        There is no such round, or it is another team's.
    TooLarge
        More than `MAX_BATCH`.
    """
    return _log(db, actor, round_id, (raw_events, parse_event), sent_at=sent_at, request_id=request_id)


def log_visits(
    db: Database,
    actor: Actor,
    round_id: int,
    raw_visits: Sequence[object],
    *,
    sent_at: datetime | None = None,
    request_id: str = "",
) -> list[Receipt]:
    """Store visits of check points and answer each, as `log_events` does.

    In whatever order the points of an ordered round are visited, the visit counts; a visit of a point that
    is not the round's is kept and counts for nothing. A code that stands at no check point, or at another
    than the phone says, is rejected.
    """
    return _log(db, actor, round_id, (raw_visits, parse_visit), sent_at=sent_at, request_id=request_id)


def _log(
    db: Database,
    actor: Actor,
    round_id: int,
    batch: tuple[Sequence[object], Callable[[object], Told]],
    *,
    sent_at: datetime | None,
    request_id: str,
) -> list[Receipt]:
    actor.require(Permission.LOG_PATROL)
    raw, parse = batch
    if len(raw) > MAX_BATCH:
        raise TooLarge(f"A batch holds at most {MAX_BATCH} events.")
    parsed = [_parse(item, parse) for item in raw]
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if not _queries.sees_round(connection, round_id=round_id):
            raise NotFound
        received_at = _queries.lock_round(connection, round_id=round_id).received_at
        where = _where(connection, parsed)
        placed = [_placed(item, where, sent_at, received_at) for item in parsed]
        first: dict[str, _Placed] = {}
        for item in placed:
            if isinstance(item, _Placed):
                first.setdefault(item.key, item)
        created = _insert(connection, round_id, list(first.values()))
        stored = _stored(connection, round_id, [key for key in first if key not in created])
        if created:
            refresh(connection, round_id)
        counts = {"sent": len(raw), "created": len(created)}
        record_audit(connection, actor.account_id, "patrol_round.log", str(round_id), **counts)
    return [
        item if isinstance(item, Receipt) else _receipt(item, first, created, stored.get(item.key))
        for item in placed
    ]


def refresh(connection: Connection, round_id: int) -> Course:
    """Work a round out from all its events and write what changed; the caller holds the round's row."""
    points = [
        Point(row.check_point_id, row.dwell_s)
        for row in _queries.planned_points(connection, round_id=round_id)
    ]
    course = course_of(
        [_event(row) for row in _queries.events_of(connection, round_id=round_id)],
        points,
        is_excused=bool(_queries.has_excuse(connection, round_id=round_id)),
    )
    _queries.write_course(
        connection,
        round_id=round_id,
        state=course.state,
        started_at=course.started_at,
        paused_at=course.paused_at,
        ended_at=course.ended_at,
    )
    firsts = [visit.first for visit in course.visits]
    _queries.write_visits(
        connection,
        round_id=round_id,
        check_points=[visit.check_point_id for visit in course.visits],
        ats=[first and first.at for first in firsts],
        dwells=[visit.dwell_s_done for visit in course.visits],
        ways=[first and first.visited_by for first in firsts],
        records=[_text(first.record_id if first else None) for first in firsts],
        grades=[first and first.grade for first in firsts],
    )
    return course


def _event(row: Any) -> Event:
    return Event(
        kind=Kind(row.kind),
        at=row.at,
        sequence=row.sequence,
        account_id=row.account_id,
        device_id=row.device_id and UUID(str(row.device_id)),
        check_point_id=row.check_point_id,
        visited_by=Way(row.visited_by) if row.visited_by else None,
        dwell_s=row.dwell_s,
        record_id=row.record_id and UUID(str(row.record_id)),
        grade=row.grade,
    )


def _parse(raw: object, parse: Callable[[object], Told]) -> Told | Receipt:
    try:
        return parse(raw)
    except InvalidInput as error:
        claimed = raw.get("client_id") if isinstance(raw, Mapping) else None
        return _rejected(str(claimed)[:64].encode("utf-8", "replace").decode(), error)


def _rejected(client_id: str, error: InvalidInput) -> Receipt:
    return Receipt(client_id, Outcome.REJECTED, error.code, error.message, pointer=error.pointer)


def _where(connection: Connection, parsed: Sequence[Told | Receipt]) -> _Where:
    """Look up the check points some visits name, by id or by the code that stands there, all at once."""
    told = [item for item in parsed if isinstance(item, Told) and item.kind is Kind.VISIT]
    tokens = sorted({item.qr_token for item in told if item.qr_token})
    ids = sorted({item.check_point_id for item in told if item.check_point_id is not None})
    by_code = {row.token: row for row in _queries.points_by_code(connection, tokens=tokens)}
    known = {row.check_point_id for row in _queries.known_check_points(connection, check_point_ids=ids)}

    def where(item: Told, at: datetime) -> int | None:
        if item.qr_token is not None:
            stands = by_code.get(item.qr_token)
            # A code that was replaced is good for visits made before, told late.
            is_good = stands is not None and (stands.stood_until is None or at < stands.stood_until)
            found: int | None = stands.check_point_id if stands is not None and is_good else None
            if found is None or item.check_point_id not in (None, found):
                raise InvalidInput(
                    "this is not the code of that place", pointer="qr_token", code="wrong-code"
                )
            return found
        if item.check_point_id is not None and item.check_point_id not in known:
            raise InvalidInput(
                "there is no such check point", pointer="check_point_id", code="unknown-check-point"
            )
        return item.check_point_id

    return where


def _placed(
    item: Told | Receipt, where: _Where, sent_at: datetime | None, received_at: datetime
) -> _Placed | Receipt:
    if isinstance(item, Receipt):
        return item
    moment = happened(item.device_at, sent_at, received_at)
    try:
        return _Placed(item, moment, where(item, moment.at))
    except InvalidInput as error:
        return _rejected(str(item.client_id), error)


def _insert(connection: Connection, round_id: int, placed: Sequence[_Placed]) -> set[str]:
    """Insert what is new; return the ids that were."""
    if not placed:
        return set()
    told = [item.told for item in placed]
    rows = _queries.insert_events(
        connection,
        round_id=round_id,
        client_ids=[item.key for item in placed],
        hashes=[Binary(item.content_sha256) for item in told],
        device_ids=[_text(item.device_id) for item in told],
        kinds=[item.kind for item in told],
        device_ats=[item.device_at for item in told],
        ats=[item.moment.at for item in placed],
        offsets=[item.moment.clock_offset_s or 0 for item in placed],
        sequences=[item.sequence for item in told],
        check_points=[item.check_point_id for item in placed],
        ways=[item.visited_by for item in told],
        dwells=[item.dwell_s for item in told],
        records=[_text(item.record_id) for item in told],
        grades=[item.grade for item in told],
    )
    return {row.client_id for row in rows}


def _stored(connection: Connection, round_id: int, client_ids: Sequence[str]) -> dict[str, bytes]:
    """Hash of what is stored under ids that were taken; one of another round, or another's, has none."""
    if not client_ids:
        return {}
    rows = _queries.existing_events(connection, client_ids=list(client_ids))
    return {row.client_id: bytes(row.content_sha256) for row in rows if row.patrol_round_id == round_id}


def _receipt(item: _Placed, first: dict[str, _Placed], created: set[str], stored: bytes | None) -> Receipt:
    key, sha256 = item.key, item.told.content_sha256
    if key in created and first[key] is item:
        return Receipt(key, Outcome.CREATED, sha256=sha256.hex())
    if sha256 == (first[key].told.content_sha256 if key in created else stored):
        return Receipt(key, Outcome.DUPLICATE, sha256=sha256.hex())
    return Receipt(key, Outcome.CONFLICT, "id-taken", "another event is stored under this client_id")


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
