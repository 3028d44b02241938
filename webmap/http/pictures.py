"""Answers that are pictures: nothing in one can act, and a broken one has a drawing in its place."""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app

from gis.photo.thumbnail import MEDIA_TYPE

PLACEHOLDER_TYPE = "image/svg+xml"
_PLACEHOLDER = "static/img/no-picture.svg"
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_SUFFIX = {"image/jpeg": "jpg", "image/webp": "webp", "image/png": "png", PLACEHOLDER_TYPE: "svg"}


def drawn_or_placeholder(drawn: bytes) -> tuple[bytes, str]:
    """What `gis.photo.thumbnail.draw` gave, with its media type; where that is nothing, a drawing."""
    if drawn:
        return drawn, MEDIA_TYPE
    return (Path(current_app.root_path) / _PLACEHOLDER).read_bytes(), PLACEHOLDER_TYPE


def picture(content: bytes, media_type: str, name: str, *, disposition: str = "inline") -> Response:
    """Answer with a picture, with headers that leave a file nothing to do but be looked at.

    Parameters
    ----------
    name : what a browser calls it if it is kept, without the suffix; never a text of a user.
    """
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'{disposition}; filename="{name}.{_SUFFIX[media_type]}"'
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
