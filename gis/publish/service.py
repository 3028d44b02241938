"""What maps and clients read. One function is one question, answered in one read-only transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import shapely

from gis.database.pool import Connection, Database
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.publish import store
from gis.publish.composed import Area, Filter, coerce
from gis.publish.composed_tiles import MARGIN
from gis.publish.layers import NEAREST_LAYERS, Layer, layer_for
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
    tile_bbox,
)


def items(db: Database, actor: Actor, name: str, query: ItemQuery) -> FeaturePage:
    """One page of a layer's features, in the order of their ids.

    Raises
    ------
    NotFound, Forbidden
        No such layer, or not for this role.
    InvalidInput
        A filter the layer does not have, or a cell or community that does not exist.
    """
    layer = layer_for(actor, name)
    after = None if query.after is None else _key(layer, query.after)
    if query.after is not None and after is None:
        raise InvalidInput("This is not the id of a feature.", pointer="after")
    with db.transaction(actor.identity, read_only=True) as connection:
        chosen, is_small = _filter(connection, actor, layer, query)
        page = store.items(
            connection, layer, chosen, limit=query.limit, after=after, by_key_index=not is_small
        )
    more = page.found > query.limit
    return FeaturePage(page.features, min(page.found, query.limit), page.last_key if more else None)


def item(db: Database, actor: Actor, name: str, feature_id: str) -> bytes:
    """One feature in full, as GeoJSON.

    Raises
    ------
    NotFound
        There is none, or it is not this actor's to see: the two cannot be told apart.
    """
    layer = layer_for(actor, name)
    key = _key(layer, feature_id)
    with db.transaction(actor.identity, read_only=True) as connection:
        text = None if key is None else store.record(connection, layer, key)
    if text is None:
        raise NotFound
    return text.encode()


def clusters(
    db: Database, actor: Actor, name: str, bbox: BBox, zoom: int, span: TimeSpan | None = None
) -> Clusters:
    """A point layer's objects in a box: gathered in squares below zoom 17, one by one from there.

    Where more than 2,000 single points lie in the box, they are gathered all the same.

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
    with db.transaction(actor.identity, read_only=True) as connection:
        chosen, _ = _filter(connection, actor, layer, ItemQuery(bbox=bbox, span=span))
        page = None
        if zoom >= SINGLES_FROM_ZOOM:
            page = store.single_points(connection, layer, chosen)
        if page is None or page.found > MAX_CLUSTERS:
            page = store.clusters(connection, layer, chosen, zoom=zoom)
    returned = min(page.found, MAX_CLUSTERS)
    return Clusters(FeaturePage(page.features, returned), is_complete=page.found <= MAX_CLUSTERS)


def tile(db: Database, actor: Actor, name: str, z: int, x: int, y: int) -> bytes:
    """A Mapbox vector tile of the WebMercatorQuad grid; empty where nothing lies.

    Point layers give counts per cell at low zooms.

    Raises
    ------
    InvalidInput
        There is no such tile.
    """
    layer = layer_for(actor, name)
    box = tile_bbox(z, x, y, margin=MARGIN)
    with db.transaction(actor.identity, read_only=True) as connection:
        if layer.is_point and z < layer.points_from_zoom:
            return store.tile_of_counts(connection, layer, box, z=z, x=x, y=y)
        chosen, _ = _filter(connection, actor, layer, ItemQuery(bbox=box))
        return store.tile_of_features(connection, layer, chosen, z=z, x=x, y=y)


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
    general = ItemQuery(span=query.span, limit=query.limit)
    with db.transaction(actor.identity, read_only=True) as connection:
        chosen, _ = _filter(connection, actor, layer, general, _area(query))
        page = store.items(connection, layer, chosen, limit=query.limit, after=None, by_key_index=False)
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


def _key(layer: Layer, text: str) -> str | int | None:
    """A feature id in the key's own type; None for what cannot be one."""
    if layer.is_division:
        return text if 0 < len(text) <= 40 and "\0" not in text else None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _area(query: AreaQuery) -> Area:
    box = BBox(*query.shape.bounds)
    return Area(
        box=box.widened(query.radius_m) if query.radius_m else box,
        shape_wkb=shapely.to_wkb(shapely.set_srid(query.shape, 4326), hex=True, include_srid=True),
        radius_m=query.radius_m,
    )


def _filter(
    connection: Connection, actor: Actor, layer: Layer, query: ItemQuery, area: Area | None = None
) -> tuple[Filter, bool]:
    """The question in the database's own terms, and whether it asks for a small part of the layer."""
    if area is None and query.bbox is not None:
        area = Area(query.bbox)
    cells = None if area is None else store.cells_near(connection, area.box)
    is_small_area = cells is not None and len(cells) <= store.MANY_CELLS
    by_cell = is_small_area and layer.is_point and not actor.sees_district
    chosen = Filter(
        area=area,
        near_cells=cells if by_cell else None,
        span=query.span,
        cell_id=_place_id(connection, layer, "cell", query.cell),
        community_id=_place_id(connection, layer, "community", query.community),
        equals=_equals(layer, query.equals),
    )
    is_narrow = chosen.cell_id is not None or chosen.community_id is not None or bool(chosen.equals)
    return chosen, is_small_area or is_narrow or not actor.sees_district


def _place_id(connection: Connection, layer: Layer, level: str, code: str | None) -> int | None:
    if code is None:
        return None
    if not (layer.has_cell if level == "cell" else layer.has_community):
        raise InvalidInput(f"The layer {layer.name} cannot be chosen by {level}.", pointer=level)
    find = store.find_cell_id if level == "cell" else store.find_community_id
    place_id = None if len(code) > 40 or "\0" in code else find(connection, code)
    if place_id is None:
        raise InvalidInput(f"There is no {level} of this code.", pointer=level, code="no-such-place")
    return place_id


def _equals(layer: Layer, wanted: Mapping[str, str]) -> dict[str, Any]:
    unknown = sorted(set(wanted) - set(layer.filters))
    if unknown:
        raise InvalidInput(
            f"The layer {layer.name} has no parameter {unknown[0][:40]!r}.",
            pointer=unknown[0][:40],
            code="unknown-parameter",
        )
    return {column: coerce(layer.filters[column], column, text) for column, text in wanted.items()}


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
