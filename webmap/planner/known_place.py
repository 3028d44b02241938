"""A place one clicked, by its code: its level, its name, and its own page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from gis.analysis.result import Place
from gis.division import service as division
from gis.division.model import Level
from gis.errors import NotFound
from webmap import db
from webmap.auth import current_actor
from webmap.planner.detail import Link
from webmap.planner.place_names import names_of_level


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A cell or a community; `link` leads to its map."""

    level: Level
    title: str
    link: Link


def known_place(code: str) -> KnownPlace:
    """The cell or community of a code. Raises `NotFound`."""
    for level in (Level.CELL, Level.COMMUNITY):
        try:
            found = division.place(db(), current_actor(), level, code)
        except NotFound:
            continue
        if level is Level.CELL:
            link = Link(gettext("The cell and who answers for it"), url_for("maps.cell", code=code))
        else:
            link = Link(gettext("The community on the map"), url_for("maps.community", code=code))
        names = names_of_level(Place(level.value))
        return KnownPlace(level, names.get(code, found.name), link)
    raise NotFound
