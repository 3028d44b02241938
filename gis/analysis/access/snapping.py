"""Points brought onto the nearest street, at the exact place along it, not at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.analysis.access.network import Floats, Indices, Network

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Snapped:
    """Points on a network, arrays of shape (n,).

    Attributes
    ----------
    edge : number of the nearest street, the lowest of equals; -1 where none is near enough.
    along_m : metres from the street's first end to the place nearest to the point.
    offset_m : metres from the point to that place, walked in a straight line.
    """

    edge: Indices
    along_m: Floats
    offset_m: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def __getitem__(self, which: Indices) -> Snapped:
        return Snapped(self.edge[which], self.along_m[which], self.offset_m[which])


def snap(network: Network, points: Floats, *, within_m: float | None = None) -> Snapped:
    """Find the place on the network nearest to each point.

    Parameters
    ----------
    points : (n, 2) easting, northing in EPSG:4547; rows that are not finite are nowhere.
    within_m : points farther from every street are nowhere; no limit by default.
    """
    points = np.asarray(points, float).reshape(-1, 2)
    edge = np.full(len(points), NOWHERE, np.intp)
    along, offset = np.zeros(len(points)), np.full(len(points), np.inf)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if not len(network.lines) or not len(known):
        return Snapped(edge, along, offset)
    places = np.asarray(shapely.points(points[known]), dtype=object).reshape(-1)
    (which, street), metres = network.tree.query_nearest(places, max_distance=within_m, return_distance=True)
    order = np.lexsort([street, which])
    which, street, metres = which[order], street[order], metres[order]
    first = np.concatenate([[True], which[1:] != which[:-1]])[: len(which)]
    which, street = which[first], street[first]
    found = known[which]
    edge[found], offset[found] = street, metres[first]
    along[found] = shapely.line_locate_point(network.lines[street], places[which])
    return Snapped(edge, along, offset)
