"""The features of a collection. What they answer stands in `webmap.express.reads`."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from gis.publish.layers import LAYERS
from webmap.auth import requires
from webmap.express import reads
from webmap.express.views import asked, response_of
from webmap.http import geojson
from webmap.http.openapi import Operation, describes
from webmap.http.schemas import FEATURE, FEATURES, one_of
from webmap.ogc.asked import ItemParameters, ItemsParameters

blueprint = Blueprint("ogc_items", __name__)

_LAYER = {"layer": one_of(tuple(LAYERS))}


@blueprint.get("/ogc/collections/<layer>/items")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(query=ItemsParameters, path=_LAYER, answers={200: ("Features", geojson.MIMETYPE, FEATURES)})
)
def items(layer: str) -> ResponseReturnValue:
    """Give the features of a layer, a page at a time.

    Properties of the layer may be given as further parameters and are compared for equality.
    """
    return response_of(reads.items(asked(), layer))


@blueprint.get("/ogc/collections/<layer>/items/<feature_id>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(query=ItemParameters, path=_LAYER, answers={200: ("Feature", geojson.MIMETYPE, FEATURE)})
)
def item(layer: str, feature_id: str) -> ResponseReturnValue:
    """Give one feature in full, with names of codes in both languages."""
    return response_of(reads.item(asked(), layer, feature_id))
