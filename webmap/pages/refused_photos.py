"""Photos that were refused or never finished, for the administrator to look at, judge again or delete."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput
from gis.people.model import Permission
from gis.photo import refused as service
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.pictures import drawn_or_placeholder, picture

blueprint = Blueprint("refused_photos", __name__, url_prefix="/admin/refused-photos")


@blueprint.get("")
@requires(Permission.MANAGE_QUARANTINE)
def index() -> ResponseReturnValue:
    """List photos that were refused, or that are not here as a whole, newest first."""
    asked = request.args.get("state", "")
    state = asked if asked in service.STATES else service.STATES[0]
    before = request.args.get("before", type=int)
    rows = service.refused_photos(db(), current_actor(), state=state, before=before)
    return render_template(
        "refused_photos/index.html",
        rows=rows,
        state=state,
        states=service.STATES,
        page_size=service.PAGE_SIZE,
    )


@blueprint.get("/<int:refused_id>")
@requires(Permission.MANAGE_QUARANTINE)
def show(refused_id: int) -> ResponseReturnValue:
    """Show what is known of one."""
    return _page(refused_id)


@blueprint.get("/<int:refused_id>/picture")
@requires(Permission.MANAGE_QUARANTINE)
def look(refused_id: int) -> ResponseReturnValue:
    """Give what can be drawn of what arrived, never the bytes themselves; leaves an audit row."""
    drawn = service.look_at_refused(db(), current_actor(), refused_id, request_id=g.request_id)
    answer = picture(*drawn_or_placeholder(drawn), f"refused-{refused_id}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:refused_id>/judge")
@requires(Permission.MANAGE_QUARANTINE)
def judge(refused_id: int) -> ResponseReturnValue:
    """Judge it again by today's rules."""
    try:
        service.judge_again(db(), current_actor(), refused_id, request_id=g.request_id)
    except (Conflict, InvalidInput) as error:
        return _page(refused_id, error=error), 400
    flash(gettext("The photo is taken."), "ok")
    return redirect(url_for("refused_photos.index"))


@blueprint.post("/<int:refused_id>/delete")
@requires(Permission.MANAGE_QUARANTINE)
def delete(refused_id: int) -> ResponseReturnValue:
    """Delete it for good."""
    reason = request.form.get("reason", "")
    try:
        service.delete_refused(db(), current_actor(), refused_id, reason, request_id=g.request_id)
    except (Conflict, InvalidInput) as error:
        return _page(refused_id, error=error), 400
    flash(gettext("The photo is deleted."), "ok")
    return redirect(url_for("refused_photos.index"))


def _page(refused_id: int, **shown: Any) -> str:
    row = service.show_refused(db(), current_actor(), refused_id)
    return render_template("refused_photos/show.html", row=row, **shown)
