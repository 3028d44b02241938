"""The planner's coverage page: a period and a radius, as map, table and CSV."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.analysis import service
from gis.analysis.coverage import QUAD_SEGS, discretisation_m
from gis.analysis.model import CellShare, CommunityShare, CoverageRequest, CoverageResult
from gis.division import service as division
from gis.errors import InvalidInput
from gis.exchange.formulas import formula_safe
from gis.geometry.tracks import MAX_ACCURACY_M
from gis.people.model import Permission
from webmap import db
from webmap.api.coverage import day
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.maps.coverage_map import coverage_map
from webmap.pages.maps import map_options, parts_of

blueprint = Blueprint("coverage", __name__)
_ZONE = ZoneInfo("Asia/Shanghai")
_SIMPLIFY_M = 5.0
_BREAKS = (0, 0.2, 0.4, 0.6, 0.8, 1)


@blueprint.get("/coverage")
@requires(Permission.SEE_COVERAGE)
def index() -> ResponseReturnValue:
    """Show a coverage that was computed before, or offer to compute it."""
    asked = _asked()
    result = service.stored_coverage(db(), current_actor(), asked)
    page: dict[str, Any] = {
        "asked": asked,
        "result": result,
        "presets": [(days, url_for("coverage.index", **_last(days, asked.radius_m))) for days in (7, 30)],
        "error_m": discretisation_m(asked.radius_m, QUAD_SEGS),
        "max_accuracy_m": MAX_ACCURACY_M,
        "may_compute": current_actor().may(Permission.RUN_COVERAGE),
        "english": is_english(),
        "parameters": _parameters(asked),
    }
    if result is not None and request.args.get("view") == "table":
        return render_template("coverage/table.html", **page)
    return render_template("coverage/map.html", parts=_map(asked, result), **page)


@blueprint.post("/coverage")
@requires(Permission.RUN_COVERAGE)
def compute() -> ResponseReturnValue:
    """Compute a coverage, then show it."""
    asked = _asked()
    service.compute_coverage(db(), current_actor(), asked)
    return redirect(url_for("coverage.index", **_parameters(asked)))


@blueprint.get("/coverage.csv")
@requires(Permission.SEE_COVERAGE)
def as_csv() -> ResponseReturnValue:
    """Give a computed coverage as CSV: UTF-8 with BOM, as Excel expects it."""
    asked = _asked()
    result = service.stored_coverage(db(), current_actor(), asked)
    if result is None:
        return redirect(url_for("coverage.index", **_parameters(asked)))
    response = Response(_csv(result), mimetype="text/csv")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=coverage-{asked.from_on}-{asked.to_on}-{asked.radius_m:g}m.csv"
    )
    return response


def _asked() -> CoverageRequest:
    values = request.values
    default = _last(service.DEFAULT_DAYS, service.DEFAULT_RADIUS_M)
    try:
        radius_m = float(values.get("radius") or default["radius"])
    except ValueError as error:
        raise InvalidInput("The radius is from 1 to 2000 metres.", pointer="radius") from error
    return CoverageRequest(
        day(values.get("from") or default["from"], "from"),
        day(values.get("to") or default["to"], "to"),
        radius_m,
    )


def _last(days: int, radius_m: float) -> dict[str, Any]:
    today = datetime.now(_ZONE).date()
    return _parameters(CoverageRequest(today - timedelta(days=days - 1), today, radius_m))


def _parameters(asked: CoverageRequest) -> dict[str, Any]:
    return {"from": asked.from_on.isoformat(), "to": asked.to_on.isoformat(), "radius": f"{asked.radius_m:g}"}


def _map(asked: CoverageRequest, result: CoverageResult | None) -> Any:
    actor = current_actor()
    outlines = division.outlines(db(), actor, "community", simplify_m=_SIMPLIFY_M)
    communities = result.communities if result else ()
    cells = [cell for community in communities for cell in community.cells]
    place: dict[str, Any] = {"from": asked.from_on.isoformat(), "to": asked.to_on.isoformat()}
    gaps = url_for("coverage_api.gaps", radius_m=f"{asked.radius_m:g}", **place)
    built = coverage_map(
        outlines,
        label=gettext("Patrol coverage"),
        answers={"community": _answer(result, communities), "cell": _answer(result, cells)},
        gaps_url=gaps if result else "",
        options=map_options(actor, schematic=bool(outlines["division"]["is_schematic"])),
    )
    return parts_of(built)


def _answer(
    result: CoverageResult | None, places: tuple[CommunityShare, ...] | list[CellShare]
) -> dict[str, Any]:
    return {
        "unit": "share",
        "breaks": _BREAKS,
        "as_of": result.computed_at.isoformat() if result else None,
        "items": [
            {"code": place.code, "name": place.name, "value": round(place.share, 4)} for place in places
        ],
    }


def _csv(result: CoverageResult) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            gettext("Level"),
            gettext("Community code"),
            gettext("Community"),
            gettext("Cell code"),
            gettext("Cell"),
            gettext("Area (m²)"),
            gettext("Covered (m²)"),
            f"{gettext('Share')} (%)",
            gettext("From"),
            gettext("To"),
            gettext("Radius (m)"),
            gettext("Note"),
            gettext("What it means"),
        ]
    )
    note = gettext("Schematic, not legal boundaries") if result.is_schematic else ""
    radius = f"{result.request.radius_m:g}"
    asked = [result.request.from_on, result.request.to_on, radius, note, _definition(result.request)]
    for community in result.communities:
        place = [formula_safe(community.code), formula_safe(_name(community))]
        writer.writerow([gettext("Community"), *place, "", "", *_numbers(community), *asked])
        for cell in community.cells:
            writer.writerow(
                [
                    gettext("Cell"),
                    *place,
                    formula_safe(cell.code),
                    formula_safe(cell.name),
                    *_numbers(cell),
                    *asked,
                ]
            )
    return text.getvalue().encode("utf-8-sig")


def _definition(asked: CoverageRequest) -> str:
    """What is counted, in the words of the page."""
    meaning = gettext(
        "A place is covered if it lies within %(radius)s m of a leg between two consecutive positions "
        "of a track (at most 300 s and 200 m apart) or of a logged point (accurate to %(accuracy)s m or "
        "better) in the period. Share: covered area by area, in EPSG:4547; days in Asia/Shanghai.",
        radius=f"{asked.radius_m:g}",
        accuracy=f"{MAX_ACCURACY_M:g}",
    )
    drawn = gettext(
        "Circles are drawn with 16 chords to the quarter: the covered border is at most %(error)s m "
        "too far in.",
        error=f"{discretisation_m(asked.radius_m, QUAD_SEGS):.2f}",
    )
    return f"{meaning} {drawn}"


def _numbers(place: CellShare | CommunityShare) -> list[str]:
    return [f"{place.area_m2:.1f}", f"{place.covered_m2:.1f}", f"{100 * place.share:.2f}"]


def _name(community: CommunityShare) -> str:
    return community.name_en if is_english() and community.name_en else community.name
