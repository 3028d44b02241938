"""Is the work shared fairly? Minutes a month by cell, officer and community, by weights one can change."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.result import Place, Unit
from gis.analysis.workload import service
from gis.analysis.workload.model import WorkloadQuestion
from gis.analysis.workload.service import CellWorkload, Grade, Line, WorkloadAnswer
from gis.division.model import Level
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner.asked import address_of
from webmap.planner.detail import Detail, Link, Rows, detail
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.known_place import KnownPlace, known_place
from webmap.planner.place_names import names_of_level
from webmap.planner.values import value_text
from webmap.planner.weight_rows import PREFIX, changes_asked, posted, reason_of, title_of, weight_rows
from webmap.planner.words.workload import FAMILIES
from webmap.planner.workload_charts import charts_of

blueprint = Blueprint("planner_workload", __name__)
QUESTION = Question("workload", WorkloadQuestion)


@blueprint.get("/planner/workload")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show how the work is spread, with the formula and its weights."""
    panel: dict[str, object] = {}

    def answer(asked: WorkloadQuestion) -> Answer:
        found = service.workload(db(), current_actor(), asked)
        panel.update(_panel(found, asked))
        return _answer(found)

    return page(QUESTION, answer, template="planner/workload.html", panel=panel)


@blueprint.get("/planner/workload/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """A cell's minutes line by line with the way to the rows behind them; of a community its map."""
    asked, actor = parameters_of(QUESTION), current_actor()
    known = known_place(code)
    if known.level is not Level.CELL:
        return detail(Detail(code, known.title, links=(known.link,)))
    found = service.cell_workload(db(), actor, code, asked)
    return detail(_detail(found, known, service.visit_grades(db(), actor)))


@blueprint.get("/planner/workload/try")
@requires(Permission.RUN_COVERAGE)
def attempt() -> ResponseReturnValue:
    """Show the page by other weights, which stand in its address and are not kept."""
    asked = {name: value for name, value in request.args.items() if not name.startswith(PREFIX) and value}
    question = WorkloadQuestion.model_validate({**asked, "what_if": ""})
    kept = service.weights_of(db(), current_actor(), question.weights_version)
    tried = question.model_copy(update={"what_if": changes_asked(kept.weights, posted())})
    return redirect(url_for("planner_workload.index", **address_of(tried)))


def _panel(found: WorkloadAnswer, asked: WorkloadQuestion) -> dict[str, object]:
    """The formula's form: every weight with its value, default and source."""
    actor = current_actor()
    kept = service.weights_of(db(), actor, asked.weights_version)
    address = address_of(asked.model_copy(update={"what_if": {}}))
    return {
        "rows": weight_rows(kept.weights, found.material.weights, service.visit_grades(db(), actor)),
        "version": kept,
        "reason": reason_of(kept),
        "is_tried": bool(asked.what_if),
        "may_try": actor.may(Permission.RUN_COVERAGE),
        "address": {name: value for name, value in address.items() if value != ""},
        "keep_url": url_for("planner_weights.index", what_if=address_of(asked).get("what_if", "")),
    }


def _answer(found: WorkloadAnswer) -> Answer:
    material = found.material
    version = material.weights_version
    weights = (
        gettext("weights of version %(version)s", version=version)
        if version is not None
        else gettext("weights tried out, not kept")
    )
    stated = (
        gettext("a month of 30.4375 days"),
        gettext("incidents of %(days)s days to %(day)s", days=material.days, day=material.to_on.isoformat()),
        weights,
    )
    return Answer(
        found.result,
        figure="minutes",
        charts=charts_of(found.result),
        stated=stated,
        places=names_of_level(Place.CELL),
    )


def _detail(found: CellWorkload, known: KnownPlace, grades: Sequence[Grade]) -> Detail:
    facts = (
        (gettext("Place in order"), f"{found.rank} / {found.cells}"),
        (gettext("Way a month"), value_text(found.travel_m, Unit.METRES)),
    )
    heads = (
        gettext("What"),
        gettext("Number"),
        gettext("Times a month"),
        gettext("Minutes each"),
        gettext("Minutes a month"),
    )
    lines = [
        (
            _line_title(line, grades),
            value_text(round(line.count, 2), Unit.NUMBER),
            value_text(round(line.times, 2), Unit.NUMBER),
            value_text(round(line.each, 1), Unit.NUMBER),
            value_text(round(line.minutes, 1), Unit.NUMBER),
        )
        for line in found.lines
        if line.count
    ]
    links = [
        Link(title, url_for("maps.cell", code=found.code, view="table", layer=layer))
        for title, layer in (
            (gettext("Rental units of the cell"), "rental_unit"),
            (gettext("Incidents of the cell"), "incident"),
        )
    ]
    rows = Rows(gettext("Minutes by term"), heads, lines)
    return Detail(found.code, known.title, facts, (rows,), (*links, known.link))


def _line_title(line: Line, grades: Sequence[Grade]) -> str:
    if line.term == "checks":
        return title_of(f"check.{line.key}", grades)
    if line.term == "incidents":
        return str(gettext("Incidents: %(name)s", name=FAMILIES.get(line.key, line.key)))
    return str(gettext("Check points") if line.term == "points" else gettext("Stops, on the way"))
