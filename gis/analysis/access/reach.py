"""Which stretches of street can be walked to within a distance, and the area around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from gis.analysis.access.distances import from_nearest
from gis.analysis.access.network import Floats, Indices, Lines, Network
from gis.analysis.access.snapping import NOWHERE, Snapped

BESIDE_M = 50.0  # how wide a catchment is drawn: an assumption, no share depends on it
_QUAD_SEGS = 8  # 0.5 % of the radius too little: this is a drawing, shares are counted on the network


@dataclass(frozen=True, slots=True)
class Stretches:
    """Pieces of streets, arrays of shape (s,), ordered by street and start, none overlapping another."""

    edge: Indices
    start_m: Floats
    end_m: Floats

    @property
    def metres(self) -> float:
        """Length of all of them."""
        return float((self.end_m - self.start_m).sum())

    def lines(self, network: Network) -> Lines:
        """(s,) LineStrings in EPSG:4547."""
        out = network.lines[self.edge].copy()
        part = (self.start_m > 0) | (self.end_m < network.lengths[self.edge])
        for i in np.flatnonzero(part):
            out[i] = substring(out[i], self.start_m[i], self.end_m[i])
        return out


def reach(network: Network, facilities: Snapped, limit_m: float) -> Stretches:
    """Stretches not more than `limit_m` from the nearest of the facilities, exact along each street."""
    to_node, _ = from_nearest(network, facilities)
    left = limit_m - to_node[network.ends]
    first, last = np.flatnonzero(left[:, 0] > 0), np.flatnonzero(left[:, 1] > 0)
    on = np.flatnonzero((facilities.edge != NOWHERE) & (facilities.offset_m < limit_m))
    beside, along = facilities.edge[on], facilities.along_m[on]
    room = limit_m - facilities.offset_m[on]
    edge = np.concatenate([first, last, beside])
    low = np.concatenate([np.zeros(len(first)), network.lengths[last] - left[last, 1], along - room])
    high = np.concatenate([left[first, 0], network.lengths[last], along + room])
    return _merged(edge, np.maximum(low, 0.0), np.minimum(high, network.lengths[edge]))


def _merged(edge: Indices, low: Floats, high: Floats) -> Stretches:
    """Intervals per street put together where they meet or overlap."""
    order = np.lexsort([low, edge])
    edge, low, high = edge[order], low[order], high[order]
    if not len(edge):
        return Stretches(edge, low, high)
    # The farthest end so far on the same street, by a running maximum of ranks: they are exact.
    by_high = np.argsort(high, kind="stable")
    rank = np.empty(len(high), np.intp)
    rank[by_high] = np.arange(len(high))
    far = high[by_high[np.maximum.accumulate(edge * len(edge) + rank) % len(edge)]]
    starts = np.flatnonzero(np.concatenate([[True], (edge[1:] > edge[:-1]) | (low[1:] > far[:-1])]))
    return Stretches(edge[starts], low[starts], np.maximum.reduceat(high, starts))


def catchment(network: Network, stretches: Stretches, beside_m: float = BESIDE_M) -> BaseGeometry:
    """The area within `beside_m` of the stretches, EPSG:4547: blocks narrower than twice that are in."""
    if not len(stretches.edge):
        return shapely.Polygon()
    around = shapely.buffer(stretches.lines(network), beside_m, quad_segs=_QUAD_SEGS)
    return shapely.union_all(around)
