"""A picture as it was read, without decoding a pixel, and without metadata.

A reader (`gis.photo.jpeg`, `png`, `webp`) walks the whole file by the rules of its format and keeps only the
parts a picture is drawn from. What is not on its list is left out: EXIF with its position and serial numbers,
XMP, IPTC, comments, previews, whatever stands behind the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from gis.photo.model import MAX_EDGE, refusal

MAX_PARTS = 2000
"""Segments or chunks of a file; cameras write dozens."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Width and height in pixels as the picture is seen, and its file without metadata."""

    media_type: str
    width: int
    height: int
    cleaned: bytes


def checked(media_type: str, size: tuple[int, int] | None, cleaned: list[bytes]) -> Picture:
    """A picture of known and bounded size. Raises `InvalidInput` with a code of `REFUSALS`."""
    if size is None or min(size) < 1:
        raise refusal("broken-photo")
    if max(size) > MAX_EDGE:
        raise refusal("too-many-pixels")
    return Picture(media_type, *size, b"".join(cleaned))
