"""Everything hot spots are measured from, read in one transaction of the asker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis.coverage import legs_from_tracks
from gis.analysis.hotspots.model import FAMILIES, HotspotQuestion
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.geometry.crs import to_metric

queries = load_queries(__file__, "store")
_ZONE = ZoneInfo("Asia/Shanghai")
_DAY_S = 86_400.0

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CellData:
    """The n cells in force, in the order of their codes.

    Attributes
    ----------
    names_en : with the community's, which the Chinese names begin with.
    shapes : (n,) outlines in metres, EPSG:4547.
    units : (n,) rental units of today.
    effort_m : (n,) metres of patrol tracks of the period.
    """

    codes: tuple[str, ...]
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
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
    """Cells and incidents, and the name of the kind that was asked for, empty for all and for families."""

    kind_zh: str
    kind_en: str
    cells: CellData
    incidents: IncidentData


def version(connection: Connection, question: HotspotQuestion) -> str:
    """The state of all layers hot spots are measured from, whatever the question."""
    return version_of(queries.written(connection))


def version_of(written: Any) -> str:
    """What `version` says, of a row of the statement `written`; empty without a division."""
    return ":".join(str(number) for number in written[1:]) if written else ""


def load(connection: Connection, question: HotspotQuestion) -> HotspotMaterial:
    """Read what a question is measured from.

    Raises
    ------
    NotFound
        No division is in force.
    InvalidInput
        There is no such kind of incident.
    """
    revision = queries.revision(connection)
    if revision is None:
        raise NotFound("No division has been published yet.")
    kind = queries.kind(connection, kind=question.kind)
    if kind is None and question.kind not in ("", *FAMILIES):
        raise InvalidInput("There is no such kind of incident.", pointer="kind")
    rows = list(queries.cells(connection))
    shapes = np.asarray(to_metric(shapely.from_wkb([bytes(row.wkb) for row in rows])), dtype=object)
    return HotspotMaterial(
        kind_zh=kind.name_zh if kind else "",
        kind_en=kind.name_en if kind else "",
        cells=CellData(
            codes=tuple(row.code for row in rows),
            names_zh=tuple(row.name_zh for row in rows),
            names_en=tuple(f"{row.name_en}, {row.community_en}".strip(", ") for row in rows),
            communities=tuple(row.community_code for row in rows),
            shapes=shapes,
            units=np.array([row.units for row in rows], dtype=np.int64),
            effort_m=_walked(connection, question, shapes),
        ),
        incidents=_incidents(connection, question, rows),
    )


def _incidents(connection: Connection, question: HotspotQuestion, cells: Sequence[Any]) -> IncidentData:
    found = list(queries.incidents(connection, **_period(question), kind=question.kind))
    table = np.array(found, dtype=np.float64).reshape(-1, 4)
    points = to_metric(shapely.points(table[:, 2:]))
    row_of = {cell.cell_id: number for number, cell in enumerate(cells)}
    first = datetime.combine(question.from_on, time(), _ZONE).timestamp()
    return IncidentData(
        xy=shapely.get_coordinates(points),
        at_days=(table[:, 1] - first) / _DAY_S,
        cell=np.array([row_of.get(int(cell_id), -1) for cell_id in table[:, 0]], dtype=np.int64),
    )


def _walked(connection: Connection, question: HotspotQuestion, shapes: NDArray[np.object_]) -> Floats:
    """Metres of tracks in each cell; a leg belongs to the cell that holds its middle."""
    tracks = [bytes(row.wkb) for row in queries.tracks(connection, **_period(question))]
    metres = np.zeros(len(shapes))
    if not tracks or not len(shapes):
        return metres
    legs, _ = legs_from_tracks(to_metric(shapely.from_wkb(tracks)))
    length = np.hypot(*(legs[:, 2:] - legs[:, :2]).T)
    middles = shapely.points((legs[:, :2] + legs[:, 2:]) / 2)
    leg, cell = shapely.STRtree(shapes).query(middles, predicate="intersects")
    order = np.lexsort((cell, leg))
    leg, cell = leg[order], cell[order]
    first = np.unique(leg, return_index=True)[1]  # on a border: the lower code
    np.add.at(metres, cell[first], length[leg[first]])
    return metres


def _period(question: HotspotQuestion) -> dict[str, Any]:
    return {"from_on": question.from_on, "to_on": question.to_on}
