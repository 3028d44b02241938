"""What patrols are to reach, by land use of cells and level of parcels."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis.analysis.patrol import service
from gis.errors import InvalidInput
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.pages.forms import do_and_return
from webmap.planner.questions import tabs
from webmap.planner.words.patrol import LEVELS

blueprint = Blueprint("planner_patrol_targets", __name__)


@blueprint.get("/planner/patrol/targets")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show the targets, to be changed by planners."""
    return render_template(
        "planner/patrol_targets.html",
        targets=service.list_targets(db(), current_actor()),
        level_title=_level_title,
        tabs=tabs("patrol"),
        may_change=current_actor().may(Permission.RUN_COVERAGE),
    )


@blueprint.post("/planner/patrol/targets/<place>/<level>")
@requires(Permission.RUN_COVERAGE)
def change(place: str, level: str) -> ResponseReturnValue:
    """Change what one level is to reach."""

    def save() -> None:
        target = service.target_of(place, level, _number("share") / 100, round(_number("days")))
        service.save_target(db(), current_actor(), target, request_id=g.request_id)

    return do_and_return(save, url_for("planner_patrol_targets.index"))


def _level_title(target: Any) -> str:
    """The name the administrator gave a parcel's level, else the word for a land use."""
    if target.name_zh:
        return str((is_english() and target.name_en) or target.name_zh)
    known = LEVELS.get(target.level)
    return str(known.title) if known else str(target.level)


def _number(field: str) -> float:
    try:
        number = float(request.form.get(field, ""))
    except ValueError as error:
        raise InvalidInput("This is not a number.", pointer=field) from error
    if not math.isfinite(number):
        raise InvalidInput("This is not a number.", pointer=field)
    return number
