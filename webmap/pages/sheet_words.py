"""Day sheets and months in words: why a day counts, and a month as rows of a file."""

from __future__ import annotations

import csv
import io

from flask_babel import format_date, gettext

from gis.calendar.model import Holiday
from gis.exchange.formulas import formula_safe
from gis.patrol.rounds import State
from gis.patrol.sheet_model import MonthDay, TeamMonth
from gis.patrol.valid_day import Judgement
from webmap.i18n import is_english

_GAP = "\u00a0"
_COUNTED = (State.DONE, State.PARTLY_DONE, State.MISSED, State.EXCUSED)


def whole(number: float) -> str:
    """Write a number without its fraction, in groups of three: 2999.9 m are not yet 3000."""
    return f"{int(number):,}".replace(",", _GAP)


def why(judgement: Judgement | None) -> str:
    """Say why a day counts or does not; nothing of one that is not judged."""
    return "" if judgement is None else str(gettext(", ")).join(_reasons(judgement))


def _reasons(judgement: Judgement) -> list[str]:
    rule, best = judgement.rule, judgement.best
    if rule is None:
        return [gettext("no season")]
    if best is None:
        return [gettext("no track")]
    metres, minutes = whole(best.metres), whole(best.minutes)
    if judgement.is_valid:
        return [gettext("%(metres)s m in %(minutes)s min", metres=metres, minutes=minutes)]
    lacking = []
    if judgement.lacks_metres:
        lacking.append(gettext("%(had)s of %(wanted)s m", had=metres, wanted=whole(rule.least_m)))
    if judgement.lacks_minutes:
        lacking.append(gettext("%(had)s of %(wanted)s min", had=minutes, wanted=whole(rule.least_minutes)))
    return lacking


def holiday_name(holiday: Holiday) -> str:
    """Its name in the reader's language."""
    return holiday.name_en if is_english() and holiday.name_en else holiday.name_zh


def month_csv(found: TeamMonth) -> bytes:
    """Write a month as CSV: UTF-8 with BOM, as Excel expects it; no text is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            gettext("Team"),
            gettext("Day"),
            gettext("Weekday"),
            gettext("Holiday"),
            gettext("Rounds"),
            gettext("Done"),
            gettext("Partly done"),
            gettext("Missed"),
            gettext("Excused"),
            gettext("Check points"),
            gettext("Visited"),
            gettext("Violations logged"),
            gettext("People"),
            gettext("Metres"),
            gettext("Minutes"),
            gettext("Valid day"),
            gettext("Why"),
        ]
    )
    writer.writerows(_row(found, day) for day in found.days)
    return text.getvalue().encode("utf-8-sig")


def _row(found: TeamMonth, day: MonthDay) -> list[str | int]:
    at, effort = day.calendar, day.effort
    judged = day.judgement
    is_judged = judged is not None and judged.rule is not None
    return [
        formula_safe(found.team.name_zh),
        at.day.isoformat(),
        format_date(at.day, "EEE"),
        formula_safe(holiday_name(at.holiday)) if at.holiday else "",
        at.rounds,
        *(at.states[state] for state in _COUNTED),
        at.points,
        at.visited,
        day.findings,
        effort.people if effort else "",
        int(effort.sum.metres) if effort else "",
        int(effort.sum.minutes) if effort else "",
        (gettext("yes") if judged and judged.is_valid else gettext("no")) if is_judged else "",
        formula_safe(why(judged)),
    ]
