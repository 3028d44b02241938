"""What a person reports as an incident. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gis.errors import InvalidInput

MAX_DESCRIPTION = 2000
MAX_ADDRESS = 200
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

    def __post_init__(self) -> None:
        if not self.description.strip():
            raise InvalidInput("Say what happened.", pointer="description")
        if len(self.description) > MAX_DESCRIPTION:
            raise InvalidInput("The description is too long.", pointer="description")
        if self.occurred_at is not None and self.occurred_at > datetime.now(UTC) + _CLOCK_SKEW:
            raise InvalidInput("It cannot have happened in the future.", pointer="occurred_at")
