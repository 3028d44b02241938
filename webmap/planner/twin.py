"""A small map beside the large one as a pure function: outlines in their colours, inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import cos, radians
from typing import Any

from markupsafe import Markup, escape

from webmap.maps.builders import DISTRICT_BOUNDS, Outlines
from webmap.maps.elements import bounds_of
from webmap.planner.palette import NO_DATA

_WIDTH = 400.0


def twin(outlines: Outlines, colours: Mapping[str, str], *, label: str) -> Markup:
    """Draw places in their colours; a click selects one as on the large map (`data-select`).

    Parameters
    ----------
    outlines
        Polygons and multipolygons, EPSG:4326, with the property `code`.
    colours
        By code; what has none gets the colour of no data.
    """
    west, south, east, north = bounds_of(outlines["features"]) or DISTRICT_BOUNDS
    across = cos(radians((south + north) / 2))
    scale = _WIDTH / max((east - west) * across, 1e-9)
    height = (north - south) * scale
    paths = [
        Markup('<path d="{}" fill="{}" data-select="{}"/>').format(
            " ".join(_rings(feature["geometry"], (west, north, across, scale))),
            colours.get(feature["properties"]["code"], NO_DATA),
            feature["properties"]["code"],
        )
        for feature in outlines["features"]
    ]
    head = Markup('<svg class="twin" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">')
    return head.format(_WIDTH, height, escape(label)) + Markup("").join(paths) + Markup("</svg>")


def _rings(geometry: Mapping[str, Any], frame: tuple[float, float, float, float]) -> Iterator[str]:
    """Each ring as a closed path."""
    west, north, across, scale = frame
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for ring in polygon:
            yield _path([((x - west) * across * scale, (north - y) * scale) for x, y in ring])


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points[:-1]) + "Z"
