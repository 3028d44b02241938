"""Edges of a network: lines cut where they meet, and what hangs together. Pure.

Two lines meet where they share a vertex, to the seventh decimal of a degree (a centimetre). Lines that
cross without a shared vertex do not meet: so bridges stay bridges.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.geometry.crs import to_metric
from gis.roads.model import Part, Shape

Lines = NDArray[np.object_]
_DECIMALS = 7
_LISTED = 10


def cut_at_junctions(lines: Lines) -> tuple[Lines, NDArray[np.intp]]:
    """Cut lines at every vertex they share with another line, or pass twice.

    Parameters
    ----------
    lines : LineStrings or MultiLineStrings, EPSG:4326, shape (n,).

    Returns
    -------
    pieces, of : LineStrings whose ends are junctions or dead ends, and the line each comes from.
    """
    parts, of_part = shapely.get_parts(lines, return_index=True)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    coordinates = np.round(coordinates, _DECIMALS)
    moves = np.r_[True, (coordinates[1:] != coordinates[:-1]).any(axis=1) | (part[1:] != part[:-1])]
    coordinates, part = coordinates[moves], part[moves]
    long_enough = np.bincount(part, minlength=len(parts))[part] > 1
    coordinates, part = coordinates[long_enough], part[long_enough]
    if not len(part):
        return np.empty(0, dtype=object), np.empty(0, dtype=np.intp)
    _, vertex, times = np.unique(coordinates, axis=0, return_inverse=True, return_counts=True)
    starts = np.r_[True, part[1:] != part[:-1]]
    is_cut = (times[vertex.reshape(-1)] > 1) & ~starts & ~np.r_[starts[1:], True]
    # A vertex that cuts ends one piece and begins the next: it stands twice.
    repeated = np.repeat(np.arange(len(part)), 1 + is_cut)
    first = np.r_[True, repeated[1:] != repeated[:-1]]
    piece = np.cumsum(starts[repeated] | ~first) - 1
    pieces = shapely.linestrings(coordinates[repeated], indices=piece)
    of = of_part[part[repeated[np.r_[True, piece[1:] != piece[:-1]]]]]
    return np.asarray(pieces, dtype=object), np.asarray(of, dtype=np.intp)


def shape_of(pieces: Lines, walkable: NDArray[np.bool_]) -> Shape:
    """Lengths in metres (EPSG:4547), and the connected parts of the walkable pieces.

    Parameters
    ----------
    pieces : LineStrings, EPSG:4326, shape (n,), n > 0.
    """
    length = np.asarray(shapely.length(to_metric(pieces)), dtype=np.float64)
    on_foot = np.flatnonzero(walkable)
    if not len(on_foot):
        return Shape(len(pieces), float(length.sum()), 0.0, ())
    ends = np.concatenate([_ends(pieces[on_foot], 0), _ends(pieces[on_foot], -1)])
    places, node = np.unique(ends, axis=0, return_inverse=True)
    tail, head = node.reshape(2, -1)
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(places), len(places)))
    count, label = connected_components(graph, directed=False)
    of = label[tail]
    metres = np.bincount(of, length[on_foot], minlength=count)
    edges = np.bincount(of, minlength=count)
    a_node = np.unique(label, return_index=True)[1]
    order = np.lexsort((a_node, -metres))
    parts = tuple(
        Part(int(edges[n]), float(metres[n]), float(places[a_node[n], 0]), float(places[a_node[n], 1]))
        for n in order.tolist()
    )
    return Shape(len(pieces), float(length.sum()), float(length[on_foot].sum()), parts)


def told(shape: Shape) -> list[str]:
    """The shape in sentences, as a report lists them."""
    km, on_foot_km, apart_km = (m / 1000 for m in (shape.length_m, shape.walkable_m, shape.apart_m))
    said = [f"{shape.edges:,} edges, {km:,.1f} km, of which {on_foot_km:,.1f} km on foot"]
    apart = shape.parts[1:]
    if apart:
        said.append(f"{len(apart):,} parts, {apart_km:,.2f} km together, are not connected with the largest")
        said += [
            f"not connected: {part.length_m:,.0f} m at {part.lon:.5f}, {part.lat:.5f}"
            for part in apart[:_LISTED]
        ]
    return said


def _ends(pieces: Lines, which: int) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(shapely.get_point(pieces, which)), dtype=np.float64)
