"""JPEG files: their size, and themselves without metadata; see `gis.photo.picture`.

Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from gis.photo.model import refusal
from gis.photo.picture import MAX_PARTS, Picture, checked

START = b"\xff\xd8"
_END, _SCAN = 0xD9, 0xDA
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive: what browsers draw
_TABLES = (0xC4, 0xDB, 0xDD)  # Huffman, quantisation, restart interval
_JFIF, _EXIF, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_APPS = range(0xE0, 0xF0)
_COMMENT = 0xFE
_MAX_SCANS = 100
_SCAN_HEADER = 6  # bytes of the shortest
_ORIENTATION, _SHORT = 0x0112, 3
_MAX_ENTRIES = 200
_LYING = 5  # turns from here on exchange width and height

_MARKER = re.compile(rb"\xff+([^\xff])", re.DOTALL)
# In a scan 0xff is followed by 0, or by the number of a restart; anything else ends it.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def read_jpeg(content: bytes) -> Picture:
    """Read a JPEG file. Raises `InvalidInput` with a code of `gis.photo.model.REFUSALS`.

    Kept beside the picture are its colour profile, and the turn its EXIF block asks for, in a new block.
    """
    kept: list[bytes] = []
    size: tuple[int, int] | None = None
    turn, scans = 1, 0
    for marker, data, scan in _segments(content):
        if marker in _FRAMES:
            if size is not None:
                raise refusal("broken-photo")
            size = _size(data)
        elif marker == _SCAN:
            scans += 1
            if size is None or len(data) < _SCAN_HEADER or scans > _MAX_SCANS:
                raise refusal("broken-photo")
        elif marker == _EXIF and data.startswith(b"Exif\0\0"):
            turn = _turn(data[6:])
        elif marker not in (*_TABLES, *_APPS, _COMMENT):
            raise refusal("broken-photo")
        data = _kept(marker, data)
        if data:
            kept.append(_segment(marker, data) + scan)
    if size is None or not scans:
        raise refusal("broken-photo")
    width, height = size
    seen = (width, height) if turn < _LYING else (height, width)
    exif = _segment(_EXIF, _exif_of(turn)) if turn > 1 else b""
    return checked("image/jpeg", seen, [START, exif, *kept, bytes((0xFF, _END))])


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each segment up to the end of the picture: marker, data, and for a scan what is coded after it."""
    at = len(START)
    for _ in range(MAX_PARTS):
        found = _MARKER.match(content, at)
        if found is None:
            raise refusal("broken-photo")
        marker, at = found[1][0], found.end()
        if marker == _END:
            return
        end = at + int.from_bytes(content[at : at + 2], "big")
        if end < at + 2 or end > len(content):
            raise refusal("broken-photo")
        data, scan = content[at + 2 : end], b""
        at = end
        if marker == _SCAN:
            ended = _END_OF_SCAN.search(content, at)
            if ended is None:
                raise refusal("broken-photo")
            scan = content[at : ended.start()]
            at = ended.start()
        yield marker, data, scan
    raise refusal("broken-photo")


def _size(frame: bytes) -> tuple[int, int]:
    """Width and height from a frame header (T.81, B.2.2), 8 bits a sample in 1, 3 or 4 colours."""
    if len(frame) < 6 or frame[0] != 8 or frame[5] not in (1, 3, 4) or len(frame) != 6 + 3 * frame[5]:
        raise refusal("broken-photo")
    return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")


def _kept(marker: int, data: bytes) -> bytes:
    """What of a segment's data belongs to the picture."""
    if marker == _JFIF and data.startswith(b"JFIF\0") and len(data) >= 14:
        return data[:12] + b"\0\0"  # no preview
    if marker == _ICC and data.startswith(b"ICC_PROFILE\0"):
        return data
    if marker == _ADOBE and data.startswith(b"Adobe"):
        return data[:12]
    return b"" if marker in _APPS or marker == _COMMENT else data


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data


def _turn(tiff: bytes) -> int:
    """The orientation an EXIF block asks for, 1 to 8; 1, upright, where it says nothing readable."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(entries, _MAX_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION:
                return value if kind == _SHORT and 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _exif_of(turn: int) -> bytes:
    """An EXIF block that holds an orientation and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, turn, 0)
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
