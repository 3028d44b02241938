"""A result as a GeoPackage: a layer for each table with the outlines of its rows, and what it was asked."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import shapely

from gis.analysis.result import Table, Unit
from gis.analysis.runs.model import Run
from gis.analysis.runs.service import Outcome, PlaceName

_KINDS = {
    Unit.COUNT: "Int64",
    Unit.YES_NO: "boolean",
    **dict.fromkeys((Unit.TEXT, Unit.CODE, Unit.DATE), "object"),
}
Shapes = Sequence[bytes | None]


def geopackage(outcome: Outcome, shapes: Sequence[Shapes]) -> bytes:
    """Write all tables of a result; columns are named as the figures are, shares are from 0 to 1.

    Parameters
    ----------
    shapes : WKB (EPSG:4326) of each row of each table; a table without any becomes one without geometry.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.gpkg"
        for table, names, own in zip(outcome.result.tables, outcome.names, shapes, strict=True):
            _write(path, table.name, frame_of(table, names, own))
        pyogrio.write_dataframe(_about(outcome.run), path, layer="about", append=path.exists())
        return path.read_bytes()


def frame_of(table: Table, names: Sequence[PlaceName] = (), shapes: Shapes = ()) -> pd.DataFrame:
    """A table as a data frame: its figures, after the first one the name and community of each row's place.

    With shapes it is a GeoDataFrame in EPSG:4326.
    """
    columns: dict[str, Any] = {}
    for position, figure in enumerate(table.figures):
        kind: Any = _KINDS.get(figure.unit, "float64")
        columns[figure.name] = pd.Series([row[position] for row in table.rows], dtype=object).astype(kind)
        if position == 0 and names:
            columns["name"] = [one.zh for one in names]
            columns["community"] = [one.community for one in names]
    frame = pd.DataFrame(columns)
    if not any(shapes):
        return frame
    return geopandas.GeoDataFrame(frame, geometry=shapely.from_wkb(list(shapes)), crs=4326)


def _write(path: Path, layer: str, frame: pd.DataFrame) -> None:
    options: dict[str, Any] = {"layer": layer, "append": path.exists()}
    if isinstance(frame, geopandas.GeoDataFrame):
        kinds = {one.geom_type.removeprefix("Multi") for one in frame.geometry if one is not None}
        options |= {"promote_to_multi": True} if len(kinds) == 1 else {"geometry_type": "Unknown"}
    pyogrio.write_dataframe(frame, path, **options)


def _about(run: Run) -> pd.DataFrame:
    told = {
        "analysis": run.analysis,
        "parameters": json.dumps(dict(run.parameters), ensure_ascii=False, sort_keys=True),
        "data_version": run.data_version or "",
        "ended_at": run.ended_at.isoformat() if run.ended_at else "",
        "sha256": run.sha256 or "",
    }
    return pd.DataFrame({"name": list(told), "value": list(told.values())})
