"""KML 2.2 with Google's extensions: tracks (gx:Track, gx:MultiTrack) and lines with the time they took.

Read as GPX is: defusedxml, no document type. Only positions, times and names are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS, RawRow, Table
from gis.exchange.readers.gpx import Fixes, local_name, parse_xml, read_time, short_text
from gis.geometry.validate import lon_lat, number

Segment = list[tuple[float, float, datetime | None]]
_LINES = ("Track", "LineString")


def read_kml(data: bytes) -> Table:
    """Read placemarks that are tracks or lines as rows, numbered from 1 in file order.

    Rows carry `Fixes`; a line has `started_at` and `ended_at` of its TimeSpan where these name a moment.
    Times without a zone are UTC. A faulty position makes its whole placemark a faulty row.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable: ``xml-dtd-forbidden``, ``not-xml``, ``not-kml``, ``too-deep``,
        ``empty``.
    """
    root = parse_xml(data)
    if local_name(root) != "kml":
        raise InvalidInput("this is no KML", code="not-kml")
    marks = [element for element in root.iter() if local_name(element) == "Placemark"]
    chosen = [mark for mark in marks if next(_lines(mark), None) is not None]
    if len(chosen) > MAX_ROWS:
        raise InvalidInput(f"more than {MAX_ROWS:,} placemarks: split the file", code="too-many")
    if not chosen:
        raise InvalidInput("the file holds no track and no line", code="empty")
    left_out = len(marks) - len(chosen)
    warnings = (f"{left_out} placemarks that are no tracks and no lines are left out",) if left_out else ()
    rows = [_row(at, mark) for at, mark in enumerate(chosen, start=1)]
    return Table("kml", rows, ("name", "started_at", "ended_at"), "xml", "wgs84", warnings)


def _lines(mark: Any) -> Iterator[Any]:
    return (element for element in mark.iter() if local_name(element) in _LINES)


def _row(at: int, mark: Any) -> RawRow:
    span = next((child for child in mark if local_name(child) == "TimeSpan"), None)
    values: dict[str, object] = {
        "name": short_text(mark, "name"),
        "started_at": None if span is None else read_time(short_text(span, "begin")),
        "ended_at": None if span is None else read_time(short_text(span, "end")),
    }
    try:
        return RawRow(at, values, Fixes([_segment(line) for line in _lines(mark)]))
    except InvalidInput as fault:
        return RawRow(at, values, fault=fault)


def _segment(line: Any) -> Segment:
    return _track(line) if local_name(line) == "Track" else _line(line)


def _track(track: Any) -> Segment:
    """A gx:Track: as many `when` as `gx:coord` ("lon lat altitude"); an empty one is a time without place."""
    whens = [child for child in track if local_name(child) == "when"]
    coords = [child for child in track if local_name(child) == "coord"]
    if len(whens) != len(coords):
        raise InvalidInput(
            f"{len(whens)} times for {len(coords)} positions", pointer="Track", code="unequal-times"
        )
    return [
        (*_position((coord.text or "").split(), f"coord {at}"), read_time(when.text or ""))
        for at, (when, coord) in enumerate(zip(whens, coords, strict=True), start=1)
        if (coord.text or "").strip()
    ]


def _line(line: Any) -> Segment:
    given = next((child.text or "" for child in line if local_name(child) == "coordinates"), "")
    return [
        (*_position(place.split(","), f"coordinates {at}"), None)
        for at, place in enumerate(given.split(), start=1)
    ]


def _position(parts: list[str], where: str) -> tuple[float, float]:
    if len(parts) < 2:
        raise InvalidInput("a position is longitude and latitude", pointer=where, code="not-a-number")
    lon = number(parts[0], pointer=f"{where} lon", name="longitude")
    lat = number(parts[1], pointer=f"{where} lat", name="latitude")
    return lon_lat(lon, lat, pointer=where)
