"""The working calendar, for the administrator: a year at a glance, day by day or by a file."""

from __future__ import annotations

from calendar import Calendar
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.calendar import service
from gis.calendar.model import DayKind, Holiday
from gis.calendar.service import Year
from gis.errors import InvalidInput, NotFound, TooLarge
from gis.exchange.model import Reject
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires

blueprint = Blueprint("calendar", __name__)
_MONTHS = range(1, 13)


@blueprint.get("/admin/calendar")
@requires(Permission.MANAGE_CALENDAR)
def index() -> ResponseReturnValue:
    """Show a year."""
    return _page(_year("year", request.args.get("year")))


@blueprint.post("/admin/calendar")
@requires(Permission.MANAGE_CALENDAR)
def put() -> ResponseReturnValue:
    """Add or change a day."""
    form = request.form
    year = None
    try:
        day = _day(form.get("on_date", ""))
        year = day.year
        kind = form.get("kind", "")
        if kind not in set(DayKind):
            raise InvalidInput("The kind is neither a day off nor a weekend day worked.", pointer="kind")
        texts = {name: form.get(name, "").strip() for name in ("name_zh", "name_en", "source")}
        service.put_day(db(), current_actor(), Holiday(day, DayKind(kind), **texts))
        flash(gettext("Saved."), "ok")
    except InvalidInput as error:
        flash(gettext(error.message), "danger")
    return redirect(url_for("calendar.index", year=year))


@blueprint.post("/admin/calendar/<on_date>/remove")
@requires(Permission.MANAGE_CALENDAR)
def remove(on_date: str) -> ResponseReturnValue:
    """Let a day be what its weekday says."""
    try:
        day = _day(on_date)
    except InvalidInput as error:
        raise NotFound from error
    service.remove_day(db(), current_actor(), day)
    flash(gettext("Saved."), "ok")
    return redirect(url_for("calendar.index", year=day.year))


@blueprint.post("/admin/calendar/import")
@requires(Permission.MANAGE_CALENDAR)
def import_year() -> ResponseReturnValue:
    """Replace a year by a file; with any fault in it nothing is changed and every fault is shown."""
    year = _year("year", request.form.get("year"))
    file = request.files.get("file")
    try:
        if year is None or file is None or not file.filename:
            raise InvalidInput("Choose a year and a file.", pointer="file")
        read = service.import_year(db(), current_actor(), file.read(), year)
    except (InvalidInput, TooLarge) as error:
        pointer = getattr(error, "pointer", None)
        flash(f"{pointer}: {gettext(error.message)}" if pointer else gettext(error.message), "danger")
        return redirect(url_for("calendar.index", year=year))
    if read.rejects:
        return _page(year, rejects=read.rejects), 400
    flash(gettext("%(count)s days loaded.", count=len(read.holidays)), "ok")
    return redirect(url_for("calendar.index", year=year))


def _page(year: int | None, *, rejects: tuple[Reject, ...] = ()) -> str:
    shown = service.show_year(db(), current_actor(), year)
    return render_template("calendar.html", shown=shown, months=_months(shown), rejects=rejects)


def _months(shown: Year) -> list[dict[str, Any]]:
    """Each month's first day and weeks; a day is its date, what it is called and whether it is worked."""
    named = {holiday.on_date: holiday for holiday in shown.holidays}
    calendar = shown.calendar
    return [
        {
            "first": date(shown.year, month, 1),
            "weeks": [
                [
                    {"day": day, "holiday": named.get(day), "is_worked": calendar.is_working_day(day)}
                    if day.month == month
                    else None
                    for day in week
                ]
                for week in Calendar().monthdatescalendar(shown.year, month)
            ],
        }
        for month in _MONTHS
    ]


def _year(field: str, text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == len("2026")):
        raise InvalidInput("Write a year as 2026.", pointer=field)
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("Write a day as 2026-01-31.", pointer="on_date") from error
