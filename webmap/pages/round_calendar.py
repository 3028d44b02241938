"""The calendar of rounds: a month by day and state, of a team or of all."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gis.patrol import sheets
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.pages.asked import asked_month, asked_team_id
from webmap.pages.day_sheets import months_around
from webmap.pages.sheet_words import holiday_name

blueprint = Blueprint("round_calendar", __name__)
_WEEK = 7


@blueprint.get("/rounds/calendar")
@requires(Permission.SEE_ROUNDS)
def index() -> ResponseReturnValue:
    """Show a month."""
    found = sheets.round_calendar(db(), current_actor(), asked_month(), asked_team_id())
    before_first = [None] * found.month.first.weekday()
    places = [*before_first, *found.days]
    places += [None] * (-len(places) % _WEEK)
    return render_template(
        "sheets/calendar.html",
        found=found,
        weeks=[places[n : n + _WEEK] for n in range(0, len(places), _WEEK)],
        holiday_name=holiday_name,
        **months_around(found.month),
    )
