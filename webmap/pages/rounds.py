"""Rounds of a day as they stand, one round with its check points, and excuses asked for and decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis.division import service as division
from gis.errors import NotFound
from gis.monthly import service as monthly
from gis.patrol import round_desk
from gis.patrol.rounds import SHOWN_STATES
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.maps.basemap import tiles_of
from webmap.maps.rounds_map import Ground, points_map
from webmap.pages.asked import asked_day
from webmap.pages.forms import do_and_return
from webmap.pages.maps import parts_of

blueprint = Blueprint("rounds", __name__)
_SIMPLIFY_M = 30.0


@blueprint.get("/rounds")
@requires(Permission.SEE_ROUNDS)
def index() -> ResponseReturnValue:
    """List the rounds of a day."""
    day = asked_day()
    rounds = round_desk.rounds_of_days(db(), current_actor(), day, day)
    counts = {state: sum(1 for row in rounds.rows if row.state == state) for state in SHOWN_STATES}
    return render_template(
        "rounds/day.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        rounds=rounds,
        counts={state: number for state, number in counts.items() if number},
        is_cut=len(rounds.rows) == round_desk.MOST_ROUNDS,
        has_record=monthly.may_export(db(), current_actor()),
    )


@blueprint.get("/rounds/<int:round_id>")
@requires(Permission.SEE_ROUNDS)
def show(round_id: int) -> ResponseReturnValue:
    """Show one round: its check points on a map and in a table, and its excuses."""
    found = round_desk.show_round(db(), current_actor(), round_id)
    points = [_point(row) for row in found.points if row.lon is not None]
    built = points_map("walked", points, ground_of([]), is_ordered=found.row.is_ordered)
    return render_template(
        "rounds/show.html",
        found=found,
        parts=parts_of(built),
        may_ask=current_actor().may(Permission.WALK_ROUNDS) and found.may_be_excused,
        may_decide=current_actor().may(Permission.DECIDE_EXCUSES),
        longest=round_desk.MAX_REASON,
    )


@blueprint.post("/rounds/<int:round_id>/excuses")
@requires(Permission.WALK_ROUNDS)
def ask_excuse(round_id: int) -> ResponseReturnValue:
    """Ask that the round be excused."""
    reason = request.form.get("reason", "")
    return _do(
        round_id,
        lambda: round_desk.ask_excuse(db(), current_actor(), round_id, reason, request_id=g.request_id),
    )


@blueprint.post("/rounds/<int:round_id>/excuses/<int:excuse_id>")
@requires(Permission.DECIDE_EXCUSES)
def decide_excuse(round_id: int, excuse_id: int) -> ResponseReturnValue:
    """Grant or refuse an excuse."""
    decision = request.form.get("decision", "")
    return _do(
        round_id,
        lambda: round_desk.decide_excuse(db(), current_actor(), excuse_id, decision, request_id=g.request_id),
    )


def ground_of(outlines: list[dict[str, Any]]) -> Ground:
    """What lies below check points on every map of them."""
    tiles = tiles_of(current_app.config["WEB_SETTINGS"])
    credit = " · ".join(tile.attribution for tile in tiles[:1] if tile.attribution)
    try:
        communities = division.outlines(db(), current_actor(), "community", simplify_m=_SIMPLIFY_M)
    except NotFound:  # no division was published yet
        communities = {"features": []}
    return Ground(communities["features"], outlines, tiles, credit)


def standing_of(point: Any) -> str:
    """How a check point of a round stands: visited, stayed at too short, or open."""
    return "visited" if point.visited_at else "short" if point.dwell_s_done else "open"


def _point(row: Any) -> dict[str, Any]:
    return {
        "id": row.check_point_id,
        "code": row.code,
        "name": row.name_zh,
        "lon": row.lon,
        "lat": row.lat,
        "radius_m": row.radius_m,
        "position": row.position,
        "standing": standing_of(row),
    }


def _do(round_id: int, action: Callable[[], object]) -> ResponseReturnValue:
    return do_and_return(action, url_for("rounds.show", round_id=round_id))
