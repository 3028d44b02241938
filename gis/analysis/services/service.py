"""Service coverage for pages, and the rows and shapes behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.analysis.access.reach import catchment, reach
from gis.analysis.result import Analysis, Result
from gis.analysis.services.ground import Ground
from gis.analysis.services.keeping import kept_of
from gis.analysis.services.loading import load_ground, version
from gis.analysis.services.measure import measure
from gis.analysis.services.measure import reach as reached_by
from gis.analysis.services.model import ServicesParameters
from gis.database.pool import Database
from gis.errors import NotFound
from gis.geometry.crs import to_wgs84
from gis.people.model import Actor, Permission

_READ_MS = 30_000
SERVICES = Analysis("services", ServicesParameters, version, load_ground, measure)
_SHOWN = 50
_SIMPLIFY_M = 2.0


@dataclass(frozen=True, slots=True)
class Answered:
    """A result, the state of the data it is of, and the ground it was measured on."""

    result: Result
    ground: Ground

    @property
    def version(self) -> str:
        """The state of the data."""
        return self.ground.version


@dataclass(frozen=True, slots=True)
class Building:
    """A building as a row behind the figures: how far its people walk, and to which facility."""

    code: str
    cell: str
    units: int
    residents: int
    minutes: float | None
    facility: str


def services(db: Database, actor: Actor, asked: ServicesParameters) -> Answered:
    """How well a kind of facility is within reach, by community and cell.

    Raises
    ------
    Forbidden
        The actor may not look at coverage.
    NotFound
        There is no division yet.
    """
    ground = present_ground(db, actor)

    def make() -> Result:
        return SERVICES.measure(ground, asked, lambda _done, _of: None)

    return Answered(
        kept_of(db).result((ground.version, SERVICES.name, asked.model_dump_json()), make), ground
    )


def farthest(db: Database, actor: Actor, asked: ServicesParameters, place: str) -> tuple[Building, ...]:
    """The buildings of a community or cell whose people walk longest, the rows behind its figures.

    Raises
    ------
    Forbidden, NotFound
        As `services`; or there is no such place.
    """
    ground = present_ground(db, actor)
    inside = ground.inside(place)
    found = reached_by(ground, asked, asked.kind)
    minutes, residents = found.minutes[inside], ground.demand.residents[inside]
    order = np.lexsort([inside, -residents, -np.round(minutes, 3)])[:_SHOWN]
    return tuple(
        Building(
            code=ground.demand.codes[n],
            cell=ground.cells.codes[ground.demand.cell[n]],
            units=round(float(ground.demand.units[n])),
            residents=round(float(ground.demand.residents[n])),
            minutes=float(found.minutes[n]) if np.isfinite(found.minutes[n]) else None,
            facility=_name(ground, found.which, int(found.facility[n])),
        )
        for n in inside[order].tolist()
    )


def catchment_of(db: Database, actor: Actor, asked: ServicesParameters, facility: str) -> dict[str, Any]:
    """From where one walks to a facility in the minutes asked for.

    Returns
    -------
    dict
        A GeoJSON FeatureCollection (EPSG:4326): the area (`is_area` true), and over a network the
        stretches of street it is drawn around.

    Raises
    ------
    Forbidden, NotFound
        As `services`; or there is no such facility.
    """
    ground = present_ground(db, actor)
    if facility not in ground.facilities.codes:
        raise NotFound
    place = ground.facilities.xy[[ground.facilities.codes.index(facility)]]
    if ground.walks(asked):
        stretches = reach(ground.network, ground.on_streets(place), asked.limit_m)
        area = catchment(ground.network, stretches)
        streets = shapely.union_all(stretches.lines(ground.network))
        features = [_feature(area, is_area=True), _feature(streets, is_area=False)]
    else:
        circle = shapely.buffer(shapely.points(place[0]), asked.limit_m / asked.detour, quad_segs=32)
        features = [_feature(circle, is_area=True)]
    return {"type": "FeatureCollection", "features": [one for one in features if one is not None]}


def present_ground(db: Database, actor: Actor) -> Ground:
    """What is measured on, in the present state of the data. Raises as `services`."""
    actor.require(Permission.SEE_COVERAGE)
    ground = kept_of(db).ground(lambda: db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS))
    if not ground.cells.codes:
        raise NotFound("There is no division yet.", code="no-division")
    return ground


def _name(ground: Ground, which: NDArray[np.intp], number: int) -> str:
    return ground.facilities.names[which[number]] if number >= 0 else ""


def _feature(shape: BaseGeometry, *, is_area: bool) -> dict[str, Any] | None:
    if shape.is_empty:
        return None
    drawn = shapely.set_precision(to_wgs84(shapely.simplify(shape, _SIMPLIFY_M)), 1e-6)
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(drawn),
        "properties": {"is_area": is_area},
    }
