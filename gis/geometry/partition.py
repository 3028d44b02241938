"""Divide polygons into polygons that share their borders exactly.

All lines, of every part and every level, are noded together on one grid before any polygon is built,
so a corner where three cells meet a community border is a vertex of all its neighbours, and a position
stored and read back with seven decimals is the same position.

Coordinates are EPSG:4326 lon/lat. Edges are straight in lon/lat. Distances and weights are metres and
m² in a local plane that is an affine image of lon/lat (so straight stays straight).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gis.geometry.datum import Floats

GRID_DEG = 1e-7  # about 1 cm
_UNITS_PER_DEG = 10_000_000
# How far a vertex may slide along the outline to a grid point that lies on it exactly.
_LONGEST_SLIDE_DEG = 2e-5


@dataclass(frozen=True)
class Plane:
    """Metres east and north of an origin; affine in lon/lat, good to 1 part in 1,000 over a district."""

    origin_lon: float
    origin_lat: float

    @property
    def scale(self) -> Floats:
        """Metres per degree of longitude and latitude (WGS84 series), shape (2,)."""
        phi = np.radians(self.origin_lat)
        east = 111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi)
        north = 111_132.92 - 559.82 * np.cos(2 * phi)
        return np.array([east, north])

    def to_metres(self, lon_lat: Floats) -> Floats:
        """Degrees, shape (n, 2), to metres, shape (n, 2)."""
        return (np.asarray(lon_lat, float) - (self.origin_lon, self.origin_lat)) * self.scale

    def to_degrees(self, metres: Floats) -> Floats:
        """Metres, shape (n, 2), to degrees, shape (n, 2)."""
        return np.asarray(metres, float) / self.scale + (self.origin_lon, self.origin_lat)


@dataclass(frozen=True)
class Sites:
    """Generators of a power diagram: a place belongs to the site with the least |p - site|² - weight.

    `lon_lat` degrees, shape (k, 2); `weights_m2` shape (k,), all zero for a Voronoi diagram.
    """

    lon_lat: Floats
    weights_m2: Floats

    @classmethod
    def voronoi(cls, lon_lat: Floats) -> Sites:
        """Sites of equal weight."""
        places = np.asarray(lon_lat, float).reshape(-1, 2)
        return cls(places, np.zeros(len(places)))


def voronoi_partition(outline: Polygon, seeds: Floats) -> list[Polygon]:
    """Divide a polygon among seeds, each place to the nearest.

    Parameters
    ----------
    outline : simple polygon.
    seeds : lon/lat, shape (k, 2), different from one another and each nearest to some of the outline.

    Returns
    -------
    list of Polygon
        One simple polygon per seed, in order: an exact coverage. A piece that the outline cuts off
        from the rest of its cell goes to the neighbour with the longest common border.

    Raises
    ------
    ValueError
        A seed has no place of its own.
    """
    return nested_partition([outline], [Sites.voronoi(seeds)])[0]


def nested_partition(
    outlines: Sequence[Polygon], sites: Sequence[Sites], *, plane: Plane | None = None
) -> list[list[Polygon]]:
    """Divide each polygon of a coverage by a power diagram, all borders exact across the polygons.

    Parameters
    ----------
    outlines : simple polygons that form a coverage (or just one).
    sites : the generators for each.
    plane : the plane their weights belong to; the middle of the outlines unless given.

    Returns
    -------
    list of list of Polygon
        For each outline its cells, in the order of its sites. All cells together are one exact
        coverage on the grid of `GRID_DEG`; the union of an outline's cells is that outline with the
        new corners as vertices.
    """
    whole = cast(Polygon, shapely.coverage_union_all(outlines))
    left, bottom, right, top = whole.bounds
    plane = plane or Plane((left + right) / 2, (bottom + top) / 2)
    lines: list[BaseGeometry] = [shapely.boundary(outline) for outline in outlines]
    for outline, generators in zip(outlines, sites, strict=True):
        lines.extend(_inner_borders(outline, generators, plane))
    noded = shapely.union_all(lines, grid_size=GRID_DEG)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    cells = _gathered(faces, outlines, sites, plane)
    return _slid_onto(whole, cells)


def _inner_borders(outline: Polygon, sites: Sites, plane: Plane) -> list[BaseGeometry]:
    if len(sites.lon_lat) == 1:
        return []
    corners = plane.to_metres(np.array(outline.bounds).reshape(2, 2))
    edges = power_diagram_edges(plane.to_metres(sites.lon_lat), sites.weights_m2, corners)
    degrees = plane.to_degrees(edges.reshape(-1, 2)).reshape(-1, 2, 2)
    shapely.prepare(outline)
    parts = shapely.get_parts(shapely.intersection(shapely.linestrings(list(degrees)), outline))
    return list(parts[(shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)])


def power_nearest(points: Floats, sites: Floats, weights: Floats) -> NDArray[np.int64]:
    """Index of the site whose power cell each point lies in, shape (m,); points (m, 2), sites (k, 2)."""
    middle = sites.mean(axis=0)
    points, sites = points - middle, sites - middle
    cost = points @ (-2.0 * sites.T) + ((sites**2).sum(axis=1) - weights)
    return np.asarray(np.argmin(cost, axis=1), dtype=np.int64)


def power_diagram_edges(sites: Floats, weights: Floats, corners: Floats) -> Floats:
    """The edges between the cells of a power diagram inside a rectangle, each once.

    Parameters
    ----------
    sites : shape (k, 2), any length unit.
    weights : shape (k,), that unit squared.
    corners : lower left and upper right of the rectangle, shape (2, 2); grown by a margin here.

    Returns
    -------
    ndarray, shape (m, 2, 2)
        Begin and end of each edge.

    Raises
    ------
    ValueError
        Two sites are at the same place.

    Notes
    -----
    Each cell is the rectangle cut by the radical axis of each pair, nearest first, until the next
    axis is beyond the farthest corner left (Aurenhammer 1987 for the diagram).
    """
    if len(np.unique(sites, axis=0)) != len(sites):
        raise ValueError("two sites are at the same place")
    margin = float(np.max(corners[1] - corners[0])) * 0.1
    (left, bottom), (right, top) = corners[0] - margin, corners[1] + margin
    rectangle = [(left, bottom), (right, bottom), (right, top), (left, top)]
    edges: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for mine in range(len(sites)):
        for begin, end, other in _power_cell(mine, sites, weights, rectangle):
            if other > mine:
                edges.append((begin, end))
    return np.array(edges, dtype=float).reshape(-1, 2, 2)


_Corner = tuple[float, float]
_Side = tuple[_Corner, _Corner, int]


def _power_cell(mine: int, sites: Floats, weights: Floats, rectangle: list[_Corner]) -> list[_Side]:
    """Sides (begin, end, neighbour or -1) of one cell, counter-clockwise; empty if the cell is."""
    towards = sites - sites[mine]
    distance = np.hypot(towards[:, 0], towards[:, 1])
    distance[mine] = 1.0  # against itself; never looked at
    axis = (distance**2 + weights[mine] - weights) / (2.0 * distance)
    axis[mine] = np.inf
    x, y = float(sites[mine, 0]), float(sites[mine, 1])
    sides: list[_Side] = [(rectangle[i], rectangle[(i + 1) % 4], -1) for i in range(4)]
    for other in np.argsort(axis, kind="stable"):
        reach = max(np.hypot(corner[0] - x, corner[1] - y) for corner, _, _ in sides)
        if axis[other] >= reach:
            break
        normal = towards[other] / distance[other]
        limit = float(normal[0] * x + normal[1] * y + axis[other])
        sides = _cut(sides, (float(normal[0]), float(normal[1]), limit), int(other))
        if not sides:
            break
    return sides


def _cut(sides: list[_Side], half_plane: tuple[float, float, float], label: int) -> list[_Side]:
    """Keep what lies on the near side of a line: a*x + b*y <= limit (Sutherland-Hodgman)."""
    a, b, limit = half_plane
    kept: list[_Side] = []
    leaves: _Corner | None = None
    enters: _Corner | None = None
    for begin, end, other in sides:
        beyond_begin = a * begin[0] + b * begin[1] - limit
        beyond_end = a * end[0] + b * end[1] - limit
        if beyond_begin <= 0.0 and beyond_end <= 0.0:
            kept.append((begin, end, other))
            continue
        if beyond_begin > 0.0 and beyond_end > 0.0:
            continue
        share = beyond_begin / (beyond_begin - beyond_end)
        cross = (begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1]))
        if beyond_begin <= 0.0:
            leaves = cross
            kept.append((begin, cross, other))
        else:
            enters = cross
            kept.append((cross, end, other))
        if leaves is not None and enters is not None:
            position = len(kept) if beyond_begin <= 0.0 else len(kept) - 1
            kept.insert(position, (leaves, enters, label))
            leaves = enters = None
    return kept


def _gathered(
    faces: NDArray[np.object_], outlines: Sequence[Polygon], sites: Sequence[Sites], plane: Plane
) -> list[list[Polygon]]:
    """Give each face to the outline it lies in and there to the site it is nearest to."""
    places = shapely.point_on_surface(faces)
    face_index, owner = shapely.STRtree(outlines).query(places, predicate="within")
    metres = plane.to_metres(shapely.get_coordinates(places))
    cells = []
    for index, generators in enumerate(sites):
        inside = face_index[owner == index]
        nearest = power_nearest(metres[inside], plane.to_metres(generators.lon_lat), generators.weights_m2)
        cells.append(_one_part_each(faces[inside], nearest, len(generators.lon_lat)))
    return cells


def _one_part_each(faces: NDArray[np.object_], labels: NDArray[np.int64], count: int) -> list[Polygon]:
    """Join the faces of each label; parts other than the largest go to their best neighbour."""
    cells: list[Polygon] = []
    strays: list[Polygon] = []
    for label in range(count):
        mine = faces[labels == label]
        if not len(mine):
            raise ValueError(f"site {label} has no place of its own")
        parts = shapely.get_parts(shapely.coverage_union_all(mine)) if len(mine) > 1 else mine
        largest = int(np.argmax(shapely.area(parts)))
        cells.append(parts[largest])
        strays.extend(np.delete(parts, largest))
    while strays:
        # Longest contact first, so that a stray behind a stray finds a home once the first has one.
        contact = [shapely.length(shapely.intersection(np.array(cells), stray)) for stray in strays]
        chosen = int(np.argmax([lengths.max() for lengths in contact]))
        home = int(np.argmax(contact[chosen]))
        if contact[chosen][home] == 0.0:
            raise ValueError("a part touches no other cell: the outline is not one simple polygon")
        cells[home] = cast(Polygon, shapely.coverage_union_all([cells[home], strays.pop(chosen)]))
    return [shapely.normalize(cell) for cell in cells]


def _slid_onto(whole: Polygon, cells: list[list[Polygon]]) -> list[list[Polygon]]:
    """Move new vertices on the outer border along it to grid points that lie on it exactly.

    Rounding alone leaves them up to 7 mm beside the border, which over 70 km adds up to tens of m².
    An edge with ends on the grid has gcd(dx, dy) - 1 grid points exactly on it; the nearest is taken
    unless it is farther than two metres.
    """
    flat = [cell for group in cells for cell in group]
    outer = _units(shapely.get_coordinates(shapely.boundary(shapely.coverage_union_all(flat))))
    ring = _units(shapely.get_coordinates(shapely.boundary(whole)))
    known = {(int(x), int(y)) for x, y in ring}
    moves: dict[tuple[int, int], tuple[int, int]] = {}
    for x, y in outer:
        if (int(x), int(y)) not in known:
            target = _point_on_edges(int(x), int(y), ring)
            if target is not None:
                moves[int(x), int(y)] = target

    def move(coordinates: Floats) -> Floats:
        units = _units(coordinates)
        moved = [moves.get((int(x), int(y)), (int(x), int(y))) for x, y in units]
        return np.array(moved, dtype=float) / _UNITS_PER_DEG

    return [[shapely.transform(cell, move) for cell in group] for group in cells]


def _point_on_edges(x: int, y: int, ring: NDArray[np.int64]) -> tuple[int, int] | None:
    begin, step = ring[:-1], np.diff(ring, axis=0)
    length2 = np.maximum((step**2).sum(axis=1), 1).astype(float)
    share = np.clip(((np.array([x, y]) - begin) * step).sum(axis=1) / length2, 0.0, 1.0)
    off = np.hypot(*(begin + share[:, None] * step - (x, y)).T)
    edge = int(np.argmin(off))
    pieces = int(np.gcd(step[edge, 0], step[edge, 1]))
    if off[edge] > 2.0 or pieces < 2:
        return None
    whole_steps = int(np.clip(round(share[edge] * pieces), 1, pieces - 1))
    target = begin[edge] + step[edge] // pieces * whole_steps
    if np.hypot(*(target - (x, y))) > _LONGEST_SLIDE_DEG * _UNITS_PER_DEG:
        return None
    return int(target[0]), int(target[1])


def _units(coordinates: Floats) -> NDArray[np.int64]:
    return np.rint(np.asarray(coordinates) * _UNITS_PER_DEG).astype(np.int64)
