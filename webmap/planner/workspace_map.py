"""The map of a planner's page as a pure function: outlines and data in, Folium map out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gis.analysis.result import Place
from webmap.maps.basemap import add_tiles
from webmap.maps.builders import DISTRICT_BOUNDS, MapOptions, Outlines
from webmap.maps.elements import GridMap, Tool, bounds_of


def workspace_map(
    outlines: Outlines,
    *,
    levels: Sequence[str],
    data: Mapping[str, Any],
    outline_urls: Mapping[Place, str],
    options: MapOptions,
) -> GridMap:
    """Return communities, other levels on demand; static/js/planner/workspace.js colours them.

    Parameters
    ----------
    outlines
        Communities, EPSG:4326.
    levels
        The kinds of places there are values of; the map opens with the first.
    data
        What static/js/planner/workspace.js is told.
    outline_urls
        Addresses of the outlines of other places than communities and cells.
    options
        What all maps share.
    """
    bounds = bounds_of(outlines["features"]) or DISTRICT_BOUNDS
    grid_map = GridMap(bounds)
    add_tiles(grid_map, options.tiles)
    Tool("frame", {"bounds": bounds, "attribution": options.attribution}).add_to(grid_map)
    # Before the areas, which ask it for their values.
    Tool("workspace", data).add_to(grid_map)
    urls = {Place.CELL: options.urls.get("cells", ""), **outline_urls}
    areas: dict[str, Any] = {
        "level": Place.COMMUNITY.value,
        "open": next(iter(levels), Place.COMMUNITY.value),
        "outlines": outlines,
        "figures": [{"id": figure["name"], "label": figure["title"]} for figure in data["figures"]],
        "figure": data["figure"] or None,
        "selects": True,
        "level_urls": {place.value: url for place, url in urls.items() if place.value in levels},
    }
    Tool("areas", areas).add_to(grid_map)
    Tool("measure", {}).add_to(grid_map)
    return grid_map
