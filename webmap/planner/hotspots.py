"""Hot spots: where it hurts, since when, and whether it is chance; patrol effort beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, gettext
from markupsafe import Markup

from gis.analysis.hotspots import service
from gis.analysis.hotspots.model import FAMILIES, HotspotQuestion, Standing, last_weeks
from gis.analysis.hotspots.service import Week
from gis.analysis.result import Unit
from gis.errors import NotFound
from gis.people.model import Permission
from gis.zone import local_today
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.planner.asked import address_of
from webmap.planner.charts import Axis, Chart, Point, Spec, trend_lines
from webmap.planner.classes import classes_of
from webmap.planner.detail import Detail, Link, Rows, detail, facts_of
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.place_names import names_of_levels
from webmap.planner.twin import twin
from webmap.planner.values import cell_text
from webmap.planner.words.hotspot_classes import KINDS, STANDINGS
from webmap.planner.words.hotspots import WORDS

blueprint = Blueprint("planner_hotspots", __name__)
_AT_ONCE = 12


def _defaults() -> dict[str, Any]:
    """The twelve weeks that ended yesterday."""
    from_on, to_on = last_weeks(local_today() - timedelta(days=1))
    return {"from": from_on, "to": to_on}


QUESTION = Question("hotspots", HotspotQuestion, defaults=_defaults)


@blueprint.get("/planner/hotspots")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show hot spots of a period and a kind."""
    kinds = service.kinds(db(), current_actor())
    shown = {"kinds": _kind_choices(kinds), "twin": _twin, "first": _AT_ONCE}
    return page(QUESTION, _answer, template="planner/hotspots.html", **shown)


@blueprint.get("/planner/hotspots/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """Tell a cell's or a community's figures, the weeks of a cell, and the incidents behind them."""
    asked = parameters_of(QUESTION)
    answer = service.hotspots(db(), current_actor(), asked)
    for table in answer.result.tables:
        row = next((row for row in table.rows if table.place and row[0] == code), None)
        if row is not None:
            is_cell = code in answer.codes
            return detail(
                Detail(
                    code,
                    title=names_of_levels().get(code, code),
                    facts=facts_of(table.figures[1:], row[1:], WORDS),
                    rows=(_weeks(asked, code), _behind(asked, code)) if is_cell else (),
                    links=(Link(gettext("The cell on the map"), url_for("maps.cell", code=code)),)
                    if is_cell
                    else (),
                )
            )
    raise NotFound


@blueprint.get("/planner/hotspots/weeks/cells/<code>")
@requires(Permission.SEE_COVERAGE)
def weeks(code: str) -> ResponseReturnValue:
    """Give the chart of one cell's weeks beside the district's, as a Vega-Lite specification."""
    asked = parameters_of(QUESTION)
    found = service.weeks_of(db(), current_actor(), asked, code)
    name = names_of_levels().get(code, code)
    return jsonify(title=gettext("%(cell)s week by week", cell=name), spec=_week_chart(found, code))


def _answer(asked: HotspotQuestion) -> Answer:
    found = service.hotspots(db(), current_actor(), asked)
    district = found.result.table("weeks")
    points = [
        Point("", gettext("The district"), str(starts_on), float(count or 0))
        for _, starts_on, count, _ in district.rows
    ]
    chart = Chart(
        "weeks",
        gettext("The district week by week"),
        trend_lines(points, Axis(gettext("Incidents"), Unit.COUNT)),
        gettext("Choose a cell to see its weeks beside what the district's make one expect."),
    )
    return Answer(
        found.result,
        figure="standing",
        level="cell",
        charts=(chart,),
        version=found.version,
        places=names_of_levels(),
        stated=_stated(asked),
        tools=(("hotspot_weeks", {"url": url_for("planner_hotspots.weeks", code="", **address_of(asked))}),),
    )


def _stated(asked: HotspotQuestion) -> tuple[str, ...]:
    """What every figure of the page rests on."""
    return (
        f"{asked.from_on} – {asked.to_on}",
        str(KINDS.get(asked.kind or "all", asked.kind)),
        gettext("at least %(units)s units", units=asked.least_units),
        gettext("at least %(metres)s m patrolled a week", metres=f"{asked.least_effort_m:g}"),
        gettext("false ones at most %(share)s%%", share=f"{100 * asked.false_share:g}"),
    )


def _week_chart(found: Sequence[Week], code: str) -> Spec:
    own = gettext("This cell")
    expected = gettext("Expected")
    points = [Point(code, own, week.starts_on.isoformat(), float(week.incidents)) for week in found]
    points += [Point("", expected, week.starts_on.isoformat(), round(week.expected, 2)) for week in found]
    return trend_lines(points, Axis(gettext("Incidents")))


def _weeks(asked: HotspotQuestion, code: str) -> Rows:
    heads = (gettext("Week from"), gettext("Incidents"), gettext("Expected"), gettext("Hot"))
    rows = [
        (
            week.starts_on.isoformat(),
            str(week.incidents),
            cell_text(round(week.expected, 2), Unit.NUMBER),
            cell_text(week.is_hot, Unit.YES_NO),
        )
        for week in service.weeks_of(db(), current_actor(), asked, code)
    ]
    return Rows(gettext("Week by week"), heads, rows)


def _behind(asked: HotspotQuestion, code: str) -> Rows:
    """The incidents behind the figures: kind, time and state; what people wrote stays with the record."""
    found = service.incidents_behind(db(), current_actor(), asked, code)
    heads = (gettext("Happened"), gettext("Kind"), gettext("State"))
    rows = [
        (
            format_datetime(one.occurred_at, "yyyy-MM-dd HH:mm"),
            one.name_en if is_english() else one.name_zh,
            gettext("open") if one.is_open else gettext("closed"),
        )
        for one in found
    ]
    links = [f"/ogc/collections/incident/items/{one.incident_id}" for one in found]
    return Rows(gettext("Incidents behind it"), heads, rows, links)


def _kind_choices(kinds: Sequence[Any]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Families with their categories: code, title, (code, title) of each."""
    return [
        (
            family,
            str(KINDS[family]),
            [(k.code, k.name_en if is_english() else k.name_zh) for k in kinds if k.family == family],
        )
        for family in FAMILIES
    ]


def _twin(answer: Answer) -> Markup:
    """Patrol effort as a small map beside the large one, grey where it is too little to tell."""
    table = answer.result.tables[0]
    effort, little = (
        [row[[figure.name for figure in table.figures].index(name)] for row in table.rows]
        for name in ("effort_m", "is_little_walked")
    )
    metres = [_number(value) for value in effort]
    classes = classes_of(metres, Unit.METRES, WORDS.figure("effort_m"))
    grey = STANDINGS[Standing.LITTLE_EFFORT].colour
    colours = [
        grey if is_little else classes.colour(value) for value, is_little in zip(metres, little, strict=True)
    ]
    found = service.hotspots(db(), current_actor(), parameters_of(QUESTION))
    return twin(found.outlines, found.codes, colours, label=gettext("Patrol effort by cell"))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
