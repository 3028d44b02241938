"""Names of communities and cells in the reader's language, by code."""

from __future__ import annotations

from collections.abc import Iterable

from flask import g

from gis.analysis.result import Place
from gis.division import service as division
from webmap import db
from webmap.auth import current_actor
from webmap.i18n import is_english

NAMED = (Place.COMMUNITY, Place.CELL)


def names_of_level(level: Place) -> dict[str, str]:
    """The names of all communities, or of all cells, of the division in force; read once a request."""
    known: dict[Place, dict[str, str]] = g.setdefault("place_names", {})
    if level not in known:
        english = is_english()
        found = division.names(db(), current_actor(), level.value)
        known[level] = {one.code: (english and one.name_en) or one.name for one in found}
    return known[level]


def names_of_levels(levels: Iterable[Place] = NAMED) -> dict[str, str]:
    """The names of several levels in one."""
    return {code: name for level in levels for code, name in names_of_level(level).items()}
