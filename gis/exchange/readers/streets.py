"""Road files in formats of their own: OpenStreetMap extracts (.osm, .osm.pbf) and zipped shapefiles."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gis.errors import InvalidInput
from gis.exchange.model import MAX_FILE_BYTES, MAX_ROWS, RawRow, Table
from gis.exchange.readers.apart import ask
from gis.exchange.readers.geopackage import row_of
from gis.exchange.readers.sniff import read_bytes
from gis.geometry.crs import find_crs

FORMATS = {".osm": "osm", ".pbf": "osm", ".zip": "shapefile"}
_MEMBERS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error)
"""What unpacking may raise: no archive, a password, cut off, or its parts are no data."""

_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
# A comment holds no "-->": otherwise the ways to take many comments as one double with each of them.
_ROOT = re.compile(rb"\s*(<\?xml[^>]*\?>)?\s*(<!--(?:(?!-->).)*-->\s*)*<osm[\s>]", re.DOTALL)


def read_streets(path: Path, *, encoding: str | None = None, states_crs: bool = False) -> Table:
    """Read the lines of an OpenStreetMap extract or of a zipped shapefile as rows numbered from 1.

    Parameters
    ----------
    encoding : of the texts of a shapefile that names none; UTF-8 or else GB18030 without.
    states_crs : the caller names the coordinate system, so the file need not.

    Raises
    ------
    InvalidInput
        ``content-mismatch``, ``unreadable``, ``empty``, ``too-many``, ``no-shapefile``, ``unknown-crs``.
    TooLarge
        The file is too large.
    """
    data = read_bytes(path)
    with tempfile.TemporaryDirectory(prefix="guangming-import-") as folder:
        if FORMATS[path.suffix.lower()] == "osm":
            return _osm(path, data, Path(folder))
        return _shapefile(path, Path(folder), encoding, states_crs=states_crs)


def _osm(path: Path, data: bytes, folder: Path) -> Table:
    is_pbf = path.suffix.lower() == ".pbf"
    if is_pbf != (b"OSMHeader" in data[:64]) or (not is_pbf and _ROOT.match(data[:4096]) is None):
        raise InvalidInput(
            "the name promises OpenStreetMap data, but the content is something else", code="content-mismatch"
        )
    if b"<!DOCTYPE" in data[:4096]:
        raise InvalidInput("XML with a DTD is not read", code="has-dtd")
    copy = folder / ("input.osm.pbf" if is_pbf else "input.osm")
    shutil.copyfile(path, copy)
    answer = ask(copy, "read", "lines", "highway IS NOT NULL", what="OpenStreetMap file")
    rows = [row_of(number, feature) for number, feature in enumerate(_within_limits(answer[1:]), start=1)]
    return Table(
        "osm-pbf" if is_pbf else "osm",
        [replace(row, values=_street(row)) for row in rows],
        ("class", "name", "foot", "access"),
        "utf-8",
        "wgs84",
    )


def _street(row: RawRow) -> dict[str, object]:
    tags = dict(_TAG.findall(str(row.values.get("other_tags") or "")))
    return {
        "class": row.values.get("highway"),
        "name": row.values.get("name"),
        "foot": tags.get("foot"),
        "access": tags.get("access"),
    }


def _shapefile(path: Path, folder: Path, encoding: str | None, *, states_crs: bool) -> Table:
    members = _unpack(path, folder)
    if ".cpg" not in members:
        (folder / "input.cpg").write_text(encoding or _encoding_of(folder / "input.dbf"))
    head, *features = ask(folder / "input.shp", "read", "input", what="shapefile")
    crs = None
    if not states_crs:
        if not head["crs"]:
            raise InvalidInput(
                "the shapefile names no coordinate system: name it", pointer="crs", code="unknown-crs"
            )
        crs = find_crs(head["crs"]).name
    rows = [row_of(number, feature) for number, feature in enumerate(_within_limits(features), start=1)]
    return Table("shapefile", rows, tuple(head["columns"]), "", crs)


def _within_limits(features: list[Mapping[str, object]]) -> list[dict[str, object]]:
    if not features:
        raise InvalidInput("the file holds no line of a road", code="empty")
    if len(features) > MAX_ROWS:
        raise InvalidInput(f"{len(features):,} lines; {MAX_ROWS:,} at most: split the file", code="too-many")
    return [dict(feature) for feature in features]


def _unpack(path: Path, folder: Path) -> set[str]:
    """Write the files of the one shapefile of an archive under names of our own; gives their suffixes."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [
                item for item in archive.infolist() if PurePosixPath(item.filename).suffix.lower() in _MEMBERS
            ]
            stems = {str(PurePosixPath(item.filename).with_suffix("")) for item in wanted}
            found = {PurePosixPath(item.filename).suffix.lower(): item for item in wanted}
            if len(stems) != 1 or not {".shp", ".shx", ".dbf"} <= set(found):
                raise InvalidInput(
                    "the archive must hold one shapefile: .shp, .shx, .dbf and .prj", code="no-shapefile"
                )
            if sum(item.file_size for item in wanted) > 2 * MAX_FILE_BYTES:
                raise InvalidInput("the archive holds too much: split the file", code="too-many")
            if any(item.compress_type not in _PACKED for item in found.values()):
                raise InvalidInput("the archive is packed in a way that is not read", code="unreadable")
            if any(item.header_offset < 0 for item in found.values()):
                raise InvalidInput("not a readable archive: its beginning is missing", code="unreadable")
            for suffix, item in found.items():
                with archive.open(item) as member, (folder / f"input{suffix}").open("wb") as file:
                    shutil.copyfileobj(member, file)
    except _BROKEN as error:
        raise InvalidInput(f"not a readable archive: {error}", code="unreadable") from error
    return set(found)


def _encoding_of(table: Path) -> str:
    try:
        table.read_bytes()[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"
