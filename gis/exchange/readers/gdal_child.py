"""Run in a process of its own by `gis.exchange.readers.apart`: reads one layer, answers JSON.

    python -m gis.exchange.readers.gdal_child FILE MOST list
    python -m gis.exchange.readers.gdal_child FILE MOST read LAYER [CONDITION]
    python -m gis.exchange.readers.gdal_child FILE MOST find NAME...

`list` answers the names of the layers. `read` answers a first line with columns and coordinate system,
then one line a feature, of those for which the SQL CONDITION holds; without such a layer, the names as
`list`. `find` reads the layer of the first NAME there is, in any case of letters, or else the only one.
A layer of more than MOST features is refused, and no text is longer than `_LONGEST`: a view of a few bytes
can hold any number, of any length.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

# What pyogrio would import and a plain read has no use for: three quarters of the time of a small file.
for _unused in ("geopandas", "pandas", "shapely", "pyproj", "pyarrow"):
    sys.modules[_unused] = None  # type: ignore[assignment]

import numpy as np  # noqa: E402
import pyogrio  # noqa: E402

_LONGEST = 100_000  # letters; every field takes less, and says so


def _plain(value: Any, ogr_type: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, float) and ogr_type.startswith("OFTInteger"):
        # whole numbers beside missing ones come as floats; beyond 2**53 their last digits are gone
        return int(value) if abs(value) < 2**53 else value
    if isinstance(value, bytes):
        return None
    if isinstance(value, str):
        return value[:_LONGEST]
    return value


def _choose(layers: list[str], action: str, wanted: list[str]) -> str | None:
    if action == "read":
        return wanted[0] if wanted[0] in layers else None
    if action == "list":
        return None
    by_name = {name.lower(): name for name in layers}
    found = next((by_name[name] for name in wanted if name in by_name), None)
    return found or (layers[0] if len(layers) == 1 else None)


def main(arguments: list[str]) -> int:
    """List or read; everything goes to standard output as JSON."""
    path, most, action, *wanted = arguments
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    chosen = _choose(layers, action, wanted)
    if chosen is None:
        sys.stdout.write(json.dumps({"layers": layers}) + "\n")
        return 0
    condition = wanted[1] if action == "read" and len(wanted) > 1 else None
    meta, _, geometries, columns = pyogrio.raw.read(
        path, layer=chosen, where=condition, datetime_as_string=True, max_features=int(most) + 1
    )
    if len(geometries if geometries is not None else columns[0]) > int(most):
        sys.stderr.write(f"more than {int(most):,} features: split the file\n")
        return 1
    names, types = [str(name) for name in meta["fields"]], list(meta["ogr_types"])
    sys.stdout.write(json.dumps({"columns": names, "crs": meta["crs"]}) + "\n")
    for index in range(len(geometries) if geometries is not None else len(columns[0])):
        values = {
            name: _plain(column[index], kind)
            for name, kind, column in zip(names, types, columns, strict=True)
        }
        wkb = geometries[index] if geometries is not None else None
        sys.stdout.write(json.dumps({"values": values, "wkb": wkb.hex() if wkb else None}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
