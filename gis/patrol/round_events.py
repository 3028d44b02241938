"""What a phone sends about a round, and what makes it acceptable. Rules only, no I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gis.errors import InvalidInput
from gis.patrol.model import parse_client_id, parse_time
from gis.patrol.rounds import GRADES, Kind, Way

_MAX_SEQUENCE = 2**31 - 1
_MAX_DWELL_S = 86_400
_MAX_TOKEN = 100
_COMMON = frozenset({"client_id", "device_at", "sequence", "device_id"})
_OF_EVENT = _COMMON | {"kind"}
_OF_VISIT = _COMMON | {"check_point_id", "by", "dwell_s", "qr_token", "record_id", "grade"}


@dataclass(frozen=True, slots=True)
class Told:
    """One event or visit as checked; a visit by code may leave it to the code to say which point it is."""

    client_id: UUID
    kind: Kind
    device_at: datetime
    sequence: int
    device_id: UUID | None = None
    check_point_id: int | None = None
    visited_by: Way | None = None
    dwell_s: int | None = None
    qr_token: str | None = None
    record_id: UUID | None = None
    grade: str | None = None

    @property
    def content_sha256(self) -> bytes:
        """Hash of what the phone said, to tell a retry from other content under the same id."""
        content = [
            self.kind,
            self.device_at.astimezone(UTC).isoformat(),
            self.sequence,
            self.device_id and str(self.device_id),
            self.check_point_id,
            self.visited_by,
            self.dwell_s,
            self.qr_token,
            self.record_id and str(self.record_id),
            self.grade,
        ]
        return hashlib.sha256(json.dumps(content).encode()).digest()


def parse_event(raw: object) -> Told:
    """Check a start, pause, resume or end as a phone sent it.

    Parameters
    ----------
    raw : object
        A mapping with `client_id` (UUID), `kind`, `device_at` (ISO 8601 with offset), `sequence` (a number
        that grows on that phone) and optionally `device_id` (UUID of the phone).

    Raises
    ------
    InvalidInput
        With `pointer` naming the field.
    """
    given = _mapping(raw, _OF_EVENT)
    kind = _word(given, "kind", [kind.value for kind in Kind if kind is not Kind.VISIT])
    return Told(kind=Kind(kind or ""), **_common(given))


def parse_visit(raw: object) -> Told:
    """Check a visit of a check point as a phone sent it.

    Parameters
    ----------
    raw : object
        As for `parse_event` without `kind`, and `by`: "pass" with `check_point_id` and `dwell_s`, "qr" with
        `qr_token`, "manual" with `check_point_id`; optionally `record_id` (the point logged there) and
        `grade` (A to D; by hand it is always D).

    Raises
    ------
    InvalidInput
        With `pointer` naming the field.
    """
    given = _mapping(raw, _OF_VISIT)
    way = Way(_word(given, "by", [way.value for way in Way]) or "")
    check_point_id = _whole(given, "check_point_id", 2**31 - 1)
    dwell_s = _whole(given, "dwell_s", _MAX_DWELL_S)
    token = given.get("qr_token")
    if way is Way.QR and not (isinstance(token, str) and 0 < len(token) <= _MAX_TOKEN):
        raise InvalidInput("qr_token is missing", pointer="qr_token", code="missing")
    if way is not Way.QR and check_point_id is None:
        raise InvalidInput("check_point_id is missing", pointer="check_point_id", code="missing")
    if way is Way.PASS and dwell_s is None:
        raise InvalidInput("dwell_s is missing", pointer="dwell_s", code="missing")
    return Told(
        kind=Kind.VISIT,
        check_point_id=check_point_id,
        visited_by=way,
        dwell_s=dwell_s,
        qr_token=token if way is Way.QR else None,
        record_id=_uuid(given, "record_id"),
        grade="D" if way is Way.MANUAL else _word(given, "grade", GRADES, is_needed=False),
        **_common(given),
    )


def _mapping(raw: object, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidInput("an event is an object", pointer="event")
    for field in raw:
        if field not in known:
            shown = str(field)[:40]
            raise InvalidInput(f"unknown field {shown!r}", pointer=shown, code="unknown-field")
    return raw


def _common(given: Mapping[str, Any]) -> dict[str, Any]:
    sequence = _whole(given, "sequence", _MAX_SEQUENCE)
    if sequence is None:
        raise InvalidInput("sequence is missing", pointer="sequence", code="missing")
    return {
        "client_id": parse_client_id(given.get("client_id")),
        "device_at": parse_time(given.get("device_at"), "device_at"),
        "sequence": sequence,
        "device_id": _uuid(given, "device_id"),
    }


def _whole(given: Mapping[str, Any], field: str, most: int) -> int | None:
    value = given.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidInput(f"{field} is not a whole number", pointer=field, code="out-of-range")
    return value


def _word(given: Mapping[str, Any], field: str, words: Any, *, is_needed: bool = True) -> str | None:
    value = given.get(field)
    if value is None and not is_needed:
        return None
    if not isinstance(value, str) or value not in words:
        raise InvalidInput(f"{field} is none of {', '.join(words)}", pointer=field, code="unknown-word")
    return value


def _uuid(given: Mapping[str, Any], field: str) -> UUID | None:
    value = given.get(field)
    if value is None:
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidInput(f"{field} is not a UUID", pointer=field, code="bad-uuid") from error
