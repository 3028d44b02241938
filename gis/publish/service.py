"""What maps and clients read. One function is one question, answered in one read-only transaction."""

from __future__ import annotations

from collections import Counter

from gis.database.pool import Connection, Database
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.publish import store
from gis.publish.features import filter_of, item, items, wkb_of
from gis.publish.filters import Area
from gis.publish.layers import NEAREST_LAYERS, layer_for
from gis.publish.model import (
    MAX_CLUSTERS,
    MAX_NEAREST,
    MAX_ZOOM,
    SINGLES_FROM_ZOOM,
    AreaAnswer,
    AreaQuery,
    BBox,
    Clusters,
    FeaturePage,
    Found,
    ItemQuery,
    PlaceCount,
    RevealedHead,
    TimeSpan,
    search_term,
)

__all__ = ["clusters", "item", "items", "nearest", "query_area", "reveal_building_head", "search"]


def clusters(
    db: Database, actor: Actor, name: str, bbox: BBox, zoom: int, span: TimeSpan | None = None
) -> Clusters:
    """A point layer's objects in a box: gathered in squares below zoom 17, one by one from there.

    A square belongs to the box as a whole, so that its count does not change as a map is moved. Where more
    than 2,000 single points lie in the box, they are gathered all the same.

    Raises
    ------
    InvalidInput
        The layer's objects are not points, or there is no such zoom.
    """
    layer = layer_for(actor, name)
    if not layer.is_point:
        raise InvalidInput("Only point layers have clusters.", pointer="layer")
    if not 0 <= zoom <= MAX_ZOOM:
        raise InvalidInput(f"The zoom is a number from 0 to {MAX_ZOOM}.", pointer="zoom")
    chosen = filter_of(actor, layer, ItemQuery(bbox=bbox, span=span))
    page = None
    if zoom >= SINGLES_FROM_ZOOM:
        page = store.single_points(db, actor.identity, layer, chosen)
    if page is None or page.found > MAX_CLUSTERS:
        by_tally = actor.sees_district and span is None
        page = store.clusters(db, actor.identity, layer, chosen, zoom=zoom, by_tally=by_tally)
    returned = min(page.found, MAX_CLUSTERS)
    return Clusters(FeaturePage(page.features, returned), is_complete=page.found <= MAX_CLUSTERS)


def nearest(db: Database, actor: Actor, name: str, lon: float, lat: float, k: int = 5) -> FeaturePage:
    """The k features nearest to a position in degrees, each with `distance_m`, nearest first.

    Raises
    ------
    InvalidInput
        Not a layer to ask this of, or k beyond its bounds.
    """
    layer = layer_for(actor, name)
    if not layer.has_nearest:
        raise InvalidInput(f"The nearest of these layers: {', '.join(NEAREST_LAYERS)}.", pointer="layer")
    if not 1 <= k <= MAX_NEAREST:
        raise InvalidInput(f"k is a number from 1 to {MAX_NEAREST}.", pointer="k")
    with db.transaction(actor.identity, read_only=True) as connection:
        page = store.nearest(
            connection, layer, (lon, lat), k, by_spatial_index=actor.sees_district or not layer.has_own_rows
        )
    return FeaturePage(page.features, page.found)


def query_area(db: Database, actor: Actor, name: str, query: AreaQuery) -> AreaAnswer:
    """What lies in a polygon, or within a distance in metres of a point or polygon.

    Raises
    ------
    InvalidInput
        A period where the layer has no time.
    """
    layer = layer_for(actor, name)
    chosen = filter_of(actor, layer, ItemQuery(span=query.span, limit=query.limit), _area(query))
    with db.transaction(actor.identity, read_only=True) as connection:
        page = store.first_items(connection, layer, chosen, limit=query.limit)
        matched = store.matched_by_place(connection, layer, chosen)
        cells, communities = _tallies(connection, matched)
    return AreaAnswer(
        FeaturePage(page.features, min(page.found, query.limit)),
        matched=sum(number for _, _, number in matched),
        by_community=communities,
        by_cell=cells,
    )


def search(db: Database, actor: Actor, text: str, *, limit: int = 20) -> tuple[Found, ...]:
    """Cells, communities, buildings and facilities by code, name, address or pinyin initials, best first.

    Raises
    ------
    InvalidInput
        The text is too short or too long, or the limit not from 1 to 100.
    """
    actor.require(Permission.SEE_MAPS)
    term = search_term(text)
    if not 1 <= limit <= 100:
        raise InvalidInput("The limit is a number from 1 to 100.", pointer="limit")
    with db.transaction(actor.identity, read_only=True) as connection:
        return tuple(
            store.search_places(connection, term, limit=limit, with_housing=actor.may(Permission.SEE_HOUSING))
        )


def reveal_building_head(db: Database, actor: Actor, building_id: int, purpose: str) -> RevealedHead:
    """Name and number of a building's head, for a stated purpose; leaves an audit row.

    Raises
    ------
    InvalidInput
        No purpose.
    NotFound
        No such building, no head today, or not this actor's.
    Forbidden
        Not for this role.
    """
    actor.require(Permission.SEE_HOUSING)
    if not 2 <= len(purpose.strip()) <= 200:
        raise InvalidInput("State a purpose in 2 to 200 characters.", pointer="/purpose")
    with db.transaction(actor.identity) as connection:
        head = store.reveal_current_head(connection, building_id, purpose.strip())
    if head is None:
        raise NotFound
    return RevealedHead(full_name=head.full_name, phone=head.phone)


def _area(query: AreaQuery) -> Area:
    box = BBox(*query.shape.bounds)
    return Area(
        box=box.widened(query.radius_m) if query.radius_m else box,
        shape_wkb=wkb_of(query.shape),
        radius_m=query.radius_m,
    )


def _tallies(
    connection: Connection, matched: list[tuple[int | None, int | None, int]]
) -> tuple[tuple[PlaceCount, ...], tuple[PlaceCount, ...]]:
    by_cell: Counter[int] = Counter()
    by_community: Counter[int] = Counter()
    for cell_id, community_id, number in matched:
        if cell_id is not None:
            by_cell[cell_id] += number
        if community_id is not None:
            by_community[community_id] += number
    cell_names, community_names = store.place_names(connection, by_cell, by_community)
    return (
        tuple(PlaceCount(*name, by_cell[place]) for place, name in cell_names.items()),
        tuple(PlaceCount(*name, by_community[place]) for place, name in community_names.items()),
    )
