"""From a path to rows: the right reader, and which coordinate system the numbers are in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gis.errors import InvalidInput
from gis.exchange import columns
from gis.exchange.layers import DIVISION_LEVELS, LAYERS
from gis.exchange.model import LoadOptions, Table
from gis.exchange.readers.csv_table import read_csv
from gis.exchange.readers.geojson import read_geojson
from gis.exchange.readers.geopackage import read_geopackage
from gis.exchange.readers.gpx import read_gpx
from gis.exchange.readers.kml import read_kml
from gis.exchange.readers.sniff import find_format, read_bytes
from gis.geometry.crs import find_crs

# Names a layer may have in a GeoPackage.
SHEETS = {
    "district": ("district", "districts", "新区"),
    "subdistrict": ("subdistricts", "subdistrict", "办事处", "街道"),
    "community": ("communities", "community", "社区"),
    "cell": ("cells", "cell", "grids", "grid", "网格"),
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def read_table(path: Path, layer: str, options: LoadOptions) -> Table:
    """Read the rows of a file that are meant for a layer.

    Raises
    ------
    InvalidInput, TooLarge
        The file as a whole is unusable.
    """
    data = read_bytes(path)
    kind = find_format(path.name, data)
    if options.crs is not None:
        find_crs(options.crs)
    if kind == "geojson":
        return read_geojson(data, encoding=options.encoding)
    if kind == "geopackage":
        return read_geopackage(path, sheet=options.sheet, prefer=SHEETS.get(layer, _plural(layer)))
    if kind == "gpx":
        return read_gpx(data, _elements(layer))
    if kind == "kml":
        if layer != "patrol_track":
            raise InvalidInput("KML holds patrol_track only", pointer="layer", code="content-mismatch")
        return read_kml(data)
    fields = _fields(layer)

    def count_known(cells: list[str]) -> int:
        return len(columns.match_columns(layer, cells, fields))

    return read_csv(data, count_known=count_known, encoding=options.encoding)


def resolve_crs(table: Table, matched: Mapping[str, str], options: LoadOptions) -> tuple[str, list[str]]:
    """The name of the coordinate system of a table, and what to warn about.

    What the caller says counts most, then what the file says; a table that says nothing is taken as WGS84,
    with a warning.
    """
    stated = table.crs or columns.header_crs(matched)
    if options.crs is not None:
        chosen = find_crs(options.crs).name
        if stated not in (None, chosen):
            return chosen, [f"the file says {stated}, read as {chosen} as asked"]
        return chosen, []
    if stated is not None:
        return find_crs(stated).name, []
    if table.format == "geopackage":
        raise InvalidInput("the layer names no coordinate system: name it", pointer="crs", code="unknown-crs")
    if not {"lon", "lat", "wkt"} & set(matched):
        return "wgs84", []
    return "wgs84", [
        "no coordinate system stated: taken as wgs84; positions from phone maps are gcj02 or bd09, 500 m off"
    ]


def shown_name(path: Path) -> str:
    """A file's own name, fit for a table and a log line."""
    return _UNPRINTABLE.sub("", path.name.encode("utf-8", "replace").decode())[:200] or "file"


def _elements(layer: str) -> frozenset[str]:
    if layer == "patrol_track":
        return frozenset({"trk", "rte"})
    if layer == "patrol_point":
        return frozenset({"wpt"})
    raise InvalidInput(
        "GPX holds patrol_track (tracks, routes) or patrol_point (waypoints) only",
        pointer="layer",
        code="content-mismatch",
    )


def _fields(layer: str) -> list[str]:
    known = LAYERS[layer].fields if layer in LAYERS else DIVISION_LEVELS.get(layer, ())
    return [*columns.POSITION, *(field.name for field in known)]


def _plural(layer: str) -> tuple[str, ...]:
    return (layer, f"{layer.removesuffix('y')}ies" if layer.endswith("y") else f"{layer}s")
