"""The audit log, for the auditor."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gis.people import admin
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("audit", __name__)


@blueprint.get("/admin/audit")
@requires(Permission.READ_AUDIT)
def index() -> ResponseReturnValue:
    """Show the log, latest first."""
    action, username = request.args.get("action", ""), request.args.get("username", "")
    before = request.args.get("before", type=int)
    rows = admin.read_audit(db(), current_actor(), action=action, username=username, before=before)
    return render_template(
        "audit.html", rows=rows, action=action, username=username, page_size=admin.PAGE_SIZE
    )
