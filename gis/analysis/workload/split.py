"""Dividing one community into cells of about equal work, its neighbours left as they are. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.errors import InvalidInput
from gis.geometry.balance import balanced_sites
from gis.geometry.partition import Plane, Sites, nested_partition

Floats = NDArray[np.float64]


def split_outline(
    outline: Polygon | MultiPolygon,
    others: Sequence[Polygon | MultiPolygon] | NDArray[np.object_],
    lon_lat: Floats,
    loads: Floats,
    count: int,
) -> tuple[list[Polygon], list[MultiPolygon]]:
    """Divide an outline into cells of about equal load, exact along the borders with all others.

    Borders are those of a power diagram, so straight; a new corner on the outline becomes a vertex of the
    neighbour too.

    Parameters
    ----------
    outline : the community.
    others : all other cells of the division.
    lon_lat, loads : where its work is, (m, 2), and how much, (m,).
    count : how many cells.

    Returns
    -------
    tuple
        The new cells, and the others with the new corners, in their order.

    Raises
    ------
    InvalidInput
        The community is in several parts, or has fewer places of work than there shall be cells.
    """
    parts = shapely.get_parts(outline)
    if len(parts) != 1:
        raise InvalidInput(
            "The community is in several parts; it cannot be divided here.", pointer="community"
        )
    sites, plane = _sites(lon_lat, loads, count)
    pieces, owner = shapely.get_parts(np.asarray(others, dtype=object), return_index=True)
    inner = shapely.get_coordinates(shapely.point_on_surface(pieces))
    alone = [Sites.voronoi(place) for place in inner]
    divided = nested_partition([cast(Polygon, parts[0]), *pieces], [sites, *alone], plane=plane)
    rest: list[list[Polygon]] = [[] for _ in others]
    for other, cells in zip(owner.tolist(), divided[1:], strict=True):
        rest[other] += cells
    return divided[0], [MultiPolygon(cells) for cells in rest]


def heaviest_spot(lon_lat: Floats, loads: Floats) -> float:
    """The largest load at one spot, a building with all its units: no division puts less into every cell."""
    _, which = np.unique(lon_lat, axis=0, return_inverse=True)
    return float(np.bincount(which, loads).max(initial=0.0))


def _sites(lon_lat: Floats, loads: Floats, count: int) -> tuple[Sites, Plane]:
    """Generators of the cells: places at one spot count together, those without work not at all."""
    works = loads > 0
    spots, which = np.unique(lon_lat[works], axis=0, return_inverse=True)
    if len(spots) < count:
        raise InvalidInput("There are fewer places of work than there shall be cells.", pointer="cells")
    held = np.bincount(which, loads[works], len(spots)).astype(np.float64)
    plane = Plane(*spots.mean(axis=0))
    sites, weights = balanced_sites(plane.to_metres(spots), held, np.ones(count))
    return Sites(plane.to_degrees(sites), weights), plane
