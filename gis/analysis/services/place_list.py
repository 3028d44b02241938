"""A list of places out of a file: candidates for new sites, each with a name."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import shapely

from gis.analysis.services.sites_model import NamedPlace
from gis.errors import InvalidInput
from gis.exchange import columns, values
from gis.exchange.model import LoadOptions, RawRow
from gis.exchange.places import place_of
from gis.exchange.source import read_table, resolve_crs, shown_name

MAX_PLACES = 3_000
_AS = "facility"  # whose headings are understood


def read_places(file_name: str, data: bytes) -> list[NamedPlace]:
    """The places of a CSV, GeoJSON or GeoPackage file, in its order; all or none.

    Raises
    ------
    InvalidInput
        The file is unusable, or a row of it is: the message names the row.
    TooLarge
        The file is too large.
    """
    options = LoadOptions()
    with tempfile.TemporaryDirectory(prefix="guangming-import-") as folder:
        path = Path(folder) / f"upload{Path(shown_name(Path(file_name))).suffix[:10]}"
        path.write_bytes(data)
        table = read_table(path, _AS, options)
    if len(table.rows) > MAX_PLACES:
        raise InvalidInput(f"at most {MAX_PLACES:,} places", pointer="file", code="too-many")
    matched = columns.match_columns(_AS, table.columns, [*columns.POSITION, "name_zh"])
    crs, _ = resolve_crs(table, matched, options)
    return [_place(row, matched, crs) for row in table.rows]


def _place(row: RawRow, matched: dict[str, str], crs: str) -> NamedPlace:
    try:
        if row.fault is not None:
            raise row.fault
        point = place_of(row, matched, "point", crs)
        if point is None:
            raise InvalidInput("no position: longitude and latitude are needed", code="no-position")
        header = matched.get("name_zh", "")
        name = values.text(row.values.get(header), header or "name", longest=200)
    except InvalidInput as fault:
        reason = f"row {row.number}: {fault.message}"
        raise InvalidInput(reason, pointer="file", code=fault.code) from fault
    lon, lat = np.round(shapely.get_coordinates(point)[0], 7).tolist()
    return NamedPlace(name or f"{lon:.5f}, {lat:.5f}", lon, lat)
