"""What there is: landing page, conformance and the collections."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.people.model import Permission
from gis.publish.crs import CRS84, FORMS
from gis.publish.extents import Extent, extent, extents
from gis.publish.layers import Layer, layer_for, layers_of
from webmap import db
from webmap.auth import current_actor, public_profile_or, requires
from webmap.http.geojson import MIMETYPE as GEOJSON_TYPE
from webmap.http.geojson import Link, link
from webmap.http.links import absolute
from webmap.http.negotiate import HTML, JSON, PAGE, SCHEMA, Negotiated, self_and_alternates, wanted
from webmap.http.openapi import Operation, describes
from webmap.http.params import read_query
from webmap.http.schemas import LINKED
from webmap.ogc import common, html, public
from webmap.ogc.common import LAYER_PATH, answered, title_of
from webmap.ogc.conformance import CONFORMS
from webmap.ogc.words import about

blueprint = Blueprint("ogc", __name__)

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


@blueprint.get("/ogc")
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Negotiated, answers={200: ("Landing page", JSON.mimetype, LINKED)}, more=PAGE))
def landing() -> ResponseReturnValue:
    """Show the way: description, conformance, collections."""
    read_query(Negotiated)
    form = wanted()
    credit = common.credit()
    document: dict[str, Any] = {
        "title": gettext("Guangming Grid"),
        "description": credit or gettext("Layers of the grid service, by open standards."),
        "links": self_and_alternates(form) + _ways(),
    }
    if credit:
        document["attribution"] = credit
    return answered(form, document, lambda: html.landing_page(document))


@blueprint.get("/ogc/conformance")
@public_profile_or(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Negotiated,
        answers={200: ("Conformance classes", JSON.mimetype, {"type": "object"})},
        more=PAGE,
    )
)
def conformance() -> ResponseReturnValue:
    """Name the standards this API keeps."""
    read_query(Negotiated)
    form = wanted()
    document = {"links": self_and_alternates(form), "conformsTo": list(CONFORMS)}
    return answered(form, document, lambda: html.conformance_page(document))


@blueprint.get("/ogc/collections")
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Negotiated, answers={200: ("Collections", JSON.mimetype, LINKED)}, more=PAGE))
def collections() -> ResponseReturnValue:
    """List the layers the reader's role may ask for."""
    read_query(Negotiated)
    form, actor = wanted(), current_actor()
    layers = layers_of(actor)
    places = extents(db(), actor, [layer.name for layer in layers])
    credit = common.credit()
    document = {
        "links": self_and_alternates(form),
        "crs": list(FORMS),
        "collections": [_described(layer, places[layer.name], credit) for layer in layers]
        + public.described(),
    }
    return answered(form, document, lambda: html.collections_page(document))


@blueprint.get("/ogc/collections/<layer>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Negotiated,
        path=LAYER_PATH,
        answers={200: ("Collection", JSON.mimetype, LINKED)},
        more=PAGE,
    )
)
def collection(layer: str) -> ResponseReturnValue:
    """Describe one layer: where and when its rows lie that the reader may see, and how to get them."""
    actor = current_actor()
    chosen = layer_for(actor, layer)
    read_query(Negotiated)
    form = wanted()
    document = _described(chosen, extent(db(), actor, layer), common.credit())
    others = [entry for entry in document["links"] if entry["rel"] not in ("self", "alternate")]
    document["links"] = self_and_alternates(form) + others
    return answered(form, document, lambda: html.collection_page(chosen, document))


def _ways() -> list[Link]:
    conformance, data = absolute("ogc.conformance"), absolute("ogc.collections")
    return [
        link(absolute("ogc_description.api"), "service-desc", common.OPENAPI, gettext("OpenAPI document")),
        link(absolute("docs.show"), "service-doc", HTML.mimetype, gettext("API, for trying out")),
        link(conformance, "conformance", JSON.mimetype, gettext("Conformance classes")),
        link(conformance, common.REL_CONFORMANCE, JSON.mimetype, gettext("Conformance classes")),
        link(data, "data", JSON.mimetype, gettext("Collections")),
        link(data, common.REL_DATA, JSON.mimetype, gettext("Collections")),
        link(
            absolute("ogc_tilesets.matrix_sets"),
            common.REL_TILING_SCHEMES,
            JSON.mimetype,
            gettext("Tile grids"),
        ),
        link(absolute("ogc_styles.of_all"), "stylesheet", common.STYLE, gettext("Map style of all layers")),
    ]


def _described(layer: Layer, place: Extent, credit: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": layer.name,
        "title": title_of(layer),
        "description": about(layer),
        "itemType": "feature",
        "crs": list(FORMS),
        "storageCrs": CRS84,
        "links": _links(layer),
    }
    if credit:
        described["attribution"] = credit
    if extent := _extent(layer, place):
        described["extent"] = extent
    return described


def _extent(layer: Layer, place: Extent) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if place.bbox is not None:
        box = place.bbox
        found["spatial"] = {"bbox": [[box.west, box.south, box.east, box.north]], "crs": CRS84}
    if layer.time is not None:
        ends = (place.first_at, place.last_at)
        interval = [None if at is None else at.isoformat() for at in ends]
        found["temporal"] = {"interval": [interval], "trs": GREGORIAN}
    return found


def _links(layer: Layer) -> list[Link]:
    name = {"layer": layer.name}
    here, items = absolute("ogc.collection", **name), absolute("ogc_items.items", **name)
    return [
        link(here, "self", JSON.mimetype),
        link(absolute("ogc.collection", **name, f="html"), "alternate", HTML.mimetype),
        link(items, "items", GEOJSON_TYPE, gettext("Features")),
        link(
            absolute("ogc_queryables.queryables", **name),
            common.REL_QUERYABLES,
            SCHEMA.mimetype,
            gettext("What can be filtered by"),
        ),
        link(
            absolute("ogc_queryables.sortables", **name),
            common.REL_SORTABLES,
            SCHEMA.mimetype,
            gettext("What can be sorted by"),
        ),
        link(
            absolute("ogc_queryables.schema", **name),
            common.REL_SCHEMA,
            SCHEMA.mimetype,
            gettext("Schema of a feature"),
        ),
        link(absolute("ogc_queryables.geojson_schema", **name), "describedby", SCHEMA.mimetype),
        link(
            absolute("ogc_tilesets.tilesets", **name),
            common.REL_TILESETS,
            JSON.mimetype,
            gettext("Vector tiles"),
        ),
        link(absolute("ogc_styles.of_layer", **name), "stylesheet", common.STYLE, gettext("Map style")),
    ]
