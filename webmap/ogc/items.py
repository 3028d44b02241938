"""The features of a collection."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from gis.people.model import Permission
from gis.publish import service
from gis.publish.layers import LAYERS, layer_for
from gis.publish.model import MAX_ITEMS, FeaturePage, ItemQuery
from gis.publish.versions import feature_tag
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http import geojson
from webmap.http.etag import private
from webmap.http.geojson import Link, link
from webmap.http.openapi import Operation, describes
from webmap.http.params import Parameters, read_query, read_query_and_rest
from webmap.http.schemas import FEATURE, FEATURES, WithBox, one_of

blueprint = Blueprint("ogc_items", __name__)

_FILTERS = "; ".join(
    f"{layer.name}: {', '.join(layer.filters)}" for layer in LAYERS.values() if layer.filters
)


class ItemsQuery(WithBox):
    """Which features, and how many at once."""

    limit: int = Field(
        default=100, ge=1, description=f"Most features in one answer; more than {MAX_ITEMS:,} count as that"
    )
    after: str | None = Field(
        default=None,
        max_length=40,
        description="Id of the last feature of the page before; see the next link",
    )
    cell: str | None = Field(default=None, max_length=40, description="Code of a cell")
    community: str | None = Field(default=None, max_length=40, description="Code of a community")


ItemsQuery.__doc__ = f"Which features. Besides, a layer's own properties for equality: {_FILTERS}"


@blueprint.get("/ogc/collections/<layer>/items")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=ItemsQuery,
        path={"layer": one_of(tuple(LAYERS))},
        answers={200: ("Features", geojson.MIMETYPE, FEATURES)},
    )
)
def items(layer: str) -> ResponseReturnValue:
    """Give the features of a layer, a page at a time.

    Properties of the layer may be given as further parameters and are compared for equality.
    """
    actor = current_actor()
    chosen = layer_for(actor, layer)
    asked, rest = read_query_and_rest(ItemsQuery)
    span = asked.span()
    query = ItemQuery(
        bbox=asked.box(),
        # OGC API Features, 7.15.4: what has no time matches any.
        span=span if chosen.time else None,
        limit=min(asked.limit, MAX_ITEMS),
        after=asked.after,
        cell=asked.cell,
        community=asked.community,
        equals=rest,
    )
    page = service.items(db(), actor, layer, query)
    return private(geojson.collection(page, links=_links(layer, page)), geojson.MIMETYPE)


@blueprint.get("/ogc/collections/<layer>/items/<feature_id>")
@requires(Permission.SEE_MAPS)
@describes(
    Operation(
        query=Parameters,
        path={"layer": one_of(tuple(LAYERS))},
        answers={200: ("Feature", geojson.MIMETYPE, FEATURE)},
    )
)
def item(layer: str, feature_id: str) -> ResponseReturnValue:
    """Give one feature in full, with names of codes in both languages."""
    read_query(Parameters)
    actor = current_actor()
    record = service.item(db(), actor, layer, feature_id)
    # Strong: writers say by it in If-Match which state they have seen.
    return private(record, geojson.MIMETYPE, tag=feature_tag(actor, record))


def _links(layer: str, page: FeaturePage) -> list[Link]:
    here = url_for("ogc_items.items", layer=layer, _external=True, **request.args.to_dict())
    links = [
        link(here, "self", geojson.MIMETYPE),
        link(url_for("ogc.collection", layer=layer, _external=True), "collection", "application/json"),
    ]
    if page.next_after is not None:
        arguments = {**request.args.to_dict(), "after": page.next_after}
        following = url_for("ogc_items.items", layer=layer, _external=True, **arguments)
        links.append(link(following, "next", geojson.MIMETYPE))
    return links
