"""Map styles (style specification 8) over the vector tiles, for MapLibre and for QGIS.

Nothing is fetched from elsewhere: no glyphs, no sprites. Only expressions that QGIS' import understands are
used: `match`, `step`, and `interpolate` over the zoom.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.people.model import Permission
from gis.publish.layers import Layer, layer_for, layers_of
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.links import absolute
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.ogc.common import LAYER_PATH, STYLE, credit, title_of
from webmap.ogc.palette import COLOURS
from webmap.ogc.tilesets import bounds_of

blueprint = Blueprint("ogc_styles", __name__)

Document = dict[str, Any]

_GROUND = "#f3f6f7"
_OUTLINE = "#22323b"
_OPEN, _TO_CHECK, _CLOSED = "#c0392b", "#d9922b", "#6d8a7a"
_BY_CLASS: dict[str, tuple[str, tuple[tuple[tuple[str, ...], str], ...], str]] = {
    "rental_unit": (
        "grade",
        (
            (("banned",), "#a50026"),
            (("strict",), "#f46d43"),
            (("watch",), "#fee08b"),
            (("lenient",), "#1a9850"),
        ),
        COLOURS["rental_unit"],
    ),
    "incident": (
        "state",
        (
            (("closed", "archived", "rejected", "voided"), _CLOSED),
            (("handled", "checking"), _TO_CHECK),
        ),
        _OPEN,
    ),
    "patrol_point": (
        "kind",
        ((tuple(f"L{number}" for number in range(1, 7)), "#8e2a8b"),),
        COLOURS["patrol_point"],
    ),
}
# Below, width of an outline in pixels; the larger the area, the bolder its border.
_WIDTHS = {
    "district": 3.0,
    "subdistrict": 2.4,
    "community": 1.6,
    "cell": 0.8,
    "parcel": 1.4,
    "coverage": 0.4,
    "analysis_result": 0.6,
}
_OPACITY = {"cell": 0.12, "parcel": 0.12, "coverage": 0.6, "analysis_result": 0.3}
# The green ramp of static/js/map/palette.js, by the share covered.
_BY_SHARE = [
    "step",
    ["get", "share"],
    "#e7f3ea",
    0.2,
    "#c0e1ca",
    0.4,
    "#8ac9a4",
    0.6,
    "#4fa981",
    0.8,
    "#1d7d5e",
]
_HIDDEN_AT_FIRST = {"coverage", "analysis_result", "building", "patrol_point", "patrol_track", "check_point"}
_START_ZOOM = 11
_OPERATION = Operation(
    query=Parameters,
    path=LAYER_PATH,
    answers={200: ("Style, version 8", STYLE, {"type": "object"})},
)


@blueprint.get("/ogc/collections/<layer>/style.json")
@requires(Permission.SEE_MAPS)
@describes(_OPERATION)
def of_layer(layer: str) -> ResponseReturnValue:
    """Give a map style of one layer for MapLibre and QGIS."""
    chosen = layer_for(current_actor(), layer)
    read_query(Parameters)
    return private(style_of((chosen,), title_of(chosen)), STYLE)


@blueprint.get("/ogc/style.json")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, answers=_OPERATION.answers))
def of_all() -> ResponseReturnValue:
    """Give a map style of all layers the reader's role may ask for."""
    read_query(Parameters)
    layers = layers_of(current_actor())
    return private(style_of(layers, gettext("Guangming Grid"), hidden=_HIDDEN_AT_FIRST), STYLE)


def style_of(layers: Sequence[Layer], name: str, *, hidden: set[str] | None = None) -> Document:
    """The style document: areas below, lines above them, points on top.

    Parameters
    ----------
    hidden : names of layers that are in the style but not shown until somebody switches them on.
    """
    box, note = bounds_of(layers[0]), credit()
    order = ("MultiPolygon", "MultiLineString", "Point")
    drawn: list[Document] = [{"id": "ground", "type": "background", "paint": {"background-color": _GROUND}}]
    # Small areas first, so that the bolder borders of large ones stay in sight.
    upwards = sorted(enumerate(layers), key=lambda each: (order.index(each[1].geometry), -each[0]))
    for _, layer in upwards:
        visibility = "none" if layer.name in (hidden or ()) else "visible"
        drawn += [{**entry, "layout": {"visibility": visibility}} for entry in _drawn(layer)]
    return {
        "version": 8,
        "name": name,
        "center": [round((box.west + box.east) / 2, 6), round((box.south + box.north) / 2, 6)],
        "zoom": _START_ZOOM,
        "sources": {layer.name: _source(layer, note) for layer in layers},
        "layers": drawn,
    }


def _source(layer: Layer, note: str) -> Document:
    source = {"type": "vector", "url": absolute("ogc_tilesets.tilejson", layer=layer.name)}
    return {**source, "attribution": note} if note else source


def _drawn(layer: Layer) -> list[Document]:
    """The layers of a style that draw one of ours."""
    base = {"source": layer.name, "source-layer": layer.name}
    colour = _colour(layer)
    if layer.geometry == "MultiPolygon":
        inside = _BY_SHARE if layer.name == "coverage" else colour
        fill = {"fill-color": inside, "fill-opacity": _OPACITY.get(layer.name, 0.0)}
        line = {"line-color": colour, "line-width": _WIDTHS[layer.name]}
        return [
            {"id": f"{layer.name}-area", "type": "fill", **base, "paint": fill},
            {"id": layer.name, "type": "line", **base, "paint": line},
        ]
    if layer.geometry == "MultiLineString":
        line = {"line-color": colour, "line-width": 2, "line-opacity": 0.7}
        return [{"id": layer.name, "type": "line", **base, "paint": line}]
    return [
        {
            "id": f"{layer.name}-counts",
            "type": "circle",
            **base,
            "maxzoom": layer.points_from_zoom,
            "paint": _circle(COLOURS[layer.name], _radius_by_count(), "#ffffff"),
        },
        {
            "id": layer.name,
            "type": "circle",
            **base,
            "minzoom": layer.points_from_zoom,
            "paint": _circle(colour, ["interpolate", ["linear"], ["zoom"], 12, 3, 18, 7], _OUTLINE),
        },
    ]


def _circle(colour: Any, radius: Any, outline: str) -> Document:
    return {
        "circle-color": colour,
        "circle-radius": radius,
        "circle-opacity": 0.9,
        "circle-stroke-color": outline,
        "circle-stroke-width": 1,
    }


def _radius_by_count() -> list[Any]:
    """Pixels by number: the area grows about as the logarithm, so that single ones stay in sight."""
    return ["step", ["get", "count"], 3, 2, 4, 10, 6, 50, 9, 200, 13, 1000, 18, 5000, 24]


def _colour(layer: Layer) -> Any:
    if layer.name not in _BY_CLASS:
        return COLOURS[layer.name]
    column, classes, otherwise = _BY_CLASS[layer.name]
    matched: list[Any] = ["match", ["get", column]]
    for values, colour in classes:
        matched += [values[0] if len(values) == 1 else list(values), colour]
    return [*matched, otherwise]
