"""A reader of Mapbox vector tiles, by the specification (github.com/mapbox/vector-tile-spec, 2.1).

Points only: enough to compare a tile with the rows it was made from.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 1:
            value, at = data[at : at + 8], at + 8
        elif kind == 2:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        elif kind == 5:
            value, at = data[at : at + 4], at + 4
        yield key >> 3, value


def _zigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _value(data: bytes) -> Any:
    for number, value in _fields(data):
        match number:
            case 1:
                return value.decode()
            case 2:
                return struct.unpack("<f", value)[0]
            case 3:
                return struct.unpack("<d", value)[0]
            case 6:
                return _zigzag(value)
            case 7:
                return bool(value)
            case _:
                return value
    return None


def _numbers(data: bytes) -> list[int]:
    at, numbers = 0, []
    while at < len(data):
        number, at = _varint(data, at)
        numbers.append(number)
    return numbers


def read(tile: bytes) -> dict[str, list[dict[str, Any]]]:
    """Layers by name; a feature has `id`, `properties` and `point`, pixels of 4096 from the north-west."""
    layers: dict[str, list[dict[str, Any]]] = {}
    for number, layer in _fields(tile):
        assert number == 3
        name, keys, values, raw = "", [], [], []
        for field, value in _fields(layer):
            if field == 1:
                name = value.decode()
            elif field == 2:
                raw.append(value)
            elif field == 3:
                keys.append(value.decode())
            elif field == 4:
                values.append(_value(value))
        layers[name] = [_feature(item, keys, values) for item in raw]
    return layers


def _feature(data: bytes, keys: list[str], values: list[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": None, "properties": {}, "point": None}
    for number, value in _fields(data):
        if number == 1:
            made["id"] = value
        elif number == 2:
            tags = _numbers(value)
            made["properties"] = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        elif number == 4:
            command, x, y = _numbers(value)[:3]
            assert command & 7 == 1
            made["point"] = (_zigzag(x), _zigzag(y))
    return made
