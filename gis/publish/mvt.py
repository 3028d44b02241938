"""Mapbox vector tiles of points, written with numpy (Vector Tile Specification 2.1, Protocol Buffers).

PostGIS's ST_AsMVT builds every feature on its own and took most of the time of a full tile. Points are so
alike that a whole tile is a few columns of bytes: one array operation writes one byte of every feature.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

EXTENT = 4096
"""Pixels along a tile's side."""

Value = str | bool | int | float | None
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.uint64]
Degrees = NDArray[np.float64]
Pixels = NDArray[np.int64]
_Word = TypeVar("_Word", str, bytes)
# One byte of every feature, and which features have it; an int or True where they are all alike.
_Column = tuple[Bytes | int, NDArray[np.bool_] | bool]

# Keys: field number << 3 | wire type (0 a varint, 1 eight bytes, 2 a length and as many bytes).
_LAYER = 26
_VERSION, _NAME, _FEATURE, _KEY, _VALUE, _EXTENT = 120, 10, 18, 26, 34, 40
_ID, _TAGS, _TYPE, _GEOMETRY = 8, 18, 24, 34
_TEXT, _DOUBLE, _WHOLE, _SIGNED, _BOOLEAN = 10, 25, 40, 48, 56
_POINT = 1
_MOVE_TO = 1 << 3 | 1  # once (4.3.1)


def pixels(lon: Degrees, lat: Degrees, z: int, x: int, y: int) -> tuple[Pixels, Pixels]:
    """Degrees (EPSG:4326) as pixels from the north-west corner of tile z/x/y, east and south.

    Spherical Mercator (EPSG method 1024), as `composed_tiles` writes it in SQL.
    """
    side = 1 << z
    east = np.floor(((lon + 180) / 360 * side - x) * EXTENT)
    south = np.floor(((0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)) * side - y) * EXTENT)
    return east.astype(np.int64), south.astype(np.int64)


def layer_of_points(
    name: str,
    properties: Sequence[Mapping[str, Value]],
    kinds: NDArray[np.intp],
    ids: Numbers,
    points: tuple[Pixels, Pixels],
) -> bytes:
    """A tile of one layer of points; empty where there are none.

    Parameters
    ----------
    name
        The layer's.
    properties
        Each set of properties that features have; a property that is None is left out.
    kinds, ids, points
        Of every feature, in the order drawn: which of `properties`, its id, its pixels east and south.
    """
    if not len(ids):
        return b""
    encoded = [{k: _value(v) for k, v in each.items() if v is not None} for each in properties]
    keys = _numbered({key for each in encoded for key in each})
    values = _numbered({value for each in encoded for value in each.values()})
    tags = [_tags((keys[key], values[value]) for key, value in each.items()) for each in encoded]
    message = b"".join((
        _number(_VERSION, 2),
        _sized(_NAME, name.encode()),
        _features(tags, kinds, ids, points),
        *(_sized(_KEY, key.encode()) for key in keys),
        *(_sized(_VALUE, value) for value in values),
        _number(_EXTENT, EXTENT),
    ))  # fmt: skip
    return _sized(_LAYER, message)


def _numbered(words: set[_Word]) -> dict[_Word, int]:
    """Numbers in the order of the words themselves: the same features are the same bytes."""
    return {word: number for number, word in enumerate(sorted(words))}


def _tags(pairs: Iterable[tuple[int, int]]) -> bytes:
    """The tags field of a feature (4.4); empty where it has none."""
    tags = b"".join(_varint(key) + _varint(value) for key, value in pairs)
    return _sized(_TAGS, tags) if tags else b""


def _value(value: str | bool | int | float) -> bytes:
    """A Value message (4.1). Numbers with decimals are doubles, so that 12.3 from a `real` stays 12.3."""
    if isinstance(value, bool):
        return _number(_BOOLEAN, value)
    if isinstance(value, int):
        return _number(_WHOLE, value) if value >= 0 else _number(_SIGNED, (~value << 1) | 1)
    if isinstance(value, float):
        return _varint(_DOUBLE) + struct.pack("<d", value)
    return _sized(_TEXT, value.encode())


def _features(
    tags: Sequence[bytes], kinds: NDArray[np.intp], ids: Numbers, points: tuple[Pixels, Pixels]
) -> bytes:
    """Every feature, one after the other."""
    shape = [(_MOVE_TO, True), *_varints(_zigzag(points[0])), *_varints(_zigzag(points[1]))]
    body: list[_Column] = [
        (_ID, True), *_varints(ids),
        *_tag_columns(tags, kinds),
        (_TYPE, True), (_POINT, True),
        (_GEOMETRY, True), *_varints(_length(shape, len(ids))), *shape,
    ]  # fmt: skip
    return _written([(_FEATURE, True), *_varints(_length(body, len(ids))), *body], len(ids))


def _tag_columns(tags: Sequence[bytes], kinds: NDArray[np.intp]) -> Iterator[_Column]:
    """The tags of every feature's kind."""
    lengths = np.array([len(each) for each in tags])
    width = int(lengths.max())
    table = np.frombuffer(b"".join(each.ljust(width, b"\0") for each in tags), np.uint8)
    for place, column in enumerate(table.reshape(len(tags), width).T):
        yield column[kinds], (lengths > place)[kinds]


def _zigzag(numbers: Pixels) -> Numbers:
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def _varints(numbers: Numbers) -> Iterator[_Column]:
    """Seven bits a byte, the lowest first; the top bit says that more follow."""
    rest, is_there = numbers, np.ones(len(numbers), np.bool_)
    while is_there.any():
        following = rest >> np.uint64(7)
        has_more = following > 0
        yield rest.astype(np.uint8) & np.uint8(0x7F) | has_more * np.uint8(0x80), is_there
        rest, is_there = following, has_more


def _length(columns: Sequence[_Column], count: int) -> Numbers:
    """Bytes of every feature."""
    lengths = np.zeros(count, np.uint64)
    for _, is_there in columns:
        lengths += is_there
    return lengths


def _written(columns: Sequence[_Column], count: int) -> bytes:
    """Feature by feature, without the bytes that are not there."""
    written = np.empty((count, len(columns)), np.uint8)
    is_written = np.empty((count, len(columns)), np.bool_)
    for place, (column, is_there) in enumerate(columns):
        written[:, place] = column
        is_written[:, place] = is_there
    return written[is_written].tobytes()


def _number(key: int, number: int) -> bytes:
    return _varint(key) + _varint(number)


def _sized(key: int, content: bytes) -> bytes:
    return _varint(key) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append((number & 0x7F) | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
