"""Collections for everybody: counts of a layer by community, while an administrator has switched them on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import Field

from gis.errors import NotFound
from gis.people.model import Permission
from gis.publish import public as service
from gis.publish.crs import CRS84
from gis.publish.model import MAX_ITEMS, FeaturePage
from gis.publish.public import PUBLISHABLE, PublicCollection, PublicQuery
from webmap import db
from webmap.auth import current_actor, public_profile_or
from webmap.http import geojson
from webmap.http.etag import private
from webmap.http.geojson import Link, link
from webmap.http.links import absolute
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query
from webmap.http.schemas import FEATURE, FEATURES, LINKED, WithBox, one_of
from webmap.i18n import is_english

blueprint = Blueprint("ogc_public", __name__)

JSON = "application/json"
_LAYER = {"layer": one_of(PUBLISHABLE)}
_COLLECTION = "/ogc/collections/<layer>_by_community"


class PublicItemsQuery(WithBox):
    """Which communities, and how many at once. They have no time: any `datetime` matches."""

    limit: int = Field(
        default=100, ge=1, description=f"Most features in one answer; more than {MAX_ITEMS:,} count as that"
    )
    after: str | None = Field(
        default=None,
        max_length=40,
        description="Code of the last community of the page before; see the next link",
    )


@blueprint.get(_COLLECTION)
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, path=_LAYER, answers={200: ("Collection", JSON, LINKED)}))
def collection(layer: str) -> ResponseReturnValue:
    """Describe the counts of a layer by community."""
    read_query(Parameters)
    return private(_described(service.public_collection(db(), _open_name(layer))))


@blueprint.get(f"{_COLLECTION}/items")
@public_profile_or(Permission.SEE_MAPS)
@describes(
    Operation(query=PublicItemsQuery, path=_LAYER, answers={200: ("Communities", geojson.MIMETYPE, FEATURES)})
)
def items(layer: str) -> ResponseReturnValue:
    """Give communities with their counts; a count that is small is not told (null)."""
    name = _open_name(layer)
    asked = read_query(PublicItemsQuery)
    asked.span()  # judged, then of no effect: OGC API Features, 7.15.4
    query = PublicQuery(asked.box(), asked.after, min(asked.limit, MAX_ITEMS))
    page = service.public_features(db(), name, query)
    return private(geojson.collection(page, links=_item_links(layer, page)), geojson.MIMETYPE)


@blueprint.get(f"{_COLLECTION}/items/<feature_id>")
@public_profile_or(Permission.SEE_MAPS)
@describes(Operation(query=Parameters, path=_LAYER, answers={200: ("Community", geojson.MIMETYPE, FEATURE)}))
def item(layer: str, feature_id: str) -> ResponseReturnValue:
    """Give one community with its count."""
    read_query(Parameters)
    return private(service.public_feature(db(), _open_name(layer), feature_id), geojson.MIMETYPE)


def described() -> list[dict[str, Any]]:
    """Describe every public collection there is today, for the list of collections."""
    if current_actor().collections is not None:
        return []
    return [_described(collection) for collection in service.public_collections(db()).values()]


def credit() -> str:
    """Say that the outlines are not legal boundaries, as long as they are not."""
    collections = service.public_collections(db()).values()
    is_schematic = any(collection.is_schematic for collection in collections)
    return gettext("Schematic, not legal boundaries") if is_schematic else ""


def _open_name(layer: str) -> str:
    """The collection's name; a token limited to collections does not open it."""
    if current_actor().collections is not None:
        raise NotFound
    return f"{layer}_by_community"


def _described(collection: PublicCollection) -> dict[str, Any]:
    layer = collection.layer
    english = is_english()
    name = layer.title_en if english else layer.title_zh
    made: dict[str, Any] = {
        "id": collection.name,
        "title": gettext("%(layer)s by community", layer=name),
        "description": gettext("How many there are in each community. A small number is not told (null)."),
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link(_url("ogc_public.collection", layer.name), "self", JSON),
            link(_url("ogc_public.items", layer.name), "items", geojson.MIMETYPE),
        ],
    }
    if collection.is_schematic:
        made["attribution"] = gettext("Schematic, not legal boundaries")
    return made


def _item_links(layer: str, page: FeaturePage) -> list[Link]:
    given = request.args.to_dict()
    links = [
        link(_url("ogc_public.items", layer, **given), "self", geojson.MIMETYPE),
        link(_url("ogc_public.collection", layer), "collection", JSON),
    ]
    if page.next_after is not None:
        following = {**given, "after": page.next_after}
        links.append(link(_url("ogc_public.items", layer, **following), "next", geojson.MIMETYPE))
    return links


def _url(endpoint: str, layer: str, **values: str) -> str:
    return absolute(endpoint, layer=layer, **values)
