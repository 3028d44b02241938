"""WebP files: their size, and themselves without metadata; see `gis.photo.picture`. Source: RFC 9649."""

from __future__ import annotations

from collections.abc import Iterator

from gis.photo.model import refusal
from gis.photo.picture import MAX_PARTS, Picture, checked

_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
_PIXELS = (b"VP8 ", b"VP8L")
_ANIMATED = 0x02
_METADATA = 0x08 | 0x04  # EXIF and XMP


def read_webp(content: bytes) -> Picture:
    """Read a WebP file. Raises `InvalidInput` with a code of `gis.photo.model.REFUSALS`."""
    kept: list[bytes] = []
    size: tuple[int, int] | None = None
    has_data = False
    for name, data in _chunks(content):
        if name in (b"ANIM", b"ANMF") or (name == b"VP8X" and data[:1] and data[0] & _ANIMATED):
            raise refusal("moving-picture")
        if name not in _KEPT:
            continue
        if name in _PIXELS and has_data:
            raise refusal("broken-photo")
        has_data = has_data or name in _PIXELS
        told = _size(name, data)
        # What is drawn is what the pixels say, whatever stands around them.
        if size and told and size != told:
            raise refusal("broken-photo")
        size = size or told
        if name == b"VP8X":
            data = bytes([data[0] & ~_METADATA]) + data[1:]
        kept.append(name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2))
    length = 4 + sum(map(len, kept))
    head = b"RIFF" + length.to_bytes(4, "little") + b"WEBP"
    return checked("image/webp", size if has_data else None, [head, *kept])


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk as its name and data, up to the length the file says it has."""
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise refusal("broken-photo")
    at = 12
    for _ in range(MAX_PARTS):
        if at >= end:
            return
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise refusal("broken-photo")
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    raise refusal("broken-photo")


def _size(name: bytes, data: bytes) -> tuple[int, int] | None:
    """Width and height, where a chunk tells them; alpha and colours do not."""
    if name == b"VP8X" and len(data) == 10:
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if name == b"VP8 " and data[3:6] == b"\x9d\x01\x2a" and len(data) > 10:
        bits = int.from_bytes(data[6:10], "little")
        return bits & 0x3FFF, bits >> 16 & 0x3FFF
    if name == b"VP8L" and data[:1] == b"\x2f" and len(data) > 5:
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name in (b"ALPH", b"ICCP"):
        return None
    raise refusal("broken-photo")
