"""Which of the three formats a file is, by how it begins: never by a name or header sent with it."""

from __future__ import annotations

from gis.photo import jpeg, png
from gis.photo.jpeg import read_jpeg
from gis.photo.model import refusal
from gis.photo.picture import Picture
from gis.photo.png import read_png
from gis.photo.webp import read_webp


def read_picture(content: bytes) -> Picture:
    """Read a photo. Raises `InvalidInput` with a code of `gis.photo.model.REFUSALS`."""
    if content.startswith(jpeg.START):
        return read_jpeg(content)
    if content.startswith(png.START):
        return read_png(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return read_webp(content)
    raise refusal("not-a-photo")
