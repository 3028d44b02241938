"""What a file is, by its content, which must agree with its name."""

from __future__ import annotations

import re
from pathlib import Path

from gis.errors import InvalidInput, TooLarge
from gis.exchange.model import MAX_FILE_BYTES

_BY_SUFFIX = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "geopackage",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".gpx": "gpx",
    ".kml": "kml",
}
_ADVICE = {
    ".xlsx": "save the sheet as CSV UTF-8",
    ".xls": "save the sheet as CSV UTF-8",
    ".shp": "convert it to GeoPackage",
    ".zip": "unpack it, and convert a shapefile to GeoPackage",
    ".kmz": "unpack it: the KML in it is read",
}
_SQLITE = b"SQLite format 3\0"
_PROLOGUE = re.compile(rb"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?\s*>|\s)*", re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises
    ------
    InvalidInput
        There is no such regular file.
    TooLarge
        More than `MAX_FILE_BYTES`.
    """
    if not path.is_file():
        raise InvalidInput(f"there is no file {path.name!r}", code="no-file")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise TooLarge(f"the file is larger than {MAX_FILE_BYTES // 1_000_000} MB: split it")
    return path.read_bytes()


def find_format(name: str, data: bytes) -> str:
    """``geojson``, ``geopackage``, ``csv``, ``gpx`` or ``kml``: what both name and content say.

    The GIS library would trust the content alone, and some of its formats read other files or fetch
    addresses named inside; so a content that its name does not promise is refused.

    Raises
    ------
    InvalidInput
        ``empty``, ``unknown-format`` or ``content-mismatch``.
    """
    suffix = Path(name).suffix.lower()
    expected = _BY_SUFFIX.get(suffix)
    if expected is None:
        advice = _ADVICE.get(suffix, "known are .geojson, .gpkg, .csv, .gpx and .kml")
        raise InvalidInput(f"files named *{suffix or name} are not read: {advice}", code="unknown-format")
    if not data.strip():
        raise InvalidInput("the file is empty", code="empty")
    found = _content(data)
    if found != {"geojson": "json", "geopackage": "sqlite", "csv": "text"}.get(expected, expected):
        raise InvalidInput(
            f"the name promises {expected}, but the content is {found}", code="content-mismatch"
        )
    return expected


def _content(data: bytes) -> str:
    if data.startswith(_SQLITE):
        return "sqlite"
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0")):
        return "an archive or office document"
    start = data[:65536].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return "json"
    if not start.startswith(b"<"):
        return "text"
    prologue = _PROLOGUE.match(start)
    root = _ROOT.match(start, prologue.end() if prologue else 0)
    name = root[1].decode("ascii", "replace") if root else "something else"
    return name if name in ("gpx", "kml") else f"XML <{name}>"
