"""What there is: landing page, conformance and the list of collections."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from gis.division import service as division
from gis.errors import Forbidden, NotFound
from gis.people.model import Permission
from gis.publish.layers import LAYERS, Layer, layer_for, layers_of
from webmap import db
from webmap.auth import current_actor, public_profile_or, requires
from webmap.http import geojson
from webmap.http.etag import private
from webmap.http.geojson import Link, link
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import LINKED, one_of
from webmap.ogc import public, transactions

blueprint = Blueprint("ogc", __name__)

JSON = "application/json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    *transactions.CONFORMS,
)
_LAYER = {"layer": one_of(tuple(LAYERS))}
_TIMED = {"incident": "reported_at", "patrol_point": "device_at", "patrol_track": "started_at/ended_at"}


@blueprint.get("/ogc")
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, answers={200: ("Landing page", JSON, LINKED)}))
def landing() -> ResponseReturnValue:
    """Show the way: description, conformance, collections."""
    read_query(Parameters)
    links = [
        link(_url("ogc.landing"), "self", JSON),
        link(_url("docs.document"), "service-desc", OPENAPI),
        link(_url("docs.show"), "service-doc", "text/html"),
        link(_url("ogc.conformance"), "conformance", JSON),
        link(_url("ogc.collections"), "data", JSON),
    ]
    return private({"title": gettext("Guangming Grid"), "description": _credit(), "links": links})


@blueprint.get("/ogc/conformance")
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, answers={200: ("Conformance classes", JSON, {"type": "object"})}))
def conformance() -> ResponseReturnValue:
    """Name the standards this API keeps."""
    read_query(Parameters)
    return private({"conformsTo": list(CONFORMS)})


@blueprint.get("/ogc/collections")
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, answers={200: ("Collections", JSON, LINKED)}))
def collections() -> ResponseReturnValue:
    """List the layers the reader's role may ask for."""
    read_query(Parameters)
    return private(
        {
            "links": [link(_url("ogc.collections"), "self", JSON)],
            "collections": [_described(layer) for layer in layers_of(current_actor())] + public.described(),
        }
    )


@blueprint.get("/ogc/collections/<layer>")
@requires(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, path=_LAYER, answers={200: ("Collection", JSON, LINKED)}))
def collection(layer: str) -> ResponseReturnValue:
    """Describe one layer."""
    read_query(Parameters)
    return private(_described(layer_for(current_actor(), layer)))


def _described(layer: Layer) -> dict[str, Any]:
    english = str(get_locale()).startswith("en")
    described: dict[str, Any] = {
        "id": layer.name,
        "title": layer.title_en if english else layer.title_zh,
        "itemType": "feature",
        "crs": [CRS84],
        "links": _links(layer),
    }
    if note := _credit():
        described["attribution"] = note
    if layer.name in _TIMED:
        described["description"] = gettext("Filtered in time by %(column)s.", column=_TIMED[layer.name])
        described["extent"] = {"temporal": {"interval": [[None, None]]}}
    return described


def _links(layer: Layer) -> list[Link]:
    name = {"layer": layer.name}
    return [
        link(_url("ogc.collection", **name), "self", JSON),
        link(_url("ogc_items.items", **name), "items", geojson.MIMETYPE),
        link(_url("tiles.tilesets", **name), TILESETS, JSON),
    ]


def _credit() -> str:
    """Say that the outlines are not legal boundaries, as long as they are not."""
    try:
        is_schematic = division.current_revision(db(), current_actor()).is_schematic
    except NotFound:
        return ""
    except Forbidden:
        return public.credit()  # not signed in
    return gettext("Schematic, not legal boundaries") if is_schematic else ""


def _url(endpoint: str, **values: str) -> str:
    return url_for(endpoint, _external=True, **values)
