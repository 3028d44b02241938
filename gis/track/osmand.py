"""The query form of the OsmAnd protocol, as OsmAnd and Traccar Client before version 9 send it, as a fix.

Format: traccar.org/osmand. What the two apps write into it: OsmAnd's LiveMonitoringHelper (speed in m/s, as
`hdop` the accuracy in metres) and Traccar Client's ProtocolFormatter and Position (speed in knots, `accuracy`
in metres, 0 where it is unknown). So `hdop` without `accuracy` is OsmAnd's; all else is in the units of the
protocol, which are Traccar Client's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from gis.errors import InvalidInput
from gis.geometry.validate import lon_lat, number
from gis.patrol.model import parse_text
from gis.track.formats import KNOT_MPS, MAX_DEVICE, Position
from gis.track.model import parse_fix

_SECONDS_BELOW = 2**31
"""A number of seconds since 1970 is smaller, one of milliseconds larger, since 25 January 1970."""
_INVALID = frozenset({"0", "false"})


def from_osmand(given: Mapping[str, str], device: str, received_at: datetime) -> Position | None:
    """Read a position; None for a message without one, or with one the app itself calls invalid.

    Parameters
    ----------
    given : names and values of the query or the form; unknown ones are ignored.
    device : what tells the devices of a person apart.
    received_at : when it counts as taken if it does not say.

    Raises
    ------
    InvalidInput
        With `pointer` naming the parameter.
    """
    device = parse_text(device, "id", MAX_DEVICE)
    if not device:
        raise InvalidInput("a device has a name", pointer="id", code="missing")
    place = _place(given)
    if place is None or given.get("valid", "").lower() in _INVALID:
        return None
    named = zip(place, ("lon", "lat"), strict=True)
    lon, lat = lon_lat(*(number(text, pointer=name, name=name) for text, name in named), pointer="lat")
    is_osmands = "hdop" in given and "accuracy" not in given
    speed = _known(given, "speed")
    if speed is not None and not is_osmands:
        speed *= KNOT_MPS
    heading = _known(given, "bearing" if "bearing" in given else "heading")
    # Both apps say 0 for an accuracy they do not know.
    accuracy = _known(given, "hdop" if is_osmands else "accuracy") or None
    return Position(
        device, parse_fix([_milliseconds(given, received_at), lon, lat, accuracy, speed, heading], "")
    )


def _place(given: Mapping[str, str]) -> tuple[str, str] | None:
    """Longitude and latitude as written; `location` is "latitude,longitude"."""
    if "lat" in given or "lon" in given:
        return given.get("lon", ""), given.get("lat", "")
    lat, comma, lon = given.get("location", "").partition(",")
    return (lon, lat) if comma else None


def _known(given: Mapping[str, str], name: str) -> float | None:
    """A number; None where it is missing, or negative, as apps say what they do not know."""
    if not given.get(name):
        return None
    found = number(given[name], pointer=name, name=name)
    return None if found < 0 else found


def _milliseconds(given: Mapping[str, str], received_at: datetime) -> float:
    """From seconds or milliseconds since 1970, or ISO 8601 with a T or a space; UTC unless it says."""
    text = given.get("timestamp", "").strip()
    if not text:
        return received_at.timestamp() * 1000
    if text.replace(".", "", 1).isdigit():
        found = number(text, pointer="timestamp", name="timestamp")
        return found * 1000 if found < _SECONDS_BELOW else found
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("timestamp is no time", pointer="timestamp", code="bad-time") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000
