"""Maps of check points and of patrols under way as pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webmap.maps.basemap import Tiles, add_tiles
from webmap.maps.builders import DISTRICT_BOUNDS
from webmap.maps.elements import GridMap, Tool, bounds_of

_LEAST_DEG = 0.004


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies below the check points.

    Attributes
    ----------
    communities, outlines : GeoJSON features, to tell where in the district one is, and of parcels.
    tiles, attribution : the basemap and the credit line.
    """

    communities: Sequence[Mapping[str, Any]] = ()
    outlines: Sequence[Mapping[str, Any]] = ()
    tiles: tuple[Tiles, ...] = ()
    attribution: str = ""


def points_map(tool: str, points: Sequence[Mapping[str, Any]], ground: Ground, **config: Any) -> GridMap:
    """Return a map of check points.

    Parameters
    ----------
    tool : the script's tool: choose, keep or walked.
    points : id, code, name, lon, lat (WGS84 degrees), radius_m and what the tool wants besides.
    config : what else the tool wants.
    """
    places = [{"geometry": {"coordinates": [point["lon"], point["lat"]]}} for point in points]
    bounds = bounds_of([*places, *ground.outlines]) or DISTRICT_BOUNDS
    west, south, east, north = bounds
    aside, up = max(0.0, _LEAST_DEG - (east - west)) / 2, max(0.0, _LEAST_DEG - (north - south)) / 2
    shown = (west - aside, south - up, east + aside, north + up)
    grid_map = GridMap(shown)
    add_tiles(grid_map, ground.tiles)
    base = {
        "bounds": shown,
        "attribution": ground.attribution,
        "communities": [feature["geometry"] for feature in ground.communities],
        "outlines": list(ground.outlines),
        "points": list(points),
    }
    Tool(tool, {**base, **config}).add_to(grid_map)
    return grid_map


def live_map(ground: Ground, *, url: str) -> GridMap:
    """Return the map of who is out now, which its script fills from `url` and goes on asking."""
    bounds = bounds_of(ground.communities) or DISTRICT_BOUNDS
    grid_map = GridMap(bounds)
    add_tiles(grid_map, ground.tiles)
    config = {
        "bounds": bounds,
        "attribution": ground.attribution,
        "communities": [feature["geometry"] for feature in ground.communities],
        "outlines": [],
        "url": url,
    }
    Tool("live", config).add_to(grid_map)
    return grid_map
