"""Mapbox vector tiles; what a client needs to know to ask for them is in `webmap.ogc.tilesets`."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from gis.publish.layers import LAYERS
from webmap.auth import requires
from webmap.express import reads
from webmap.express.reads import MVT
from webmap.express.views import asked, response_of
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters
from webmap.http.schemas import one_of

blueprint = Blueprint("tiles", __name__)

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
