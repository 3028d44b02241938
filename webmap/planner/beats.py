"""How should the cells be divided? Beats of even work beside those of today."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.result import Place, Result
from gis.analysis.workload import service
from gis.analysis.workload.proposal import BeatsQuestion
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner.beats_charts import charts_of
from webmap.planner.detail import Detail, Link, detail
from webmap.planner.frame import Answer, Question, page
from webmap.planner.known_place import known_place
from webmap.planner.place_names import names_of_level

blueprint = Blueprint("planner_beats", __name__)
QUESTION = Question("beats", BeatsQuestion)


@blueprint.get("/planner/beats")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Propose beats beside those of today."""

    def answer(asked: BeatsQuestion) -> Answer:
        found = service.beats(db(), current_actor(), asked)
        return _answer(found.result, found.material.workload.weights_version)

    may_split = current_actor().may(Permission.RUN_COVERAGE)
    split_url = url_for("planner_split.index") if may_split else ""
    return page(QUESTION, answer, template="planner/beats.html", split_url=split_url)


@blueprint.get("/planner/beats/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """The way to a place's work and to its own page; what is asked of it stands in the page already."""
    known = known_place(code)
    return detail(Detail(code, known.title, links=(known.link, workload_link(code))))


def workload_link(code: str) -> Link:
    """The way to what makes up a place's minutes, and from there to the rows."""
    return Link(gettext("Its work, line by line"), url_for("planner_workload.index", place=code))


def _answer(result: Result, version: int | None) -> Answer:
    stated = [
        gettext("whole cells, connected; measured by the workload's formula"),
        gettext("weights of version %(version)s", version=version)
        if version is not None
        else gettext("weights tried out, not kept"),
    ]
    names = names_of_level(Place.CELL)
    return Answer(result, figure="beat_colour", charts=charts_of(result), stated=tuple(stated), places=names)
