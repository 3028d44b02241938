"""GeoPackage, read by GDAL in a child process (`apart`)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import GEOSException

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS, RawRow, Table
from gis.exchange.readers.apart import ask
from gis.exchange.readers.sniff import find_format, read_bytes
from gis.geometry.crs import find_crs


def read_geopackage(path: Path, *, sheet: str | None, prefer: tuple[str, ...]) -> Table:
    """Read one layer as rows numbered from 1; geometries are shapely's, in the file's own system.

    Parameters
    ----------
    sheet : layer name; None for the only one, or the one named like one of `prefer`.

    Raises
    ------
    InvalidInput
        ``unreadable``, ``no-such-sheet`` or ``choose-sheet``.
    """
    with _copied(path) as copy:
        head, *features = ask(copy, "find", *prefer) if sheet is None else ask(copy, "read", sheet)
    if "layers" in head:
        raise _no_layer(head["layers"], sheet)
    if not features:
        raise InvalidInput("the layer holds no feature", code="empty")
    if len(features) > MAX_ROWS:
        raise InvalidInput(
            f"{len(features):,} features; {MAX_ROWS:,} at most: split the file", code="too-many"
        )
    rows = [row_of(number, feature) for number, feature in enumerate(features, start=1)]
    crs = find_crs(head["crs"]).name if head["crs"] else None
    return Table("geopackage", rows, tuple(head["columns"]), "utf-8", crs)


def list_sheets(path: Path) -> list[str]:
    """Names of the layers of a GeoPackage; faults as in `read_geopackage`, and ``content-mismatch``."""
    find_format(path.name, read_bytes(path))
    with _copied(path) as copy:
        (answer,) = ask(copy, "list")
    return list(answer["layers"])


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="guangming-import-") as folder:
        copy = Path(folder) / "input.gpkg"
        shutil.copyfile(path, copy)
        yield copy


def _no_layer(layers: list[str], sheet: str | None) -> InvalidInput:
    listed = ", ".join(layers)[:300] or "none"
    if sheet is None:
        return InvalidInput(f"which layer? the file has {listed}", code="choose-sheet")
    return InvalidInput(f"there is no layer {sheet[:80]!r}; the file has {listed}", code="no-such-sheet")


def row_of(number: int, feature: dict[str, Any]) -> RawRow:
    """A feature of the child's answer as a row."""
    values, wkb = feature["values"], feature["wkb"]
    if wkb is None:
        return RawRow(number, values)
    try:
        return RawRow(number, values, shapely.from_wkb(bytes.fromhex(wkb)))
    except GEOSException as error:
        text = str(error)
        code = "unclosed-ring" if "closed linestring" in text else "invalid-geometry"
        return RawRow(number, values, fault=InvalidInput(text, pointer="geometry", code=code))
