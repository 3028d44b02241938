"""OGC API - Features, Part 4 (draft 20-002r1): create, replace, update and delete features.

Every write goes through the service of its layer, so rules and row-level security are those of the pages.
A state is told by a strong entity tag; PUT, PATCH and DELETE must name it in If-Match. If-Unmodified-Since
is not looked at: there is no time of last change to compare it with. What is deleted of the incidents is
voided: row and history stay.
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, RootModel
from werkzeug.exceptions import MethodNotAllowed, PreconditionRequired

from gis.errors import InvalidInput, NotFound, PreconditionFailed
from gis.patrol.model import Outcome
from gis.people.model import Permission
from gis.publish.crs import CRS84
from gis.publish.layers import Layer, layer_for
from gis.publish.versions import Expected, Version, seen
from webmap import db
from webmap.auth import current_actor, requires
from webmap.express.reads import ways
from webmap.express.views import asked
from webmap.http.geojson import with_links
from webmap.http.links import absolute
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.receipts import schema_of_receipts
from webmap.http.schemas import FEATURE, one_of
from webmap.ogc.feature_input import GEOJSON, MERGE_PATCH, read_feature, read_features, read_patch
from webmap.ogc.writers import WRITERS, Writer, allowed_methods, log_points

__all__ = ["CONFORMS", "allowed_methods", "blueprint"]

blueprint = Blueprint("ogc_transactions", __name__)

CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/req/optimistic-locking-etags",
)
_READ = ("GET", "HEAD", "OPTIONS")
_ITEMS = "/ogc/collections/<layer>/items"
_ITEM = f"{_ITEMS}/<feature_id>"


class FeatureBody(BaseModel):
    """A whole GeoJSON feature; `id` and other foreign members are ignored."""

    type: Literal["Feature"]
    geometry: dict[str, Any] = Field(description="In the system of the header Content-Crs, CRS84 unless told")
    properties: dict[str, Any] = Field(
        description="The layer's own members; those that can only be read, as they stand or not at all"
    )


class FeaturesBody(BaseModel):
    """Several features; patrol points only."""

    type: Literal["FeatureCollection"]
    features: list[FeatureBody]


class NewFeatures(RootModel[FeatureBody | FeaturesBody]):
    """One feature, or for patrol points several."""


class FeaturePatch(BaseModel):
    """A JSON Merge Patch (RFC 7396) of a feature: null removes a member."""

    geometry: dict[str, Any] = Field(default_factory=dict, description="Left out, it stays; never null")
    properties: dict[str, Any] = Field(default_factory=dict)


_CONTENT_CRS = (False, "URI of the coordinate system of the body: CRS84 or EPSG 4326, 3857, 4490, 4547")
_IF_MATCH = (True, "The ETag of the feature as it was read, or *")
_LAYERS = {"layer": one_of(tuple(WRITERS))}
_RECEIPTS = schema_of_receipts("code", "detail", "location")
_STATE = ("The feature as it stands now, with its ETag", GEOJSON, FEATURE)


@blueprint.post(_ITEMS, provide_automatic_options=False)
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        body=NewFeatures,
        media=GEOJSON,
        path=_LAYERS,
        headers={"Content-Crs": _CONTENT_CRS},
        answers={201: _STATE, 200: ("Stored before under this client_id", GEOJSON, FEATURE)},
        more=((201, "application/json", _RECEIPTS), (200, "application/json", _RECEIPTS)),
    )
)
def create(layer: str) -> ResponseReturnValue:
    """Store a new feature; its address stands in Location.

    A member `client_id`, a UUID made by the sender, makes a repeated report of an incident or patrol point
    harmless. A collection of patrol points is answered by one receipt for each.
    """
    chosen, writer = _writer(layer, "POST")
    read_query(Parameters)
    drafts, is_collection = read_features(chosen)
    if is_collection:
        return _log_all(layer, drafts)
    version, is_new = writer.create(db(), current_actor(), drafts[0], request_id=g.request_id)
    answer = _state(version, 201 if is_new else 200)
    answer.headers["Location"] = _address(layer, version.feature_id)
    return answer


@blueprint.put(_ITEM, provide_automatic_options=False)
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        body=FeatureBody,
        media=GEOJSON,
        path=_LAYERS,
        headers={"If-Match": _IF_MATCH, "Content-Crs": _CONTENT_CRS},
        answers={200: _STATE},
    )
)
def replace(layer: str, feature_id: str) -> ResponseReturnValue:
    """Replace a feature; members left out fall back to what they are in a new one.

    An incident without a `state` stays in the state it has.
    """
    read_query(Parameters)
    chosen, writer = _writer(layer, "PUT")
    draft = read_feature(chosen)
    number, expected = _target(layer, feature_id)
    assert writer.change is not None  # noqa: S101 (or PUT is not allowed)
    try:
        version = writer.change(
            db(), current_actor(), number, draft, expected=expected, request_id=g.request_id
        )
    except NotFound as error:  # put-rid-exception: the state that If-Match names is not there
        raise PreconditionFailed from error
    return _state(version)


@blueprint.patch(_ITEM, provide_automatic_options=False)
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        body=FeaturePatch,
        media=MERGE_PATCH,
        path=_LAYERS,
        headers={"If-Match": _IF_MATCH, "Content-Crs": _CONTENT_CRS},
        answers={200: _STATE},
    )
)
def update(layer: str, feature_id: str) -> ResponseReturnValue:
    """Change some members of a feature, or take an incident to its next `state` with a `note`."""
    read_query(Parameters)
    chosen, writer = _writer(layer, "PATCH")
    draft = read_patch(chosen)
    number, expected = _target(layer, feature_id)
    assert writer.change is not None  # noqa: S101 (or PATCH is not allowed)
    version = writer.change(db(), current_actor(), number, draft, expected=expected, request_id=g.request_id)
    return _state(version)


@blueprint.delete(_ITEM, provide_automatic_options=False)
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        path=_LAYERS,
        headers={"If-Match": _IF_MATCH},
        answers={204: ("Removed; an incident is voided and stays", None, {})},
    )
)
def delete(layer: str, feature_id: str) -> ResponseReturnValue:
    """Remove a feature; an incident is voided instead."""
    read_query(Parameters)
    _, writer = _writer(layer, "DELETE")
    number, expected = _target(layer, feature_id)
    assert writer.remove is not None  # noqa: S101 (or DELETE is not allowed)
    writer.remove(db(), current_actor(), number, expected=expected, request_id=g.request_id)
    return Response(status=204)


@blueprint.route(_ITEMS, methods=["OPTIONS"])
@requires(Permission.SEE_MAPS)
def items_options(layer: str) -> ResponseReturnValue:
    """Tell what the asking person may do with a layer."""
    layer_for(current_actor(), layer)
    response = Response(headers={"Allow": ", ".join(_allowed(layer, of_one=False))})
    if "POST" in allowed_methods(current_actor(), layer):
        response.headers["Accept-Post"] = GEOJSON
    return response


@blueprint.route(_ITEM, methods=["OPTIONS"])
@requires(Permission.SEE_MAPS)
def item_options(layer: str, feature_id: str) -> ResponseReturnValue:
    """Tell what the asking person may do with features of a layer."""
    layer_for(current_actor(), layer)
    response = Response(headers={"Allow": ", ".join(_allowed(layer, of_one=True))})
    if "PATCH" in allowed_methods(current_actor(), layer):
        response.headers["Accept-Patch"] = MERGE_PATCH
    return response


def _writer(name: str, method: str) -> tuple[Layer, Writer]:
    """The layer and its writer, if this person may use that method on it."""
    layer = layer_for(current_actor(), name)
    if method not in allowed_methods(current_actor(), name):
        raise MethodNotAllowed(_allowed(name, of_one=method != "POST"))
    return layer, WRITERS[name]


def _allowed(layer: str, *, of_one: bool) -> tuple[str, ...]:
    writes = allowed_methods(current_actor(), layer)
    return (*_READ, *(method for method in writes if (method != "POST") is of_one))


def _target(layer: str, feature_id: str) -> tuple[int, Expected]:
    """The feature's number and the states the client has seen.

    A feature that is not there, or not this person's, is never said to lack a precondition.
    """
    is_number = feature_id.isascii() and feature_id.isdigit() and len(feature_id) <= 9
    number = int(feature_id) if is_number else 0  # no row has it
    if "If-Match" not in request.headers:
        _say_precondition_is_missing(layer, number)
    tags = request.if_match
    # Weak tags are left out: they never match (RFC 9110, 13.1.1).
    # So does an empty one, which Werkzeug reads as None.
    return number, None if tags.star_tag else frozenset(filter(None, tags.as_set(include_weak=False)))


def _say_precondition_is_missing(layer: str, number: int) -> NoReturn:
    seen(db(), current_actor(), layer, number)
    raise PreconditionRequired


def _state(version: Version, status: int = 200) -> Response:
    layer = (request.view_args or {})["layer"]
    path = url_for("ogc_items.item", layer=layer, feature_id=version.feature_id)
    read = asked()._replace(path=path.removeprefix(request.script_root), arguments=[], query="")
    # The very bytes that GET gives: the tag is theirs.
    response = Response(with_links(version.body, ways(read, layer)), status, mimetype=GEOJSON)
    response.set_etag(version.tag)
    response.headers["Content-Crs"] = f"<{CRS84}>"
    return response


def _address(layer: str, feature_id: int) -> str:
    return absolute("ogc_items.item", layer=layer, feature_id=feature_id)


def _log_all(layer: str, drafts: list[Any]) -> ResponseReturnValue:
    """Receipts for a collection of patrol points: 201 where every one of them was new."""
    if layer != "patrol_point":
        raise InvalidInput("one Feature is expected", pointer="/type", code="unknown-type")
    results = []
    for receipt, feature_id in log_points(db(), current_actor(), drafts, request_id=g.request_id):
        result = {"client_id": receipt.client_id, "outcome": receipt.outcome.value}
        if receipt.code:
            result |= {"code": receipt.code, "detail": receipt.detail or ""}
        if feature_id is not None:
            result["location"] = _address(layer, feature_id)
        results.append(result)
    answer = jsonify({"results": results})
    outcomes = {result["outcome"] for result in results}
    answer.status_code = 201 if outcomes == {Outcome.CREATED} else 200
    return answer
