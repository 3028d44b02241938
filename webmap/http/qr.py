"""Codes to be read by a camera, as pictures that stand in the page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """A QR code of a text as inline SVG of class `qr`, with its quiet zone; size it by CSS.

    A quarter of it may be dirty or torn (error level Q) and it is read all the same.
    """
    made = segno.make(text, error="q", micro=False, boost_error=False)
    # Segno's own marks only: digits and the names of its attributes.
    return Markup(made.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704
