"""Everything hot spots are measured from, read in one transaction of the asker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.hotspots.model import FAMILIES, HotspotQuestion
from gis.analysis.patrol.effort import DayEffort
from gis.analysis.patrol.places import Places
from gis.analysis.patrol.reading import read_places
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.geometry.crs import to_metric
from gis.zone import ZONE

queries = load_queries(__file__, "store")
_DAY_S = 86_400.0

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CellData:
    """The n cells in force, in the order of their codes.

    Attributes
    ----------
    shapes : (n,) outlines in metres, EPSG:4547.
    units : (n,) rental units of today.
    effort_m : (n,) metres that patrols walked in the period, as patrol coverage counts them.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    communities: tuple[str, ...]
    shapes: NDArray[np.object_]
    units: Whole
    effort_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class IncidentData:
    """The m incidents of the period, in the order they were stored.

    Attributes
    ----------
    xy : (m, 2) metres, EPSG:4547.
    at_days : (m,) days since midnight (Asia/Shanghai) of the first day.
    cell : (m,) row number of the cell, -1 outside all.
    """

    xy: Floats
    at_days: Floats
    cell: Whole


@dataclass(frozen=True, slots=True, eq=False)
class HotspotMaterial:
    """Cells and incidents of a period.

    Attributes
    ----------
    uncounted_days : days of the period whose patrols are not counted yet.
    """

    uncounted_days: int
    cells: CellData
    incidents: IncidentData


def version(connection: Connection, question: HotspotQuestion) -> str:
    """The state of all layers hot spots are measured from."""
    return version_of(queries.written(connection, **period(question)))


def version_of(written: Any) -> str:
    """What `version` says, of a row of the statement `written`, None without a division."""
    told = ":".join(str(number) for number in written[1:]) if written else ""
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def load(connection: Connection, question: HotspotQuestion) -> HotspotMaterial:
    """Read what a question is measured from.

    Raises
    ------
    NotFound
        No division is in force.
    InvalidInput
        There is no such kind of incident.
    """
    if question.kind not in ("", *FAMILIES) and not queries.is_kind(connection, kind=question.kind):
        raise InvalidInput("There is no such kind of incident.", pointer="kind")
    places = read_places(connection)
    units = {row.cell_id: row.units for row in queries.units(connection)}
    effort_m, uncounted = _walked(connection, question, places)
    return HotspotMaterial(
        uncounted_days=uncounted,
        cells=CellData(
            codes=tuple(cell.code for cell in places.cells),
            names=tuple(cell.name for cell in places.cells),
            communities=tuple(cell.community for cell in places.cells),
            shapes=places.polygons[: len(places.cells)],
            units=np.array([units.get(cell.place_id, 0) for cell in places.cells], dtype=np.int64),
            effort_m=effort_m,
        ),
        incidents=_incidents(connection, question, places),
    )


def _incidents(connection: Connection, question: HotspotQuestion, places: Places) -> IncidentData:
    found = list(queries.incidents(connection, **period(question), kind=question.kind))
    table = np.array(found, dtype=np.float64).reshape(-1, 4)
    points = to_metric(shapely.points(table[:, 2:]))
    row_of = {cell.place_id: number for number, cell in enumerate(places.cells)}
    first = datetime.combine(question.from_on, time(), ZONE).timestamp()
    return IncidentData(
        xy=shapely.get_coordinates(points),
        at_days=(table[:, 1] - first) / _DAY_S,
        cell=np.array([row_of.get(int(cell_id), -1) for cell_id in table[:, 0]], dtype=np.int64),
    )


def _walked(connection: Connection, question: HotspotQuestion, places: Places) -> tuple[Floats, int]:
    """Metres on foot in each cell, and how many days of the period are not counted yet."""
    asked = {**period(question), "shape_version": places.shape_version}
    metres = np.zeros(len(places.cells))
    for row in queries.efforts(connection, **asked):
        metres += DayEffort.unpacked(bytes(row.effort)).metres[: len(metres)]
    return metres, len(list(queries.uncounted(connection, **asked)))


def period(question: HotspotQuestion) -> dict[str, Any]:
    """The period as the statements want it."""
    return {"from_on": question.from_on, "to_on": question.to_on}
