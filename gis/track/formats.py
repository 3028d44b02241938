"""What tracker apps send, as fixes: OwnTracks in HTTP mode, Traccar Client, a Traccar server that forwards.

Formats: owntracks.org/booklet/tech/json and …/tech/http; traccar.org/osmand (JSON) and traccar.org/forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gis.errors import InvalidInput
from gis.patrol.model import parse_text, parse_time
from gis.track.model import Fix, parse_fix

KNOT_MPS = 0.514444
_KMH_MPS = 1 / 3.6
MAX_DEVICE = 64


@dataclass(frozen=True, slots=True)
class Position:
    """One fix of one device."""

    device: str
    fix: Fix


def from_owntracks(raw: object, device: str = "") -> Position | None:
    """Read an OwnTracks message; None for one that is no location: those are taken and not kept.

    Parameters
    ----------
    device : what the header X-Limit-D names; else the topic or the tracker id of the message tells devices.

    Raises
    ------
    InvalidInput
        With the place of the fault.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("_type"), str):
        raise InvalidInput("an OwnTracks message has a _type", pointer="/_type")
    if raw["_type"] != "location":
        return None
    tst = raw.get("tst")
    if isinstance(tst, bool) or not isinstance(tst, int | float):
        raise InvalidInput("this is not a number", pointer="/tst", code="not-a-number")
    return Position(
        _device(device or raw.get("topic") or raw.get("tid") or "owntracks", "/tid"),
        _fix(tst * 1000, raw, ("lon", "lat", "acc"), _times(raw.get("vel"), _KMH_MPS), raw.get("cog")),
    )


def from_traccar(raw: object) -> list[Position]:
    """Read what Traccar Client sends, or a Traccar server forwards; empty for an event without a position.

    Raises
    ------
    InvalidInput
        With the place of the fault.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput("a position is an object", pointer="")
    if "position" in raw:
        return [_forwarded(_object(raw, "position"), _object(raw, "device"))]
    given = raw.get("location")
    found = given if isinstance(given, list) else [given]
    device = _device(raw.get("device_id"), "/device_id")
    if not all(location is None or isinstance(location, Mapping) for location in found):
        raise InvalidInput("a location is an object", pointer="/location")
    return [_of_client(location, device) for location in found if location and location.get("coords")]


def _of_client(location: Mapping[str, Any], device: str) -> Position:
    coords = _object(location, "coords")
    ms = _milliseconds(location.get("timestamp"), "timestamp")
    names = ("longitude", "latitude", "accuracy")
    return Position(device, _fix(ms, coords, names, coords.get("speed"), coords.get("heading")))


def _forwarded(position: Mapping[str, Any], device: Mapping[str, Any]) -> Position:
    ms = _milliseconds(position.get("fixTime"), "fixTime")
    names = ("longitude", "latitude", "accuracy")
    # A server says 0 where a device gives no accuracy.
    known = {**position, "accuracy": position.get("accuracy") or None}
    speed = _times(position.get("speed"), KNOT_MPS)
    return Position(
        _device(device.get("uniqueId"), "/device/uniqueId"),
        _fix(ms, known, names, speed, position.get("course")),
    )


def _fix(
    ms: float, raw: Mapping[str, Any], names: tuple[str, str, str], speed: object, heading: object
) -> Fix:
    """A fix; apps say -1 for a speed, heading or accuracy they do not know."""
    lon, lat, accuracy = (raw.get(name) for name in names)
    rest = [None if _is_negative(value) else value for value in (accuracy, speed, heading)]
    return parse_fix([ms, lon, lat, *rest], "")


def _is_negative(value: object) -> bool:
    return isinstance(value, int | float) and value < 0


def _times(value: object, factor: float) -> object:
    return value * factor if isinstance(value, int | float) and not isinstance(value, bool) else value


def _milliseconds(value: object, field: str) -> float:
    """From ISO 8601 or, as some send it, milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return (parse_time(value, field) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000


def _object(raw: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    found = raw.get(member)
    if not isinstance(found, Mapping):
        raise InvalidInput("this is not an object", pointer=f"/{member}")
    return found


def _device(value: object, pointer: str) -> str:
    device = parse_text(str(value) if isinstance(value, int) else value, pointer, MAX_DEVICE)
    if not device:
        raise InvalidInput("a device has a name", pointer=pointer)
    return device
