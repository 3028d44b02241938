"""GPX 1.0 and 1.1: tracks, routes and waypoints.

Read with defusedxml and without any document type: no entity, no external file. Only positions, times
and names are taken; altitudes and extensions are not stored.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from gis.errors import InvalidInput
from gis.exchange.model import MAX_ROWS, RawRow, Table
from gis.geometry.validate import lon_lat, number

MAX_DEPTH = 32
# Receivers without a fix of the time write dates around 1901, 1970 or 1980.
_FIRST_PLAUSIBLE = datetime(1990, 1, 1, tzinfo=UTC)
_CHINESE_XML = re.compile(rb"""^(<\?xml[^>]*encoding=)["'](gbk|gb2312|gb18030)["']""", re.IGNORECASE)
_FRACTION = re.compile(r"(\.\d{6})\d+")
_TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Fixes:
    """The fixes of one track or route: per segment (lon, lat, time), lon/lat in degrees."""

    segments: list[list[tuple[float, float, datetime | None]]]
    is_route: bool = False


def read_gpx(data: bytes, wanted: frozenset[str]) -> Table:
    """Read the wanted elements, ``trk``, ``rte`` or ``wpt``, as rows numbered from 1 in file order.

    Rows carry `Fixes` or a pair (lon, lat) as position; times are aware, UTC where none is named, as
    GPX defines. A faulty fix makes its whole track a faulty row: where it lies cannot be guessed.

    Raises
    ------
    InvalidInput
        The file as a whole is unusable: ``xml-dtd-forbidden``, ``not-xml``, ``not-gpx``, ``too-deep``.
    """
    root = parse_xml(data)
    version = root.get("version", "1.1")
    if local_name(root) != "gpx" or version not in ("1.0", "1.1"):
        raise InvalidInput(f"this is no GPX 1.0 or 1.1 (version {version[:10]!r})", code="not-gpx")
    elements = [child for child in root if local_name(child) in ("trk", "rte", "wpt")]
    chosen = [child for child in elements if local_name(child) in wanted]
    if len(chosen) > MAX_ROWS:
        raise InvalidInput(f"more than {MAX_ROWS:,} elements: split the file", code="too-many")
    left_out = len(elements) - len(chosen)
    warnings = (f"{left_out} elements other than {', '.join(sorted(wanted))} belong to another layer",)
    if not chosen:
        raise InvalidInput(f"the file holds no {' or '.join(sorted(wanted))}", code="empty")
    rows = [_row(at, element) for at, element in enumerate(chosen, start=1)]
    return Table(
        "gpx", rows, ("name", "note", "device_at", "kind"), "xml", "wgs84", warnings if left_out else ()
    )


def parse_xml(data: bytes) -> Any:
    """The root element of XML without a document type, at most `MAX_DEPTH` deep. Raises `InvalidInput`."""
    if match := _CHINESE_XML.match(data):
        # expat knows no multi-byte Chinese encoding
        try:
            data = match[1] + b'"utf-8"' + data[match.end() :].decode("gb18030").encode()
        except UnicodeDecodeError as error:
            raise InvalidInput(
                "the file does not decode as the GB18030 it declares", code="undecodable"
            ) from error
    depth, root = 0, None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise InvalidInput(f"nested deeper than {MAX_DEPTH} levels", code="too-deep")
    except DefusedXmlException as error:
        raise InvalidInput(
            "document types and entities are not accepted in XML", code="xml-dtd-forbidden"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidInput(f"not well-formed XML: {error}", code="not-xml") from error
    return root


def _row(at: int, element: Any) -> RawRow:
    kind = local_name(element)
    values: dict[str, object] = {"name": short_text(element, "name")}
    try:
        if kind == "wpt":
            values |= {
                "note": _note(element),
                "device_at": _time(element),
                "kind": short_text(element, "type"),
            }
            return RawRow(at, values, _position(element, ""))
        return RawRow(at, values, Fixes(_segments(element, kind), is_route=kind == "rte"))
    except InvalidInput as fault:
        return RawRow(at, values, fault=fault)


def _segments(element: Any, kind: str) -> list[list[tuple[float, float, datetime | None]]]:
    holders = [element] if kind == "rte" else [child for child in element if local_name(child) == "trkseg"]
    point = "rtept" if kind == "rte" else "trkpt"
    return [
        [
            (*_position(fix, f"{kind}seg {segment} {point} {at} "), _time(fix))
            for at, fix in enumerate((child for child in holder if local_name(child) == point), start=1)
        ]
        for segment, holder in enumerate(holders, start=1)
    ]


def _position(element: Any, where: str) -> tuple[float, float]:
    lon = number(element.get("lon", ""), pointer=f"{where}lon", name="longitude")
    lat = number(element.get("lat", ""), pointer=f"{where}lat", name="latitude")
    return lon_lat(lon, lat, pointer=where.strip() or None)


def _time(element: Any) -> datetime | None:
    return read_time(short_text(element, "time"))


def read_time(given: str) -> datetime | None:
    """The time of a fix; None for none, an unreadable one, or one before any satellite receiver."""
    text = _FRACTION.sub(r"\1", given.strip())
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if at >= _FIRST_PLAUSIBLE else None


def _note(element: Any) -> str:
    parts = (short_text(element, "name"), short_text(element, "cmt"), short_text(element, "desc"))
    return "; ".join(dict.fromkeys(part for part in parts if part))[:_TEXT_LENGTH]


def short_text(element: Any, name: str) -> str:
    """What a child element says, cut short; empty for none."""
    child = next((child for child in element if local_name(child) == name), None)
    return " ".join((child.text or "").split())[:_TEXT_LENGTH] if child is not None else ""


def local_name(element: Any) -> str:
    """Local name: 1.0, 1.1 and files without a namespace read alike."""
    return str(element.tag).rsplit("}", 1)[-1]
