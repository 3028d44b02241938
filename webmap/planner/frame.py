"""The frame of a planner's page: parameters, map, charts, tables, definitions; linked to each other.

A question is a module `webmap/planner/<name>.py` with a blueprint `planner_<name>`, listed in
`webmap.BLUEPRINTS`; its words are `webmap/planner/words/<name>.py` (see `webmap.planner.definitions`):

    blueprint = Blueprint("planner_patrol", __name__)
    QUESTION = Question("patrol", PatrolParameters, defaults=last_month)

    @blueprint.get("/planner/patrol")
    @requires(Permission.SEE_COVERAGE)
    def index() -> ResponseReturnValue:
        return page(QUESTION, _answer)

    def _answer(asked: PatrolParameters) -> Answer | None:       # None: nothing was computed for this yet
        found = service.patrol(db(), current_actor(), asked)
        trend = Chart("trend", gettext("By day"), trend_lines(…))
        return Answer(found.result, figure="share", charts=(trend,), as_of=found.as_of, version=found.version,
                      stated=(gettext("R %(radius)s m", radius=asked.radius_m),))

    @blueprint.get("/planner/patrol/place/<code>")               # may be left out
    @requires(Permission.SEE_COVERAGE)
    def place(code: str) -> ResponseReturnValue:
        asked = parameters_of(QUESTION)
        return detail(Detail(code, title=…, facts=…, rows=…))     # webmap.planner.detail

The page takes what it shows from the `Result`: every table of a place is a level of the map, every numeric
or classed figure of it can colour the map, is ranked in a chart and stands in the table below. Tables with
shapes are drawn over the map. `?view=table` is the page without a script, `?view=csv&table=<name>` a table
as CSV. Templates that extend planner/page.html may fill its blocks; give their name as `template`.
docs/planner.md tells more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from gis.analysis.result import Place, Result, Table
from gis.division import service as division
from gis.errors import InvalidInput, NotFound
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, may_open
from webmap.http.problem import wants_problem
from webmap.i18n import is_english
from webmap.maps.elements import Tool
from webmap.pages.maps import map_options, parts_of
from webmap.planner import asked as asking
from webmap.planner import questions, tables
from webmap.planner.charts import Axis, Chart, locale, ranked_bars
from webmap.planner.definitions import Words, words_of
from webmap.planner.map_data import columns_of, levels_of, place_tables, shapes_of
from webmap.planner.workspace_map import workspace_map

P = TypeVar("P", bound=BaseModel)
_SIMPLIFY_M = 5.0
_MOST_ROWS, _MOST_ROWS_ALONE = 200, 5000  # of a table below the map, of its twin
_OUTLINED = (Place.COMMUNITY, Place.CELL)


@dataclass(frozen=True, slots=True)
class Question(Generic[P]):
    """A question of the workspace.

    Attributes
    ----------
    name : of its address, its blueprint and its words; the name of its `Analysis`.
    parameters : what can be asked; no field may be named as one of `webmap.planner.asked.CONTROLS`.
    defaults : of parameters that depend on the day, by their names in the address.
    """

    name: str
    parameters: type[P]
    defaults: Callable[[], Mapping[str, Any]] = dict

    def __post_init__(self) -> None:
        names = {info.alias or name for name, info in self.parameters.model_fields.items()}
        if taken := names & asking.CONTROLS:
            raise ValueError(f"{self.name}: parameters of the frame: {', '.join(sorted(taken))}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question's page shows.

    Attributes
    ----------
    figure : name of the figure the map opens with; the first one that can be mapped if empty.
    level : kind of places the map opens with; the first one there is if empty.
    charts : beside the map, after the ranking of the chosen figure.
    stated : what stands beside every figure: the radius, the sampling rate, the period; in words.
    as_of, version : of the data.
    warning : what a reader must know before the figures; in words.
    places : names by code, of places that sentences and tables speak of.
    outlines : addresses of GeoJSON with the outlines (properties code, name) of places other than communities
        and cells.
    tools : further tools of the map: name of a module static/js/planner/<name>.js and its configuration.
    """

    result: Result
    figure: str = ""
    level: str = ""
    charts: tuple[Chart, ...] = ()
    stated: tuple[str, ...] = ()
    as_of: datetime | None = None
    version: str = ""
    warning: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    outlines: Mapping[Place, str] = field(default_factory=dict)
    tools: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def parameters_of(question: Question[P]) -> P:
    """The parameters of the request. Raises `InvalidInput` or `pydantic.ValidationError` naming the field."""
    found = asking.read(question.parameters, question.defaults())
    if found.values is None:
        raise found.fault or ValueError("no values and no fault")
    return found.values


def page(
    question: Question[P],
    answer: Callable[[P], Answer | None],
    *,
    template: str = "planner/page.html",
    **extra: Any,
) -> ResponseReturnValue:
    """Answer a question's page: its map, its tables (`view=table`) or one of them as CSV (`view=csv`).

    Bad parameters are told beside their fields to a person, as a problem to a program.
    """
    found = asking.read(question.parameters, question.defaults())
    shown = None
    if found.values is not None:
        try:
            shown = answer(found.values)
        except InvalidInput as fault:  # a rule that only the service knows
            found = asking.refused(found, fault)
    if found.fault is not None and wants_problem():
        raise found.fault
    words = words_of(question.name)
    view = request.args.get("view", "")
    if view == "csv" and found.values is not None:
        if shown is None:
            raise NotFound
        return tables.as_csv(question.name, shown.result, words, found.values, request.args.get("table", ""))
    values = _common(question, found, words, shown) | extra
    if view == "table" and shown is not None:
        twin = tables.shown(shown.result, words, most=_MOST_ROWS_ALONE, places=shown.places)
        return render_template(
            "planner/tables.html", **values, tables=twin, names=tables.names_of(shown.result)
        )
    status = 400 if found.errors else 200
    return Response(render_template(template, **values, **_mapped(question, found, words, shown)), status)


def _common(
    question: Question[Any], found: asking.Asked[Any], words: Words, answer: Answer | None
) -> dict[str, Any]:
    """What both the map and the tables of a question show."""
    address = asking.address_of(found.values) if found.values is not None else {}
    here = f"planner_{question.name}.index"
    return {
        "question": question,
        "words": words,
        "tabs": questions.tabs(question.name),
        "fields": asking.fields_of(question.parameters, found, words),
        "general_error": found.errors.get("", ""),
        "errors": found.errors,
        "answer": answer,
        "findings": tables.findings(answer.result, words, answer.places) if answer else [],
        "definitions": tables.definitions(answer.result, words) if answer else [],
        "keeping": _keeping(question, found),
        "here": here,
        "address": address,
        "map_url": url_for(here, **address),
        "table_url": url_for(here, **address, view="table"),
        "csv_url": lambda table: url_for(here, **address, view="csv", table=table),
    }


def _mapped(
    question: Question[Any], found: asking.Asked[Any], words: Words, answer: Answer | None
) -> dict[str, Any]:
    """The map with the data of its scripts, and what one chooses from."""
    actor = current_actor()
    outlines = division.outlines(db(), actor, Place.COMMUNITY, simplify_m=_SIMPLIFY_M)
    is_schematic = bool(outlines["division"]["is_schematic"])
    places = _places(answer) if answer else {}
    columns = columns_of(places, words)
    names = [column["name"] for column in columns if column["is_mapped"]]
    wished = (request.args.get("figure", ""), answer.figure if answer else "", *names)
    data = {
        "figures": columns,
        "figure": next((name for name in wished if name in names), ""),
        "levels": levels_of(places, words),
        "names": {f["properties"]["code"]: _name(f["properties"]) for f in outlines["features"]},
        "shapes": shapes_of(answer.result, words) if answer else [],
        "place_url": _place_url(question, found),
        **_drawn(answer.charts if answer else ()),
    }
    built = workspace_map(
        outlines,
        levels=[place.value for place in places],
        data=data,
        outline_urls=answer.outlines if answer else {},
        options=map_options(actor, schematic=is_schematic),
    )
    for name, config in answer.tools if answer else ():
        Tool(name, config).add_to(built)
    return {
        "parts": parts_of(built),
        "figures": [column for column in columns if column["is_mapped"]],
        "figure": data["figure"],
        "levels": [
            {"name": place.value, "title": tables.level_title(place), "table": table.name}
            for place, table in places.items()
        ],
        "tables": tables.shown(answer.result, words, most=_MOST_ROWS, places=answer.places) if answer else [],
        "is_schematic": is_schematic,
    }


def _places(answer: Answer) -> dict[Place, Table]:
    """The levels of the map, the one it opens with first."""
    found = place_tables(answer.result, (*_OUTLINED, *answer.outlines))
    first = {place: table for place, table in found.items() if place.value == answer.level}
    return first | found


def _drawn(charts: tuple[Chart, ...]) -> dict[str, Any]:
    """What the charts are drawn from, and by."""
    return {
        "charts": [{"id": chart.id, "spec": chart.spec} for chart in charts],
        "ranked": ranked_bars((), Axis("")),
        "locale": locale(english=is_english()),
        "vega": [
            url_for("static", filename=f"vendor/{name}/{name}.min.js")
            for name in ("vega", "vega-lite", "vega-embed")
        ],
    }


def _place_url(question: Question[Any], found: asking.Asked[Any]) -> str:
    """Address of a place's detail, to which its code is added; empty where the question has none."""
    endpoint = f"planner_{question.name}.place"
    if found.values is None or endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, code="", **asking.address_of(found.values))


def _keeping(question: Question[Any], found: asking.Asked[Any]) -> dict[str, str] | None:
    """What the form that keeps this as a run sends; None where the reader may not."""
    endpoint = "planner_runs.create"
    actor = current_actor()
    if found.values is None or not actor.may(Permission.RUN_COVERAGE) or not may_open(actor, endpoint):
        return None
    return {
        "url": url_for(endpoint),
        "analysis": question.name,
        "parameters": found.values.model_dump_json(by_alias=True),
    }


def _name(properties: Mapping[str, Any]) -> str:
    return str((is_english() and properties["name_en"]) or properties["name"])
