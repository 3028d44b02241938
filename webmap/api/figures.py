"""Figures that colour the map, counts by place, clusters of points."""

from __future__ import annotations

from datetime import date
from typing import Literal

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import Field

from gis.errors import InvalidInput, NotFound
from gis.people.model import Permission
from gis.publish import figures, service
from gis.publish.layers import COUNTED_LAYERS, POINT_LAYERS
from gis.publish.model import MAX_ZOOM, Figure, FigureName, Level
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http import geojson
from webmap.http.etag import private
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import FEATURES, PLACE_COUNTS, WithBox, WithPeriod, one_of

blueprint = Blueprint("figures", __name__, url_prefix="/api/v1")

_JSON = "application/json"
_FIGURE = {
    "type": "object",
    "required": ["figure", "level", "unit", "as_of", "definition", "breaks", "items"],
    "properties": {
        "figure": one_of(tuple(FigureName)),
        "level": one_of(tuple(Level)),
        "unit": one_of(("count", "percent", "days")),
        "as_of": {"type": "string", "format": "date-time"},
        "definition": {"type": "string"},
        "scope": one_of(("district", "own")),
        "breaks": {
            "type": "array",
            "items": {"type": "number"},
            "description": "Edges of classes; a class holds its lower edge, the last one both",
        },
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "name", "value"],
                "properties": {
                    "code": {"type": "string"},
                    "name": {"type": "string"},
                    "value": {"type": ["number", "null"]},
                },
            },
        },
    },
}
_COUNTS = {
    "type": "object",
    "properties": {
        "items": PLACE_COUNTS,
        "outside": {"type": "integer", "description": "Rows that lie in no cell"},
        "total": {"type": "integer"},
    },
}


class FigureQuery(Parameters):
    """What to give a figure for."""

    level: Literal["community", "cell"] = Field(default="community")
    community: str | None = Field(default=None, max_length=40, description="Code; only its cells")
    date: str | None = Field(
        default=None,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="The end of a past day; housing is known for the present only",
    )


class CountsQuery(WithPeriod):
    """What to count by."""

    by: Literal["cell", "community"] = Field(default="community")


class ClustersQuery(WithBox):
    """Which rectangle, at which zoom."""

    bbox: str = Field(max_length=200, description="west,south,east,north in degrees (WGS84)")
    zoom: int = Field(ge=0, le=MAX_ZOOM, description="Zoom of the map; from 17 points come one by one")


@blueprint.get("/figures/<name>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=FigureQuery,
        path={"name": one_of(tuple(FigureName))},
        answers={200: ("The figure at every place", _JSON, _FIGURE)},
    )
)
def figure(name: str) -> ResponseReturnValue:
    """Give a figure for every community or cell, with its classes and its definition."""
    if name not in set(FigureName):
        raise NotFound
    asked = read_query(FigureQuery)
    made = figures.figure(
        db(),
        current_actor(),
        FigureName(name),
        level=Level(asked.level),
        community=asked.community,
        on_date=_day(asked.date),
    )
    return private(
        {
            "figure": made.figure,
            "level": made.level,
            "unit": made.unit,
            # To the minute, so that an unchanged figure stays the same answer for a while.
            "as_of": made.as_of.replace(second=0, microsecond=0),
            "definition": definition_of(made),
            "scope": made.scope,
            "breaks": made.breaks,
            "items": [{"code": i.code, "name": i.name, "value": _plain(i.value)} for i in made.items],
        }
    )


@blueprint.get("/counts/<layer>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=CountsQuery,
        path={"layer": one_of(COUNTED_LAYERS)},
        answers={200: ("Rows per place", _JSON, _COUNTS)},
    )
)
def counts(layer: str) -> ResponseReturnValue:
    """Count a layer's rows by cell or community, in a period where the layer has a time."""
    asked = read_query(CountsQuery)
    made = figures.counts(db(), current_actor(), layer, by=Level(asked.by), span=asked.span())
    items = [{"code": item.code, "name": item.name, "count": item.count} for item in made.items]
    total = made.outside + sum(item.count for item in made.items)
    return private({"items": items, "outside": made.outside, "total": total})


@blueprint.get("/clusters/<layer>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=ClustersQuery,
        path={"layer": one_of(POINT_LAYERS)},
        answers={200: ("Groups with `count`; a group of one with `id` too", geojson.MIMETYPE, FEATURES)},
    )
)
def clusters(layer: str) -> ResponseReturnValue:
    """Gather a layer's points for a map: groups at low zooms, single points from zoom 17."""
    asked = read_query(ClustersQuery)
    box = asked.box()
    assert box is not None  # noqa: S101 (bbox is required)
    made = service.clusters(db(), current_actor(), layer, box, asked.zoom, asked.span())
    return private(geojson.collection(made.page, complete=made.is_complete), geojson.MIMETYPE)


def definition_of(made: Figure) -> str:
    """Say in words what a figure counts, in the reader's language."""
    match made.figure:
        case FigureName.OPEN_INCIDENTS:
            text: str = gettext("Incidents that are neither closed, archived, rejected nor voided.")
        case FigureName.RENTAL_UNITS:
            text = gettext("Rental units on file.")
        case FigureName.OVERDUE_UNITS:
            text = gettext(
                "Rental units whose last visit, or filing if never visited, lies further back than the "
                "visit interval of their grade."
            )
        case FigureName.DAYS_SINCE_PATROL:
            text = gettext("Days since the latest patrol point; nothing where there never was one.")
        case FigureName.PATROL_COVERAGE if not made.basis:
            text = gettext("No coverage has been measured yet.")
        case _:
            text = gettext(
                "Share of the area within %(radius)s m of a patrol track or point from %(from)s to %(to)s.",
                radius=f"{made.basis['radius_m']:g}",
                **{end: made.basis[end].isoformat() for end in ("from", "to")},
            )
    if made.scope == "own":
        text += " " + gettext("Only your own places and records.")
    return text


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("There is no such day.", pointer="date") from error
