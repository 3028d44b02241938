"""Edges of polygons as one table."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def edges_of(polygons: NDArray[np.object_]) -> tuple[Floats, Ints]:
    """All edges (n, 4) of (k,) polygons or multipolygons, and the number of each one's polygon (n,).

    Each runs from its lower end to the upper one, a level one from west to east. Neighbours that share an
    edge so share its numbers and what is computed from them.
    """
    parts, part_of = shapely.get_parts(polygons, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    xy, of = shapely.get_coordinates(rings, return_index=True)
    joined = of[1:] == of[:-1]
    edges = np.column_stack([xy[:-1], xy[1:]])[joined]
    x1, y1, x2, y2 = edges.T
    is_turned = (y1 > y2) | ((y1 == y2) & (x1 > x2))
    edges = np.where(is_turned[:, None], edges[:, [2, 3, 0, 1]], edges)
    owner: Ints = part_of[ring_of[of[:-1][joined]]].astype(np.int64)
    return np.ascontiguousarray(edges), owner
