"""The coverage map as a pure function: outlines and measured shares in, Folium map out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webmap.maps.basemap import add_tiles
from webmap.maps.builders import DISTRICT_BOUNDS, MapOptions, Outlines
from webmap.maps.elements import GridMap, Tool, bounds_of


def coverage_map(
    outlines: Outlines, *, label: str, answers: Mapping[str, Any], gaps_url: str, options: MapOptions
) -> GridMap:
    """Return communities (cells on demand) coloured by their share; a click shows what is uncovered.

    Parameters
    ----------
    outlines
        Communities, EPSG:4326.
    answers
        By level (community, cell): unit, breaks and items (code, value 0..1) as the figures API gives them.
    gaps_url
        Address of the uncovered area, with period and radius; the place is added.
    """
    bounds = bounds_of(outlines["features"]) or DISTRICT_BOUNDS
    grid_map = GridMap(bounds)
    add_tiles(grid_map, options.tiles)
    Tool("frame", {"bounds": bounds, "attribution": options.attribution}).add_to(grid_map)
    areas = {
        "level": "community",
        "outlines": outlines,
        "figures": [{"id": "patrol_coverage", "label": label}],
        "figure": "patrol_coverage",
        "answers": answers,
        "selects": True,
        "cells_url": options.urls.get("cells", ""),
    }
    Tool("areas", areas).add_to(grid_map)
    Tool("coverage", {"gaps_url": gaps_url}).add_to(grid_map)
    Tool("measure", {}).add_to(grid_map)
    return grid_map
