"""Which cells border on which. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Ints = NDArray[np.int64]

SHORTEST_BORDER_M = 0.5
"""Cells with less border in common are no neighbours: one cannot walk over a corner."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two cells without a common border, joined because one would be cut off; `metres` lie between them."""

    first: int
    second: int
    metres: float


@dataclass(frozen=True, slots=True)
class CellGraph:
    """Cells as nodes 0..n-1; `border[i]` gives the metres of border with each neighbour, 0 for a link."""

    border: tuple[dict[int, float], ...]
    links: tuple[Link, ...] = ()

    def __len__(self) -> int:
        return len(self.border)

    def components(self) -> list[list[int]]:
        """The connected parts, each ascending, in the order of their first nodes."""
        left, parts = set(range(len(self))), []
        for node in range(len(self)):
            if node in left:
                part = self.reached(node, left)
                left -= part
                parts.append(sorted(part))
        return parts

    def reached(self, start: int, among: Iterable[int]) -> set[int]:
        """The nodes one comes to from a node without leaving a set that holds it."""
        left = set(among)
        left.discard(start)
        found, open_ = {start}, [start]
        while open_ and left:
            for other in self.border[open_.pop()]:
                if other in left:
                    left.remove(other)
                    found.add(other)
                    open_.append(other)
        return found

    def is_contiguous(self, labels: Sequence[int] | Ints) -> bool:
        """Whether the nodes of each label hang together. Labels below 0 are not looked at."""
        members: dict[int, set[int]] = {}
        for node, label in enumerate(labels):
            if label >= 0:
                members.setdefault(int(label), set()).add(node)
        return all(len(self.reached(min(nodes), nodes)) == len(nodes) for nodes in members.values())


COLOURS = 8


def colours_of(graph: CellGraph, labels: Sequence[int] | Ints) -> list[int]:
    """A colour 1..8 for each node so that labels that border on each other differ; 0 where the label is < 0.

    The label with the most neighbours first, each the first colour free; connected labels need six at most
    in practice, others may share one if eight do not do.
    """
    near: dict[int, set[int]] = {int(label): set() for label in labels if label >= 0}
    for node, others in enumerate(graph.border):
        for other in others:
            first, second = int(labels[node]), int(labels[other])
            if first != second and first >= 0 and second >= 0:
                near[first].add(second)
    colour: dict[int, int] = {}
    for label in sorted(near, key=lambda one: (-len(near[one]), one)):
        taken = {colour[other] for other in near[label] if other in colour}
        free = [number for number in range(1, COLOURS + 1) if number not in taken]
        colour[label] = free[0] if free else 1 + label % COLOURS
    return [colour.get(int(label), 0) for label in labels]


def cell_graph(shapes: Geometries, regions: Sequence[int] | Ints | None = None) -> CellGraph:
    """The graph of cells that share a border.

    Parameters
    ----------
    shapes : (n,) polygons or multipolygons, EPSG:4547.
    regions : (n,) a number for each cell; cells of different regions are no neighbours, whatever they share.

    Returns
    -------
    CellGraph
        Connected within each region: parts that are cut off (an island, a cell across a reservoir) are
        joined by a link to the nearest cell of the rest, and the graph tells these links.
    """
    region = np.zeros(len(shapes), dtype=np.int64) if regions is None else np.asarray(regions)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = (first < second) & (region[first] == region[second])
    first, second = first[apart], second[apart]
    edges = shapely.boundary(shapes)
    metres = shapely.length(shapely.intersection(edges[first], edges[second]))
    border: tuple[dict[int, float], ...] = tuple({} for _ in shapes)
    for i, j, length in zip(first.tolist(), second.tolist(), metres.tolist(), strict=True):
        if length >= SHORTEST_BORDER_M:
            border[i][j] = border[j][i] = length
    bare = CellGraph(tuple(dict(sorted(known.items())) for known in border))
    links = _links(bare, shapes, region)
    for link in links:
        bare.border[link.first][link.second] = bare.border[link.second][link.first] = 0.0
    return CellGraph(bare.border, tuple(links))


def _links(graph: CellGraph, shapes: Geometries, region: Ints) -> list[Link]:
    """The shortest links that join the parts of each region, part by part."""
    links = []
    by_region: dict[int, list[list[int]]] = {}
    for part in graph.components():
        by_region.setdefault(int(region[part[0]]), []).append(part)
    for parts in by_region.values():
        parts.sort(key=len, reverse=True)
        joined, left = list(parts[0]), parts[1:]
        while left:
            nearest = [_nearest(shapes, joined, part) for part in left]
            chosen = min(range(len(left)), key=lambda number: nearest[number].metres)
            links.append(nearest[chosen])
            joined += left.pop(chosen)
    return links


def _nearest(shapes: Geometries, joined: list[int], part: list[int]) -> Link:
    metres = shapely.distance(shapes[joined][:, None], shapes[part][None, :])
    i, j = divmod(int(np.argmin(metres)), len(part))
    return Link(joined[i], part[j], float(metres[i, j]))
