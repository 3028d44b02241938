"""The street network that ways are measured on: how it hangs together, and a form to replace it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput, NotFound, TooLarge
from gis.exchange.model import LoadOptions
from gis.geometry.crs import CRS_NAMES
from gis.people.model import Permission
from gis.roads import service
from gis.roads.model import NEAR_M
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner import questions
from webmap.planner.words.roads import said

blueprint = Blueprint("planner_roads", __name__, url_prefix="/planner/roads")
MAX_BYTES = 64 * 1024 * 1024
_FORM = 1024 * 1024
"""Bytes of a form around its file."""
_SHOWN, _PARTS = 50, 10
"""Refused lines and unconnected parts told one by one."""


@blueprint.url_value_preprocessor
def let_large_files_in(endpoint: str | None, _: dict[str, Any] | None) -> None:
    """Road files are larger than other bodies; the guard is asked before any of it is read."""
    if endpoint == "planner_roads.upload":
        request.max_content_length = MAX_BYTES + _FORM


@blueprint.get("")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show the network in force, with a form for another where the reader may bring one."""
    return _page()


@blueprint.post("")
@requires(Permission.RUN_COVERAGE)
def upload() -> ResponseReturnValue:
    """Replace the network by a file, and tell what became of its lines."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(error=InvalidInput(gettext("Choose a file."), pointer="file")), 400
    stated = {name: request.form.get(name, "").strip() for name in ("source", "licence", "dated_on")}
    options = LoadOptions(
        crs=request.form.get("crs") or None,
        all_or_nothing="all_or_nothing" in request.form,
        title=request.form.get("title", "").strip() or None,
        constants={name: text for name, text in stated.items() if text},
    )
    try:
        report = service.import_roads(
            db(), current_actor(), file.filename, file.read(), options=options, request_id=g.request_id
        )
    except (InvalidInput, Conflict, TooLarge) as error:
        return _page(error=error), 400
    return _page(report=report), 200 if report.shape is not None else 400


def _page(**shown: Any) -> str:
    try:
        network = service.present_network(db(), current_actor())
    except NotFound:
        network = None
    return render_template(
        "planner/roads.html",
        tabs=questions.tabs("services"),
        network=network,
        may_bring=current_actor().may(Permission.RUN_COVERAGE),
        crs_names=CRS_NAMES,
        most_mb=MAX_BYTES // 2**20,
        most_rows=_SHOWN,
        near_km=NEAR_M / 1000,
        most_parts=_PARTS,
        said=said,
        **shown,
    )
