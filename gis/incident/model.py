"""What a person reports as an incident. Rules only, no I/O."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from gis.errors import InvalidInput
from gis.incident.lifecycle import State
from gis.patrol.model import parse_client_id
from gis.publish.draft import Draft, Members

MAX_DESCRIPTION = 2000
MAX_ADDRESS = 200
MAX_NOTE = 500
_MAX_STORED_ADDRESS = 500  # as long as a loaded file may have it
MAX_PEOPLE = 30_000
MAX_SEVERITY = 4
_CLOCK_SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """A report as checked: WGS84 degrees, aware time, a count of people and no names."""

    client_id: UUID
    category: str
    description: str
    lon: float
    lat: float
    address: str = ""
    people: int = 0
    occurred_at: datetime | None = None
    severity: int = 1

    def __post_init__(self) -> None:
        if not self.description.strip():
            raise InvalidInput("Say what happened.", pointer="description")
        if len(self.description) > MAX_DESCRIPTION:
            raise InvalidInput("The description is too long.", pointer="description")
        check_past(self.occurred_at, "occurred_at")

    @property
    def content_sha256(self) -> bytes:
        """Hash of what it says, to tell a retry from another report under the same id."""
        content = [self.category, self.description.strip(), self.lon, self.lat]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()

    @classmethod
    def read(cls, draft: Draft) -> IncidentReport:
        """Read a report as a feature; without a `client_id` it is a new one every time.

        Raises
        ------
        InvalidInput
            With a pointer into the feature.
        """
        lon, lat = draft.position()
        members = draft.members()
        client_id = members.text("client_id", 40)
        says = _says(members)
        members.end()
        return cls(parse_client_id(client_id) if client_id else uuid4(), lon=lon, lat=lat, **says)


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """What an incident shall say and where it shall stand; `note` goes with the step."""

    category: str
    severity: int
    people: int
    description: str
    address: str
    occurred_at: datetime
    state: State
    note: str = ""

    @classmethod
    def read(cls, members: Members, *, state: State) -> IncidentChange:
        """Read the members that shall hold; without `state` it stays.

        Raises
        ------
        InvalidInput
            With a pointer into the feature.
        """
        says = _says(members, is_timed=True)
        to = State(members.choice("state", tuple(State), default=state))
        note = members.text("note", MAX_NOTE)
        members.end()
        return cls(**says, state=to, note=note)

    @property
    def says(self) -> dict[str, Any]:
        """The members besides the state and its note."""
        return {name: getattr(self, name) for name in SAYS}


SAYS = ("category", "severity", "people", "description", "address", "occurred_at")
WRITABLE = frozenset({*SAYS, "state", "note"})


def _says(members: Members, *, is_timed: bool = False) -> dict[str, Any]:
    return {
        "category": members.text("category", 20, is_required=True),
        "severity": members.whole("severity", 1, MAX_SEVERITY) or 1,
        "people": members.whole("people", 0, MAX_PEOPLE) or 0,
        "description": members.text("description", MAX_DESCRIPTION, is_required=True),
        "address": members.text("address", _MAX_STORED_ADDRESS),
        "occurred_at": members.moment("occurred_at", is_required=is_timed),
    }


def check_past(at: datetime | None, pointer: str) -> None:
    """Refuse what lies in the future, but for a phone's clock that is a little ahead."""
    if at is not None and at > datetime.now(UTC) + _CLOCK_SKEW:
        raise InvalidInput("It cannot have happened in the future.", pointer=pointer)
