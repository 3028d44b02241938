"""What everybody may see without signing in, for the administrator to switch."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import InvalidInput
from gis.people.model import Permission
from gis.publish import public
from gis.publish.layers import LAYERS
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("publication", __name__)


@blueprint.get("/admin/publication")
@requires(Permission.MANAGE_PUBLICATION)
def index() -> ResponseReturnValue:
    """List the layers whose counts may be shown to everybody."""
    return render_template(
        "publication.html",
        profiles=public.profiles(db(), current_actor()),
        layers=LAYERS,
        least=public.SMALLEST,
        most=public.LARGEST,
    )


@blueprint.post("/admin/publication/<layer>")
@requires(Permission.MANAGE_PUBLICATION)
def switch(layer: str) -> ResponseReturnValue:
    """Switch one of them on or off, with the smallest count told."""
    try:
        public.set_profile(
            db(), current_actor(), layer, is_on=request.form.get("is_on") == "on", smallest=_smallest()
        )
        flash(gettext("Saved."), "ok")
    except InvalidInput as error:
        flash(gettext(error.message), "danger")
    return redirect(url_for("publication.index"))


def _smallest() -> int:
    text = request.form.get("smallest", "").strip()
    # What is no number is as wrong as one that is out of bounds.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
