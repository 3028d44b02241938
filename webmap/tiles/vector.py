"""Mapbox vector tiles, and what a client needs to know to ask for them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from gis.publish.layers import LAYERS, Layer, layer_for
from webmap.auth import current_actor, requires
from webmap.express import reads
from webmap.express.reads import MVT
from webmap.express.views import asked, response_of
from webmap.http.etag import private
from webmap.http.geojson import link
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import LINKED, one_of

blueprint = Blueprint("tiles", __name__)

_MATRIX_SET = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
_LAYER = {"layer": one_of(tuple(LAYERS))}


@blueprint.get("/ogc/collections/<layer>/tiles/WebMercatorQuad/<int:z>/<int:y>/<int:x>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        path=_LAYER,
        answers={
            200: ("Tile", MVT, {"type": "string", "contentMediaType": MVT}),
            204: ("Nothing lies in this tile", None, {}),
        },
    )
)
def tile(layer: str, z: int, y: int, x: int) -> ResponseReturnValue:
    """Give a vector tile; point layers give counts per square at low zooms."""
    return response_of(reads.tile(asked(), layer, z, y, x))


@blueprint.get("/ogc/collections/<layer>/tiles")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, path=_LAYER, answers={200: ("Tile sets", "application/json", LINKED)}))
def tilesets(layer: str) -> ResponseReturnValue:
    """List the tile sets of a layer: one, in web Mercator."""
    read_query(Parameters)
    return private({"tilesets": [_tileset(layer_for(current_actor(), layer))]})


@blueprint.get("/ogc/collections/<layer>/tiles/WebMercatorQuad")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, path=_LAYER, answers={200: ("Tile set", "application/json", LINKED)}))
def tileset(layer: str) -> ResponseReturnValue:
    """Describe a layer's tile set, with the template of its tiles' addresses."""
    read_query(Parameters)
    return private(_tileset(layer_for(current_actor(), layer)))


def _tileset(layer: Layer) -> dict[str, Any]:
    here = url_for("tiles.tileset", layer=layer.name, _external=True)
    template = {**link(f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MVT), "templated": True}
    return {
        "title": layer.title_en,
        "dataType": "vector",
        "crs": _MERCATOR,
        "tileMatrixSetURI": _MATRIX_SET,
        "links": [
            link(here, "self", "application/json"),
            link(_MATRIX_SET, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", "application/json"),
            template,
        ],
    }
