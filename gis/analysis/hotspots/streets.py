"""Places where incidents lie dense, of any shape: streets, markets, crossings. HDBSCAN by package hdbscan.

HDBSCAN (Campello, Moulavi and Sander 2013) needs no radius: a dense place is what stays together over the
widest range of densities. It knows nothing of how many people live there: dense is not the same as too many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from gis.analysis.hotspots.space_time import Whole
from gis.analysis.hotspots.weights import Floats

MAX_ACROSS_M = 600.0
"""What reaches farther from corner to corner is a quarter, not a street."""

_FIRMLY = 0.3  # strength of membership, 0 to 1
_HULL_RATIO = 0.3
_MARGIN_M = 15.0


@dataclass(frozen=True, slots=True)
class DensePlace:
    """`members` are row numbers, ascending; `outline` is a polygon in metres, EPSG:4547."""

    members: Whole
    outline: BaseGeometry


def dense_places(xy: ArrayLike, *, least: int) -> list[DensePlace]:
    """Find dense places, largest first.

    What is wider than `MAX_ACROSS_M` is looked at again by itself. Incidents are sorted before, so that
    their order changes nothing but the order of members.

    Parameters
    ----------
    xy : (n, 2) metres, EPSG:4547.
    least : fewest incidents of a place; at least 2.
    """
    places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    waiting, found = [np.lexsort((places[:, 1], places[:, 0])).astype(np.int64)], []
    while waiting:
        for members in _parted(places, waiting.pop(), least):
            if np.hypot(*np.ptp(places[members], axis=0)) > MAX_ACROSS_M:
                waiting.append(members)
            else:
                found.append(DensePlace(np.sort(members), outline(places[members])))
    return sorted(found, key=lambda place: (-len(place.members), int(place.members[0])))


def _parted(places: Floats, rows: Whole, least: int) -> list[Whole]:
    """The dense places among some rows, without what belongs to them but loosely."""
    if len(rows) <= 2 * least:
        return []
    from hdbscan import HDBSCAN

    model = HDBSCAN(min_cluster_size=least, core_dist_n_jobs=1)
    label = model.fit_predict(places[rows] - places[rows].mean(axis=0))
    firmly = model.probabilities_ >= _FIRMLY
    parts = [rows[(label == number) & firmly] for number in range(int(label.max()) + 1)]
    return [part for part in parts if len(part) >= least]


def outline(xy: Floats) -> BaseGeometry:
    """A concave hull round places, 15 m wider, so that a handful in one building has an outline too."""
    hull = shapely.concave_hull(MultiPoint(np.unique(xy, axis=0)), ratio=_HULL_RATIO)
    return hull.buffer(_MARGIN_M, quad_segs=4)
