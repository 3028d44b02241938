"""Raw fixes as a phone sends them, and what makes them acceptable. Rules only, no I/O.

A stream is append-only: fixes are numbered from 0 in the order the phone took them, and what is stored of it
is always its beginning. docs/tracks.md describes upload and chain for those who write clients.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntFlag, StrEnum
from uuid import UUID

from gis.errors import InvalidInput, TooLarge
from gis.geometry.validate import lon_lat
from gis.patrol.evidence import SANE, clock_offset
from gis.patrol.model import parse_time

MAX_FIXES = 1000
"""So many fixes in one upload."""
CHAIN_START = bytes(32)

_MAX_SEQUENCE = 2**31 - 1
_MAX_MS = 7_258_118_400_000  # 2200-01-01
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = ("device_ms", "lon", "lat", "accuracy", "speed", "heading")
_UPLOAD = {"sent_at", "device_id", "round_id", "first", "fixes", "is_last"}


class Source(StrEnum):
    """What sends a stream."""

    PHONE = "phone"
    OWNTRACKS = "owntracks"
    TRACCAR = "traccar"
    OSMAND = "osmand"
    FILE = "file"


class Flag(IntFlag):
    """What is odd about a fix; it is stored all the same."""

    CLOCK_PUT_RIGHT = 1
    CLOCK_WENT_BACK = 2
    LATER_THAN_RECEIVED = 4


@dataclass(frozen=True, slots=True)
class Fix:
    """One position: milliseconds since 1970 by the device's clock, WGS84 degrees, metres, m/s, degrees."""

    device_ms: float
    lon: float
    lat: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading: float | None = None

    @property
    def device_at(self) -> datetime:
        """The device's clock as a time."""
        return _EPOCH + timedelta(milliseconds=self.device_ms)

    @property
    def canonical(self) -> bytes:
        """48 bytes, the same on every machine: six big-endian doubles, NaN (7ff8…) for what is unknown."""
        values = (self.device_ms, self.lon, self.lat, self.accuracy_m, self.speed_mps, self.heading)
        # Adding 0 makes a negative zero the positive one, which is all JSON can say.
        return struct.pack(">6d", *(math.nan if value is None else value + 0.0 for value in values))


@dataclass(frozen=True, slots=True)
class TimedFix:
    """A fix with the best estimate of when it was taken, and what is odd about it."""

    fix: Fix
    at: datetime
    flags: Flag


@dataclass(frozen=True, slots=True)
class Upload:
    """Fixes of one stream, the first of them numbered `first`."""

    sent_at: datetime
    device_id: str
    round_id: int | None
    first: int
    fixes: tuple[Fix, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many fixes of a stream are stored, and the chain over them; given after commit."""

    stored: int
    sha256: str


def parse_upload(raw: object) -> Upload:
    """Check an upload as a phone sends it.

    Raises
    ------
    InvalidInput
        With `pointer` naming the member; one bad fix refuses the upload, since those after it build on it.
    TooLarge
        More than `MAX_FIXES` fixes.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput("an upload is an object", pointer="")
    for member in raw:
        if member not in _UPLOAD:
            raise InvalidInput("unknown member", pointer=str(member)[:40], code="unknown-field")
    fixes = raw.get("fixes")
    if not isinstance(fixes, Sequence) or isinstance(fixes, str):
        raise InvalidInput("fixes is a list", pointer="fixes")
    if len(fixes) > MAX_FIXES:
        raise TooLarge("An upload holds at most 1,000 fixes.")
    is_last = raw.get("is_last", False)
    if not isinstance(is_last, bool):
        raise InvalidInput("is_last is true or false", pointer="is_last")
    round_id = raw.get("round_id")
    return Upload(
        sent_at=parse_time(raw.get("sent_at"), "sent_at"),
        device_id=_device(raw.get("device_id")),
        round_id=None if round_id is None else _whole(round_id, "round_id"),
        first=_whole(raw.get("first"), "first"),
        fixes=tuple(parse_fix(fix, f"/fixes/{number}") for number, fix in enumerate(fixes)),
        is_last=is_last,
    )


def parse_fix(raw: object, pointer: str) -> Fix:
    """Check one fix: `[device_ms, lon, lat, accuracy, speed, heading]`, of which the last three may be null.

    Raises
    ------
    InvalidInput
        With the place of the fault below `pointer`.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not 3 <= len(raw) <= len(_COLUMNS):
        raise InvalidInput(
            "a fix is a list of time, longitude, latitude and up to three more", pointer=pointer
        )
    device_ms = _number(raw[0], f"{pointer}/0")
    if not 0 <= device_ms <= _MAX_MS:
        raise InvalidInput("this is no time a clock can show", pointer=f"{pointer}/0", code="bad-time")
    lon, lat = lon_lat(raw[1], raw[2], pointer=pointer)
    rest = [
        None if value is None else _measure(value, f"{pointer}/{at}") for at, value in enumerate(raw[3:], 3)
    ]
    return Fix(device_ms, lon, lat, *rest)


def chain(previous: bytes, fixes: Sequence[Fix]) -> bytes:
    """Go on with the chain of a stream: each link is SHA-256(previous link + canonical bytes of the fix)."""
    for fix in fixes:
        previous = hashlib.sha256(previous + fix.canonical).digest()
    return previous


def timed(
    fixes: Sequence[Fix], *, sent_at: datetime, received_at: datetime, before: datetime | None
) -> list[TimedFix]:
    """Say when each fix was taken: by the device's clock, put right where that is far off.

    Parameters
    ----------
    sent_at : the device's clock as it sent these.
    before : the device's clock at the fix before them, if there is one.
    """
    offset = clock_offset(sent_at, received_at)
    made = []
    for fix in fixes:
        device_at = fix.device_at
        at = device_at if offset is None else device_at + offset
        flags = Flag(0)
        if offset is not None:
            flags |= Flag.CLOCK_PUT_RIGHT
        if before is not None and device_at < before:
            flags |= Flag.CLOCK_WENT_BACK
        if at > received_at + SANE:
            flags |= Flag.LATER_THAN_RECEIVED
        made.append(TimedFix(fix, at, flags))
        before = device_at
    return made


def _device(value: object) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise InvalidInput("device_id is not a UUID", pointer="device_id") from error


def _whole(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_SEQUENCE:
        raise InvalidInput("this is not a whole number", pointer=field, code="out-of-range")
    return value


def _number(value: object, pointer: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput("this is not a number", pointer=pointer, code="not-a-number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise InvalidInput("this is not a number", pointer=pointer, code="not-a-number")
    return found


def _measure(value: object, pointer: str) -> float | None:
    if value is None:
        return None
    found = _number(value, pointer)
    if not 0 <= found <= 1e9:
        raise InvalidInput("this is out of range", pointer=pointer, code="out-of-range")
    return found
