"""One community divided anew into cells of even work: figures, map, and the draft to publish."""

from __future__ import annotations

import shapely
from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.workload.draft import Split, SplitQuestion, draft_file, split_community
from gis.analysis.workload.splitting import told
from gis.division import service as division
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.planner.asked import address_of
from webmap.planner.beats import workload_link
from webmap.planner.beats_charts import charts_of_split
from webmap.planner.detail import Detail, detail
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.known_place import known_place

blueprint = Blueprint("planner_split", __name__)
QUESTION = Question("split", SplitQuestion)


@blueprint.get("/planner/split")
@requires(Permission.RUN_COVERAGE)
def index() -> ResponseReturnValue:
    """Show a community's cells of today and a draft of new ones."""
    communities = _communities()
    if "community" not in request.args and communities:
        code, cells = communities[0][0], communities[0][2]
        return redirect(url_for("planner_split.index", community=code, cells=max(2, cells)))
    draft: dict[str, object] = {}

    def answer(asked: SplitQuestion) -> Answer:
        split = split_community(db(), current_actor(), asked)
        draft.update(_draft(split, asked))
        return _answer(split)

    return page(QUESTION, answer, template="planner/split.html", draft=draft, communities=communities)


@blueprint.get("/planner/split/place/<code>")
@requires(Permission.RUN_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """The way to the work of a cell of today, and to its own page."""
    known = known_place(code)
    return detail(Detail(code, known.title, links=(known.link, workload_link(code))))


@blueprint.get("/planner/split/draft.gpkg")
@requires(Permission.RUN_COVERAGE)
def as_file() -> ResponseReturnValue:
    """Give the whole draft as a GeoPackage, as the loader of divisions takes it."""
    asked = parameters_of(QUESTION)
    split = split_community(db(), current_actor(), asked)
    response = Response(draft_file(split.draft), mimetype="application/geopackage+sqlite3")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=division-{split.community_code}-{len(split.cells)}.gpkg"
    )
    return response


def _answer(split: Split) -> Answer:
    version = split.weights_version
    weights = (
        gettext("weights of version %(version)s", version=version)
        if version is not None
        else gettext("weights tried out, not kept")
    )
    stated = (gettext("loads of single units, incidents and check points"), weights)
    bounds = [float(edge) for edge in shapely.total_bounds([cell.outline for cell in split.cells])]
    result = told(split)
    tools = (("focus", {"bounds": bounds}),)
    return Answer(result, figure="minutes_today", charts=charts_of_split(result), stated=stated, tools=tools)


def _draft(split: Split, asked: SplitQuestion) -> dict[str, object]:
    return {
        "is_sound": split.is_sound,
        "warnings": split.verdict.warnings,
        "url": url_for("planner_split.as_file", **address_of(asked)),
        "code_scheme": split.draft.code_scheme,
        "is_schematic": split.draft.is_schematic,
    }


def _communities() -> list[tuple[str, str, int]]:
    """Code, name and number of cells of every community."""
    actor = current_actor()
    cells = [f["properties"]["community_code"] for f in division.outlines(db(), actor, "cell")["features"]]
    return [
        (p["code"], str((is_english() and p["name_en"]) or p["name"]), cells.count(p["code"]))
        for p in (f["properties"] for f in division.outlines(db(), actor, "community")["features"])
    ]
