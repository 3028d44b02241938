"""What is watched and what is not: patrol coverage of communities, cells and parcels, its trend, its gaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis.patrol import gap_service, service
from gis.analysis.patrol.model import DEFAULT_DAYS, DEFAULT_RADIUS_M, PatrolQuestion
from gis.analysis.result import Place, Result, Table, Unit
from gis.errors import InvalidInput, NotFound
from gis.geometry.tracks import MAX_ACCURACY_M
from gis.people.model import Permission
from gis.zone import local_today
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import moment
from webmap.planner.asked import address_of
from webmap.planner.charts import Axis, Change, Chart, Point, dumbbell, small_multiples
from webmap.planner.definitions import words_of
from webmap.planner.detail import Detail, Link, Rows, detail, facts_of
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.place_names import names_of_level

blueprint = Blueprint("planner_patrol", __name__)
_WEEK = 7
_SOON = timedelta(minutes=1)  # what was uploaded shows within seconds where the painter runs


def _last_month() -> Mapping[str, Any]:
    today = local_today()
    return {
        "from": (today - timedelta(days=DEFAULT_DAYS - 1)).isoformat(),
        "to": today.isoformat(),
        "radius_m": DEFAULT_RADIUS_M,
    }


QUESTION = Question("patrol", PatrolQuestion, defaults=_last_month)


@blueprint.get("/planner/patrol")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show a period's coverage; for a radius that is not painted yet, offer to paint it."""
    return page(
        QUESTION,
        _answer,
        template="planner/patrol.html",
        may_paint=current_actor().may(Permission.RUN_COVERAGE),
    )


@blueprint.post("/planner/patrol")
@requires(Permission.RUN_COVERAGE)
def paint() -> ResponseReturnValue:
    """Paint the days of a period with a radius that is not kept, then show them."""
    asked = PatrolQuestion.model_validate(
        {name: value for name, value in request.form.items() if name != "csrf_token" and value}
    )
    service.paint_radius(db(), current_actor(), asked)
    return redirect(url_for("planner_patrol.index", **address_of(asked)))


@blueprint.get("/planner/patrol/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str) -> ResponseReturnValue:
    """Tell a place's figures; of a cell its weeks and the tracks and points by team and day behind them."""
    asked = parameters_of(QUESTION)
    result = service.patrol_coverage(db(), current_actor(), asked).result
    if result is None:
        raise NotFound
    table, row = _find(result, code, request.args.get("level", ""))
    facts = facts_of(table.figures[1:], row[1:], words_of(QUESTION.name))
    if table.place is Place.CELL:
        found = service.behind(db(), current_actor(), asked, code)
        rows = (_weeks(asked, code), *_behind(found))
        return detail(
            Detail(
                code,
                title=names_of_level(Place.CELL).get(code, found.name),
                facts=facts,
                rows=rows,
                links=_links(asked, code),
            )
        )
    title = str(row[1]) if table.place is Place.PARCEL else names_of_level(Place.COMMUNITY).get(code, code)
    return detail(Detail(code, title=title, facts=facts))


@blueprint.get("/planner/patrol/windows")
@requires(Permission.SEE_COVERAGE)
def windows() -> ResponseReturnValue:
    """Give the share of every community and cell in each day of the period, or in each week of it."""
    asked = parameters_of(QUESTION)
    days = _WEEK if request.args.get("view") == "weeks" else 1
    found = service.windows(db(), current_actor(), asked, days=days)
    return jsonify(
        starts=[day.isoformat() for day in found.starts],
        days=days,
        levels={
            "community": {"codes": found.communities, "shares": found.of_communities},
            "cell": {"codes": found.cells, "shares": found.of_cells},
        },
    )


@blueprint.get("/planner/patrol/gaps")
@requires(Permission.SEE_COVERAGE)
def gaps() -> ResponseReturnValue:
    """Give the gaps that matter most as GeoJSON: of the district, or of the cell named as `place`."""
    asked, cell = parameters_of(QUESTION), request.args.get("place", "")
    found = gap_service.ranked(db(), current_actor(), asked, cell)
    if current_actor().may(Permission.RUN_COVERAGE):
        for feature in found["features"]:
            feature["properties"]["round_url"] = _round_url(asked, feature["properties"]["cell"])
    return jsonify(found)


@blueprint.get("/planner/patrol/parcels")
@requires(Permission.SEE_COVERAGE)
def parcels() -> ResponseReturnValue:
    """Give the outlines of the parcels as GeoJSON."""
    return jsonify(service.parcel_outlines(db(), current_actor()))


@blueprint.get("/planner/patrol/round")
@requires(Permission.RUN_COVERAGE)
def make_round() -> ResponseReturnValue:
    """Open a plan for one day that visits the check points in and near a cell's gaps."""
    asked, cell = parameters_of(QUESTION), request.args.get("place", "")
    if not cell:
        raise InvalidInput("Name the cell.", pointer="place")
    draft = gap_service.round_from_gaps(db(), current_actor(), asked, cell)
    if not draft.points:
        flash(gettext("There is no check point within 300 m of the gaps of %(cell)s.", cell=cell), "danger")
        return redirect(url_for("planner_patrol.index", **address_of(asked), level="cell", place=cell))
    tomorrow = (local_today() + timedelta(days=1)).isoformat()
    return redirect(
        url_for(
            "plans.new",
            team=draft.team_id,
            points=",".join(str(point.check_point_id) for point in draft.points),
            name=gettext("Gaps of %(cell)s", cell=draft.cell),
            valid_from=tomorrow,
            valid_to=tomorrow,
        )
    )


def _answer(asked: PatrolQuestion) -> Answer | None:
    found = service.patrol_coverage(db(), current_actor(), asked)
    if found.result is None:
        return None
    address = address_of(asked)
    return Answer(
        found.result,
        figure="share_change" if asked.other else "share",
        charts=_charts(asked, found.result),
        stated=_stated(asked, found),
        as_of=found.behind_since,
        version=found.version[:8],
        places=names_of_level(Place.COMMUNITY),
        warning=_warning(found.behind_since),
        outlines={Place.PARCEL: url_for("planner_patrol.parcels")},
        tools=(
            ("patrol_time", {"url": url_for("planner_patrol.windows", **address)}),
            ("patrol_gaps", {"url": url_for("planner_patrol.gaps", **address)}),
        ),
    )


def _stated(asked: PatrolQuestion, found: service.Found) -> tuple[str, ...]:
    """What stands beside every share: period, radius, sampling rate, accuracy filter, error."""
    basis = _rows(found.result, "basis")[0]
    worst = max((row["error_likely"] or 0.0 for row in _rows(found.result, "cells")), default=0.0)
    sampling = basis["sampling_s"]
    stated = [
        f"{asked.from_on} – {asked.to_on}",
        gettext("R = %(radius)s m", radius=f"{asked.radius_m:g}"),
        gettext("a fix every %(seconds)s s (median)", seconds=f"{sampling:g}")
        if sampling is not None
        else gettext("times estimated from begin and end"),
        gettext("fixes accurate to %(metres)s m", metres=f"{MAX_ACCURACY_M:g}"),
        gettext("error of a cell's share hardly over %(points)s points", points=f"{100 * worst:.2f}"),
    ]
    if found.waiting:
        stated.append(gettext("days about to be counted anew: %(count)s", count=len(found.waiting)))
    return tuple(stated)


def _warning(since: datetime | None) -> str:
    """What is said where changes wait longer than painting takes."""
    if since is None or datetime.now(UTC) - since < _SOON:
        return ""
    told: str = gettext(
        "Patrols that came in since %(time)s are not in these figures yet. If this stays, the process beside"
        " the app that counts them is not running: tell the administrator.",
        time=moment(since),
    )
    return told


def _charts(asked: PatrolQuestion, result: Result) -> tuple[Chart, ...]:
    names, axis = names_of_level(Place.COMMUNITY), Axis(gettext("Share covered"), Unit.SHARE)
    charts = []
    if asked.other is not None:
        changes = [
            Change(row["code"], names.get(row["code"], ""), row["share_than"], row["share"])
            for row in _rows(result, "communities")
        ]
        charts.append(
            Chart(
                "change",
                gettext("The two periods"),
                dumbbell(
                    changes,
                    axis,
                    before=f"{asked.than_from} – {asked.than_to}",
                    after=f"{asked.from_on} – {asked.to_on}",
                ),
            )
        )
    trend = service.trend(db(), current_actor(), asked)
    points = [
        Point(code, names.get(code, ""), day.isoformat(), round(share, 4))
        for day, shares in zip(trend.starts, trend.shares, strict=True)
        for code, share in zip(trend.codes, shares, strict=True)
    ]
    note = gettext("Share covered on each day, all on one scale.")
    return (*charts, Chart("trend", gettext("Each community by day"), small_multiples(points, axis), note))


def _weeks(asked: PatrolQuestion, cell: str) -> Rows:
    """The cell's share in each week of the period."""
    weeks = service.trend(db(), current_actor(), asked, days=_WEEK, cell=cell)
    rows = [
        [day.isoformat(), f"{100 * row[0]:.1f}"] for day, row in zip(weeks.starts, weeks.shares, strict=True)
    ]
    return Rows(gettext("By week"), (gettext("Week from"), gettext("Share covered") + " (%)"), rows)


def _behind(found: service.Behind) -> tuple[Rows, ...]:
    tracks = [
        [
            row.on_day.isoformat(), row.team or "–", str(row.tracks), f"{row.metres:,.0f}",
            "–" if row.minutes is None else f"{row.minutes:,.0f}",
        ]
        for row in found.tracks
    ]  # fmt: skip
    points = [[row.on_day.isoformat(), row.team or "–", str(row.points)] for row in found.points]
    day, team = gettext("Day"), gettext("Team")
    return (
        Rows(
            gettext("Tracks that touch the cell, in full length"),
            (day, team, gettext("Tracks"), "m", gettext("min")),
            tracks,
        ),
        Rows(gettext("Points logged in the cell"), (day, team, gettext("Points")), points),
    )


def _links(asked: PatrolQuestion, cell: str) -> tuple[Link, ...]:
    links = [Link(gettext("The cell on the map"), url_for("maps.cell", code=cell))]
    if current_actor().may(Permission.RUN_COVERAGE):
        links.insert(0, Link(gettext("Make a round from its gaps"), _round_url(asked, cell)))
    return tuple(links)


def _round_url(asked: PatrolQuestion, cell: str) -> str:
    return url_for("planner_patrol.make_round", **address_of(asked), place=cell)


def _find(result: Result, code: str, level: str) -> tuple[Table, tuple[Any, ...]]:
    """The row of a place, of the level asked for if that has it."""
    tables = [table for table in result.tables if table.place is not None]
    for table in sorted(tables, key=lambda table: table.place != level):
        for row in table.rows:
            if row[0] == code:
                return table, row
    raise NotFound


def _rows(result: Result | None, name: str) -> list[dict[str, Any]]:
    if result is None:
        return []
    table = result.table(name)
    return [dict(zip((figure.name for figure in table.figures), row, strict=True)) for row in table.rows]
