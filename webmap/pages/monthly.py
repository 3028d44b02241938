"""The monthly record of rounds: what a month holds, and its one file, as workbook or for paper."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, g, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.calendar.model import Month
from gis.monthly import service
from gis.monthly.model import PAPER, WORKBOOK, Asked, month_before
from gis.people.model import Permission
from gis.zone import local_today
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.pdf import pdf_response
from webmap.pages.asked import asked_team_id
from webmap.pages.monthly_book import MonthBook, cover_lines
from webmap.pages.monthly_paper import PrintedRounds

blueprint = Blueprint("monthly", __name__)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/rounds/monthly")
@requires(Permission.EXPORT_ROUNDS)
def index() -> ResponseReturnValue:
    """Show what a month holds, before it is exported."""
    asked = _asked()
    figures = service.show_month(db(), current_actor(), asked)
    return render_template(
        "rounds/monthly.html",
        asked=asked,
        figures=figures,
        most_printed=PAPER.most,
        most=WORKBOOK.most,
    )


@blueprint.get("/rounds/monthly.xlsx")
@requires(Permission.EXPORT_ROUNDS)
def as_workbook() -> ResponseReturnValue:
    """Give the record of a month as a workbook."""
    asked, actor = _asked(), current_actor()
    file = io.BytesIO()  # at most some 10 MB: the number of rounds is limited
    with MonthBook(file) as book:
        summary = service.export_month(db(), actor, asked, WORKBOOK, book.take, request_id=g.request_id)
        book.cover(asked.month, summary, actor.name)
    file.seek(0)
    name = _name(asked, summary, "xlsx")
    answer = send_file(file, mimetype=_XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/rounds/monthly.pdf")
@requires(Permission.EXPORT_ROUNDS)
def as_pdf() -> ResponseReturnValue:
    """Give the record of a month for paper, one block for each round."""
    asked, actor, printed = _asked(), current_actor(), PrintedRounds()
    summary = service.export_month(db(), actor, asked, PAPER, printed.take, request_id=g.request_id)
    answer = pdf_response(
        "print/monthly.html",
        _name(asked, summary, "pdf"),
        month=asked.month,
        blocks=printed.blocks,
        lines_of_cover=cover_lines(asked.month, summary, actor.name),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked() -> Asked:
    team_id, text = asked_team_id(), request.args.get("month", "")
    month = Month.read(text) if text else month_before(local_today())
    return Asked(month, team_id)


def _name(asked: Asked, summary: service.Summary, ending: str) -> str:
    team: Any = summary.heading.team
    of_team = f"-{team.code}" if team else ""
    rounds = gettext("rounds")  # the catalogue is not read from within an f-string
    return f"{rounds}-{asked.month}{of_team}.{ending}"
