"""What planners ask of services: parameters and the figures of the answers. Rules only, no I/O."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from gis.analysis.result import Figure, Unit

Kind = Literal[
    "party_service_centre",
    "service_centre",
    "health_centre",
    "harmony_hall",
    "foundation",
    "neighbourhood_centre",
    "building_head_school",
    "school",
    "kindergarten",
    "safety_school",
    "community_college",
    "after_school",
    "hospital",
    "culture_sport",
    "park",
    "metro_station",
    "other",
]
KINDS: tuple[str, ...] = get_args(Kind)
Way = Literal["network", "straight"]
Weekday = Literal["any", "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
Weight = Literal["residents", "units"]

WITHIN_MINUTES = (5.0, 10.0, 15.0)
"""The walks of the three living circles of GB 50180-2018."""
WALKING_KMH = 4.5
"""An assumption, 75 m a minute: stated are 80 m for everybody, and 10 m less over 65 years (Finnis, Walton
2008). The circles of GB 50180-2018 reach 300 m, 500 m and 800 to 1,000 m: those are 3 to 4 km/h.
"""
DETOUR = 1.3
"""An assumption: in a grid of streets the mean over all directions is 4 / pi = 1.27."""
MAX_TO_STREET_M = 300.0
"""A building farther from every street than this is told as not reached, not as near. An assumption."""


class Walking(BaseModel):
    """How people get there: what both analyses ask.

    `detour` lengthens straight lines where no network is there or wanted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = "health_centre"
    minutes: int = Field(default=10, ge=1, le=60)
    way: Way = "network"
    speed_kmh: float = Field(default=WALKING_KMH, ge=1, le=8)
    detour: float = Field(default=DETOUR, ge=1, le=3)

    @property
    def metres_per_minute(self) -> float:
        """How far one walks in a minute."""
        return self.speed_kmh * 1000 / 60

    @property
    def limit_m(self) -> float:
        """How far one walks in the minutes asked for."""
        return self.minutes * self.metres_per_minute


class ServicesParameters(Walking):
    """Service coverage of one kind of facility; `weekday` and `hour` ask what is open then."""

    weekday: Weekday = "any"
    hour: int = Field(default=19, ge=0, le=23)
    decay: Literal["steps", "gaussian", "none"] = "steps"


_SHARES = tuple(Figure(f"within_{minutes:.0f}", Unit.SHARE) for minutes in WITHIN_MINUTES)
_PLACE = (
    Figure("units", Unit.COUNT),
    Figure("residents", Unit.COUNT),
    *_SHARES,
    Figure("within", Unit.SHARE),
    Figure("units_within", Unit.SHARE),
    Figure("within_open", Unit.SHARE),
    Figure("lost_by_hours", Unit.SHARE),
    Figure("p95_minutes", Unit.MINUTES),
    Figure("worst_residents", Unit.COUNT),
    Figure("places_per_1000", Unit.NUMBER),
)
COMMUNITY_FIGURES = (Figure("community", Unit.TEXT), *_PLACE)
CELL_FIGURES = (Figure("cell", Unit.TEXT), *_PLACE)
KIND_FIGURES = (
    Figure("kind", Unit.CODE),
    Figure("facilities", Unit.COUNT),
    *_SHARES,
    Figure("units_within", Unit.SHARE),
    Figure("within_open", Unit.SHARE),
    Figure("p95_minutes", Unit.MINUTES),
    Figure("unreached", Unit.COUNT),
    Figure("capacity", Unit.COUNT),
)
WORST_FIGURES = (
    Figure("cell", Unit.TEXT),
    Figure("community", Unit.TEXT),
    Figure("worst_residents", Unit.COUNT),
    Figure("worst_minutes", Unit.MINUTES),
    Figure("worst_unreached", Unit.COUNT),
)
CURVE_FIGURES = (
    Figure("curve_minutes", Unit.MINUTES),
    Figure("curve_residents", Unit.SHARE),
    Figure("curve_open", Unit.SHARE),
)
FACILITY_FIGURES = (
    Figure("facility", Unit.TEXT),
    Figure("facility_name", Unit.TEXT),
    Figure("nearest_residents", Unit.COUNT),
    Figure("mean_minutes", Unit.MINUTES),
    Figure("capacity", Unit.COUNT),
    Figure("per_1000_reached", Unit.NUMBER),
    Figure("opening_hours", Unit.TEXT),
    Figure("is_open", Unit.YES_NO),
)
