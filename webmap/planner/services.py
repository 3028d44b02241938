"""Who has a service within reach? By community and cell, with catchments and opening hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.result import Result, Table, Unit
from gis.analysis.services.model import ServicesParameters, Walking
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.planner.asked import address_of
from webmap.planner.charts import Axis, Chart, Step, gain_curve
from webmap.planner.definitions import words_of
from webmap.planner.detail import Detail, Link, Rows, detail, facts_of
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.values import cell_text

if TYPE_CHECKING:  # scipy: a worker that is never asked must not load it
    from gis.analysis.services.ground import Ground

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
    words = words_of(QUESTION.name)
    table = next(t for t in found.result.tables[:2] if any(row[0] == code for row in t.rows))
    row = next(row for row in table.rows if row[0] == code)
    is_cell = table.name == "cells"
    rows = [
        (
            one.code,
            cell_text(one.residents, Unit.COUNT),
            gettext("none") if one.minutes is None else cell_text(one.minutes, Unit.MINUTES),
            one.facility,
        )
        for one in buildings
    ]
    heads = [gettext("Building"), gettext("Residents"), gettext("Minutes"), gettext("Nearest")]
    way = (
        url_for("maps.cell", code=code, layer="building") if is_cell else url_for("maps.community", code=code)
    )
    return detail(
        Detail(
            code,
            title=_name(found.ground, code),
            facts=facts_of(table.figures[1:], row[1:], words),
            rows=[Rows(gettext("Buildings farthest from one"), heads, rows)],
            links=[Link(gettext("Open the cell") if is_cell else gettext("Open the community"), way)],
        )
    )


@blueprint.get("/planner/services/catchment/<facility>")
@requires(Permission.SEE_COVERAGE)
def catchment(facility: str) -> ResponseReturnValue:
    """Give the area from which one walks to a facility in the minutes asked for, as GeoJSON."""
    from gis.analysis.services.service import catchment_of

    return jsonify(catchment_of(db(), current_actor(), parameters_of(QUESTION), facility))


def stated(ground: Ground, asked: Walking) -> tuple[str, ...]:
    """What stands beside every figure: how ways are measured, on which streets."""
    pace = gettext("%(minutes)s min at %(speed)s km/h", minutes=asked.minutes, speed=f"{asked.speed_kmh:g}")
    if not ground.walks(asked) or ground.roads is None:
        line = gettext("straight line × %(detour)s", detour=f"{asked.detour:g}")
        return (pace, line)
    roads = ground.roads
    dated = f", {roads.dated_on}" if roads.dated_on else ""
    licence = f" ({roads.licence})" if roads.licence else ""
    streets = gettext("along streets of %(title)s", title=f"{roads.title}{dated}{licence}")
    return (pace, streets, gettext("invented streets")) if roads.is_synthetic else (pace, streets)


def _name(ground: Ground, code: str) -> str:
    chinese, english = ground.cells.names.get(code, (code, ""))
    return english if english and is_english() else chinese


def _answer(asked: ServicesParameters) -> Answer:
    from gis.analysis.services.service import services

    found = services(db(), current_actor(), asked)
    catchments = url_for("planner_services.catchment", facility="", **address_of(asked))
    return Answer(
        found.result,
        figure="within",
        charts=(_curve(found.result),),
        stated=stated(found.ground, asked),
        version=found.version,
        tools=(("catchments", {"url": catchments}),),
    )


def _curve(result: Result) -> Chart:
    table: Table = next(table for table in result.tables if table.name == "curve")
    steps = [Step(int(row[0] or 0), float(row[1] or 0)) for row in table.rows]
    residents = gettext("Residents")
    spec = gain_curve(steps, Axis(gettext("Minutes on foot")), Axis(f"{residents} (%)", Unit.SHARE))
    return Chart("curve", gettext("Residents by minutes"), spec, gettext("Who is reached within how long."))
