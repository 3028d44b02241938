"""What planners ask of new sites: parameters and the figures of the answer. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, field_validator

from gis.analysis.result import Figure, Unit
from gis.analysis.services.model import Walking, Weight

Goal = Literal["mclp", "pmedian", "lscp"]
Where = Literal["centres", "parcels", "streets", "picked", "list"]

MOST_SITES = 10
TIME_LIMIT_S = 60.0
CENTRES = ("party_service_centre", "service_centre", "neighbourhood_centre")
"""Kinds whose premises may take in another service: an assumption, planners bring lists of their own."""
_LONGEST_PICKED = 500
_OUTERMOST = (180.0, 90.0)


class SitesParameters(Walking):
    """Where k further facilities of a kind belong.

    Attributes
    ----------
    goal : most people within the minutes asked for, the shortest ways on the whole, or the fewest sites that
        serve everybody (then `k` is not asked for).
    keep : facilities of the kind that are there already stay and count.
    picked : places as ``lon,lat; lon,lat`` (degrees, WGS84), for candidates ``picked``.
    list_id : number of a kept list of places, for candidates ``list``.
    exact : as long as it takes, up to a minute; otherwise the quick answer, with its bound.
    """

    goal: Goal = "mclp"
    k: int = Field(default=3, ge=1, le=MOST_SITES)
    weight: Weight = "residents"
    keep: bool = True
    candidates: Where = "centres"
    picked: str = Field(default="", max_length=_LONGEST_PICKED)
    list_id: int | None = Field(default=None, ge=0)
    exact: bool = False

    @field_validator("picked")
    @classmethod
    def _are_places(cls, text: str) -> str:
        places_of(text)
        return text

    @property
    def places(self) -> list[tuple[float, float]]:
        """The picked places, longitude first."""
        return places_of(self.picked)


def places_of(text: str) -> list[tuple[float, float]]:
    """Places written as ``lon,lat; lon,lat``. Raises `ValueError` where one is none."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        try:
            lon, lat = (float(number) for number in part.split(","))
        except ValueError as error:
            raise ValueError("Write places as 113.93,22.76; 113.94,22.77.") from error
        if not (abs(lon) <= _OUTERMOST[0] and abs(lat) <= _OUTERMOST[1]):
            raise ValueError("Write places as 113.93,22.76; 113.94,22.77.")
        found.append((lon, lat))
    return found


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place that may become a site, degrees (WGS84)."""

    name: str
    lon: float
    lat: float


SITE_FIGURES = (
    Figure("site", Unit.COUNT),
    Figure("site_name", Unit.TEXT),
    Figure("site_gain", Unit.COUNT),
    Figure("site_nearest", Unit.COUNT),
    Figure("lon", Unit.TEXT),
    Figure("lat", Unit.TEXT),
)
GAIN_FIGURES = (
    Figure("sites", Unit.COUNT),
    Figure("served_share", Unit.SHARE),
    Figure("gained", Unit.COUNT),
    Figure("site_mean_minutes", Unit.MINUTES),
    Figure("p95_minutes", Unit.MINUTES),
    Figure("status", Unit.CODE),
    Figure("gap", Unit.SHARE),
)
SOLUTION_FIGURES = (
    Figure("goal", Unit.CODE),
    Figure("sites", Unit.COUNT),
    Figure("objective", Unit.NUMBER),
    Figure("bound", Unit.NUMBER),
    Figure("gap", Unit.SHARE),
    Figure("status", Unit.CODE),
    Figure("solver", Unit.TEXT),
    Figure("candidates_asked", Unit.COUNT),
    Figure("out_of_reach", Unit.COUNT),
)
CHANGE_FIGURES = (
    Figure("moment", Unit.CODE),
    Figure("within_5", Unit.SHARE),
    Figure("within_10", Unit.SHARE),
    Figure("within_15", Unit.SHARE),
    Figure("within", Unit.SHARE),
    Figure("p95_minutes", Unit.MINUTES),
    Figure("site_mean_minutes", Unit.MINUTES),
)
_PLACE = (
    Figure("residents", Unit.COUNT),
    Figure("within_before", Unit.SHARE),
    Figure("within_after", Unit.SHARE),
    Figure("gained", Unit.COUNT),
    Figure("p95_after", Unit.MINUTES),
)
COMMUNITY_FIGURES = (Figure("community", Unit.TEXT), *_PLACE)
CELL_FIGURES = (Figure("cell", Unit.TEXT), *_PLACE)
