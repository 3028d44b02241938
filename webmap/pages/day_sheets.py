"""Day sheets of teams and parcels and the month of a team, on the screen, on paper and as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from gis.calendar.model import Month
from gis.patrol import sheets
from gis.patrol.sheet_model import ParcelDay, Sheet, SheetRound, TeamDay
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.pdf import pdf_response
from webmap.i18n import is_english
from webmap.maps.sketch import Ring, Spot, rings_of, sketch
from webmap.pages.asked import asked_day, asked_month
from webmap.pages.rounds import standing_of
from webmap.pages.sheet_words import holiday_name, month_csv, whole, why

blueprint = Blueprint("day_sheets", __name__)


@blueprint.get("/rounds/sheets")
@requires(Permission.SEE_ROUNDS)
def index() -> ResponseReturnValue:
    """List what there are sheets of."""
    day = asked_day()
    found = sheets.choices(db(), current_actor(), day)
    return render_template("sheets/index.html", found=found, month=Month(day.year, day.month), **_days(day))


@blueprint.get("/rounds/sheets/teams/<int:team_id>")
@requires(Permission.SEE_ROUNDS)
def team(team_id: int) -> ResponseReturnValue:
    """Show a team's day; single people's figures only where asked for, since reading them is logged."""
    found = sheets.team_day(
        db(),
        current_actor(),
        team_id,
        asked_day(),
        with_people="people" in request.args,
        request_id=g.request_id,
    )
    return render_template("sheets/team.html", **_team(found))


@blueprint.get("/rounds/sheets/teams/<int:team_id>.pdf")
@requires(Permission.SEE_ROUNDS)
def team_pdf(team_id: int) -> ResponseReturnValue:
    """Give a team's day for paper."""
    found = sheets.team_day(db(), current_actor(), team_id, asked_day())
    name = f"{gettext('Day sheet')} {found.team.name_zh} {found.day}.pdf"
    return pdf_response("print/team_day.html", name, **_team(found))


@blueprint.get("/rounds/sheets/parcels/<int:parcel_id>")
@requires(Permission.SEE_ROUNDS)
def parcel(parcel_id: int) -> ResponseReturnValue:
    """Show a parcel's day."""
    found = sheets.parcel_day(db(), current_actor(), parcel_id, asked_day())
    return render_template("sheets/parcel.html", **_parcel(found))


@blueprint.get("/rounds/sheets/parcels/<int:parcel_id>.pdf")
@requires(Permission.SEE_ROUNDS)
def parcel_pdf(parcel_id: int) -> ResponseReturnValue:
    """Give a parcel's day for paper."""
    found = sheets.parcel_day(db(), current_actor(), parcel_id, asked_day())
    name = f"{gettext('Day sheet')} {found.parcel.name_zh} {found.day}.pdf"
    return pdf_response("print/parcel_day.html", name, **_parcel(found))


@blueprint.get("/rounds/months/<int:team_id>")
@requires(Permission.SEE_ROUNDS)
def month(team_id: int) -> ResponseReturnValue:
    """Show a team's month: which days count, and why others do not."""
    return render_template("sheets/month.html", **_month(team_id))


@blueprint.get("/rounds/months/<int:team_id>.pdf")
@requires(Permission.SEE_ROUNDS)
def month_pdf(team_id: int) -> ResponseReturnValue:
    """Give a team's month for paper."""
    values = _month(team_id)
    name = f"{gettext('Month sheet')} {values['found'].team.name_zh} {values['found'].month}.pdf"
    return pdf_response("print/team_month.html", name, **values)


@blueprint.get("/rounds/months/<int:team_id>.csv")
@requires(Permission.SEE_ROUNDS)
def month_as_csv(team_id: int) -> ResponseReturnValue:
    """Give a team's month as a file."""
    found = sheets.team_month(db(), current_actor(), team_id, asked_month())
    response = Response(month_csv(found), mimetype="text/csv")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=month-{found.team.team_id}-{found.month}.csv"
    )
    return response


def months_around(month: Month) -> dict[str, Any]:
    """A month, the one before and the one after it, for links."""
    return {
        "month": month,
        "before": f"{month.first - timedelta(days=1):%Y-%m}",
        "after": f"{month.last + timedelta(days=1):%Y-%m}",
    }


def _days(day: date) -> dict[str, Any]:
    return {"day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1)}


def _team(found: TeamDay) -> dict[str, Any]:
    may_show_people = sheets.may_see_people(current_actor()) and found.effort is not None
    return {**_sheet(found), "may_show_people": may_show_people, "why": why(found.judgement)}


def _parcel(found: ParcelDay) -> dict[str, Any]:
    return _sheet(found, rings_of(found.parcel.geometry))


def _sheet(found: Sheet, rings: list[Ring] | None = None) -> dict[str, Any]:
    return {
        **_days(found.day),
        "found": found,
        "month": Month(found.day.year, found.day.month),
        "drawings": {each.row.patrol_round_id: _drawing(each, rings or []) for each in found.rounds},
        "may_open_findings": current_actor().may(Permission.SEE_FINDINGS),
        "whole": whole,
        "english": is_english(),
    }


def _drawing(each: SheetRound, rings: list[Ring]) -> Markup:
    spots = [
        Spot(
            point.lon,
            point.lat,
            point.position,
            standing_of(point),
        )
        for point in each.points
        if point.lon is not None
    ]
    return sketch(spots, label=gettext("Check points, visited and not"), rings=rings) if spots else Markup()


def _month(team_id: int) -> dict[str, Any]:
    found = sheets.team_month(db(), current_actor(), team_id, asked_month())
    return {
        "found": found,
        **months_around(found.month),
        "why": why,
        "whole": whole,
        "holiday_name": holiday_name,
        "english": is_english(),
    }
