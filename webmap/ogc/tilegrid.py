"""The grid WebMercatorQuad of OGC 17-083r4, annex D.1, and which part of it a rectangle needs."""

from __future__ import annotations

import math
from typing import Any

from gis.publish.model import MAX_ZOOM, BBox

NAME = "WebMercatorQuad"
URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
LAST_ZOOM = 18
"""Deepest zoom clients are told of: a unit of its tiles is 4 cm, closer in they enlarge them."""

_SCALE_SET = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"
_ORIGIN_M = 20037508.342789244
_TILE_PIXELS = 256
_PIXEL_M = 0.00028
_MERCATOR_LATITUDE = 85.0511287798066


def definition() -> dict[str, Any]:
    """The grid as a document: scale, cell size and extent in tiles of every zoom."""
    return {
        "id": NAME,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": WEB_MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": _SCALE_SET,
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
    }


def limits(box: BBox, *, last_zoom: int = LAST_ZOOM) -> list[dict[str, Any]]:
    """The rows and columns of tiles that a rectangle in degrees touches, zoom by zoom."""
    return [_limit(box, zoom) for zoom in range(last_zoom + 1)]


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile a position in degrees lies in."""
    side = 2**zoom
    clipped = max(-_MERCATOR_LATITUDE, min(_MERCATOR_LATITUDE, lat))
    column = (lon + 180.0) / 360.0 * side
    row = (1 - math.asinh(math.tan(math.radians(clipped))) / math.pi) / 2 * side
    return min(side - 1, max(0, int(column))), min(side - 1, max(0, int(row)))


def _matrix(zoom: int) -> dict[str, Any]:
    side = 2**zoom
    cell_m = 2 * _ORIGIN_M / _TILE_PIXELS / side
    return {
        "id": str(zoom),
        "scaleDenominator": cell_m / _PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_ORIGIN_M, _ORIGIN_M],
        "tileWidth": _TILE_PIXELS,
        "tileHeight": _TILE_PIXELS,
        "matrixWidth": side,
        "matrixHeight": side,
    }


def _limit(box: BBox, zoom: int) -> dict[str, Any]:
    west, north = tile_at(box.west, box.north, zoom)
    east, south = tile_at(box.east, box.south, zoom)
    return {
        "tileMatrix": str(zoom),
        "minTileRow": north,
        "maxTileRow": south,
        "minTileCol": west,
        "maxTileCol": east,
    }
