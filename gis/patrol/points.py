"""Points among the records of a phone: new ones, newer contents, and older contents that come late."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2 import Binary

from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.findings import service as findings
from gis.findings.revision import follow_revisions
from gis.patrol.batch import Batch, refusal
from gis.patrol.evidence import Grade, Method, Moment, grade_of, read_clock, stepped_back
from gis.patrol.model import Outcome, PatrolPoint, Receipt, parse_point

_queries = load_queries(__file__, "store")


@dataclass(frozen=True, slots=True)
class _Sent:
    """A point as it was sent, and what it is worth."""

    point: PatrolPoint
    sha256: bytes
    moment: Moment
    grade: Grade

    @property
    def key(self) -> str:
        return str(self.point.client_id)


@dataclass(frozen=True, slots=True)
class _Present:
    """What is stored under an id after the batch; of a colleague's, only what the actor may see."""

    revision: int
    sha256: bytes
    is_own: bool


@dataclass(frozen=True, slots=True)
class _Settled:
    """What became of a batch: ids created and revised, what stands there now, older contents kept."""

    newest: Mapping[str, _Sent]
    created: frozenset[str]
    revised: frozenset[str]
    present: Mapping[str, _Present]
    older: Mapping[tuple[str, int], bytes]

    def receipt_of(self, sent: _Sent) -> Receipt:
        """Answer one point."""
        key, revision, sha256 = sent.key, sent.point.revision, sent.sha256.hex()
        if self.newest[key] is sent and key in self.created | self.revised:
            outcome = Outcome.CREATED if key in self.created else Outcome.REVISED
            return Receipt(key, outcome, sha256=sha256, revision=revision)
        present = self.present.get(key)
        if present is not None and (revision, sent.sha256) == (present.revision, present.sha256):
            return Receipt(key, Outcome.DUPLICATE, sha256=sha256, revision=revision)
        if self.older.get((key, revision)) == sent.sha256:
            detail = "a newer revision is stored; this one is kept as its history"
            return Receipt(key, Outcome.DUPLICATE, "older-revision", detail, sha256=sha256, revision=revision)
        detail = "another point is stored under this client_id"
        return Receipt(key, Outcome.CONFLICT, "id-taken", detail, pointer="client_id", revision=revision)


def store(batch: Batch, raws: Sequence[Mapping[str, Any]]) -> list[Receipt]:
    """Store the points of a batch; give a receipt for each, in order."""
    parsed = _refuse_unknown_places(batch, [_parse(raw, batch.kinds) for raw in raws], raws)
    judged = iter(_judge(batch, [item for item in parsed if isinstance(item, PatrolPoint)]))
    items = [next(judged) if isinstance(item, PatrolPoint) else item for item in parsed]
    settled = _settle(batch, [item for item in items if isinstance(item, _Sent)])
    return [settled.receipt_of(item) if isinstance(item, _Sent) else item for item in items]


def _parse(raw: Mapping[str, Any], kinds: frozenset[str]) -> PatrolPoint | Receipt:
    try:
        point = parse_point(raw)
        if point.kind not in kinds:
            raise InvalidInput(f"there is no kind {point.kind!r}", pointer="kind", code="unknown-kind")
    except InvalidInput as error:
        return refusal(raw, error)
    return point


def _refuse_unknown_places(
    batch: Batch, parsed: list[PatrolPoint | Receipt], raws: Sequence[Mapping[str, Any]]
) -> list[PatrolPoint | Receipt]:
    points = [item for item in parsed if isinstance(item, PatrolPoint)]
    check_points = {point.check_point_id for point in points} - {None}
    rounds = {point.round_id for point in points} - {None}
    if not check_points and not rounds:
        return parsed
    known = _queries.known_places(batch.connection, check_points=list(check_points), rounds=list(rounds))
    unknown = {"check_point_id": check_points - {*known.check_points}, "round_id": rounds - {*known.rounds}}
    for place, item in enumerate(parsed):
        for field, numbers in unknown.items():
            if isinstance(item, PatrolPoint) and getattr(item, field) in numbers:
                error = InvalidInput("there is none of that number", pointer=field, code="unknown-reference")
                parsed[place] = refusal(raws[place], error)
    return parsed


def _judge(batch: Batch, points: Sequence[PatrolPoint]) -> list[_Sent]:
    """Tell when each was made and what it is worth."""
    counted = [(point.sequence, point.device_at) for point in points]
    back = stepped_back(counted, _last_before(batch, counted))
    judged = []
    for point, has_jumped in zip(points, back, strict=True):
        moment = read_clock(point.device_at, batch.envelope.sent_at, batch.received_at)
        if has_jumped:
            moment = Moment(moment.at, moment.clock_offset_s, has_jumped=True)
        grade = grade_of(point.fix, point.device_at, moment)
        judged.append(_Sent(point, point.content_sha256, moment, grade))
    return judged


def _last_before(batch: Batch, counted: Sequence[tuple[int | None, datetime]]) -> datetime | None:
    """What the device's clock showed at its last stored record before those of the batch."""
    sequences = [sequence for sequence, _ in counted if sequence is not None]
    device_id = _device(batch)
    if device_id is None or not sequences:
        return None
    found: datetime | None = _queries.last_before(
        batch.connection, device_id=device_id, sequence=min(sequences)
    )
    return found


def _settle(batch: Batch, sent: Sequence[_Sent]) -> _Settled:
    newest: dict[str, _Sent] = {}
    if not sent:
        return _Settled(newest, frozenset(), frozenset(), {}, {})
    for item in sent:
        known = newest.setdefault(item.key, item)
        if item.point.revision > known.point.revision:
            newest[item.key] = item
    created = _insert(batch, newest.values())
    present = {key: _Present(newest[key].point.revision, newest[key].sha256, is_own=True) for key in created}
    others = [key for key in newest if key not in created]
    revised: frozenset[str] = frozenset()
    if others:
        present |= _present(batch, others)
        revised = _revise(batch, [newest[key] for key in others if _is_newer(newest[key], present)])
        present |= {
            key: _Present(newest[key].point.revision, newest[key].sha256, is_own=True) for key in revised
        }
    if revised:
        follow_revisions(batch.connection, batch.actor, [newest[key].point for key in sorted(revised)])
    stored = [newest[key].point for key in sorted(created | revised)]
    found = [point for point in stored if point.kind in batch.violations]
    if found:
        findings.raise_incidents(batch.connection, batch.actor, found)
    return _Settled(newest, created, revised, present, _keep_older(batch, sent, present))


def _is_newer(sent: _Sent, present: Mapping[str, _Present]) -> bool:
    known = present.get(sent.key)
    return known is not None and known.is_own and sent.point.revision > known.revision


def _insert(batch: Batch, sent: Iterable[_Sent]) -> frozenset[str]:
    """Insert what is new; give the ids that were."""
    rows = _queries.insert_points(
        batch.connection, team_id=batch.team_id, device_id=_device(batch), **_columns(list(sent))
    )
    return frozenset(row.client_id for row in rows)


def _present(batch: Batch, keys: list[str]) -> dict[str, _Present]:
    found = {
        row.client_id: _Present(row.revision, bytes(row.content_sha256), is_own=True)
        for row in _queries.own_points(batch.connection, client_ids=keys)
    }
    foreign = [key for key in keys if key not in found]
    if foreign:
        for row in _queries.seen_points(batch.connection, client_ids=foreign):
            found[row.client_id] = _Present(row.revision, bytes(row.content_sha256), is_own=False)
    return found


def _revise(batch: Batch, newer: Sequence[_Sent]) -> frozenset[str]:
    """Put newer contents in the place of those stored, which stay as history; give the ids changed."""
    if not newer:
        return frozenset()
    _queries.lock_receipts(batch.connection, client_ids=sorted(item.key for item in newer))
    stored = {
        row.client_id: row
        for row in _queries.own_points(batch.connection, client_ids=[item.key for item in newer])
    }
    chosen = [item for item in newer if item.point.revision > stored[item.key].revision]
    if not chosen:
        return frozenset()
    old_ats = [stored[item.key].at for item in chosen]
    _queries.keep_present(batch.connection, client_ids=[item.key for item in chosen], old_ats=old_ats)
    again = [_with_first_clock(item, stored[item.key]) for item in chosen]
    _queries.revise_points(batch.connection, device_id=_device(batch), old_ats=old_ats, **_columns(again))
    return frozenset(item.key for item in chosen)


def _with_first_clock(sent: _Sent, stored: Any) -> _Sent:
    """Keep when it was made where the phone still says the same time.

    The clock was measured best at the first upload; it may have been set right since.
    """
    point = sent.point
    if point.device_at != stored.device_at:
        return sent
    had_jumped = stored.grade == Grade.D and not stored.is_mock and stored.method != Method.TYPED
    moment = Moment(stored.at, stored.clock_offset_s, has_jumped=had_jumped)
    return _Sent(point, sent.sha256, moment, grade_of(point.fix, point.device_at, moment))


def _keep_older(
    batch: Batch, sent: Sequence[_Sent], present: Mapping[str, _Present]
) -> dict[tuple[str, int], bytes]:
    """Keep contents older than what is stored; give all that are kept of these ids."""
    late = []
    for item in sent:
        known = present.get(item.key)
        if known is not None and known.is_own and item.point.revision < known.revision:
            late.append(item)
    if not late:
        return {}
    _queries.keep_late(
        batch.connection,
        client_ids=[item.key for item in late],
        revisions=[item.point.revision for item in late],
        hashes=[Binary(item.sha256) for item in late],
        contents=[json.dumps(item.point.content, ensure_ascii=False) for item in late],
    )
    rows = _queries.kept_revisions(batch.connection, client_ids=[item.key for item in late])
    return {(row.client_id, row.revision): bytes(row.content_sha256) for row in rows}


def _device(batch: Batch) -> str | None:
    device_id = batch.envelope.device_id
    return None if device_id is None else str(device_id)


def _columns(sent: Sequence[_Sent]) -> dict[str, list[Any]]:
    """The points as arrays, one for each column."""
    points = [item.point for item in sent]
    return {
        "client_ids": [item.key for item in sent],
        "revisions": [p.revision for p in points],
        "hashes": [Binary(item.sha256) for item in sent],
        "lons": [p.lon for p in points],
        "lats": [p.lat for p in points],
        "kinds": [p.kind for p in points],
        "notes": [p.note for p in points],
        "ats": [item.moment.at for item in sent],
        "device_ats": [p.device_at for p in points],
        "offsets": [item.moment.clock_offset_s for item in sent],
        "sequences": [p.sequence for p in points],
        "methods": [p.fix.method and p.fix.method.value for p in points],
        "fix_ats": [p.fix.fix_at for p in points],
        "accuracies": [p.fix.accuracy_m for p in points],
        "mocks": [p.fix.is_mock for p in points],
        "grades": [item.grade.value for item in sent],
        "check_points": [p.check_point_id for p in points],
        "rounds": [p.round_id for p in points],
    }
