"""Where would one more help most? A choice of sites, and drafts of them that are kept."""

from __future__ import annotations

from flask import Blueprint, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.result import Unit
from gis.analysis.services.sites_model import SitesParameters
from gis.errors import GisError
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner import curves, kinds
from webmap.planner.asked import address_of
from webmap.planner.detail import Rows
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.services import in_english, minutes_text, place_detail, stated
from webmap.planner.values import cell_text

blueprint = Blueprint("planner_sites", __name__)
QUESTION = Question("sites", SitesParameters)
_MAX_BYTES = 8 * 1024 * 1024
_OF_THE_FORM = ("csrf_token", "draft_name")


@blueprint.get("/planner/sites")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show the sites chosen for what is asked, and the drafts there are."""
    from gis.analysis.services.drafts import drafts

    return page(
        QUESTION,
        _answer,
        template="planner/sites.html",
        drafts=drafts(db(), current_actor()),
        kinds=kinds.TITLES,
        may_keep=current_actor().may(Permission.RUN_COVERAGE),
    )


@blueprint.get("/planner/sites/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """Tell of a community or cell its figures and the buildings that come nearer, or stay far."""
    from gis.analysis.services.drafts import sites
    from gis.analysis.services.nearer import nearer

    asked = parameters_of(QUESTION)
    found = sites(db(), current_actor(), asked)
    buildings = nearer(db(), current_actor(), asked, code)
    rows = [
        (
            one.code,
            cell_text(one.people, Unit.COUNT),
            minutes_text(one.before),
            minutes_text(one.after),
            one.site,
        )
        for one in buildings
    ]
    people = gettext("Residents") if asked.weight == "residents" else gettext("Rental units")
    heads = [
        gettext("Building"),
        people,
        gettext("Minutes before"),
        gettext("Minutes after"),
        gettext("New site"),
    ]
    title = gettext("Buildings newly within the minutes, then those farthest away")
    return place_detail(QUESTION, found, code, Rows(title, heads, rows))


@blueprint.post("/planner/sites/drafts")
@requires(Permission.RUN_COVERAGE)
def keep() -> ResponseReturnValue:
    """Keep the sites chosen under a name."""
    from gis.analysis.services.drafts import keep_draft

    given = {name: text for name, text in request.form.items() if name not in _OF_THE_FORM}
    asked = SitesParameters.model_validate(given)
    name = request.form.get("draft_name", "")
    try:
        keep_draft(db(), current_actor(), name, asked, request_id=g.request_id)
    except GisError as error:
        flash(gettext(error.message), "danger")
    else:
        flash(gettext("The draft is kept."), "ok")
    return redirect(url_for("planner_sites.index", **address_of(asked), _anchor="drafts"))


@blueprint.post("/planner/sites/lists")
@requires(Permission.RUN_COVERAGE)
def bring() -> ResponseReturnValue:
    """Keep the places of a file as candidates, and show what is chosen among them."""
    from gis.analysis.services.drafts import keep_list

    file = request.files.get("file")
    kind = request.form.get("kind", "")
    if file is None or not file.filename or kind not in kinds.TITLES:
        flash(gettext("Choose a file."), "danger")
        return redirect(url_for("planner_sites.index"))
    try:
        data = file.read(_MAX_BYTES)
        number = keep_list(db(), current_actor(), file.filename, data, kind=kind, request_id=g.request_id)
    except GisError as error:
        flash(f"{file.filename[:100]}: {gettext(error.message)}", "danger")
        return redirect(url_for("planner_sites.index", kind=kind))
    return redirect(url_for("planner_sites.index", kind=kind, candidates="list", list_id=number))


@blueprint.get("/planner/sites/drafts/<int:draft_id>.geojson")
@requires(Permission.SEE_COVERAGE)
def draft(draft_id: int) -> ResponseReturnValue:
    """Give the sites of a draft as GeoJSON."""
    from gis.analysis.services.drafts import draft_shapes

    return jsonify(draft_shapes(db(), current_actor(), draft_id))


@blueprint.post("/planner/sites/drafts/<int:draft_id>/delete")
@requires(Permission.RUN_COVERAGE)
def delete(draft_id: int) -> ResponseReturnValue:
    """Forget a draft."""
    from gis.analysis.services.drafts import delete_draft

    delete_draft(db(), current_actor(), draft_id, request_id=g.request_id)
    flash(gettext("The draft is deleted."), "ok")
    return redirect(url_for("planner_sites.index", _anchor="drafts"))


def _answer(asked: SitesParameters) -> Answer:
    from gis.analysis.services.drafts import sites

    found = sites(db(), current_actor(), asked)
    return Answer(
        in_english(found.result, found.ground),
        figure="gained",
        charts=curves.of_sites(found.result),
        stated=stated(found.ground, asked),
        version=found.version,
        tools=(("sites", {"draft_url": url_for("planner_sites.draft", draft_id=0)}),),
    )
