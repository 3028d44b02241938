"""The features of a collection. What they answer stands in `webmap.express.reads`."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from gis.people.model import Permission
from gis.publish.layers import Layer, layer_for
from webmap.auth import current_actor, requires
from webmap.express import reads
from webmap.express.reads import Answer, Asked
from webmap.express.views import asked, response_of
from webmap.http import geojson
from webmap.http.geojson import Link, link
from webmap.http.links import here
from webmap.http.negotiate import GEOJSON, HTML, PAGE, wanted
from webmap.http.openapi import Operation, describes
from webmap.http.schemas import FEATURE, FEATURES
from webmap.ogc import html
from webmap.ogc.asked import ItemParameters, ItemsParameters
from webmap.ogc.common import LAYER_PATH

blueprint = Blueprint("ogc_items", __name__)

_WAYS = ("next", "prev", "collection")


@blueprint.get("/ogc/collections/<layer>/items")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=ItemsParameters,
        path=LAYER_PATH,
        answers={200: ("Features", geojson.MIMETYPE, FEATURES)},
        more=PAGE,
    )
)
def items(layer: str) -> ResponseReturnValue:
    """Give the features of a layer, a page at a time.

    Properties of the layer may be given as further parameters and are compared for equality.
    """
    return _answered(layer, lambda asked: reads.items(asked, layer), html.items_page)


@blueprint.get("/ogc/collections/<layer>/items/<feature_id>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=ItemParameters,
        path=LAYER_PATH,
        answers={200: ("Feature", geojson.MIMETYPE, FEATURE)},
        more=PAGE,
    )
)
def item(layer: str, feature_id: str) -> ResponseReturnValue:
    """Give one feature in full, with names of codes in both languages."""
    return _answered(layer, lambda asked: reads.item(asked, layer, feature_id), html.item_page)


def _answered(
    name: str, read: Callable[[Asked], Answer], page: Callable[[Layer, bytes, list[Link]], str]
) -> Response:
    """What was read, or the page that shows it."""
    if wanted((GEOJSON, HTML)) is not HTML:
        return response_of(read(asked()))
    # A page shows positions on a map: in longitude and latitude, whatever system was asked for.
    wished = asked()
    plain = [pair for pair in wished.arguments if pair[0] != "crs"]
    query = urlencode(plain)
    body = read(wished._replace(arguments=plain, query=query, none_match="", accept_encoding="")).body
    ways = [way for way in json.loads(body).get("links", ()) if way["rel"] in _WAYS]
    links = [*ways, link(here(f="json"), "alternate", geojson.MIMETYPE)]
    response = Response(page(layer_for(current_actor(), name), body, links), mimetype=HTML.mimetype)
    response.vary.update(("Cookie", "Authorization", "Accept", "Accept-Language"))
    return response
