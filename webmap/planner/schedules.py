"""Analyses asked for every week: the list, a form for more, pausing and deleting."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.runs import schedules, service
from gis.analysis.runs.model import Schedule, State, period_in
from gis.errors import InvalidInput
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import moment
from webmap.pages.forms import do_and_return
from webmap.planner import run_words
from webmap.planner.questions import tabs

blueprint = Blueprint("planner_schedules", __name__, url_prefix="/planner/schedules")
_DAYS = (7, 14, 28, 30)


@blueprint.get("")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """List the schedules, and runs whose parameters a new one can take."""
    actor = current_actor()
    runs = service.recent_runs(db(), actor)
    return render_template(
        "planner/schedules.html",
        tabs=tabs("runs"),
        rows=[_row(one) for one in schedules.list_schedules(db(), actor)],
        runs=[
            {"id": run.run_id, "title": _title(run.analysis, run.parameters)}
            for run in runs
            if run.state is State.DONE and run.report_of is None
        ],
        weekdays=list(enumerate(_weekdays(), 1)),
        days=_DAYS,
        chosen=request.args.get("run", type=int),
        may_change=actor.may(Permission.RUN_COVERAGE),
    )


@blueprint.post("")
@requires(Permission.RUN_COVERAGE)
def create() -> ResponseReturnValue:
    """Have what a run measured be measured every week."""
    return do_and_return(_create, url_for("planner_schedules.index"))


@blueprint.post("/<int:schedule_id>/switch")
@requires(Permission.RUN_COVERAGE)
def switch(schedule_id: int) -> ResponseReturnValue:
    """Pause a schedule or let it go on."""
    is_enabled = request.form.get("on") == "1"
    return do_and_return(
        lambda: schedules.switch_schedule(db(), current_actor(), schedule_id, is_enabled=is_enabled),
        url_for("planner_schedules.index"),
    )


@blueprint.post("/<int:schedule_id>/delete")
@requires(Permission.RUN_COVERAGE)
def delete(schedule_id: int) -> ResponseReturnValue:
    """Delete a schedule."""
    return do_and_return(
        lambda: schedules.delete_schedule(db(), current_actor(), schedule_id),
        url_for("planner_schedules.index"),
    )


def _create() -> None:
    run, _ = service.show_run(db(), current_actor(), _number("run"))
    moves = period_in(run.parameters) is not None
    schedules.create_schedule(
        db(),
        current_actor(),
        run.analysis,
        run.parameters,
        last_days=_number("last_days") if moves else None,
        weekday=_number("weekday"),
        hour=_number("hour"),
    )


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("This is not a number.", pointer=name)
    return int(text)


def _row(one: Schedule) -> dict[str, object]:
    return {
        "id": one.schedule_id,
        "title": _title(one.analysis, one.parameters, one.last_days),
        "when": gettext("%(day)s, %(hour)02d:00", day=_weekdays()[one.weekday - 1], hour=one.hour),
        "next_at": moment(one.next_at) if one.is_enabled else "–",
        "is_enabled": one.is_enabled,
        "made_by": one.made_by,
    }


def _title(analysis: str, parameters: object, last_days: int | None = None) -> str:
    words = run_words.words_or_names(analysis)
    asked = dict(parameters) if isinstance(parameters, dict) else {}
    period = period_in(asked) if last_days is not None else None
    lines = [gettext("the last %(n)s days", n=last_days)] if period else []
    rest = {name: value for name, value in asked.items() if name not in (period or ())}
    lines += [f"{title} {value}" for title, value in run_words.asked_lines(words, rest)]
    return " · ".join([str(words.title), *lines])


def _weekdays() -> list[str]:
    return [
        gettext("Monday"),
        gettext("Tuesday"),
        gettext("Wednesday"),
        gettext("Thursday"),
        gettext("Friday"),
        gettext("Saturday"),
        gettext("Sunday"),
    ]
