"""The live map: who is out now and how today's rounds stand, on a map and in tables."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis.patrol import watching
from gis.patrol.rounds import SHOWN_STATES
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.maps.rounds_map import live_map
from webmap.pages.maps import parts_of
from webmap.pages.rounds import ground_of

blueprint = Blueprint("live", __name__)
_FILTERS = ("community", "team", "state")


@blueprint.get("/rounds/live")
@requires(Permission.SEE_ROUNDS)
def index() -> ResponseReturnValue:
    """Show the page; its script asks for what happens."""
    actor = current_actor()
    chosen = {name: request.args.get(name, "") for name in _FILTERS}
    return render_template(
        "rounds/live.html",
        parts=parts_of(live_map(ground_of([]), url=url_for("live_rounds.show"))),
        choices=watching.watch_choices(db(), actor),
        chosen=chosen,
        states=SHOWN_STATES,
        sees_positions=actor.may(Permission.SEE_TRACKS),
        english=is_english(),
    )
