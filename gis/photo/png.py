"""PNG files: their size, and themselves without metadata; see `gis.photo.picture`.

Source: W3C PNG, third edition.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from gis.photo.model import refusal
from gis.photo.picture import MAX_PARTS, Picture, checked

START = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP"})


def read_png(content: bytes) -> Picture:
    """Read a PNG file. Raises `InvalidInput` with a code of `gis.photo.model.REFUSALS`."""
    kept = [START]
    size: tuple[int, int] | None = None
    has_data = False
    for name, chunk in _chunks(content):
        data = chunk[8:-4]
        if (name == b"IHDR") != (size is None) or (name == b"IHDR" and len(data) != 13):
            raise refusal("broken-photo")
        if name == b"acTL":
            raise refusal("moving-picture")
        if name == b"IHDR":
            size = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        has_data = has_data or name == b"IDAT"
        if name in _KEPT:
            kept.append(chunk)
    return checked("image/png", size if has_data else None, kept)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk as its name and its whole, up to the end of the picture."""
    at = len(START)
    for _ in range(MAX_PARTS):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        chunk = content[at:end]
        if len(chunk) < 12 or len(chunk) != end - at:
            raise refusal("broken-photo")
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise refusal("broken-photo")
        yield chunk[4:8], chunk
        if chunk[4:8] == b"IEND":
            return
        at = end
    raise refusal("broken-photo")
