"""Tile sets: which vector tiles there are, in which grid, with which properties; tiles: `webmap.tiles`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import NotFound
from gis.people.model import Permission
from gis.publish.crs import CRS84
from gis.publish.extents import extents
from gis.publish.layers import Layer, layer_for, layers_of
from gis.publish.model import BBox
from webmap import db
from webmap.auth import current_actor, requires
from webmap.express.reads import MVT
from webmap.http.etag import private
from webmap.http.geojson import Link, link
from webmap.http.links import absolute, base_url
from webmap.http.negotiate import HTML, JSON, PAGE, Negotiated, self_and_alternates, wanted
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import LINKED
from webmap.ogc import common, html, tilegrid
from webmap.ogc.common import LAYER_PATH, answered, title_of
from webmap.ogc.words import about

blueprint = Blueprint("ogc_tilesets", __name__)

_START_ZOOM = 12
_DIMENSIONS = {"Point": 0, "MultiLineString": 1, "MultiPolygon": 2}
_GRID_PATH = {"grid": {"type": "string", "enum": [tilegrid.NAME]}}
_DESCRIBED = {200: ("Tile set", JSON.mimetype, LINKED)}


@blueprint.get("/ogc/tileMatrixSets")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=Negotiated, answers={200: ("Tile grids", JSON.mimetype, LINKED)}, more=PAGE))
def matrix_sets() -> ResponseReturnValue:
    """List the grids tiles come in: one, in web Mercator."""
    read_query(Negotiated)
    form = wanted()
    own = link(absolute("ogc_tilesets.matrix_set", grid=tilegrid.NAME), "self", JSON.mimetype)
    known = {name: tilegrid.definition()[name] for name in ("id", "title", "uri", "crs")}
    document = {"links": self_and_alternates(form), "tileMatrixSets": [{**known, "links": [own]}]}
    return answered(form, document, lambda: html.grids_page(document))


@blueprint.get("/ogc/tileMatrixSets/<grid>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Negotiated,
        path=_GRID_PATH,
        answers={200: ("Tile grid", JSON.mimetype, {"type": "object"})},
        more=PAGE,
    )
)
def matrix_set(grid: str) -> ResponseReturnValue:
    """Define a grid: scale, cell size and number of tiles of every zoom."""
    if grid != tilegrid.NAME:
        raise NotFound("There is no such tile grid.", code="no-such-grid")
    read_query(Negotiated)
    form = wanted()
    document = {**tilegrid.definition(), "links": self_and_alternates(form)}
    return answered(form, document, lambda: html.grid_page(document))


@blueprint.get("/ogc/collections/<layer>/tiles")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Negotiated,
        path=LAYER_PATH,
        answers={200: ("Tile sets", JSON.mimetype, LINKED)},
        more=PAGE,
    )
)
def tilesets(layer: str) -> ResponseReturnValue:
    """List the tile sets of a layer: one, in web Mercator."""
    chosen = layer_for(current_actor(), layer)
    read_query(Negotiated)
    form = wanted()
    entry = {**_named(chosen), "links": _ways(chosen)}
    document = {"links": self_and_alternates(form), "tilesets": [entry]}
    return answered(form, document, lambda: html.tilesets_page(chosen, document))


@blueprint.get("/ogc/collections/<layer>/tiles/WebMercatorQuad")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=Negotiated, path=LAYER_PATH, answers=_DESCRIBED, more=PAGE))
def tileset(layer: str) -> ResponseReturnValue:
    """Describe a layer's tile set, with the template of its tiles' addresses."""
    chosen = layer_for(current_actor(), layer)
    read_query(Negotiated)
    form = wanted()
    ways = [entry for entry in _ways(chosen) if entry["rel"] != "self"]
    document = {**_metadata(chosen), "links": self_and_alternates(form) + ways}
    return answered(form, document, lambda: html.tileset_page(chosen, document))


@blueprint.get("/ogc/collections/<layer>/tiles/WebMercatorQuad/tilejson.json")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        path=LAYER_PATH,
        answers={200: ("TileJSON 3.0", JSON.mimetype, {"type": "object"})},
    )
)
def tilejson(layer: str) -> ResponseReturnValue:
    """Describe a layer's tile set as TileJSON 3.0, as MapLibre and QGIS read it."""
    chosen = layer_for(current_actor(), layer)
    read_query(Parameters)
    box = bounds_of(chosen)
    last = tilegrid.LAST_ZOOM
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": title_of(chosen),
        "description": about(chosen),
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [tile_template(chosen, "{z}", "{y}", "{x}")],
        "minzoom": 0,
        "maxzoom": last,
        "bounds": [box.west, box.south, box.east, box.north],
        "center": [*_centre(box), _START_ZOOM],
        "vector_layers": [
            {
                "id": chosen.name,
                "description": title_of(chosen),
                "minzoom": 0,
                "maxzoom": last,
                "fields": {name: kind.capitalize() for name, kind in tile_fields(chosen).items()},
            }
        ],
    }
    if credit := common.credit():
        document["attribution"] = credit
    return private(document)


def bounds_of(layer: Layer) -> BBox:
    """The district, and what the reader may see of the layer beyond its outline."""
    # A token may be limited to collections, the district's outline not among them.
    names = [known.name for known in layers_of(current_actor()) if known.name in ("district", layer.name)]
    found = extents(db(), current_actor(), names)
    boxes = [place.bbox for place in found.values() if place.bbox is not None]
    if not boxes:  # no division was published yet
        return BBox(-180, -85, 180, 85)
    return BBox(
        min(box.west for box in boxes),
        min(box.south for box in boxes),
        max(box.east for box in boxes),
        max(box.north for box in boxes),
    )


def tile_fields(layer: Layer) -> dict[str, str]:
    """What a tile's features carry besides geometry: property to JSON type; points are counted far out."""
    # A division's code is its id; elsewhere the feature's own number in the tile says it.
    names = ("id", *layer.tile_columns) if layer.is_division else layer.tile_columns
    fields = {name: _type_of(layer, name) for name in names}
    return {**fields, "count": "number"} if layer.is_point else fields


def tile_template(layer: Layer, zoom: str, row: str, column: str) -> str:
    """The address of a layer's tiles with placeholders for zoom, row and column."""
    pattern = url_for("tiles.tile", layer=layer.name, z=0, y=0, x=0).removesuffix("0/0/0")
    return f"{base_url()}{pattern}{zoom}/{row}/{column}"


def _type_of(layer: Layer, column: str) -> str:
    kind = layer.filters.get(column)
    if kind is not None:
        return {"text": "string", "integer": "number", "boolean": "boolean"}[kind]
    return "number" if column == "share" or column.endswith(("_m", "_m2")) else "string"


def _named(layer: Layer) -> dict[str, Any]:
    return {
        "title": title_of(layer),
        "dataType": "vector",
        "crs": tilegrid.WEB_MERCATOR,
        "tileMatrixSetURI": tilegrid.URI,
    }


def _metadata(layer: Layer) -> dict[str, Any]:
    box = bounds_of(layer)
    last = str(tilegrid.LAST_ZOOM)
    properties = {name: {"type": kind} for name, kind in tile_fields(layer).items()}
    described = {
        **_named(layer),
        "description": about(layer),
        "mediaTypes": [MVT],
        "tileMatrixSetLimits": tilegrid.limits(box),
        "boundingBox": {
            "lowerLeft": [box.west, box.south],
            "upperRight": [box.east, box.north],
            "crs": CRS84,
        },
        "centerPoint": {"coordinates": _centre(box), "crs": CRS84, "tileMatrix": str(_START_ZOOM)},
        "layers": [
            {
                "id": layer.name,
                "title": title_of(layer),
                "dataType": "vector",
                "geometryDimension": _DIMENSIONS[layer.geometry],
                "minTileMatrix": "0",
                "maxTileMatrix": last,
                "propertiesSchema": {"type": "object", "properties": properties},
            }
        ],
    }
    if credit := common.credit():
        described["attribution"] = credit
    return described


def _ways(layer: Layer) -> list[dict[str, Any]]:
    name = {"layer": layer.name}
    template: dict[str, Any] = {
        **link(tile_template(layer, "{tileMatrix}", "{tileRow}", "{tileCol}"), "item", MVT, gettext("Tiles")),
        "templated": True,
    }
    ways: list[Link] = [
        link(absolute("ogc_tilesets.tileset", **name), "self", JSON.mimetype, gettext("Tile set")),
        link(absolute("ogc_tilesets.tileset", **name, f="html"), "alternate", HTML.mimetype),
        link(
            absolute("ogc_tilesets.matrix_set", grid=tilegrid.NAME),
            common.REL_TILING_SCHEME,
            JSON.mimetype,
            tilegrid.NAME,
        ),
        link(absolute("ogc_tilesets.tilejson", **name), "describedby", JSON.mimetype, "TileJSON 3.0"),
        link(absolute("ogc_styles.of_layer", **name), "stylesheet", common.STYLE, gettext("Map style")),
    ]
    return [*ways, template]


def _centre(box: BBox) -> list[float]:
    return [round((box.west + box.east) / 2, 6), round((box.south + box.north) / 2, 6)]
