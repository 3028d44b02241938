"""What the page of the street network says of a file that is not as it should be, by codes of faults."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from webmap.i18n import is_english
from webmap.planner.definitions import Text

FAULTS: Mapping[str, Text] = {
    "content-mismatch": _("The content is not what the name of the file promises."),
    "empty": _("The file holds no line of a street."),
    "has-dtd": _("XML with a DTD is not read."),
    "no-shapefile": _("The archive must hold one shapefile: .shp, .shx, .dbf and .prj."),
    "not-a-date": _("Write a day as 2026-01-31."),
    "not-json": _("This is not JSON."),
    "too-large": _("The file is too large."),
    "too-long": _("The text is too long."),
    "too-many": _("The file holds too many lines: split it."),
    "unknown-crs": _("The file names no coordinate system: name it."),
    "unknown-format": _("Files of this sort are not read."),
    "unreadable": _("The file cannot be read: it is damaged or not complete."),
    # of a single line
    "held-back": _("Not stored: other lines are refused, and nothing was to change then."),
    "no-position": _("There is no line."),
    "not-a-number": _("A coordinate is no number."),
    "out-of-range": _("The coordinates lie outside of the Earth."),
    "projected-coordinates": _("The coordinates are metres, not degrees: name their system."),
    "swapped-axes": _("Longitude and latitude are swapped."),
    "too-few-points": _("The line does not have two different points."),
    "unknown-type": _("This is no line."),
    "unknown-walkable": _("Walkable is yes or no."),
}


def said(code: str, text: str) -> str:
    """A fault in the reader's language; English has more detail."""
    known = FAULTS.get(code)
    return text if known is None or is_english() else str(known)
