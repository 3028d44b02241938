"""People and what they answer for, for the administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput
from gis.people import admin, teams, tokens
from gis.people.admin import Duty, Period
from gis.people.model import Permission, Role
from gis.people.teams import Membership
from gis.zone import local_today
from webmap import db
from webmap.auth import current_actor, requires
from webmap.pages.forms import do_and_return

blueprint = Blueprint("people", __name__)
ROLES = [role.value for role in Role if role is not Role.ANONYMOUS]


@blueprint.get("/admin/people")
@requires(Permission.MANAGE_PEOPLE)
def index() -> ResponseReturnValue:
    """List people, a page at a time."""
    q, role = request.args.get("q", "").strip(), request.args.get("role", "")
    page = max(1, request.args.get("page", 1, type=int))
    people = admin.list_people(db(), current_actor(), q=q, role=role, page=page)
    return render_template(
        "people/index.html",
        people=people[: admin.PAGE_SIZE],
        has_next=len(people) > admin.PAGE_SIZE,
        page=page,
        q=q,
        role=role,
        roles=ROLES,
    )


@blueprint.post("/admin/people")
@requires(Permission.MANAGE_PEOPLE)
def create() -> ResponseReturnValue:
    """Create an account; its one-time password is shown once."""
    form = request.form
    try:
        account_id, password = admin.create_account(
            db(),
            current_actor(),
            username=form.get("username", ""),
            full_name=form.get("full_name", ""),
            role=form.get("role", ""),
            phone=form.get("phone"),
        )
    except (Conflict, InvalidInput) as error:
        flash(gettext(error.message), "danger")
        return redirect(url_for("people.index"))
    return _show(account_id, password=password)


@blueprint.get("/admin/people/<int:account_id>")
@requires(Permission.MANAGE_PEOPLE)
def show(account_id: int) -> ResponseReturnValue:
    """Show one person with all duties."""
    return _show(account_id)


@blueprint.post("/admin/people/<int:account_id>")
@requires(Permission.MANAGE_PEOPLE)
def update(account_id: int) -> ResponseReturnValue:
    """Change name, role or state."""
    form = request.form
    return _do(
        account_id,
        lambda: admin.update_account(
            db(),
            current_actor(),
            account_id,
            full_name=form.get("full_name", ""),
            role=form.get("role", ""),
            is_active=form.get("is_active") == "on",
        ),
    )


@blueprint.post("/admin/people/<int:account_id>/password")
@requires(Permission.MANAGE_PEOPLE)
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give a new one-time password, shown once."""
    return _show(account_id, password=admin.reset_password(db(), current_actor(), account_id))


@blueprint.post("/admin/people/<int:account_id>/cells")
@requires(Permission.MANAGE_PEOPLE)
def assign(account_id: int) -> ResponseReturnValue:
    """Make the person answer for a cell."""
    form = request.form
    return _do(
        account_id,
        lambda: admin.assign_cell(
            db(),
            current_actor(),
            account_id,
            Duty(form.get("cell_code", ""), form.get("duty", ""), _period(), form.get("reason", "")),
        ),
    )


@blueprint.post("/admin/people/<int:account_id>/cells/<int:assignment_id>/end")
@requires(Permission.MANAGE_PEOPLE)
def end_assignment(account_id: int, assignment_id: int) -> ResponseReturnValue:
    """End an assignment."""
    return _do(account_id, lambda: admin.end_assignment(db(), current_actor(), assignment_id))


@blueprint.post("/admin/people/<int:account_id>/teams")
@requires(Permission.MANAGE_PEOPLE)
def join_team(account_id: int) -> ResponseReturnValue:
    """Put the person into a team."""
    team_id = request.form.get("team_id", type=int) or 0
    return _do(
        account_id,
        lambda: teams.join_team(db(), current_actor(), account_id, _membership(team_id)),
    )


@blueprint.post("/admin/people/<int:account_id>/teams/<int:team_member_id>/end")
@requires(Permission.MANAGE_PEOPLE)
def leave_team(account_id: int, team_member_id: int) -> ResponseReturnValue:
    """Take the person out of a team."""
    return _do(account_id, lambda: teams.leave_team(db(), current_actor(), team_member_id))


@blueprint.post("/admin/people/<int:account_id>/tokens/<int:api_token_id>/revoke")
@requires(Permission.MANAGE_PEOPLE)
def revoke_token(account_id: int, api_token_id: int) -> ResponseReturnValue:
    """Revoke a token of the person."""
    return _do(
        account_id,
        lambda: tokens.revoke_token(db(), current_actor(), api_token_id, account_id=account_id),
    )


@blueprint.get("/admin/teams", endpoint="teams")
@requires(Permission.MANAGE_PEOPLE)
def list_teams() -> ResponseReturnValue:
    """List patrol teams and what they patrol."""
    return render_template("people/teams.html", teams=teams.list_teams(db(), current_actor()))


@blueprint.get("/admin/teams/<int:team_id>")
@requires(Permission.MANAGE_PEOPLE)
def team(team_id: int) -> ResponseReturnValue:
    """Show a team's members, leader and stand-ins."""
    return render_template("people/team.html", team=teams.show_team(db(), current_actor(), team_id))


@blueprint.post("/admin/teams/<int:team_id>/members")
@requires(Permission.MANAGE_PEOPLE)
def add_member(team_id: int) -> ResponseReturnValue:
    """Put somebody into the team, for good or as a stand-in for some days."""
    username = request.form.get("username", "")
    return _do_team(team_id, lambda: teams.add_member(db(), current_actor(), username, _membership(team_id)))


@blueprint.post("/admin/teams/<int:team_id>/members/<int:team_member_id>/end")
@requires(Permission.MANAGE_PEOPLE)
def end_member(team_id: int, team_member_id: int) -> ResponseReturnValue:
    """Take somebody out of the team."""
    return _do_team(team_id, lambda: teams.leave_team(db(), current_actor(), team_member_id))


@blueprint.post("/admin/teams")
@requires(Permission.MANAGE_PEOPLE)
def create_team() -> ResponseReturnValue:
    """Create a team, or give one an area."""
    form = request.form
    try:
        if form.get("team_id"):
            teams.give_team_area(
                db(),
                current_actor(),
                team_id=int(form["team_id"]),
                place_code=form.get("place_code", ""),
                valid_from=_day("valid_from") or local_today(),
            )
        else:
            teams.create_team(db(), current_actor(), code=form.get("code", ""), name=form.get("name", ""))
        flash(gettext("Saved."), "ok")
    except (Conflict, InvalidInput) as error:
        flash(gettext(error.message), "danger")
    return redirect(url_for("people.teams"))


def _show(account_id: int, *, password: str | None = None) -> str:
    return render_template(
        "people/show.html",
        person=admin.show_person(db(), current_actor(), account_id),
        tokens=tokens.tokens_of(db(), current_actor(), account_id),
        teams=teams.list_teams(db(), current_actor()),
        roles=ROLES,
        password=password,
    )


def _do_team(team_id: int, action: Callable[[], None]) -> ResponseReturnValue:
    return do_and_return(action, url_for("people.team", team_id=team_id))


def _membership(team_id: int) -> Membership:
    form = request.form
    return Membership(
        team_id,
        _period(),
        is_leader=form.get("is_leader") == "on",
        is_stand_in=form.get("is_stand_in") == "on",
    )


def _do(account_id: int, action: Callable[[], None]) -> ResponseReturnValue:
    return do_and_return(action, url_for("people.show", account_id=account_id))


def _period() -> Period:
    first = _day("valid_from")
    if first is None:
        raise InvalidInput("Say from which day.", pointer="valid_from")
    return Period(first, _day("valid_to"))


def _day(field: str) -> date | None:
    text = request.form.get(field, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("Write a day as 2026-01-31.", pointer=field) from error
