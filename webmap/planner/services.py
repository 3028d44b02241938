"""Who has a service within reach? By community and cell, with catchments and opening hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.result import Place, Result, Unit, Value
from gis.analysis.services.model import ServicesParameters, Walking
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.planner import curves
from webmap.planner.asked import address_of
from webmap.planner.definitions import words_of
from webmap.planner.detail import Detail, Link, Rows, detail, facts_of
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.map_data import place_tables
from webmap.planner.place_names import names_of_level, names_of_levels
from webmap.planner.values import cell_text

if TYPE_CHECKING:  # scipy: a worker that is never asked must not load it
    from gis.analysis.services.ground import Ground
    from gis.analysis.services.service import Answered

blueprint = Blueprint("planner_services", __name__)
QUESTION = Question("services", ServicesParameters)


@blueprint.get("/planner/services")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show coverage of a kind of facility on the map, in charts and tables."""
    return page(QUESTION, _answer, template="planner/services.html")


@blueprint.get("/planner/services/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """Tell of a community or cell its figures and the buildings whose people walk longest."""
    from gis.analysis.services.service import farthest, services

    asked = parameters_of(QUESTION)
    found = services(db(), current_actor(), asked)
    buildings = farthest(db(), current_actor(), asked, code)
    names = facility_names(found.ground) if is_english() else {}
    rows = [
        (
            one.code,
            cell_text(one.residents, Unit.COUNT),
            minutes_text(one.minutes),
            names.get(one.facility, one.facility),
        )
        for one in buildings
    ]
    heads = [gettext("Building"), gettext("Residents"), gettext("Minutes"), gettext("Nearest")]
    behind = Rows(gettext("Buildings farthest from one"), heads, rows)
    return place_detail(QUESTION, found, code, behind)


@blueprint.get("/planner/services/catchment/<facility>")
@requires(Permission.SEE_COVERAGE)
def catchment(facility: str) -> ResponseReturnValue:
    """Give the area from which one walks to a facility in the minutes asked for, as GeoJSON."""
    from gis.analysis.services.service import catchment_of

    return jsonify(catchment_of(db(), current_actor(), parameters_of(QUESTION), facility))


def place_detail(question: Question[Any], found: Answered, code: str, behind: Rows) -> Response:
    """A community or cell of an answer: its figures, the rows behind them, the way to it."""
    tables = place_tables(found.result, (Place.COMMUNITY, Place.CELL))
    place, table, row = next(
        (place, table, row) for place, table in tables.items() for row in table.rows if row[0] == code
    )
    if place is Place.CELL:
        link = Link(gettext("Open the cell"), url_for("maps.cell", code=code, layer="building"))
    else:
        link = Link(gettext("Open the community"), url_for("maps.community", code=code))
    return detail(
        Detail(
            code,
            title=names_of_level(place).get(code, code),
            facts=facts_of(table.figures[1:], row[1:], words_of(question.name)),
            rows=[behind],
            links=[link],
        )
    )


def minutes_text(minutes: float | None) -> str:
    """Minutes of a building; in words where nothing is reached."""
    return gettext("none") if minutes is None else cell_text(minutes, Unit.MINUTES)


def stated(ground: Ground, asked: Walking) -> tuple[str, ...]:
    """What stands beside every figure: how ways are measured, on which streets."""
    pace = gettext("%(minutes)s min at %(speed)s km/h", minutes=asked.minutes, speed=f"{asked.speed_kmh:g}")
    if not ground.walks(asked) or ground.roads is None:
        line = gettext("straight line × %(detour)s", detour=f"{asked.detour:g}")
        return (pace, line)
    roads = ground.roads
    if roads.is_synthetic:
        return (pace, gettext("along invented streets"))
    dated = f", {roads.dated_on}" if roads.dated_on else ""
    licence = f" ({roads.licence})" if roads.licence else ""
    streets = gettext("along streets of %(title)s", title=f"{roads.title}{dated}{licence}")
    return (pace, streets)


def in_english(result: Result, ground: Ground) -> Result:
    """The result with its facilities named in English, for who reads that; else as it is."""
    if not is_english():
        return result
    names = facility_names(ground)
    tables = (
        replace(table, rows=tuple(tuple(_told(value, names) for value in row) for row in table.rows))
        for table in result.tables
    )
    return replace(result, tables=tuple(tables))


def facility_names(ground: Ground) -> dict[str, str]:
    """The English names of facilities by their Chinese ones, of those that have one."""
    facilities = ground.facilities
    return {
        chinese: english
        for chinese, english in zip(facilities.names, facilities.names_en, strict=True)
        if english
    }


def _told(value: Value, names: Mapping[str, str]) -> Value:
    return names.get(value, value) if isinstance(value, str) else value


def _answer(asked: ServicesParameters) -> Answer:
    from gis.analysis.services.service import services

    found = services(db(), current_actor(), asked)
    catchments = url_for("planner_services.catchment", facility="", **address_of(asked))
    return Answer(
        in_english(found.result, found.ground),
        figure="within",
        charts=curves.of_services(found.result),
        stated=stated(found.ground, asked),
        version=found.version,
        places=names_of_levels(),
        tools=(("catchments", {"url": catchments}),),
    )
