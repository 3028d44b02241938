"""The OGC API described by itself: paths below `/ogc`, and for each collection what its items take.

Clients look for a collection's own parameters here: GDAL asks the server to compare a property only where
this document names it at `/collections/{name}/items`.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from gis.people.model import Permission
from gis.publish.equals import scalars
from gis.publish.layers import Layer, layers_of
from gis.publish.property_schema import queryables_schema
from webmap.api import docs
from webmap.auth import current_actor, public_profile_or
from webmap.http.etag import private
from webmap.http.links import base_url
from webmap.http.negotiate import JSON, Format, preferred, varied
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.ogc.common import OPENAPI

blueprint = Blueprint("ogc_description", __name__)

_OPENAPI = Format(("json",), OPENAPI)
_ITEMS = "/collections/{layer}/items"
Document = dict[str, Any]


@blueprint.get("/ogc/api")
@public_profile_or(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        answers={200: ("OpenAPI 3.1", OPENAPI, {"type": "object"})},
        more=((200, JSON.mimetype, {"type": "object"}),),
    )
)
def api() -> ResponseReturnValue:
    """Describe the OGC API alone, with the parameters of each collection of the reader."""
    read_query(Parameters)
    whole: Document = json.loads(docs.described(current_app))
    paths = {
        path.removeprefix("/ogc") or "/": item
        for path, item in whole["paths"].items()
        if path.startswith("/ogc")
    }
    for layer in layers_of(current_actor()):
        paths[f"/collections/{layer.name}/items"] = {"get": _of_layer(paths[_ITEMS]["get"], layer)}
    document = {**whole, "servers": [{"url": f"{base_url()}/ogc"}], "paths": paths}
    # GDAL accepts OpenAPI 3.0 or plain JSON, and drops an answer of any other type.
    form = preferred(request.accept_mimetypes, (_OPENAPI, JSON))
    return varied(private(document, form.mimetype))


def _of_layer(general: Document, layer: Layer) -> Document:
    """Reading a layer's items, with every scalar queryable as a parameter."""
    own = copy.deepcopy(general)
    own["operationId"] = f"{general['operationId']}_{layer.name}"
    own["parameters"] = [entry for entry in general["parameters"] if entry["name"] != "layer"]
    taken = {entry["name"] for entry in own["parameters"]}
    schema = queryables_schema(layer.name, str(get_locale()))["properties"]
    own["parameters"] += [
        {"name": name, "in": "query", "required": False, "schema": schema[name]}
        for name in scalars(layer.name)
        if name not in taken
    ]
    return own
