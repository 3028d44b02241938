"""Codes of check points: the list, labels to print, and a new code in place of a lost one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import InvalidInput, TooLarge
from gis.patrol import codes
from gis.people.model import Permission
from gis.zone import local_today
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.pdf import pdf_response
from webmap.http.qr import qr_svg
from webmap.i18n import is_english

blueprint = Blueprint("codes", __name__)


@blueprint.get("/plans/codes")
@requires(Permission.MANAGE_LAND)
def index() -> ResponseReturnValue:
    """List check points, to choose which labels to print."""
    chosen = _chosen()
    asked = codes.CodeQuery(
        chosen.get("community"), _number(chosen.get("parcel")), _number(chosen.get("plan"))
    )
    return render_template(
        "rounds/codes.html",
        found=codes.list_codes(db(), current_actor(), asked),
        chosen=chosen,
        most=codes.MOST_LABELS,
        english=is_english(),
    )


@blueprint.post("/plans/codes/print")
@requires(Permission.MANAGE_LAND)
def print_labels() -> ResponseReturnValue:
    """Give the labels of the chosen check points, or of one, as a PDF."""
    only = request.form.getlist("only")
    try:
        wanted = [_number(text) or 0 for text in only or request.form.getlist("check_point")]
        rows = codes.print_labels(db(), current_actor(), wanted, request_id=g.request_id)
    except (InvalidInput, TooLarge) as error:
        flash(gettext(error.message), "danger")
        return redirect(url_for("codes.index", **_chosen()))
    labels = [(row, qr_svg(row.token)) for row in rows]
    name = f"{gettext('Codes of check points')} {local_today()}.pdf"
    return pdf_response("print/codes.html", name, labels=labels)


@blueprint.post("/plans/codes/<int:check_point_id>/replace")
@requires(Permission.MANAGE_LAND)
def replace(check_point_id: int) -> ResponseReturnValue:
    """Give a check point a new code."""
    code = codes.replace_code(db(), current_actor(), check_point_id, request_id=g.request_id)
    said = gettext("%(code)s has a new code; print its label and put it in the old one's place.", code=code)
    flash(said, "ok")
    return redirect(url_for("codes.index", **_chosen()))


def _chosen() -> dict[str, Any]:
    """The choices as they go into links."""
    names = ("community", "parcel", "plan")
    chosen = {name: value for name in names if (value := request.args.get(name, "").strip())}
    if any("\0" in value for value in chosen.values()):
        raise InvalidInput("There is no such code.", pointer="community")
    return chosen


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("This is not a number.", pointer="check_point")
    return int(text)
