"""Plans of rounds: the list, one plan on its map with a preview of its rounds, and the check points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from gis.errors import Conflict, InvalidInput
from gis.patrol import planning
from gis.patrol.plans import EVERY_DAY, PlanDraft, Rhythm, Season, Slot, Window
from gis.people.model import Permission
from gis.zone import local_today
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.maps.rounds_map import points_map
from webmap.pages.maps import parts_of
from webmap.pages.rounds import ground_of

blueprint = Blueprint("plans", __name__)
_WINDOW_ROWS = 3
_LONGEST_PROPOSAL = 1_000
_DEFAULT_WINDOWS = (("07:30", "10:30"), ("14:00", "17:00"))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is shown above the form after it was sent."""

    preview: list[Slot] | None = None
    fault: InvalidInput | Conflict | None = None


@blueprint.get("/plans")
@requires(Permission.SEE_ROUNDS)
def index() -> ResponseReturnValue:
    """List the plans."""
    return render_template(
        "rounds/plans.html",
        plans=planning.list_plans(db(), current_actor()),
        may_plan=current_actor().may(Permission.PLAN_ROUNDS),
        english=is_english(),
    )


@blueprint.get("/plans/new")
@requires(Permission.PLAN_ROUNDS)
def new() -> ResponseReturnValue:
    """Offer a new plan, for a team and perhaps a parcel with its level's rounds and its check points."""
    return _page(None, _blank(), _Answer())


@blueprint.post("/plans/new")
@requires(Permission.PLAN_ROUNDS)
def create() -> ResponseReturnValue:
    """Preview or store a new plan."""
    return _take(None)


@blueprint.get("/plans/<int:plan_id>")
@requires(Permission.PLAN_ROUNDS)
def show(plan_id: int) -> ResponseReturnValue:
    """Show one plan, to be changed."""
    return _page(plan_id, _stored(planning.show_plan(db(), current_actor(), plan_id)), _Answer())


@blueprint.post("/plans/<int:plan_id>")
@requires(Permission.PLAN_ROUNDS)
def change(plan_id: int) -> ResponseReturnValue:
    """Preview or store a changed plan."""
    return _take(plan_id)


@blueprint.get("/plans/check-points")
@requires(Permission.PLAN_ROUNDS)
def check_points() -> ResponseReturnValue:
    """Show a team's check points, to be added, moved, changed and removed."""
    team_id = request.args.get("team", type=int)
    offered = planning.choices(db(), current_actor(), team_id)
    parcels = [
        {"id": row.parcel_id, "label": f"{row.code} {row.name_zh}", "code": row.code}
        for row in offered.parcels
    ]
    built = points_map(
        "keep",
        [_point(row) for row in offered.check_points],
        ground_of(offered.outlines),
        parcels=parcels,
        items_url=url_for("ogc_items.items", layer="check_point"),
    )
    return render_template(
        "rounds/check_points.html", parts=parts_of(built), offered=offered, team_id=_team(offered, team_id)
    )


def _take(plan_id: int | None) -> ResponseReturnValue:
    form = request.form
    try:
        draft = _draft(form)
        if form.get("action") == "save":
            saved = planning.save_plan(db(), current_actor(), draft, plan_id=plan_id, request_id=g.request_id)
            flash(gettext("Saved. The rounds of the coming days follow the plan."), "ok")
            return redirect(url_for("plans.show", plan_id=saved))
        return _page(plan_id, form, _Answer(preview=planning.preview(db(), current_actor(), draft)))
    except (Conflict, InvalidInput) as error:
        return _page(plan_id, form, _Answer(fault=error))


def _page(plan_id: int | None, values: MultiDict[str, str], answer: _Answer) -> ResponseReturnValue:
    offered = planning.choices(db(), current_actor(), values.get("team_id", type=int))
    built = points_map("choose", [_point(row) for row in offered.check_points], ground_of(offered.outlines))
    windows = list(zip(values.getlist("window_from"), values.getlist("window_to"), strict=False))
    windows += [("", "")] * (_WINDOW_ROWS - len(windows))
    pointer = answer.fault.pointer if isinstance(answer.fault, InvalidInput) else None
    return render_template(
        "rounds/plan.html",
        plan_id=plan_id,
        values=values,
        windows=windows,
        weekdays=[int(day) for day in values.getlist("weekdays") if day.isdigit()],
        every_day=EVERY_DAY,
        offered=offered,
        parts=parts_of(built),
        answer=answer,
        fault=answer.fault and gettext(answer.fault.message),
        pointer=pointer,
        english=is_english(),
    )


def _blank() -> MultiDict[str, str]:
    """What the form of a new plan begins with."""
    offered = planning.choices(db(), current_actor(), request.args.get("team", type=int))
    values: MultiDict[str, str] = MultiDict(
        [
            ("team_id", str(_team(offered, request.args.get("team", type=int)))),
            ("rounds", "1"),
            ("per", "day"),
        ]
    )
    values["valid_from"] = local_today().isoformat()
    values["overdue_after_min"] = "30"
    values["is_active"] = "on"
    values.setlist("weekdays", [str(day) for day in EVERY_DAY])
    parcel = next(
        (row for row in offered.parcels if row.parcel_id == request.args.get("parcel", type=int)), None
    )
    if parcel is not None:
        own = [row for row in offered.check_points if row.parcel_id == parcel.parcel_id]
        values["name"], values["parcel_id"] = parcel.name_zh, str(parcel.parcel_id)
        values["rounds"], values["per"] = str(parcel.rounds_wanted), parcel.per
        values["points"] = ",".join(str(row.check_point_id) for row in own)
    for name in ("name", "points", "valid_from", "valid_to"):  # what another page proposes
        if request.args.get(name):
            values[name] = request.args[name][:_LONGEST_PROPOSAL]
    windows = _DEFAULT_WINDOWS[: int(values["rounds"]) if values["per"] == "day" else 1]
    values.setlist("window_from", [first for first, _ in windows])
    values.setlist("window_to", [last for _, last in windows])
    return values


def _stored(plan: planning.Plan) -> MultiDict[str, str]:
    row = plan.row
    values: MultiDict[str, str] = MultiDict()
    for name in (
        "name",
        "team_id",
        "parcel_id",
        "season_id",
        "rounds",
        "per",
        "overdue_after_min",
        "valid_from",
    ):
        values[name] = "" if getattr(row, name) is None else str(getattr(row, name))
    values["valid_to"] = row.valid_to.isoformat() if row.valid_to else ""
    values["points"] = ",".join(map(str, plan.check_points))
    for name in ("is_ordered", "is_active"):
        if getattr(row, name):
            values[name] = "on"
    values.setlist("weekdays", [str(day) for day in row.weekdays])
    values.setlist("window_from", [f"{at:%H:%M}" for at in row.window_starts])
    values.setlist("window_to", [f"{at:%H:%M}" for at in row.window_ends])
    return values


def _draft(form: MultiDict[str, str]) -> PlanDraft:
    """Read the form. Raises `InvalidInput` with the field's name."""
    season_id = _number(form, "season_id")
    rhythm = Rhythm(
        weekdays=tuple(sorted({int(day) for day in form.getlist("weekdays") if day.isdigit()})),
        rounds=_number(form, "rounds") or 0,
        per=form.get("per", ""),
        windows=_windows(form),
        valid_from=_date(form, "valid_from") or local_today(),
        valid_to=_date(form, "valid_to"),
        season=_season(season_id),
    )
    late = _number(form, "overdue_after_min")
    return PlanDraft(
        name=form.get("name", "").strip(),
        team_id=_number(form, "team_id") or 0,
        rhythm=rhythm,
        check_points=_points(form),
        is_ordered=form.get("is_ordered") == "on",
        parcel_id=_number(form, "parcel_id"),
        season_id=season_id,
        overdue_after_min=30 if late is None else late,
        is_active=form.get("is_active") == "on",
    )


def _season(season_id: int | None) -> Season | None:
    return None if season_id is None else planning.season_days(db(), current_actor(), season_id)


def _points(form: MultiDict[str, str]) -> tuple[int, ...]:
    parts = [part for part in form.get("points", "").split(",") if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise InvalidInput("Choose one to a hundred check points.", pointer="points")
    return tuple(int(part) for part in parts)


def _windows(form: MultiDict[str, str]) -> tuple[Window, ...]:
    made = []
    for first, last in zip(form.getlist("window_from"), form.getlist("window_to"), strict=False):
        if not first and not last:
            continue
        try:
            made.append(Window(time.fromisoformat(first), time.fromisoformat(last)))
        except ValueError as error:
            raise InvalidInput("Write a time as 07:30.", pointer="windows") from error
    return tuple(made)


def _number(form: MultiDict[str, str], field: str) -> int | None:
    text = form.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("This is not a number.", pointer=field)
    return int(text)


def _date(form: MultiDict[str, str], field: str) -> date | None:
    text = form.get(field, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput("Write a day as 2026-01-31.", pointer=field) from error


def _team(offered: planning.Choices, team_id: int | None) -> int:
    """The team asked for, or the first one; 0 where there is none."""
    known: list[int] = [row.team_id for row in offered.teams]
    if team_id is not None and team_id in known:
        return team_id
    return known[0] if known else 0


def _point(row: Any) -> dict[str, Any]:
    return {
        "id": row.check_point_id,
        "code": row.code,
        "name": row.name_zh,
        "lon": row.lon,
        "lat": row.lat,
        "radius_m": row.radius_m,
        "dwell_s": row.dwell_s,
        "parcel_id": row.parcel_id,
    }
