"""How should the cells be divided? Beats of even work beside those of today."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.result import Result, Table, Unit
from gis.analysis.workload import service
from gis.analysis.workload.proposal import BeatsQuestion
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner.charts import Axis, Bar, Chart, ranked_bars
from webmap.planner.detail import Detail, detail
from webmap.planner.frame import Answer, Question, page
from webmap.planner.known_place import known_place
from webmap.planner.values import sign_of
from webmap.planner.words.beats import WORDS

blueprint = Blueprint("planner_beats", __name__)
QUESTION = Question("beats", BeatsQuestion)
_MOST_BARS = 40


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
    """The way to a place's own page; what is asked of it stands in the page already."""
    known = known_place(code)
    return detail(Detail(code, known.title, links=(known.link,)))


def _answer(result: Result, version: int | None) -> Answer:
    beats = _table(result, "beats")
    at = [figure.name for figure in beats.figures].index("minutes")
    bars = [
        Bar("", gettext("Beat %(number)s", number=row[0]), float(row[at] or 0))
        for row in sorted(beats.rows, key=lambda row: -float(row[at] or 0))
    ]
    axis = Axis(f"{WORDS.figure('minutes').title} ({sign_of(Unit.MINUTES)})", Unit.MINUTES)
    half = _MOST_BARS // 2
    shown = bars if len(bars) <= _MOST_BARS else [*bars[:half], *bars[-half:]]
    note = "" if len(bars) <= _MOST_BARS else gettext("The %(count)s heaviest and lightest.", count=half)
    chart = Chart("beats", gettext("Minutes of each beat"), ranked_bars(shown, axis), note=str(note))
    stated = [
        gettext("whole cells, connected; measured by the workload's formula"),
        gettext("weights of version %(version)s", version=version)
        if version is not None
        else gettext("weights tried out, not kept"),
    ]
    # Outlines over the whole map would hide the cells: their colours show the beats.
    tables = tuple(replace(table, shapes=None) for table in result.tables)
    shown_result = replace(result, tables=tables)
    return Answer(shown_result, figure="beat_colour", charts=(chart,), stated=tuple(stated))


def _table(result: Result, name: str) -> Table:
    return next(table for table in result.tables if table.name == name)
