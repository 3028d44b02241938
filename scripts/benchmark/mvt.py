"""Reading Mapbox vector tiles, as far as counting their points needs (version 2.1 of the specification)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

EXTENT = 4096
Field = tuple[int, int | bytes]


@dataclass(frozen=True, slots=True)
class TilePoint:
    """A point: position in the tile's own grid and its whole-number properties by name."""

    x: int
    y: int
    numbers: dict[str, int]

    @property
    def is_inside(self) -> bool:
        """Whether it lies in the tile itself, not in its margin."""
        return 0 <= self.x <= EXTENT and 0 <= self.y <= EXTENT


def points(tile: bytes) -> list[TilePoint]:
    """Every point of every layer."""
    found = []
    for number, layer in _fields(tile):
        if number == 3 and isinstance(layer, bytes):
            found += _points_of_layer(layer)
    return found


def _points_of_layer(layer: bytes) -> list[TilePoint]:
    features, names, values = [], [], []
    for number, value in _fields(layer):
        if not isinstance(value, bytes):
            continue
        if number == 2:
            features.append(value)
        elif number == 3:
            names.append(value.decode())
        elif number == 4:
            values.append(_whole_number(value))
    return [_point(feature, names, values) for feature in features]


def _point(feature: bytes, names: list[str], values: list[int | None]) -> TilePoint:
    tags: list[int] = []
    geometry: list[int] = []
    for number, value in _fields(feature):
        if isinstance(value, bytes) and number in (2, 4):
            (tags if number == 2 else geometry).extend(_packed(value))
    pairs = ((names[tags[i]], values[tags[i + 1]]) for i in range(0, len(tags), 2))
    # One MoveTo (4.3.4.2), zigzag numbers from the corner.
    return TilePoint(
        _signed(geometry[1]),
        _signed(geometry[2]),
        {name: value for name, value in pairs if value is not None},
    )


def _whole_number(value: bytes) -> int | None:
    for number, found in _fields(value):
        if number in (4, 5) and isinstance(found, int):
            return found
        if number == 6 and isinstance(found, int):
            return _signed(found)
    return None


def _signed(zigzag: int) -> int:
    return (zigzag >> 1) ^ -(zigzag & 1)


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _fields(data: bytes) -> Iterator[Field]:
    """Field number and value of a protocol buffer message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        length = {1: 8, 5: 4}.get(wire)
        if length is None:
            length, at = _varint(data, at)
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
