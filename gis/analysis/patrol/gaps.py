"""What is left uncovered, as polygons, and which of it matters most. Pure functions; imports the kernels.

A gap matters by the risk of its cell times the days since the cell's last visit:

    risk = 1 + incidents + 3 · violations + units / 100

with incidents and violations of the last 90 days and the rental units in the cell. A cell that was not
visited in the 92 days before the period counts 92 days more than the period has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.analysis.patrol.figures import Figures
from gis.analysis.patrol.legs import midnight_ms
from gis.analysis.patrol.loading import Material
from gis.analysis.patrol.model import LOOK_BACK_DAYS
from gis.geometry.footprint.gaps import Swept

Floats = NDArray[np.float64]

LEAST_M2 = 100.0
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Gap:
    """A connected part of a cell that is not covered: polygon in EPSG:4547, area, number of its cell."""

    cell: int
    polygon: BaseGeometry
    area_m2: float


def swept(material: Material, radius_m: float) -> Swept:
    """Everything that the period covers: from the needed legs of painted days, and all of others."""
    lines = [np.empty((0, 4))]
    for day in material.days:
        if day.painted is not None:
            lines.append(day.painted.needed)
        elif day.legs is not None:
            lines.append(day.legs.covering)
    return Swept(np.concatenate(lines), np.empty((0, 2)), radius_m)


def priority(material: Material, found: Figures) -> Floats:
    """Risk times days since the last visit (k,) of the cells."""
    since = np.where(np.isnan(found.visits.since), unseen_days(material), found.visits.since)
    ranked: Floats = material.risk * since
    return ranked


def unseen_days(material: Material) -> float:
    """The days a place counts for that was visited neither in the period nor in what was looked back on."""
    first_ms = midnight_ms(material.first)
    return max(material.until_ms - first_ms, 0) / _DAY_MS + LOOK_BACK_DAYS


def ranked_gaps(
    material: Material, ranking: Floats, radius_m: float, *, cells: Sequence[int] | None = None, most: int
) -> list[Gap]:
    """Gaps of at least 100 m² of the cells that matter most, the larger ones of a cell first.

    Parameters
    ----------
    ranking : (k,) `priority` of all cells.
    cells : numbers of the cells to look at; all of them unless told.
    most : so many gaps at most.
    """
    numbers = np.arange(len(ranking)) if cells is None else np.asarray(cells, dtype=np.intp)
    order = numbers[np.argsort(-ranking[numbers], kind="stable")]
    covered = swept(material, radius_m)
    found: list[Gap] = []
    for cell in order.tolist():
        if len(found) >= most:
            break
        parts = shapely.get_parts(covered.gap(material.places.polygons[cell]))
        gaps = [
            Gap(cell, part, float(shapely.area(part))) for part in parts if shapely.area(part) >= LEAST_M2
        ]
        found += sorted(gaps, key=lambda gap: -gap.area_m2)
    return found[:most]
