"""A person's own account: password and sessions."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import InvalidInput
from gis.people import service
from webmap import db
from webmap.auth import current_actor, signed_in

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@signed_in
def show() -> ResponseReturnValue:
    """Show the password form and where one is signed in."""
    return render_template("account.html", sessions=service.own_sessions(db(), current_actor()))


@blueprint.post("/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change the password; other sessions end."""
    new = request.form.get("password", "")
    try:
        if new != request.form.get("again", ""):
            raise InvalidInput("The two new passwords differ.", pointer="again")
        service.change_own_password(db(), current_actor(), request.form.get("old", ""), new)
    except InvalidInput as error:
        sessions = service.own_sessions(db(), current_actor())
        return render_template("account.html", sessions=sessions, error=error), 400
    flash(gettext("Your password is changed; you were signed out everywhere else."), "ok")
    return redirect(url_for("home.index"))


@blueprint.post("/account/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions, this one too."""
    service.sign_out_everywhere(db(), current_actor())
    return redirect(url_for("session.show_login"))
