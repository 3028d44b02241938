"""What a client wants a feature to be, read member by member with each fault in its place. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.patrol.model import parse_text, parse_time


class Members:
    """The members of a feature's `properties`, taken one by one; `end` refuses what nobody took.

    A member that is null counts as absent. Every fault is an `InvalidInput` with pointer /properties/name.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._left = dict(properties)

    def text(self, name: str, longest: int, *, is_required: bool = False) -> str:
        """A text without control characters, trimmed; empty where absent."""
        with _fault_at(name):
            value = parse_text(self._left.pop(name, None), name, longest)
            if is_required and not value:
                raise InvalidInput(f"{name} is missing", code="missing")
        return value

    def choice(self, name: str, allowed: Collection[str], *, default: str | None = None) -> str:
        """One of some words."""
        value = self._left.pop(name, None)
        with _fault_at(name):
            if value is None and default is not None:
                return default
            if value is None:
                raise InvalidInput(f"{name} is missing", code="missing")
            if not isinstance(value, str) or value not in allowed:
                raise InvalidInput(
                    f"{name} {str(value)[:40]!r} is none of {', '.join(allowed)}", code="unknown-word"
                )
        return value

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        with _fault_at(name):
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InvalidInput(
                    f"{name} is not a whole number from {least:,} to {most:,}", code="out-of-range"
                )
        return value

    def decimal(self, name: str, least: float, most: float) -> float | None:
        """A number within bounds."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        with _fault_at(name):
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise InvalidInput(f"{name} is not a number from {least:,} to {most:,}", code="out-of-range")
        return float(value)

    def moment(self, name: str, *, is_required: bool = False) -> datetime | None:
        """A time in ISO 8601 with its offset."""
        value = self._left.pop(name, None)
        with _fault_at(name):
            if value is None and is_required:
                raise InvalidInput(f"{name} is missing", code="missing")
            return None if value is None else parse_time(value, name)

    def end(self) -> None:
        """Refuse members that are unknown here or may only be read."""
        for name in self._left:
            raise unknown_member(name)


def unknown_member(name: str) -> InvalidInput:
    """The fault of a member that is unknown or may only be read; its pointer is escaped (RFC 6901)."""
    shown = name[:40].encode("utf-8", "replace").decode()  # a lone surrogate cannot be answered
    return InvalidInput(
        f"{shown!r} is no member that can be written here",
        pointer=f"/properties/{shown.replace('~', '~0').replace('/', '~1')}",
        code="unknown-member",
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole feature to create or replace one, or a JSON Merge Patch (RFC 7396) to change one.

    Attributes
    ----------
    geometry : valid, in WGS84 degrees; None where a patch leaves it as it is.
    """

    properties: Mapping[str, Any]
    geometry: BaseGeometry | None = None
    is_whole: bool = True

    def over(self, current: Mapping[str, Any], writable: Collection[str]) -> Members:
        """The members that shall hold, over those a reader sees now.

        A member that may only be read is let pass with the value it has, so that what GET gave can be
        sent back changed in one place.
        """
        given = {
            name: value
            for name, value in self.properties.items()
            if name in writable or name not in current or current[name] != value
        }
        if self.is_whole:
            return Members(given)
        return Members({name: current[name] for name in writable if name in current} | given)

    def members(self) -> Members:
        """The members of a feature to be created."""
        return Members(self.properties)

    def position(self) -> tuple[float, float]:
        """Longitude and latitude of the point.

        Raises
        ------
        InvalidInput
            No geometry, or not a point.
        """
        if self.geometry is None or self.geometry.geom_type != "Point":
            raise InvalidInput("a point is needed", pointer="/geometry", code="unknown-type")
        x, y = self.geometry.coords[0][:2]
        return float(x), float(y)


@contextmanager
def _fault_at(name: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(error.message, pointer=f"/properties/{name}", code=error.code) from error
