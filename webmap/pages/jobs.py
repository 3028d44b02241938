"""Periodic jobs: when each ran last, how it ended, and what went wrong."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gis.jobs import runner
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/admin/jobs")
@requires(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    """List the jobs and their latest runs."""
    by_job, runs = runner.recent_runs(db(), current_actor())
    return render_template("rounds/jobs.html", by_job=by_job, runs=runs)
