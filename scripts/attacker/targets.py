"""Where sqlmap puts its payloads: every parameter that `/openapi.json` tells of, and what it cannot tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from gis.publish.layers import LAYERS
from scripts.commands.machine import MachineError

MARK = "*"
"""sqlmap's sign for the place of a payload."""

Operation = Mapping[str, Any]
_ITEMS = "/ogc/collections/{layer}/items"
_PREFIXES = ("/ogc", "/api/v1", "/openapi.json")
_BOX = "113.90,22.72,113.95,22.76"
_OSMAND = "/api/v1/trackers/osmand"
_UUID = "00000000-0000-4000-8000-000000000001"
_CRS = "http://www.opengis.net/def/crs/EPSG/0/4490"


@dataclass(frozen=True, slots=True)
class Target:
    """One place in one request.

    Attributes
    ----------
    place : query, path, header, body or cookie.
    path : address below the root, with the mark where the payload goes, unless that is a query parameter.
    """

    name: str
    place: str
    operation: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Samples:
    """Values that the server accepts, some of them of this very database.

    Attributes
    ----------
    coverage : first day, last day and radius in metres of a coverage that was computed.
    tracker : secret of a tracker's token, which alone opens a tracker's door.
    """

    cell: str
    community: str
    unit_id: str
    unit_code: str
    incident_id: str
    cursor: str
    coverage: tuple[str, str, str]
    team: str
    tracker: str

    def path(self, operation: str, name: str) -> str:
        """A value of a parameter of an address."""
        known = {
            "layer": "rental_unit" if operation.startswith("/ogc/collections/{layer}/") else "incident",
            "feature_id": self.community if "_by_community" in operation else self.unit_id,
            "incident_id": self.incident_id, "name": "open_incidents", "grid": "WebMercatorQuad",
            "z": "14", "y": "7138", "x": "13374", "patrol_point_id": "1", "round_id": "1",
            "client_id": _UUID, "photo_id": _UUID, "stream_id": _UUID,
        }  # fmt: skip
        if operation.startswith("/api/v1/nearest"):
            known["layer"] = "cell"
        return _known(known, name, operation)

    def query(self, operation: str, name: str) -> str:
        """A value of a parameter of a query string."""
        first, last, radius = self.coverage
        known = {
            "f": "json", "bbox": _BOX, "bbox-crs": _CRS, "crs": _CRS, "datetime": "2014-01-01/..",
            "limit": "5", "after": self.cursor, "before": self.cursor, "cell": self.cell,
            "community": self.community, "filter": f"code = '{self.unit_code}'", "filter-lang": "cql2-text",
            "filter-crs": _CRS, "sortby": "-code", "count": "true", "zoom": "14", "by": "cell",
            "from": first, "to": last, "radius_m": radius, "level": "cell", "date": "2025-01-01",
            "lon": "113.93", "lat": "22.75", "at": "2025-01-01", "accuracy_m": "10", "k": "3", "q": self.cell,
            "first": "0", "team": self.team, "state": "missed",
            "id": "phone", "location": "22.75,113.93", "timestamp": "1764140000", "accuracy": "5",
            "hdop": "5", "speed": "1", "bearing": "90", "valid": "true",
        }  # fmt: skip
        if operation == "/api/v1/locate":
            known["crs"] = "wgs84"
        return _known(known, name, operation)


def _known(values: Mapping[str, str], name: str, operation: str) -> str:
    if name not in values:
        raise MachineError(
            f"{operation} has the parameter {name}: scripts/attacker/targets.py needs a value of it"
        )
    return values[name]


def all_targets(document: Mapping[str, Any], samples: Samples) -> list[Target]:
    """Every target of the reads: described parameters, then those a description cannot hold."""
    made: list[Target] = []
    for path, methods in document["paths"].items():
        if path.startswith(_PREFIXES) and "get" in methods:
            made += _described(path, methods["get"], samples)
    made += _queryables(samples)
    made += _inside_filters(samples)
    made += _area()
    made += _headers(samples)
    return made


def _address(path: str, samples: Samples, **marked: str) -> str:
    def value(match: re.Match[str]) -> str:
        return marked.get(match[1]) or quote(samples.path(path, match[1]), safe="")

    return re.sub(r"\{(\w+)\}", value, path)


def _described(path: str, operation: Operation, samples: Samples) -> Iterator[Target]:
    query = [p for p in operation["parameters"] if p["in"] == "query"]
    needed = {p["name"]: samples.query(path, p["name"]) for p in query if p["required"]}
    tail = f"?{urlencode(needed)}" if needed else ""
    for parameter in operation["parameters"]:
        name = parameter["name"]
        if parameter["in"] == "path":
            yield Target(
                name, "path", path, _address(path, samples, **{name: _marked(path, name, samples)}) + tail
            )
        elif parameter["in"] == "query":
            # What is tried comes first: sqlmap leaves the rest as it is.
            pairs = {name: samples.query(path, name), **needed, **_beside(path, name, samples)}
            headers = {"Authorization": f"Bearer {samples.tracker}"} if path == _OSMAND else {}
            yield Target(name, "query", path, f"{_address(path, samples)}?{urlencode(pairs)}", headers)


def _marked(path: str, name: str, samples: Samples) -> str:
    return samples.path(path, name) + MARK


def _beside(path: str, name: str, samples: Samples) -> dict[str, str]:
    """Parameters without which another has no effect."""
    if path == "/api/v1/coverage/gaps":  # asks for a place; one of the two is it
        return {} if name in ("community", "cell") else {"cell": samples.cell}
    if path == _OSMAND:
        place = ("id", "timestamp") if name == "location" else ("id", "lat", "lon", "timestamp")
        return {other: samples.query(path, other) for other in place if other != name}
    if path != _ITEMS:
        return {}
    beside = {
        "bbox-crs": {"bbox": "22.72,113.90,22.76,113.95"},
        "filter-lang": {"filter": samples.query(path, "filter")},
        "filter-crs": {"filter": "S_INTERSECTS(geometry, BBOX(22.72, 113.90, 22.76, 113.95))"},
    }
    return beside.get(name, {})


def _queryables(samples: Samples) -> Iterator[Target]:
    """Properties of each layer, compared for equality."""
    for layer in LAYERS.values():
        for name, kind in layer.filters.items():
            value = {"text": "x", "integer": "1", "boolean": "true"}[kind]
            path = f"/ogc/collections/{layer.name}/items"
            yield Target(
                f"{layer.name}.{name}", "query", _ITEMS, f"{path}?{urlencode({name: value, 'limit': '5'})}"
            )
    yield Target(
        "no such parameter", "query", _ITEMS, f"/ogc/collections/rental_unit/items?surplus={samples.unit_id}"
    )


def _inside_filters(samples: Samples) -> Iterator[Target]:
    """Inside a filter's own literals, where a payload is still CQL2 up to its first quotation mark."""
    path = "/ogc/collections/{layer}/items?filter="
    for name, text in (
        ("text", f"code='{samples.unit_code}{MARK}'"),
        ("pattern", f"code LIKE 'U%{MARK}'"),
        ("property", f"code{MARK}='x'"),
        ("number", f"floors>1{MARK}"),
        ("list", f"code IN ('x{MARK}','y')"),
        ("geometry", f"S_INTERSECTS(geometry,POINT(113.9{MARK} 22.7))"),
        ("time", f"T_AFTER(filed_on,DATE('2014-01-01{MARK}'))"),
    ):
        layer = "building" if name == "number" else "rental_unit"
        address = path.format(layer=layer) + quote(text, safe=MARK)
        yield Target(f"filter, {name}", "query", _ITEMS, address)
    json_filter = '{"op":"=","args":[{"property":"code"},"x%s"]}'
    escaped = quote(json_filter % "MARK").replace("MARK", MARK)
    yield Target(
        "filter, JSON", "query", _ITEMS, f"{path.format(layer='rental_unit')}{escaped}&filter-lang=cql2-json"
    )


def _area() -> Iterator[Target]:
    """The one read that is asked by a body."""
    place = '"geometry":{"type":"Point","coordinates":[113.9,22.7]}'
    bodies = {
        "layer": '{"layer":"incident*",' + place + ',"radius_m":50}',
        "radius_m": '{"layer":"incident",' + place + ',"radius_m":"50*"}',
        "coordinates": '{"layer":"incident",' + place.replace("113.9", '"113.9*"') + ',"radius_m":50}',
        "datetime": '{"layer":"incident",' + place + ',"radius_m":50,"datetime":"2014-01-01/..*"}',
    }
    for name, body in bodies.items():
        yield Target(
            name, "body", "/api/v1/query", "/api/v1/query", {"Content-Type": "application/json"}, body
        )


def _headers(samples: Samples) -> Iterator[Target]:
    """Headers that are read on the fast lane and behind it."""
    paths = (f"/ogc/collections/rental_unit/items/{samples.unit_id}", "/api/v1/locate?lon=113.93&lat=22.75")
    values = {
        "If-None-Match": f'W/"x{MARK}"',
        "X-Request-Id": f"abcdefgh{MARK}",
        "Accept": f"application/json{MARK}",
        "Accept-Language": f"zh{MARK}",
        "Accept-Encoding": f"gzip{MARK}",
        "User-Agent": f"x{MARK}",
        "X-Forwarded-For": f"1.1.1.1{MARK}",
        "Authorization": f"Bearer gg_{'a' * 43}{MARK}",
    }
    for path in paths:
        operation = path.partition("?")[0]
        for name, value in values.items():
            yield Target(name, "header", operation, path, {name: value})
        yield Target("guangming_session", "cookie", operation, path, {"Cookie": f"guangming_session=x{MARK}"})
        yield Target("lang", "cookie", operation, path, {"Cookie": f"lang=en{MARK}"})
