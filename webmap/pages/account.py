"""A person's own account: password, sessions and the tokens of programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import InvalidInput
from gis.people import service, tokens
from gis.people.tokens import DEFAULT_DAYS, MAX_DAYS, MAX_LIVE, MAX_NAME
from gis.publish.layers import layers_of
from webmap import db
from webmap.auth import current_actor, signed_in
from webmap.http.links import absolute

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@signed_in
def show() -> ResponseReturnValue:
    """Show the password form, where one is signed in, and one's tokens."""
    return page()


def page(**shown: Any) -> str:
    """Draw the account page, with an `error`, or with a `made` token whose secret is shown only now."""
    actor = current_actor()
    return render_template(
        "account.html",
        sessions=service.own_sessions(db(), actor),
        tokens=tokens.own_tokens(db(), actor),
        layers=layers_of(actor),
        limits={"days": DEFAULT_DAYS, "max_days": MAX_DAYS, "live": MAX_LIVE, "name": MAX_NAME},
        ogc=absolute("ogc.landing"),
        **shown,
    )


@blueprint.post("/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change the password; other sessions end, tokens of programs are revoked, of phones where asked for."""
    new = request.form.get("password", "")
    try:
        if new != request.form.get("again", ""):
            raise InvalidInput("The two new passwords differ.", pointer="again")
        old, with_uploaders = request.form.get("old", ""), "uploaders" in request.form
        service.change_own_password(db(), current_actor(), old, new, with_uploaders=with_uploaders)
    except InvalidInput as error:
        return page(error=error), 400
    if with_uploaders:
        words = gettext(
            "Your password is changed; you were signed out everywhere else and all tokens are revoked."
        )
    else:
        words = gettext(
            "Your password is changed; you were signed out everywhere else and your programs' tokens are "
            "revoked. Your phones and trackers go on uploading."
        )
    flash(words, "ok")
    return redirect(url_for("home.index"))


@blueprint.post("/account/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions, this one too."""
    service.sign_out_everywhere(db(), current_actor())
    return redirect(url_for("session.show_login"))
