"""The weights of the workload formula: every kept version, what records say, and keeping a new one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.workload import service
from gis.analysis.workload.model import WeightsVersion, WorkloadQuestion
from gis.errors import Conflict, InvalidInput
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner import questions
from webmap.planner.weight_rows import changes_asked, posted, reason_of, title_of, weight_rows

blueprint = Blueprint("planner_weights", __name__)


@blueprint.get("/planner/workload/weights")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show the weights that hold, those measured, and every version kept."""
    actor = current_actor()
    tried = WorkloadQuestion.model_validate({"what_if": request.args.get("what_if", "")}).what_if
    return _shown(tried if actor.may(Permission.RUN_COVERAGE) else {})


@blueprint.post("/planner/workload/weights")
@requires(Permission.RUN_COVERAGE)
def keep() -> ResponseReturnValue:
    """Keep the weights of the form as a new version."""
    follows = request.form.get("follows", "")
    try:
        latest = service.weights_of(db(), current_actor())
        number = service.keep_weights(
            db(),
            current_actor(),
            changes_asked(latest.weights, posted()),
            reason=request.form.get("reason", ""),
            follows=int(follows) if follows.isascii() and follows.isdigit() and len(follows) < 10 else 0,
        )
    except (InvalidInput, Conflict) as error:
        flash(gettext(error.message), "danger")
        return _shown({}), 400 if isinstance(error, InvalidInput) else 409
    flash(gettext("Version %(version)s was kept.", version=number), "ok")
    return redirect(url_for("planner_weights.index"))


def _shown(tried: dict[str, float]) -> str:
    actor = current_actor()
    versions = service.weights_versions(db(), actor)
    grades = service.visit_grades(db(), actor)
    kept = versions[0].weights
    rows = weight_rows(kept, kept.changed(tried), grades, service.measured_weights(db(), actor))
    history = [
        (version, _changes(version, before))
        for version, before in zip(versions, (*versions[1:], None), strict=True)
    ]
    titles = {name: title_of(name, grades) for version in versions for name in version.weights.flat()}
    return render_template(
        "planner/weights.html",
        rows=rows,
        grades=grades,
        latest=versions[0],
        history=history,
        titles=titles,
        reason=request.form.get("reason", ""),
        reason_of=reason_of,
        may_keep=actor.may(Permission.RUN_COVERAGE),
        tabs=questions.tabs("workload"),
    )


def _changes(version: WeightsVersion, before: WeightsVersion | None) -> list[tuple[str, float | None, float]]:
    """What a version changed: name, before, after; nothing for the first."""
    if before is None:
        return []
    old = before.weights.flat()
    return [
        (name, old.get(name), value)
        for name, value in version.weights.flat().items()
        if old.get(name) != value
    ]
