"""The dispatcher's violations: which clock runs out next, on a table and a map, and one of them in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.division import service as division
from gis.errors import InvalidInput, NotFound
from gis.findings import service
from gis.findings.model import RECHECK_RADIUS_M, Clock, Finding, FindingQuery
from gis.incident import service as incidents
from gis.incident.lifecycle import SHORTEST_WAIVER, State
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.maps.basemap import tiles_of
from webmap.maps.offline import MapParts
from webmap.maps.small_map import Marked, small_map
from webmap.pages.forms import do_and_return
from webmap.pages.maps import parts_of

blueprint = Blueprint("findings", __name__)
_STANDING = {"open": True, "closed": False, "all": None}
_SIMPLIFY_M = 30.0
_COLOURS = {Clock.OVERDUE: "#a3221c", Clock.DUE: "#d9922b", Clock.RUNNING: "#1a6b3c"}
_CALM = "#6d8a7a"


@blueprint.get("/findings")
@requires(Permission.SEE_FINDINGS)
def index() -> ResponseReturnValue:
    """List findings, what is due next first."""
    asked, chosen = _asked()
    is_map = request.args.get("view") == "map"
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    found = service.list_findings(
        db(),
        current_actor(),
        asked,
        page=1 if is_map else page,
        page_size=service.MAP_SIZE if is_map else service.PAGE_SIZE,
    )
    return render_template(
        "findings/index.html",
        found=found,
        chosen=chosen,
        page=page,
        parts=_map(found.findings) if is_map else None,
        english=is_english(),
    )


@blueprint.get("/findings/<int:incident_id>")
@requires(Permission.SEE_FINDINGS)
def show(incident_id: int) -> ResponseReturnValue:
    """Show one finding: its clock, its course, its re-check."""
    detail = service.show_finding(db(), current_actor(), incident_id)
    row = detail.finding.row
    may_handle = current_actor().may(Permission.HANDLE_FINDINGS)
    return render_template(
        "findings/show.html",
        finding=detail.finding,
        f=row,
        recheck=detail.recheck,
        radius_m=RECHECK_RADIUS_M,
        may_tick=may_handle and row.is_open,
        may_waive=may_handle
        and row.state == State.CHECKING
        and detail.recheck is None
        and not row.is_handled_by_me,
        shortest=SHORTEST_WAIVER,
        parts=_map([detail.finding], link=False, parcel=row.parcel_geometry),
        english=is_english(),
    )


@blueprint.post("/findings/<int:incident_id>/steps/<step>")
@requires(Permission.HANDLE_FINDINGS)
def tick(incident_id: int, step: str) -> ResponseReturnValue:
    """Tick off a step of the legal clock."""
    note = request.form.get("note", "")
    return _do(
        incident_id,
        lambda: service.tick_step(db(), current_actor(), incident_id, step, note, request_id=g.request_id),
    )


@blueprint.post("/findings/<int:incident_id>/close")
@requires(Permission.HANDLE_FINDINGS)
def close_unreached(incident_id: int) -> ResponseReturnValue:
    """Close without a re-check, with a reason."""
    reason = request.form.get("reason", "")
    return _do(
        incident_id,
        lambda: incidents.close_unreached(
            db(), current_actor(), incident_id, reason, request_id=g.request_id
        ),
    )


def _do(incident_id: int, action: Callable[[], None]) -> ResponseReturnValue:
    return do_and_return(action, url_for("findings.show", incident_id=incident_id))


def _asked() -> tuple[FindingQuery, dict[str, str]]:
    """The query, and the choices as they go into links."""
    chosen = {
        name: value for name in ("kind", "community", "team") if (value := request.args.get(name, "").strip())
    }
    standing = request.args.get("standing", "open")
    if standing not in _STANDING:
        raise InvalidInput("This is none of open, closed and all.", pointer="standing")
    if any("\0" in value for value in chosen.values()):
        raise InvalidInput("There is no such code.", pointer="kind")
    return FindingQuery(_STANDING[standing], **chosen), {**chosen, "standing": standing}


def _map(findings: Sequence[Finding], *, link: bool = True, parcel: dict[str, Any] | None = None) -> MapParts:
    actor = current_actor()
    tiles = tiles_of(current_app.config["WEB_SETTINGS"])
    credits = [tile.attribution for tile in tiles[:1] if tile.attribution]
    try:
        outlines = division.outlines(db(), actor, "community", simplify_m=_SIMPLIFY_M)
    except NotFound:  # no division was published yet
        outlines = {"features": [], "division": {"is_schematic": False}}
    if outlines["division"]["is_schematic"]:
        credits.append(gettext("Schematic, not legal boundaries"))
    marked = [_marked(finding, link=link) for finding in findings]
    if parcel is not None:
        marked.insert(0, {"type": "Feature", "geometry": parcel, "properties": {"title": ""}})
    return parts_of(
        small_map(outlines, Marked(features=marked), tiles=tiles, attribution=" · ".join(credits))
    )


def _marked(finding: Finding, *, link: bool) -> dict[str, Any]:
    row = finding.row
    kind = row.kind_en if is_english() else row.kind_zh
    place = row.parcel_name or row.community_zh or ""
    properties = {
        "title": f"{kind} {place}".strip(),
        "colour": _COLOURS.get(finding.worst, _CALM) if finding.worst and row.is_open else _CALM,
    }
    if link:
        properties["href"] = url_for("findings.show", incident_id=row.incident_id)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": properties,
    }
