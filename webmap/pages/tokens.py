"""Making and revoking one's own tokens, on the account page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput
from gis.people import tokens
from gis.people.model import TokenKind
from gis.people.tokens import DEFAULT_DAYS, TokenRequest
from webmap import db
from webmap.auth import current_actor, signed_in
from webmap.http.links import absolute
from webmap.pages import account

blueprint = Blueprint("tokens", __name__)
_TRACKERS = ("owntracks", "traccar", "osmand")
_SCOPES = {"read": False, "write": True, "tracker": True}


@blueprint.get("/account/tokens")
@signed_in
def index() -> ResponseReturnValue:
    """Go back to the list, where reloading or another language would ask for a new token's page again."""
    return redirect(url_for("account.show", _anchor="tokens"))


@blueprint.post("/account/tokens")
@signed_in
def create() -> ResponseReturnValue:
    """Make a token; its secret is shown once, with examples."""
    form = _form()
    try:
        made = tokens.create_token(db(), current_actor(), _asked(form))
    except (Conflict, InvalidInput) as error:
        return account.page(token_error=error, form=form), 400
    example = next(iter(form["collections"]), "facility")
    trackers = _TRACKERS if form["scope"] == "tracker" else ()
    return account.page(
        made=made, made_for=example, trackers={name: absolute(f"trackers.{name}") for name in trackers}
    )


@blueprint.post("/account/tokens/<int:api_token_id>/revoke")
@signed_in
def revoke(api_token_id: int) -> ResponseReturnValue:
    """Revoke one of one's own tokens."""
    tokens.revoke_token(db(), current_actor(), api_token_id)
    flash(gettext("The token is revoked."), "ok")
    return redirect(url_for("account.show", _anchor="tokens"))


def _form() -> dict[str, Any]:
    form = request.form
    return {
        "name": form.get("name", ""),
        "scope": form.get("scope", "read"),
        "days": form.get("days", "").strip(),
        "collections": form.getlist("collections"),
    }


def _asked(form: dict[str, Any]) -> TokenRequest:
    if form["scope"] not in _SCOPES:
        raise InvalidInput("There is no such scope.", pointer="scope")
    days = form["days"] or str(DEFAULT_DAYS)
    if not (days.isascii() and days.isdigit() and len(days) <= 4):
        raise InvalidInput("A token lives 1 to 365 days.", pointer="days")
    is_tracker = form["scope"] == "tracker"
    return TokenRequest(
        form["name"],
        may_write=_SCOPES[form["scope"]],
        # Positions are no collection: a limit to some would close the tracker's place.
        collections=() if is_tracker else tuple(form["collections"]),
        days=int(days),
        kind=TokenKind.TRACKER if is_tracker else TokenKind.PROGRAM,
    )
