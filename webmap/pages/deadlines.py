"""How long the legal steps of a finding may take, for the administrator."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import InvalidInput
from gis.findings import rules
from gis.findings.model import MAX_DAYS, Rule, Step
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english

blueprint = Blueprint("deadlines", __name__)


@blueprint.get("/admin/deadlines")
@requires(Permission.MANAGE_CALENDAR)
def index() -> ResponseReturnValue:
    """Show the rules in force and to come."""
    return render_template(
        "findings/rules.html",
        rules=rules.list_rules(db(), current_actor()),
        steps=list(Step),
        most=MAX_DAYS,
        english=is_english(),
    )


@blueprint.post("/admin/deadlines")
@requires(Permission.MANAGE_CALENDAR)
def put() -> ResponseReturnValue:
    """Let a rule hold from a day on."""
    try:
        rules.set_rule(db(), current_actor(), _rule())
        flash(gettext("Saved."), "ok")
    except InvalidInput as error:
        flash(gettext(error.message), "danger")
    return redirect(url_for("deadlines.index"))


def _rule() -> Rule:
    form = request.form
    if form.get("step") not in set(Step):
        raise InvalidInput("There is no such code.", pointer="step")
    days = form.get("days", "")
    try:
        valid_from = date.fromisoformat(form.get("valid_from", ""))
    except ValueError as error:
        raise InvalidInput("Write a day as 2026-01-31.", pointer="valid_from") from error
    return Rule(
        form.get("kind", ""),
        Step(form["step"]),
        # What is no number is as wrong as one that is out of bounds.
        int(days) if days.isascii() and days.isdigit() and len(days) <= len(str(MAX_DAYS)) else 0,
        form.get("unit") == "working",
        valid_from,
        form.get("source", "").strip(),
    )
