"""A small map beside a table as a pure function: outlines below, an extent or a few records above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webmap.maps.basemap import Tiles, add_tiles
from webmap.maps.builders import DISTRICT_BOUNDS, Outlines
from webmap.maps.elements import Bounds, GridMap, Tool, bounds_of

_LEAST_DEG = 0.004


@dataclass(frozen=True, slots=True)
class Marked:
    """What is drawn over the outlines.

    Attributes
    ----------
    extent : a rectangle (west, south, east, north in degrees).
    features : GeoJSON features whose properties are `title`, where a click leads on `href`, and where it is
        not the `colour` below, `colour`.
    """

    extent: Bounds | None = None
    features: Sequence[Mapping[str, Any]] = ()
    colour: str = "#0b5f6d"


def small_map(
    outlines: Outlines, marked: Marked, *, tiles: tuple[Tiles, ...] = (), attribution: str = ""
) -> GridMap:
    """Return the map, opened at what is marked, else at the outlines.

    Parameters
    ----------
    outlines
        Communities, EPSG:4326: where in the district one is.
    """
    bounds = marked.extent or bounds_of(marked.features) or bounds_of(outlines["features"])
    shown = _widened(bounds or DISTRICT_BOUNDS)
    grid_map = GridMap(shown)
    add_tiles(grid_map, tiles)
    config = {
        "bounds": shown,
        "attribution": attribution,
        "outlines": [feature["geometry"] for feature in outlines["features"]],
        "extent": marked.extent,
        "features": list(marked.features),
        "colour": marked.colour,
    }
    Tool("ground", config).add_to(grid_map)
    return grid_map


def _widened(bounds: Bounds) -> Bounds:
    """At least some 400 metres each way, so that one point is seen among its surroundings."""
    west, south, east, north = bounds
    aside = max(0.0, _LEAST_DEG - (east - west)) / 2
    up = max(0.0, _LEAST_DEG - (north - south)) / 2
    return west - aside, south - up, east + aside, north + up
