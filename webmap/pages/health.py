"""Whether the application lives, and whether it can serve."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from gis.errors import Busy
from gis.people import service
from webmap import db
from webmap.auth import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Answer that the process lives."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Answer whether the database answers."""
    try:
        service.demo_size(db())
    except Busy:
        return jsonify({"status": "unavailable", "database": "no answer"}), 503, {"Retry-After": "2"}
    return jsonify({"status": "ok", "database": "ok"})
