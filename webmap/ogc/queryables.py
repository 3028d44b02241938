"""What a collection's features hold, and what they can be filtered and sorted by."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from gis.people.model import Permission
from gis.publish.layers import layer_for
from gis.publish.property_schema import geojson_schema as schema_for_geojson
from webmap.auth import current_actor, requires
from webmap.http.etag import private
from webmap.http.links import absolute
from webmap.http.negotiate import HTML, PAGE, SCHEMA, Negotiated, self_and_alternates, wanted
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.ogc import html
from webmap.ogc.common import LAYER_PATH, answered
from webmap.ogc.schemas import schema_of

blueprint = Blueprint("ogc_queryables", __name__)

_OPERATION = Operation(
    query=Negotiated,
    path=LAYER_PATH,
    answers={200: ("JSON Schema", SCHEMA.mimetype, {"type": "object"})},
    more=PAGE,
)


@blueprint.get("/ogc/collections/<layer>/queryables")
@requires(Permission.SEE_MAPS)
@describes(_OPERATION)
def queryables(layer: str) -> ResponseReturnValue:
    """Say which properties features can be filtered by."""
    return _answer(layer, "queryables")


@blueprint.get("/ogc/collections/<layer>/sortables")
@requires(Permission.SEE_MAPS)
@describes(_OPERATION)
def sortables(layer: str) -> ResponseReturnValue:
    """Say which properties features can be sorted by."""
    return _answer(layer, "sortables")


@blueprint.get("/ogc/collections/<layer>/schema")
@requires(Permission.SEE_MAPS)
@describes(_OPERATION)
def schema(layer: str) -> ResponseReturnValue:
    """Say what a feature holds: its properties with their types and the role of each."""
    return _answer(layer, "schema")


@blueprint.get("/ogc/collections/<layer>/geojson-schema")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        path=LAYER_PATH,
        answers={200: ("JSON Schema", SCHEMA.mimetype, {"type": "object"})},
    )
)
def geojson_schema(layer: str) -> ResponseReturnValue:
    """Say what a GeoJSON feature is like, for clients that need the types of columns."""
    chosen = layer_for(current_actor(), layer)
    read_query(Parameters)
    url = absolute("ogc_queryables.geojson_schema", layer=layer)
    return private(schema_for_geojson(chosen.name, str(get_locale()), url=url), SCHEMA.mimetype)


def _answer(name: str, kind: str) -> Response:
    layer = layer_for(current_actor(), name)
    read_query(Negotiated)
    form = wanted((SCHEMA, HTML))
    document = schema_of(layer, kind)
    answer = answered(form, document, lambda: html.schema_page(layer, document, kind))
    # A schema has no place for links, so they travel in the header.
    for entry in self_and_alternates(form, (SCHEMA, HTML)):
        answer.headers.add("Link", f'<{entry["href"]}>; rel="{entry["rel"]}"; type="{entry["type"]}"')
    return answer
