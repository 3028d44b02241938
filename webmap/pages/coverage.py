"""Where patrol coverage was before the planner's workspace: links of old go on working."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from webmap.auth import requires

blueprint = Blueprint("coverage", __name__)
_NAMES = {"from": "from", "to": "to", "radius": "radius_m"}


@blueprint.get("/coverage")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Go to the page of the same period and radius."""
    view: dict[str, Any] = {"view": "table"} if request.args.get("view") == "table" else {}
    return redirect(url_for("planner_patrol.index", **_asked(), **view), 301)


@blueprint.get("/coverage.csv")
@requires(Permission.SEE_COVERAGE)
def as_csv() -> ResponseReturnValue:
    """Go to the cells of the same period and radius as CSV."""
    return redirect(url_for("planner_patrol.index", **_asked(), view="csv", table="cells"), 301)


def _asked() -> dict[str, Any]:
    return {new: request.args[old] for old, new in _NAMES.items() if request.args.get(old)}
