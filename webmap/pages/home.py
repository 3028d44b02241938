"""The first page after signing in: by role, what is due."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gis.findings import service as findings
from gis.people import duties
from gis.people.model import Role
from webmap import db
from webmap.auth import current_actor, signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """Show what the actor answers for and what waits there."""
    actor = current_actor()
    return render_template(
        f"home/{actor.role.value}.html",
        duties=duties.today(db(), actor),
        rechecks=findings.to_recheck(db(), actor) if actor.role is Role.PATROL else (),
    )
