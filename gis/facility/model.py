"""What a service facility is. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from gis.errors import InvalidInput
from gis.facility.hours import MAX_LENGTH, OpeningHours
from gis.publish.draft import Members

MAX_CODE = 100
MAX_NAME = 500
MAX_CAPACITY = 10_000_000
WRITABLE = frozenset({"code", "kind", "name_zh", "name_en", "address", "capacity", "opening_hours"})


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility's own members as checked; `kind` is a code of app.facility_kind, capacity a head count.

    `opening_hours` is as `gis.facility.hours` reads it, or empty where it is not known.
    """

    code: str
    kind: str
    name_zh: str
    name_en: str = ""
    address: str = ""
    capacity: int | None = None
    opening_hours: str = ""

    @classmethod
    def read(cls, members: Members) -> Facility:
        """Read the members that shall hold. Raises `InvalidInput` with a pointer into the feature."""
        facility = cls(
            code=members.text("code", MAX_CODE, is_required=True),
            kind=members.text("kind", MAX_CODE, is_required=True),
            name_zh=members.text("name_zh", MAX_NAME, is_required=True),
            name_en=members.text("name_en", MAX_NAME),
            address=members.text("address", MAX_NAME),
            capacity=members.whole("capacity", 0, MAX_CAPACITY),
            opening_hours=_hours(members),
        )
        members.end()
        return facility


def _hours(members: Members) -> str:
    text = members.text("opening_hours", MAX_LENGTH)
    if text:
        try:
            OpeningHours.read(text)
        except InvalidInput as fault:
            raise InvalidInput(fault.message, pointer="/properties/opening_hours", code=fault.code) from fault
    return text
