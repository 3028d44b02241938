"""What a phone logs on patrol, and what makes it acceptable. Rules only, no I/O."""

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

MAX_BATCH = 500
MAX_NOTE = 500
_MAX_ACCURACY_M = 1e6
_MAX_SEQUENCE = 2**31 - 1


class Outcome(StrEnum):
    """What became of one point; the phone may forget only `created` and `duplicate`."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one point, given after commit."""

    client_id: str
    outcome: Outcome
    code: str | None = None
    detail: str | None = None
    sha256: str | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class PatrolPoint:
    """One logged point, checked: WGS84 degrees, aware time, accuracy in metres."""

    client_id: UUID
    lon: float
    lat: float
    kind: str
    note: str
    device_at: datetime
    accuracy_m: float | None
    sequence: int | None

    @property
    def content_sha256(self) -> bytes:
        """Hash of what the phone said, to tell a retry from other content under the same id."""
        content = [
            self.lon,
            self.lat,
            self.kind,
            self.note,
            self.device_at.astimezone(UTC).isoformat(),
            self.accuracy_m,
            self.sequence,
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()


def parse_point(raw: object) -> PatrolPoint:
    """Check one point as a phone sent it.

    Parameters
    ----------
    raw : object
        A mapping with `client_id` (UUID), `lon`, `lat` (degrees in `crs`, WGS84 unless told), `device_at`
        (ISO 8601 with offset), `kind`, and optionally `note`, `accuracy_m`, `sequence`, `crs`.

    Raises
    ------
    InvalidInput
        With `pointer` naming the field.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput("a point is an object", pointer="point")
    known = {"client_id", "lon", "lat", "device_at", "kind", "note", "accuracy_m", "sequence", "crs"}
    for field in raw:
        if field not in known:
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
        accuracy_m=_accuracy(raw.get("accuracy_m")),
        sequence=_sequence(raw.get("sequence")),
    )


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


def _sequence(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_SEQUENCE:
        raise InvalidInput("sequence is not a whole number", pointer="sequence", code="out-of-range")
    return value
