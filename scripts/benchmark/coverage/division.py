"""The benchmark's division: 800 cells with winding borders that part 155 km² without gap or overlap.

Cells are those of a Voronoi diagram whose sites were evened out (Lloyd 1982). Each edge between two cells is
bent once, by displacing middles (Fournier, Fussell and Carpenter 1982), and both have the same. Everything is
in metres, EPSG:4547.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

CELLS, AREA_M2 = 800, 155.0e6
_AROUND_M, _ROUNDS, _SAMPLES = 1500.0, 4, 100
_HALVINGS, _BEND = 4, 0.12
_DIGITS = 3


@dataclass(frozen=True)
class Division:
    """Cells (k,), by community and in each from west to east, and the number of each one's community."""

    cells: Geometries
    community: Ints


def divide(rng: np.random.Generator, outline: BaseGeometry, settlements: Floats) -> Division:
    """Part a district like the outline, of `AREA_M2`, into `CELLS` cells and contiguous communities.

    Its border is one of cells too: it follows the outline to half a cell. Cells belong to the settlement
    (n, 2) that is nearest by way of cells.
    """
    from scipy.spatial import Voronoi

    sites = _evened(rng, outline)
    diagram = Voronoi(sites)
    depth = shapely.distance(shapely.points(sites), outline.boundary)
    depth[~shapely.contains_xy(outline, *sites.T)] *= -1
    number = np.full(len(sites), -1)
    number[chosen := np.sort(np.argsort(-depth)[:CELLS])] = np.arange(CELLS)
    beside = number[diagram.ridge_points]
    edges = np.array(diagram.ridge_vertices)[(beside >= 0).any(axis=1)]
    borders = shapely.linestrings(list(_bent(rng, diagram.vertices[edges])))
    faces = shapely.get_parts(shapely.polygonize(borders))
    at, face = shapely.STRtree(faces).query(shapely.points(sites[chosen]), predicate="within")
    cells = _sized(faces[face[np.argsort(at)]])
    community = _communities(sites[chosen], beside[(beside >= 0).all(axis=1)], settlements)
    order = np.lexsort((shapely.get_x(shapely.centroid(cells)), community))
    return Division(cells[order], community[order])


def _evened(rng: np.random.Generator, outline: BaseGeometry) -> Floats:
    """Sites in a box about the outline, as dense as those of the cells, each near the middle of its cell."""
    from scipy.spatial import cKDTree

    west, south, east, north = outline.bounds
    low = np.array([west, south]) - _AROUND_M
    high = np.array([east, north]) + _AROUND_M
    count = round(CELLS * np.prod(high - low) / outline.area)
    sites = rng.uniform(low, high, (count, 2))
    for _ in range(_ROUNDS):
        places = rng.uniform(low, high, (_SAMPLES * count, 2))
        nearest = cKDTree(sites).query(places)[1]
        held = np.bincount(nearest, minlength=count)
        middle = np.column_stack([np.bincount(nearest, axis, count) for axis in places.T])
        sites = np.where(held[:, None] > 0, middle / np.maximum(held, 1)[:, None], sites)
    return sites


def _bent(rng: np.random.Generator, ends: Floats) -> Floats:
    """Edges (n, 2, 2) as lines (n, 17, 2), each piece halved four times and its middle moved aside."""
    lines = ends
    for _ in range(_HALVINGS):
        begin, along = lines[:, :-1], np.diff(lines, axis=1)
        aside = np.stack([-along[..., 1], along[..., 0]], axis=-1)
        middle = begin + along / 2 + aside * rng.uniform(-_BEND, _BEND, (*aside.shape[:2], 1))
        finer = np.empty((len(lines), 2 * lines.shape[1] - 1, 2))
        finer[:, ::2], finer[:, 1::2] = lines, middle
        lines = finer
    return lines


def _sized(cells: Geometries) -> Geometries:
    """Cells of `AREA_M2` together, to the millimetre; what two have in common stays so."""
    scale = np.sqrt(AREA_M2 / shapely.area(cells).sum())
    middle = np.array(shapely.total_bounds(cells)).reshape(2, 2).mean(axis=0)
    return np.asarray(
        shapely.transform(cells, lambda xy: np.round((xy - middle) * scale + middle, _DIGITS)), dtype=object
    )


def _communities(sites: Floats, beside: Ints, settlements: Floats) -> Ints:
    """The nearest settlement of each cell, from neighbour to neighbour: so every community is connected."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import cKDTree

    metres = np.hypot(*(sites[beside[:, 0]] - sites[beside[:, 1]]).T)
    graph = coo_array((metres, beside.T), shape=(len(sites), len(sites))).tocsr()
    first = cKDTree(sites).query(settlements)[1]
    _, _, nearest = dijkstra(graph, directed=False, indices=first, min_only=True, return_predecessors=True)
    community = np.full(len(sites), -1)
    community[first] = np.arange(len(first))
    return np.asarray(community[nearest], dtype=np.int64)
