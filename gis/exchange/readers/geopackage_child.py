"""Run in a process of its own by `gis.exchange.readers.geopackage`: reads one layer, answers JSON.

    python -m gis.exchange.readers.geopackage_child FILE list
    python -m gis.exchange.readers.geopackage_child FILE read LAYER

`read` answers a first line with columns and coordinate system, then one line a feature.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import numpy as np
import pyogrio


def _plain(value: Any, ogr_type: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, float) and ogr_type.startswith("OFTInteger"):
        return int(value)  # whole numbers beside missing ones come as floats
    if isinstance(value, bytes):
        return None
    return value


def main(arguments: list[str]) -> int:
    """List or read; everything goes to standard output as JSON."""
    path, action = arguments[:2]
    if action == "list":
        layers = [[str(name), kind] for name, kind in pyogrio.list_layers(path)]
        sys.stdout.write(json.dumps(layers) + "\n")
        return 0
    meta, _, geometries, columns = pyogrio.raw.read(path, layer=arguments[2], datetime_as_string=True)
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
