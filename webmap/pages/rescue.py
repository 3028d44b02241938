"""Files that phones exported, taken in by the administrator in the name of whose phone it was."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput, TooLarge
from gis.exchange.formulas import formula_safe
from gis.people.model import Permission
from gis.rescue import service
from gis.rescue.model import MAX_BYTES
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("rescue", __name__, url_prefix="/admin/rescue")

_FORM = 1024 * 1024
"""Bytes of a form around its files."""


@blueprint.url_value_preprocessor
def let_large_files_in(endpoint: str | None, _: dict[str, Any] | None) -> None:
    """Files of phones are larger than other bodies; the guard is asked before any of it is read."""
    if endpoint == "rescue.upload":
        request.max_content_length = MAX_BYTES + _FORM


@blueprint.get("")
@requires(Permission.TAKE_IN_RESCUED)
def index() -> ResponseReturnValue:
    """List files, newest first, with a form for more."""
    return _list()


@blueprint.post("")
@requires(Permission.TAKE_IN_RESCUED)
def upload() -> ResponseReturnValue:
    """Check files and keep the good ones; one alone is shown at once."""
    kept, faults = [], []
    for file in request.files.getlist("file"):
        if not file.filename:
            continue
        try:
            data = file.read()
            kept.append(
                service.receive_file(db(), current_actor(), file.filename, data, request_id=g.request_id)
            )
        except (InvalidInput, TooLarge) as error:
            faults.append({"name": file.filename, "error": error})
    if not kept and not faults:
        flash(gettext("Choose a file."), "danger")
    if faults:
        return _list(faults=faults), 400
    if len(kept) == 1:
        return redirect(url_for("rescue.show", rescue_file_id=kept[0]))
    return redirect(url_for("rescue.index"))


@blueprint.get("/<int:rescue_file_id>")
@requires(Permission.TAKE_IN_RESCUED)
def show(rescue_file_id: int) -> ResponseReturnValue:
    """Show what a file holds, or what became of it."""
    return _page(rescue_file_id)


@blueprint.post("/<int:rescue_file_id>/take-in")
@requires(Permission.TAKE_IN_RESCUED)
def take_in(rescue_file_id: int) -> ResponseReturnValue:
    """Take it in, in the name of the person confirmed."""
    confirmed = request.form.get("confirm", type=int)
    try:
        service.take_in(db(), current_actor(), rescue_file_id, confirmed, request_id=g.request_id)
    except (Conflict, InvalidInput) as error:
        return _page(rescue_file_id, error=error), 400
    return redirect(url_for("rescue.show", rescue_file_id=rescue_file_id))


@blueprint.post("/<int:rescue_file_id>/discard")
@requires(Permission.TAKE_IN_RESCUED)
def discard(rescue_file_id: int) -> ResponseReturnValue:
    """Forget what it holds."""
    try:
        service.discard(db(), current_actor(), rescue_file_id, request_id=g.request_id)
    except Conflict as error:
        return _page(rescue_file_id, error=error), 400
    flash(gettext("The file is discarded."), "ok")
    return redirect(url_for("rescue.index"))


@blueprint.get("/<int:rescue_file_id>/outcome.csv")
@requires(Permission.TAKE_IN_RESCUED)
def outcome(rescue_file_id: int) -> ResponseReturnValue:
    """Give what became of each item as CSV."""
    items = service.items_of(db(), current_actor(), rescue_file_id)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["kind", "id", "outcome", "code", "detail"])
    for item in items:
        writer.writerow([formula_safe(value or "") for value in item])
    answer = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=rescue-{rescue_file_id}.csv"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _list(**shown: Any) -> str:
    before = request.args.get("before", type=int)
    rows = service.rescue_files(db(), current_actor(), before=before)
    return render_template(
        "rescue/index.html",
        rows=rows,
        page_size=service.PAGE_SIZE,
        most_mb=MAX_BYTES // 2**20,
        days=service.KEPT_FOR.days,
        **shown,
    )


def _page(rescue_file_id: int, **shown: Any) -> str:
    file = service.show_file(db(), current_actor(), rescue_file_id, request_id=g.request_id)
    return render_template("rescue/show.html", file=file, row=file.row, kinds=service.KINDS, **shown)
