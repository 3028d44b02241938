"""What a phone sends from a patrol, and what makes it acceptable. Rules only, no I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import numpy as np

from gis.errors import InvalidInput
from gis.geometry.crs import wgs84_from
from gis.geometry.validate import lon_lat, number
from gis.patrol.evidence import Fix, Method

MAX_BATCH = 500
MAX_NOTE = 500
_MAX_ACCURACY_M = 1e6
_MAX_WHOLE = 2**31 - 1
_FIELDS = frozenset(
    {
        *("type", "client_id", "revision", "lon", "lat", "crs", "kind", "note", "device_at", "sequence"),
        *("fix_at", "accuracy_m", "method", "is_mock", "check_point_id", "round_id"),
    }
)


class Outcome(StrEnum):
    """What became of one record; the phone may forget only `created`, `duplicate` and `revised`."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    REVISED = "revised"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one record, given after commit.

    Attributes
    ----------
    sha256 : of the content that is stored under this id and revision.
    is_kept : of a refused record: whether it is in the quarantine, for an administrator to repair.
    """

    client_id: str
    outcome: Outcome
    code: str | None = None
    detail: str | None = None
    sha256: str | None = None
    pointer: str | None = None
    revision: int | None = None
    is_kept: bool | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a phone says of a whole batch.

    Attributes
    ----------
    sent_at : what its clock showed as it sent; None if it did not say.
    received_at : when the batch arrived; None for now.
    keeps_refused : False for what comes from the quarantine: it is there already.
    """

    sent_at: datetime | None = None
    device_id: UUID | None = None
    received_at: datetime | None = None
    keeps_refused: bool = True


@dataclass(frozen=True, slots=True)
class PatrolPoint:
    """One logged point, checked: WGS84 degrees, aware time, accuracy in metres."""

    client_id: UUID
    lon: float
    lat: float
    kind: str
    note: str
    device_at: datetime
    sequence: int | None
    fix: Fix
    revision: int = 1
    check_point_id: int | None = None
    round_id: int | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What the phone said, as it is kept of older revisions."""
        return {
            "lon": self.lon,
            "lat": self.lat,
            "kind": self.kind,
            "note": self.note,
            "device_at": self.device_at.astimezone(UTC).isoformat(),
            "accuracy_m": self.fix.accuracy_m,
            "sequence": self.sequence,
            **self._said_besides(),
        }

    @property
    def content_sha256(self) -> bytes:
        """Hash of what the phone said, to tell a retry from other content under the same id."""
        content = self.content
        # What was not said adds nothing: a point is the same point, sent as phones sent it before.
        besides = self._said_besides()
        said = [content[name] for name in content if name not in besides]
        return hashlib.sha256(
            json.dumps([*said, besides] if besides else said, ensure_ascii=False).encode()
        ).digest()

    def _said_besides(self) -> dict[str, Any]:
        fix_at = self.fix.fix_at
        besides = {
            "method": self.fix.method,
            "fix_at": fix_at.astimezone(UTC).isoformat() if fix_at else None,
            "is_mock": self.fix.is_mock or None,
            "check_point_id": self.check_point_id,
            "round_id": self.round_id,
        }
        return {name: value for name, value in besides.items() if value is not None}


def parse_point(raw: object) -> PatrolPoint:
    """Check one point as a phone sent it.

    Parameters
    ----------
    raw : object
        A mapping with `client_id` (UUID), `lon`, `lat` (degrees in `crs`, WGS84 unless told), `device_at`
        (ISO 8601 with offset), `kind`, and optionally `revision`, `note`, `accuracy_m`, `sequence`, `crs`,
        `fix_at`, `method`, `is_mock`, `check_point_id`, `round_id`.

    Raises
    ------
    InvalidInput
        With `pointer` naming the field.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput("a point is an object", pointer="point")
    for field in raw:
        if field not in _FIELDS:
            raise InvalidInput(
                f"unknown field {str(field)[:40]!r}", pointer=str(field)[:40], code="unknown-field"
            )
    lon, lat = _position(raw)
    return PatrolPoint(
        client_id=parse_client_id(raw.get("client_id")),
        lon=lon,
        lat=lat,
        kind=_text(raw, "kind", 20),
        note=_text(raw, "note", MAX_NOTE),
        device_at=parse_time(raw.get("device_at"), "device_at"),
        sequence=_whole(raw, "sequence", 0),
        fix=_fix(raw),
        revision=parse_revision(raw),
        check_point_id=_whole(raw, "check_point_id", 1),
        round_id=_whole(raw, "round_id", 1),
    )


def parse_revision(raw: Mapping[str, Any]) -> int:
    """Read which content of a record this is, counted up on the phone; 1 unless told. Raises as above."""
    return _whole(raw, "revision", 1) or 1


def parse_client_id(value: object) -> UUID:
    """Read a UUID made by the sender. Raises `InvalidInput`."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidInput("client_id is not a UUID", pointer="client_id", code="bad-client-id") from error


def parse_time(value: object, field: str) -> datetime:
    """Read an ISO 8601 time that states its offset. Raises `InvalidInput`."""
    try:
        at = datetime.fromisoformat(str(value))
        offset = at.utcoffset()
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{field} is not a time in ISO 8601", pointer=field, code="bad-time") from error
    if offset is None:
        raise InvalidInput(f"{field} lacks its offset from UTC", pointer=field, code="bad-time")
    if not 1970 <= at.year <= 2200:
        raise InvalidInput(f"{field} is no year a clock can show", pointer=field, code="bad-time")
    return at


def parse_text(value: object, field: str, longest: int) -> str:
    """Read a text without control characters. Raises `InvalidInput`."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"{field} is not a text", pointer=field, code="bad-text")
    text = value.strip()
    if len(text) > longest:
        raise InvalidInput(f"{field} is longer than {longest} characters", pointer=field, code="too-long")
    if any((c < " " and c not in "\n\t") or "\ud800" <= c <= "\udfff" for c in text):
        raise InvalidInput(f"{field} holds control characters", pointer=field, code="bad-text")
    return text


def _text(raw: Mapping[str, Any], field: str, longest: int) -> str:
    return parse_text(raw.get(field), field, longest)


def _position(raw: Mapping[str, Any]) -> tuple[float, float]:
    lon, lat = lon_lat(raw.get("lon"), raw.get("lat"))
    crs = raw.get("crs", "wgs84")
    if crs == "wgs84":
        return lon, lat
    if crs not in ("gcj02", "bd09", "4490"):
        raise InvalidInput("crs is none of wgs84, gcj02, bd09, 4490", pointer="crs", code="unknown-crs")
    shifted = wgs84_from(np.array([lon]), np.array([lat]), crs)
    return float(shifted.lon[0]), float(shifted.lat[0])


def _accuracy(value: object) -> float | None:
    if value is None:
        return None
    accuracy = number(str(value), pointer="accuracy_m", name="accuracy_m")
    if not 0 <= accuracy <= _MAX_ACCURACY_M:
        raise InvalidInput("accuracy_m is out of range", pointer="accuracy_m", code="out-of-range")
    return accuracy


def _fix(raw: Mapping[str, Any]) -> Fix:
    fix_at, method, is_mock = raw.get("fix_at"), raw.get("method"), raw.get("is_mock")
    if method is not None and method not in tuple(Method):
        raise InvalidInput("method is none of gps, qr, map, typed", pointer="method", code="unknown-method")
    if is_mock is not None and not isinstance(is_mock, bool):
        raise InvalidInput("is_mock is neither true nor false", pointer="is_mock", code="bad-flag")
    return Fix(
        method=None if method is None else Method(str(method)),
        fix_at=None if fix_at is None else parse_time(fix_at, "fix_at"),
        accuracy_m=_accuracy(raw.get("accuracy_m")),
        is_mock=bool(is_mock),
    )


def _whole(raw: Mapping[str, Any], field: str, least: int) -> int | None:
    value = raw.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MAX_WHOLE:
        raise InvalidInput(f"{field} is not a whole number", pointer=field, code="out-of-range")
    return value
