"""What phones sent and could not be stored, for the administrator to repair or dismiss."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput
from gis.patrol import repair as service
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("quarantine", __name__, url_prefix="/admin/quarantine")


@blueprint.get("")
@requires(Permission.MANAGE_QUARANTINE)
def index() -> ResponseReturnValue:
    """List what is kept in one state, newest first."""
    asked = request.args.get("state", "open")
    state = asked if asked in service.STATES else "open"
    before = request.args.get("before", type=int)
    rows = service.quarantined(db(), current_actor(), state=state, before=before)
    return render_template(
        "quarantine/index.html", rows=rows, state=state, states=service.STATES, page_size=service.PAGE_SIZE
    )


@blueprint.get("/<int:quarantine_id>")
@requires(Permission.MANAGE_QUARANTINE)
def show(quarantine_id: int) -> ResponseReturnValue:
    """Show one, with a form to correct it."""
    return _page(quarantine_id)


@blueprint.post("/<int:quarantine_id>/repair")
@requires(Permission.MANAGE_QUARANTINE)
def repair(quarantine_id: int) -> ResponseReturnValue:
    """Send the corrected record again, in its sender's name."""
    payload = request.form.get("payload", "")
    try:
        service.repair(db(), current_actor(), quarantine_id, payload, request_id=g.request_id)
    except (Conflict, InvalidInput) as error:
        return _page(quarantine_id, error=error, payload=payload), 400
    flash(gettext("The record is stored."), "ok")
    return redirect(url_for("quarantine.index"))


@blueprint.post("/<int:quarantine_id>/dismiss")
@requires(Permission.MANAGE_QUARANTINE)
def dismiss(quarantine_id: int) -> ResponseReturnValue:
    """Settle it without storing it."""
    reason = request.form.get("reason", "")
    try:
        service.dismiss(db(), current_actor(), quarantine_id, reason, request_id=g.request_id)
    except (Conflict, InvalidInput) as error:
        return _page(quarantine_id, error=error), 400
    flash(gettext("The record is dismissed."), "ok")
    return redirect(url_for("quarantine.index"))


def _page(quarantine_id: int, **shown: Any) -> str:
    row = service.show_quarantined(db(), current_actor(), quarantine_id)
    text = json.dumps(row.payload, ensure_ascii=False, indent=2)
    return render_template("quarantine/show.html", row=row, **{"payload": text, **shown})
