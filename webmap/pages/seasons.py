"""Levels of parcels and seasons of the year, for who plans rounds."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis.patrol import seasons
from gis.patrol.seasons import LevelDraft, SeasonDraft
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.pages.forms import do_and_return

blueprint = Blueprint("seasons", __name__)


@blueprint.get("/plans/seasons")
@requires(Permission.PLAN_ROUNDS)
def index() -> ResponseReturnValue:
    """Show levels and seasons, to be changed."""
    levels, found = seasons.levels_and_seasons(db(), current_actor())
    return render_template("rounds/seasons.html", levels=levels, seasons=found)


@blueprint.post("/plans/levels/<code>")
@requires(Permission.PLAN_ROUNDS)
def change_level(code: str) -> ResponseReturnValue:
    """Change how often parcels of a level are patrolled."""
    return _do(
        lambda: seasons.change_level(
            db(),
            current_actor(),
            code,
            LevelDraft(
                _text("name_zh"),
                _text("name_en"),
                _number("rounds_wanted"),
                _text("per"),
                _number("visits_a_month"),
            ),
            request_id=g.request_id,
        )
    )


@blueprint.post("/plans/seasons")
@requires(Permission.PLAN_ROUNDS)
def create() -> ResponseReturnValue:
    """Add a season."""
    return _do(lambda: seasons.create_season(db(), current_actor(), _draft(), request_id=g.request_id))


@blueprint.post("/plans/seasons/<int:season_id>")
@requires(Permission.PLAN_ROUNDS)
def change(season_id: int) -> ResponseReturnValue:
    """Change a season, or remove it."""
    if request.form.get("action") == "delete":
        return _do(lambda: seasons.delete_season(db(), current_actor(), season_id, request_id=g.request_id))
    return _do(
        lambda: seasons.change_season(db(), current_actor(), season_id, _draft(), request_id=g.request_id)
    )


def _draft() -> SeasonDraft:
    return SeasonDraft(
        code=_text("code"),
        name_zh=_text("name_zh"),
        name_en=_text("name_en"),
        first_day=_text("first_day"),
        last_day=_text("last_day"),
        least_m=_number("least_m"),
        least_minutes=_number("least_minutes"),
        least_days=_number("least_days"),
    )


def _text(field: str) -> str:
    return request.form.get(field, "").strip()


def _number(field: str) -> int:
    text = _text(field)
    # What is no number is as wrong as one that is out of bounds.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _do(action: Callable[[], object]) -> ResponseReturnValue:
    return do_and_return(action, url_for("seasons.index"))
