"""Runs of analyses: the list, a run with its result, what a planner does with it, its files."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from gis.analysis.runs import service
from gis.analysis.runs.model import ReportWish, Run, State
from gis.errors import InvalidInput, NotFound
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import moment
from webmap.pages.forms import do_and_return
from webmap.planner import run_files, run_words
from webmap.planner.landing import LATEST_RUNS
from webmap.planner.questions import tabs
from webmap.planner.report import report_of
from webmap.planner.tables import definitions, findings, shown

blueprint = Blueprint("planner_runs", __name__, url_prefix="/planner/runs")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GPKG = "application/geopackage+sqlite3"
_MOST_ROWS = 200


@blueprint.record_once
def tell_latest(state: BlueprintSetupState) -> None:
    """The entrance of the workspace shows when each analysis was last measured."""
    state.app.extensions[LATEST_RUNS] = service.latest_runs


@blueprint.get("")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """List runs and reports, newest first."""
    analysis = request.args.get("analysis", "")[:40] or None
    before = request.args.get("before", type=int)
    runs = service.recent_runs(db(), current_actor(), analysis=analysis, before=before)
    return render_template(
        "planner/runs.html",
        tabs=tabs("runs"),
        rows=[_row(run) for run in runs],
        titles=run_words.titles(),
        analysis=analysis or "",
        next_before=runs[-1].run_id if len(runs) == service.PAGE_SIZE else None,
        may_change=current_actor().may(Permission.RUN_COVERAGE),
    )


@blueprint.post("")
@requires(Permission.RUN_COVERAGE)
def create() -> ResponseReturnValue:
    """Ask for a run of an analysis; what was measured from the same data is shown at once."""
    asked = service.ask_run(
        db(),
        current_actor(),
        request.form.get("analysis", ""),
        _parameters(request.form.get("parameters", "")),
        anew=request.form.get("anew") == "1",
    )
    return redirect(
        url_for(
            "planner_runs.show",
            run_id=asked.run_id,
            known=None if asked.is_new else 1,
            report=1 if request.form.get("report") else None,
        )
    )


@blueprint.get("/<int:run_id>")
@requires(Permission.SEE_COVERAGE)
def show(run_id: int) -> ResponseReturnValue:
    """Show how a run stands, and what it gave."""
    run, reports = service.show_run(db(), current_actor(), run_id)
    if run.report_of is not None:
        return redirect(url_for("planner_runs.show", run_id=run.report_of))
    words = run_words.words_or_names(run.analysis)
    page: dict[str, Any] = {
        "tabs": tabs("runs"),
        "run": run,
        "row": _row(run),
        "words": words,
        "stated": run_words.stated(run, words),
        "parameters": json.dumps(dict(run.parameters), ensure_ascii=False),
        "reports": [_row(report) for report in reports],
        "is_known": request.args.get("known") == "1",
        "wants_report": request.args.get("report") == "1",
        "may_change": current_actor().may(Permission.RUN_COVERAGE),
    }
    if run.state is State.DONE:
        outcome = service.outcome_of(db(), current_actor(), run_id)
        places = run_files.place_names(outcome)
        page |= {
            "tables": shown(outcome.result, words, places=places),
            "names": [
                [run_files.name_of(one) for one in names] if run_files.is_named(table) else []
                for table, names in zip(outcome.result.tables, outcome.names, strict=True)
            ],
            "most_rows": _MOST_ROWS,
            "findings": findings(outcome.result, words, places),
            "definitions": definitions(outcome.result, words),
        }
    return render_template("planner/run.html", **page)


@blueprint.get("/states")
@requires(Permission.SEE_COVERAGE)
def states() -> ResponseReturnValue:
    """How the latest runs stand, asked for by a page that is open while one is under way."""
    runs = service.recent_runs(db(), current_actor())
    answer = jsonify(runs=[_row(run) for run in runs])
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:run_id>/cancel")
@requires(Permission.RUN_COVERAGE)
def cancel(run_id: int) -> ResponseReturnValue:
    """Cancel what waits or is measured."""
    return do_and_return(lambda: service.cancel_run(db(), current_actor(), run_id), _back(run_id))


@blueprint.post("/<int:run_id>/retry")
@requires(Permission.RUN_COVERAGE)
def retry(run_id: int) -> ResponseReturnValue:
    """Ask again for what failed or was cancelled."""
    return do_and_return(lambda: service.retry_run(db(), current_actor(), run_id), _back(run_id))


@blueprint.post("/<int:run_id>/keep")
@requires(Permission.RUN_COVERAGE)
def keep(run_id: int) -> ResponseReturnValue:
    """Keep a run from being forgotten, or let it go."""
    is_kept = request.form.get("keep") == "1"
    return do_and_return(
        lambda: service.keep_run(db(), current_actor(), run_id, is_kept=is_kept), _back(run_id)
    )


@blueprint.post("/<int:run_id>/reports")
@requires(Permission.RUN_COVERAGE)
def ask_report(run_id: int) -> ResponseReturnValue:
    """Ask for the report with a section for each community."""
    try:
        wish = ReportWish(paper=request.form.get("paper", "A4"), locale=request.form.get("locale", "zh"))  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidInput("Paper is A4 or A3.", pointer="paper") from error
    return do_and_return(lambda: service.ask_report(db(), current_actor(), run_id, wish), _back(run_id))


@blueprint.get("/<int:run_id>/report.pdf")
@requires(Permission.SEE_COVERAGE)
def as_pdf(run_id: int) -> ResponseReturnValue:
    """Give the report of the district, or with `community` of one; `figure` is what its map shows."""
    asked = {
        name: request.args[name][:60] for name in ("paper", "figure", "community") if name in request.args
    }
    report, made = report_of(db(), current_actor(), run_id, **asked)
    community = asked.get("community", "")
    return _pdf(made, f"{report.words.title} {run_id}{f' {community}' if community else ''}.pdf")


@blueprint.get("/reports/<int:report_id>.pdf")
@requires(Permission.SEE_COVERAGE)
def report_file(report_id: int) -> ResponseReturnValue:
    """Give a report that was made in the background."""
    made = service.report_file(db(), current_actor(), report_id)
    run, _ = service.show_run(db(), current_actor(), report_id)
    title = run_words.words_or_names(run.analysis).title
    return _pdf(made, f"{title} {run.report_of} {run.report.paper if run.report else ''}.pdf")


@blueprint.get("/<int:run_id>/tables/<int:number>.csv")
@requires(Permission.SEE_COVERAGE)
def as_csv(run_id: int, number: int) -> ResponseReturnValue:
    """Give a table as CSV; tables count from 1."""
    outcome = service.outcome_of(db(), current_actor(), run_id)
    if not 1 <= number <= len(outcome.result.tables):
        raise NotFound
    words = run_words.words_or_names(outcome.run.analysis)
    made = run_files.as_csv(outcome, number - 1, words)
    return _file(made, "text/csv", f"{_base(outcome.run)}-{outcome.result.tables[number - 1].name}.csv")


@blueprint.get("/<int:run_id>/result.xlsx")
@requires(Permission.SEE_COVERAGE)
def as_workbook(run_id: int) -> ResponseReturnValue:
    """Give all tables as a workbook, with what they mean."""
    outcome = service.outcome_of(db(), current_actor(), run_id)
    file = io.BytesIO()
    run_files.write_workbook(file, outcome, run_words.words_or_names(outcome.run.analysis))
    return _file(file.getvalue(), _XLSX, f"{_base(outcome.run)}.xlsx")


@blueprint.get("/<int:run_id>/result.gpkg")
@requires(Permission.SEE_COVERAGE)
def as_geopackage(run_id: int) -> ResponseReturnValue:
    """Give all tables as a GeoPackage, with the outlines of their rows."""
    from gis.analysis.runs.geopackage import geopackage  # geopandas: only those who take one away pay

    outcome = service.outcome_of(db(), current_actor(), run_id)
    numbers = range(1, len(outcome.result.tables) + 1)
    shapes = [service.shapes_of(db(), current_actor(), run_id, number) for number in numbers]
    return _file(geopackage(outcome, shapes), _GPKG, f"{_base(outcome.run)}.gpkg")


def _row(run: Run) -> dict[str, Any]:
    """A run for the list and for scripts: texts, and what can be done with it."""
    words = run_words.words_or_names(run.analysis)
    asked = run_words.asked_lines(words, run.parameters)
    return {
        "id": run.run_id,
        "title": str(words.title),
        "asked": " · ".join(f"{title} {value}" for title, value in asked),
        "report": f"PDF {run.report.paper} {run.report.locale}" if run.report else "",
        "report_of": run.report_of,
        "state": run.state.value,
        "state_title": run_words.state_title(run.state),
        "message": run_words.message(run.message),
        "done": run.steps_done,
        "steps": run.steps_all,
        "is_under_way": run.is_under_way,
        "can_retry": run.state in (State.FAILED, State.CANCELLED),
        "is_kept": run.is_kept,
        "is_scheduled": run.schedule_id is not None,
        "asked_by": run.asked_by,
        "asked_at": moment(run.asked_at),
        "seconds": f"{run.took.total_seconds():.1f}" if run.took else "",
    }


def _parameters(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
    except (ValueError, RecursionError) as error:  # the latter: nested too deep
        raise InvalidInput("Parameters are a JSON object.", pointer="parameters") from error
    if not isinstance(found, dict):
        raise InvalidInput("Parameters are a JSON object.", pointer="parameters")
    return found


def _back(run_id: int) -> str:
    return url_for("planner_runs.show", run_id=run_id)


def _base(run: Run) -> str:
    return f"{run.analysis}-{run.run_id}"


def _file(content: bytes, media_type: str, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)


def _pdf(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename=report.pdf; filename*=UTF-8''{quote(name)}"
    return answer
