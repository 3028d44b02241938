"""Small OpenStreetMap extracts: as XML, and as PBF written by hand (wiki: PBF Format)."""

from __future__ import annotations

import struct
import zlib

# Nodes by id: a cross of four arms about node 5, and a lane apart.
NODES = {
    1: (113.9300, 22.7600),
    2: (113.9320, 22.7600),
    3: (113.9310, 22.7590),
    4: (113.9310, 22.7610),
    5: (113.9310, 22.7600),
    6: (113.9400, 22.7600),
    7: (113.9410, 22.7600),
}
WAYS = [
    ([1, 5, 2], {"highway": "residential", "name": "东西路"}),
    ([3, 5, 4], {"highway": "footway"}),
    ([6, 7], {"highway": "service", "access": "private"}),
    ([6, 7, 2], {"highway": "motorway", "name": "高速"}),
    ([1, 3], {"waterway": "river"}),
]


def as_xml() -> bytes:
    nodes = "".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in NODES.items())
    ways = "".join(
        f'<way id="{n}">{"".join(f"<nd ref={chr(34)}{r}{chr(34)}/>" for r in refs)}'
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        + "</way>"
        for n, (refs, tags) in enumerate(WAYS, start=100)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{nodes}{ways}</osm>'.encode()


def as_pbf() -> bytes:
    header = _text(4, "OsmSchema-V0.6") + _text(4, "DenseNodes")
    return _blob("OSMHeader", header) + _blob("OSMData", _block())


def _block() -> bytes:
    strings = [""]
    for _, tags in WAYS:
        strings += [word for pair in tags.items() for word in pair if word not in strings]
    table = b"".join(_text(1, word) for word in strings)
    ids = list(NODES)
    lats = [round(NODES[n][1] * 1e7) for n in ids]
    lons = [round(NODES[n][0] * 1e7) for n in ids]
    dense = _bytes(1, _deltas(ids)) + _bytes(8, _deltas(lats)) + _bytes(9, _deltas(lons))
    ways = b"".join(
        _bytes(
            3,
            _number(1, n)
            + _bytes(2, b"".join(_varint(strings.index(key)) for key in tags))
            + _bytes(3, b"".join(_varint(strings.index(value)) for value in tags.values()))
            + _bytes(8, _deltas(refs)),
        )
        for n, (refs, tags) in enumerate(WAYS, start=100)
    )
    return _bytes(1, table) + _bytes(2, _bytes(2, dense)) + _bytes(2, ways)


def _blob(kind: str, content: bytes) -> bytes:
    blob = _number(2, len(content)) + _bytes(3, zlib.compress(content))
    header = _text(1, kind) + _number(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _deltas(values: list[int]) -> bytes:
    before, found = 0, b""
    for value in values:
        step, before = value - before, value
        found += _varint(step << 1 if step >= 0 else (-step << 1) - 1)
    return found


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])
