"""The phone page: log a patrol point where one stands."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gis.patrol import service
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("field", __name__)


@blueprint.get("/field")
@requires(Permission.LOG_PATROL)
def index() -> ResponseReturnValue:
    """Show the page; it keeps points on the phone until the server has answered for them."""
    return render_template("field.html", kinds=service.violation_kinds(db(), current_actor()))
