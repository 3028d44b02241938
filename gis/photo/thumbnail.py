"""Small pictures for lists, drawn anew by Pillow from the pixels alone: no metadata, no profile, upright."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageOps

from gis.photo.model import MAX_EDGE

LONGEST = 320
"""Pixels of the longer side of a small picture."""
MEDIA_TYPE = "image/jpeg"
_QUALITY = 75
_FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow raises on files that are cut off, damaged or made to harm.
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # where warnings are errors
)

# Of the whole process, which reads no larger pictures. Pillow warns above it and refuses at twice as much.
Image.MAX_IMAGE_PIXELS = MAX_EDGE * MAX_EDGE


def draw(content: bytes, longest: int = LONGEST) -> bytes:
    """Draw a picture small, as JPEG; empty where its pixels cannot be read.

    Parameters
    ----------
    content : a JPEG, PNG or WebP file, as a whole.
    longest : pixels of the longer side at most; a smaller picture keeps its size.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_EDGE * MAX_EDGE:
                return b""
            # The decoder of JPEG makes it half, a quarter or an eighth as large, which is faster.
            picture.thumbnail((longest, longest))
            upright = _on_white(ImageOps.exif_transpose(picture))
        upright.info.clear()
        file = io.BytesIO()
        upright.save(file, "JPEG", quality=_QUALITY)
    except _FAULTS:
        return b""
    return file.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """The same as JPEG can hold it: without transparency."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
