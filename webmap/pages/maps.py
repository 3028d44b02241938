"""The map pages: district, community, cell, each with its table twin (`?view=table`, `?view=csv`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.division import service as division
from gis.division.model import Place
from gis.errors import InvalidInput
from gis.people.model import Actor, Permission
from gis.publish.layers import layers_of
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.maps import tables
from webmap.maps.basemap import tiles_of
from webmap.maps.builders import MapOptions, cell_map, community_map, district_map
from webmap.maps.elements import GridMap
from webmap.maps.figures import Choice, chosen_figure, figures_for
from webmap.maps.offline import MapParts, OfflineFigure

blueprint = Blueprint("maps", __name__)

_SIMPLIFY_M = 3.0
_LAYERS = (
    "incident",
    "rental_unit",
    "building",
    "facility",
    "parcel",
    "check_point",
    "patrol_point",
    "patrol_track",
)
_KINDS = {"Point": "point", "MultiPolygon": "area", "MultiLineString": "line"}


@blueprint.get("/map")
@requires(Permission.SEE_MAPS)
def district() -> ResponseReturnValue:
    """Show the communities, coloured by a figure."""
    actor = current_actor()
    whole = division.outlines(db(), actor, "district", simplify_m=500.0)
    title = _named(whole["features"][0]["properties"]) if whole["features"] else gettext("District")
    page = {
        "title": title,
        "note": _note(whole["division"]["is_schematic"]),
        "trail": [{"name": title, "url": url_for("maps.district")}],
        "caption": gettext("Communities"),
        "has_levels": True,
    } | _views("maps.district")
    on_date = _day()
    figures = figures_for(actor, past=on_date is not None)
    figure = chosen_figure(figures, request.args.get("figure"))
    if _view() != "map":
        return _table(page, tables.communities(db(), actor, figures, on_date=on_date))
    outlines = division.outlines(db(), actor, "community", simplify_m=_SIMPLIFY_M * 3)
    built = district_map(
        outlines,
        figures=_choices(figures),
        figure=figure,
        options=map_options(actor, schematic=_schematic(outlines)),
    )
    return _map_page(built, page, figures=figures, figure=figure)


@blueprint.get("/map/communities/<code>")
@requires(Permission.SEE_MAPS)
def community(code: str) -> ResponseReturnValue:
    """Show one community's cells, coloured by a figure."""
    actor = current_actor()
    place = division.place(db(), actor, "community", code)
    page = _place_page(place) | {"caption": gettext("Cells")} | _views("maps.community", code=code)
    on_date = _day()
    figures = figures_for(actor, past=on_date is not None)
    figure = chosen_figure(figures, request.args.get("figure"))
    if _view() != "map":
        return _table(page, tables.cells(db(), actor, figures, community=code, on_date=on_date))
    outlines = division.outlines(db(), actor, "cell", community_code=code, simplify_m=_SIMPLIFY_M)
    built = community_map(
        outlines,
        community_code=code,
        figures=_choices(figures),
        figure=figure,
        options=map_options(actor, schematic=place.is_schematic, shown=("incident",)),
    )
    return _map_page(built, page, figures=figures, figure=figure)


@blueprint.get("/map/cells/<code>")
@requires(Permission.SEE_MAPS)
def cell(code: str) -> ResponseReturnValue:
    """Show one cell among its neighbours, with everything in it."""
    actor = current_actor()
    place = division.place(db(), actor, "cell", code)
    community_code = place.within[-1].code
    page = _place_page(place) | _views("maps.cell", code=code)
    figures = figures_for(actor)
    if _view() != "map":
        return _cell_table(actor, place, page, figures)
    outlines = division.outlines(
        db(), actor, "cell", community_code=community_code, simplify_m=_SIMPLIFY_M / 3
    )
    built = cell_map(
        outlines,
        cell_code=code,
        community_code=community_code,
        figures=_choices(figures),
        options=map_options(
            actor, schematic=place.is_schematic, shown=("incident", "rental_unit", "facility", "parcel")
        ),
    )
    return _map_page(built, page, figures=figures, figure=None)


@blueprint.get("/map/outlines/cells.json")
@requires(Permission.SEE_MAPS)
def cell_outlines() -> ResponseReturnValue:
    """Give all cells' outlines, simplified for the district map."""
    response = jsonify(division.outlines(db(), current_actor(), "cell", simplify_m=_SIMPLIFY_M * 2))
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def map_options(actor: Actor, *, schematic: bool, shown: tuple[str, ...] = ()) -> MapOptions:
    """Return what every map needs: basemap, the layers the actor's role may see, the credit line."""
    english = is_english()
    known = {layer.name: layer for layer in layers_of(actor)}
    layers = [
        {
            "id": name,
            "label": known[name].title_en if english else known[name].title_zh,
            "kind": _KINDS[known[name].geometry],
            "names": tables.code_names(db(), actor, name),
        }
        for name in _LAYERS
        if name in known
    ]
    tiles = tiles_of(current_app.config["WEB_SETTINGS"])
    credits = [tile.attribution for tile in tiles[:1] if tile.attribution]
    credits += [gettext("Schematic, not legal boundaries")] if schematic else []
    return MapOptions(
        tiles=tiles,
        layers=layers,
        shown_layers=shown,
        attribution=" · ".join(credits),
        can_report=actor.may(Permission.REPORT_INCIDENT),
        only_mine=not actor.sees_district,
        urls={
            "community": url_for("maps.district") + "/communities/",
            "cell": url_for("maps.district") + "/cells/",
            "cells": url_for("maps.cell_outlines"),
        },
    )


def parts_of(built: GridMap) -> MapParts:
    """Render a map for a page of ours."""
    figure = OfflineFigure(vendor_url=url_for("static", filename="vendor/"), nonce=g.csp_nonce)
    figure.add_child(built)
    return figure.parts()


def _map_page(
    built: GridMap, place: dict[str, Any], *, figures: tuple[Choice, ...], figure: str | None
) -> ResponseReturnValue:
    return render_template(
        "maps/map.html", parts=parts_of(built), place=place, figures=figures, figure=figure
    )


def _table(page: dict[str, Any], table: tables.Table) -> ResponseReturnValue:
    if _view() == "csv":
        response = Response(tables.as_csv(table), mimetype="text/csv")
        response.headers["Content-Disposition"] = "attachment; filename=figures.csv"
        return response
    return render_template("maps/table.html", place=page, table=table, number=tables.number_text)


def _cell_table(
    actor: Actor, place: Place, page: dict[str, Any], figures: tuple[Choice, ...]
) -> ResponseReturnValue:
    names = {layer["id"]: layer["label"] for layer in map_options(actor, schematic=False).layers}
    # Tracks belong to communities, not to cells.
    names.pop("patrol_track", None)
    layer = request.args.get("layer", "")
    layer = layer if layer in names else next(iter(names))
    records = tables.records(db(), actor, layer, cell=place.code, after=request.args.get("after"))
    here: dict[str, Any] = {"code": place.code, "view": "table"}
    tabs = [
        {"id": name, "label": label, "url": url_for("maps.cell", layer=name, **here)}
        for name, label in names.items()
    ]
    following = records.next_after and url_for("maps.cell", layer=layer, after=records.next_after, **here)
    facts = tables.facts(db(), actor, figures, community=place.within[-1].code, cell=place.code)
    return render_template(
        "maps/cell_table.html",
        place=page,
        facts=facts,
        layers=tabs,
        layer=layer,
        records=records,
        next_url=following,
    )


def _place_page(place: Place) -> dict[str, Any]:
    english = is_english()
    trail = []
    for level, outer in zip(("district", "subdistrict", "community"), place.within, strict=False):
        if level == "subdistrict":
            continue
        url = url_for("maps.district") if level == "district" else url_for("maps.community", code=outer.code)
        trail.append({"name": (english and outer.name_en) or outer.name, "url": url})
    title = (english and place.name_en) or place.name
    trail.append({"name": title, "url": request.path})
    about = [place.code, gettext("%(area)s km²", area=f"{place.area_m2 / 1e6:.2f}")]
    if place.population:
        about.append(gettext("%(count)s people", count=f"{place.population:,}"))
    if place.is_schematic:
        about.append(gettext("schematic"))
    return {"title": title, "note": " · ".join(about), "trail": trail, "code": place.code}


def _views(endpoint: str, **values: Any) -> dict[str, str]:
    kept: dict[str, Any] = {key: request.args[key] for key in ("figure", "date") if key in request.args}
    return {
        "map_url": url_for(endpoint, **values, **kept),
        "table_url": url_for(endpoint, view="table", **values, **kept),
        "csv_url": url_for(endpoint, view="csv", **values, **kept),
    }


def _view() -> str:
    view = request.args.get("view", "map")
    return view if view in ("table", "csv") else "map"


def _day() -> date | None:
    """The past day the figures are asked for. Raises `InvalidInput` when it is none."""
    text = request.args.get("date")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput("There is no such day.", pointer="date") from error


def _choices(figures: tuple[Choice, ...]) -> list[dict[str, str]]:
    return [{"id": choice.id, "label": choice.label} for choice in figures]


def _named(properties: dict[str, Any]) -> str:
    return str((is_english() and properties.get("name_en")) or properties["name"])


def _schematic(outlines: dict[str, Any]) -> bool:
    return bool(outlines["division"]["is_schematic"])


def _note(schematic: bool) -> str:
    return gettext("Schematic, not legal boundaries") if schematic else ""
