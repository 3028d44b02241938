"""The entrance of the planner's workspace: the questions in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from gis.database.pool import Database
from gis.people.model import Actor, Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner import questions

blueprint = Blueprint("planner", __name__)

LATEST_RUNS = "planner_latest_runs"
"""Key of `app.extensions`: tells when each analysis was last run and kept (`Latest`)."""

Latest = Callable[[Database, Actor], Mapping[str, datetime]]


@blueprint.get("/planner")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """List the questions with what each answers and the date of its latest run."""
    latest: Latest | None = current_app.extensions.get(LATEST_RUNS)
    return render_template(
        "planner/index.html",
        entries=[
            {
                "title": entry.title,
                "asks": entry.asks,
                "answers": entry.answers,
                "url": url_for(entry.endpoint),
                "name": entry.name,
            }
            for entry in questions.shown()
        ],
        latest=latest(db(), current_actor()) if latest else {},
    )
