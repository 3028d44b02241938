"""The maps of the product as pure functions: outlines and choices in, Folium map out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webmap.maps.basemap import Tiles, add_tiles
from webmap.maps.elements import Bounds, GridMap, Tool, bounds_of

DISTRICT_BOUNDS: Bounds = (113.85, 22.66, 114.03, 22.86)
"""Where a map without any outline opens: the district, roughly."""

Outlines = Mapping[str, Any]
"""GeoJSON FeatureCollection of communities or cells: properties code, name, community_code, mine."""


@dataclass(frozen=True, slots=True)
class MapOptions:
    """What all maps share: basemap, data layers, the credit line, what the person may do."""

    tiles: tuple[Tiles, ...] = ()
    layers: Sequence[Mapping[str, Any]] = ()
    shown_layers: tuple[str, ...] = ()
    attribution: str = ""
    can_report: bool = False
    only_mine: bool = False
    urls: Mapping[str, str] = field(default_factory=dict)


def district_map(
    outlines: Outlines, *, figures: Sequence[Mapping[str, str]], figure: str, options: MapOptions
) -> GridMap:
    """Return the district: its communities coloured by a figure, cells on demand.

    Parameters
    ----------
    outlines
        Communities, EPSG:4326.
    figures
        The figures to choose from: id, label.
    figure
        The id of the one shown first.
    options
        What all maps share.
    """
    grid_map = _map(outlines, options)
    areas = {
        "level": "community",
        "outlines": outlines,
        "figures": list(figures),
        "figure": figure,
        "only_mine": options.only_mine,
        "child_url": options.urls.get("community", ""),
        "cells_url": options.urls.get("cells", ""),
        "cell_url": options.urls.get("cell", ""),
    }
    Tool("areas", areas).add_to(grid_map)
    return _with_tools(grid_map, options)


def community_map(
    outlines: Outlines,
    *,
    community_code: str,
    figures: Sequence[Mapping[str, str]],
    figure: str,
    options: MapOptions,
) -> GridMap:
    """Return one community: its cells coloured by a figure. `outlines` holds its cells."""
    grid_map = _map(outlines, options)
    areas = {
        "level": "cell",
        "community": community_code,
        "outlines": outlines,
        "figures": list(figures),
        "figure": figure,
        "only_mine": options.only_mine,
        "child_url": options.urls.get("cell", ""),
    }
    Tool("areas", areas).add_to(grid_map)
    return _with_tools(grid_map, options, community=community_code)


def cell_map(
    outlines: Outlines,
    *,
    cell_code: str,
    community_code: str,
    figures: Sequence[Mapping[str, str]],
    options: MapOptions,
) -> GridMap:
    """Return one cell among its neighbours. `outlines` holds the cells of its community."""
    own = [f for f in outlines["features"] if f["properties"]["code"] == cell_code]
    grid_map = _map({"features": own or outlines["features"]}, options)
    areas = {
        "level": "cell",
        "community": community_code,
        "cell": cell_code,
        "outlines": outlines,
        "figures": list(figures),
        "figure": None,
        "only_mine": options.only_mine,
        "child_url": options.urls.get("cell", ""),
    }
    Tool("areas", areas).add_to(grid_map)
    _with_tools(grid_map, options, cell=cell_code)
    if options.can_report:
        Tool("report", {"categories_url": "/api/v1/incident-categories", "cell": cell_code}).add_to(grid_map)
    return grid_map


def query_map(outlines: Outlines, *, options: MapOptions) -> GridMap:
    """Return the map one draws a question on. `outlines` holds the communities."""
    grid_map = _map(outlines, options)
    areas: dict[str, Any] = {"level": "community", "outlines": outlines, "figures": [], "figure": None}
    Tool("areas", areas).add_to(grid_map)
    Tool("search", {}).add_to(grid_map)
    Tool("query", {"layers": list(options.layers)}).add_to(grid_map)
    return grid_map


def field_map(outlines: Outlines, *, attribution: str) -> GridMap:
    """Return the map of the phone page, which its script fills from what the phone keeps.

    It has no picture below it: where there is no network there is none. `outlines` holds the communities.
    """
    own = [feature for feature in outlines["features"] if feature["properties"]["mine"]]
    bounds = bounds_of(own or outlines["features"]) or DISTRICT_BOUNDS
    grid_map = GridMap(bounds)
    shapes = {
        "type": "GeometryCollection",
        "geometries": [feature["geometry"] for feature in outlines["features"]],
    }
    Tool("field", {"bounds": bounds, "outlines": shapes, "attribution": attribution}).add_to(grid_map)
    return grid_map


def _map(outlines: Outlines, options: MapOptions) -> GridMap:
    bounds = bounds_of(outlines["features"]) or DISTRICT_BOUNDS
    grid_map = GridMap(bounds)
    add_tiles(grid_map, options.tiles)
    Tool("frame", {"bounds": bounds, "attribution": options.attribution}).add_to(grid_map)
    return grid_map


def _with_tools(
    grid_map: GridMap, options: MapOptions, *, community: str | None = None, cell: str | None = None
) -> GridMap:
    layers = {
        "layers": list(options.layers),
        "shown": list(options.shown_layers),
        "community": community,
        "cell": cell,
    }
    Tool("layers", layers).add_to(grid_map)
    for name in ("search", "locate", "measure"):
        Tool(name, {}).add_to(grid_map)
    return grid_map
