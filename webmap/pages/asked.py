"""What pages about rounds are asked for: a day, a month, a team."""

from __future__ import annotations

from datetime import date

from flask import request

from gis.calendar.model import YEARS, Month
from gis.errors import InvalidInput
from gis.zone import local_today


def asked_day() -> date:
    """The day of the request, today unless told. Raises `InvalidInput`."""
    text = request.args.get("day", "")
    try:
        day = date.fromisoformat(text) if text else local_today()
    except ValueError as error:
        raise InvalidInput("There is no such day.", pointer="day") from error
    if day.year not in YEARS:
        raise InvalidInput("There is no such day.", pointer="day")
    return day


def asked_month() -> Month:
    """The month of the request ("2026-11"), the present one unless told. Raises `InvalidInput`."""
    return Month.read(request.args.get("month", "") or f"{local_today():%Y-%m}")


def asked_team_id() -> int | None:
    """The team of the request, None for all. Raises `InvalidInput`."""
    text = request.args.get("team", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("There is no such team.", pointer="team")
    return int(text)
