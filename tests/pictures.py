"""Small picture files, made by hand from what the formats say."""

from __future__ import annotations

import struct
import zlib


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def exif(turn: int = 1, *, secret: bytes = b"") -> bytes:
    """An EXIF segment: an orientation, then whatever else a camera might write."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, turn, 0)
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + b"\0\0\0\0" + secret)


def jpeg(width: int = 64, height: int = 48, *, extra: bytes = b"", behind: bytes = b"") -> bytes:
    """A grey picture: one component, every block is coded by two bits, all zero."""
    blocks = -(-width // 8) * -(-height // 8)
    coded = b"\0" * (blocks // 4) + (bytes((0xFF >> 2 * (blocks % 4),)) if blocks % 4 else b"")
    one_code = b"\x01" + b"\0" * 15 + b"\0"  # a single code of one bit, for the value 0
    return b"".join(
        (
            b"\xff\xd8",
            extra,
            segment(0xDB, b"\0" + b"\x01" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"),
            segment(0xC4, b"\0" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\x01\x01\0\0\x3f\0") + coded,
            b"\xff\xd9",
            behind,
        )
    )


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 8, height: int = 8, *, extra: bytes = b"", lines: int | None = None) -> bytes:
    """A black picture of grey values; `lines` of it are there in fact."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * (width + 1) * (height if lines is None else lines))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp(width: int = 8, height: int = 8, *, flags: int = 0, extra: bytes = b"") -> bytes:
    """An extended file around the head of a lossless picture; its pixels are left out."""
    canvas = struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    pixels = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0\0"
    body = b"WEBP" + riff(b"VP8X", canvas) + riff(b"VP8L", pixels) + extra
    return b"RIFF" + struct.pack("<I", len(body)) + body
