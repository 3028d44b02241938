"""The buildings behind the figures of new sites: how far their people walk now, and how far then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.analysis.services.choosing import before
from gis.analysis.services.drafts import sites
from gis.analysis.services.loading import metric
from gis.analysis.services.sites_model import SitesParameters
from gis.database.pool import Database
from gis.people.model import Actor

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Nearer:
    """A building: minutes on foot before and after, None where nothing is reached.

    `people` are residents or units, as was asked; `site` is empty where no new site is the nearest.
    """

    code: str
    people: int
    before: float | None
    after: float | None
    site: str


def nearer(db: Database, actor: Actor, asked: SitesParameters, place: str) -> tuple[Nearer, ...]:
    """The buildings of a community or cell: first those newly within the minutes, then who walks longest.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
        As `gis.analysis.services.drafts.sites`; or there is no such place.
    """
    found = sites(db, actor, asked)
    ground, chosen = found.ground, found.result.table("sites")
    inside = ground.inside(place)
    there = shapely.get_coordinates(shapely.from_wkb(list(chosen.shapes or ())))
    ways = ground.nearest(asked, metric(there))
    old = before(ground, asked)
    new = np.minimum(old, ways.metres)
    weight = ground.demand.weight(asked.weight)
    is_new = (old > asked.limit_m) & (new <= asked.limit_m)
    rank = np.where(is_new, -weight, -new)[inside]
    order = inside[np.lexsort([inside, rank, ~is_new[inside]])][:_SHOWN]
    return tuple(
        Nearer(
            code=ground.demand.codes[n],
            people=round(float(weight[n])),
            before=_minutes(old[n], asked),
            after=_minutes(new[n], asked),
            site=str(chosen.rows[ways.facility[n]][1]) if ways.metres[n] < old[n] else "",
        )
        for n in order.tolist()
    )


def _minutes(metres: float, asked: SitesParameters) -> float | None:
    return float(metres / asked.metres_per_minute) if np.isfinite(metres) else None
