"""The phone page, and what lets it open where there is no network."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from gis.division import service as division
from gis.patrol import service
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, public, requires
from webmap.maps.builders import field_map
from webmap.pages.field_shell import shell_files, shell_version
from webmap.pages.maps import parts_of

blueprint = Blueprint("field", __name__)

_SIMPLIFY_M = 60.0


@blueprint.get("/field")
@requires(Permission.LOG_PATROL)
def index() -> ResponseReturnValue:
    """Show the page; it keeps everything on the phone until the server has answered for it."""
    actor = current_actor()
    outlines = division.outlines(db(), actor, "community", simplify_m=_SIMPLIFY_M)
    credit = gettext("Schematic, not legal boundaries") if outlines["division"]["is_schematic"] else ""
    built = field_map(outlines, attribution=credit)
    return render_template("field.html", kinds=service.violation_kinds(db(), actor), parts=parts_of(built))


@blueprint.get("/field/session")
@requires(Permission.LOG_PATROL)
def session() -> ResponseReturnValue:
    """Tell whose session this is, with its CSRF token: a page from the cache may be somebody else's."""
    return jsonify({"account_id": current_actor().account_id, "csrf_token": generate_csrf()})


@blueprint.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """Give the service worker; with any file of the shell its text changes, and browsers take it anew."""
    shell = [url_for("static", filename=name) for name in shell_files()]
    answer = Response(
        render_template("sw.js", version=shell_version(), shell=shell), mimetype="text/javascript"
    )
    answer.headers["Service-Worker-Allowed"] = "/field"
    answer.headers["Cache-Control"] = "no-cache"
    return answer
