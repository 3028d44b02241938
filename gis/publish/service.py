"""What maps and clients read. One function is one question, answered in one read-only transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gis.database.pool import Connection, Database
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.publish import store
from gis.publish.crs import PLAIN, Form
from gis.publish.filters import Area, Filter, Parameters, coerce
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
)
from gis.publish.order import Page, cursor_values, packed, unpacked
from gis.publish.store import Features


def items(db: Database, actor: Actor, name: str, query: ItemQuery, form: Form = PLAIN) -> FeaturePage:
    """One page of a layer's features, in the order asked for or of their ids.

    Raises
    ------
    NotFound, Forbidden
        No such layer, or not for this role.
    InvalidInput
        A filter or order the layer does not have, or a cell or community that does not exist.
    """
    layer = layer_for(actor, name)
    chosen = _filter(actor, layer, query)
    page, values = _page(actor, layer, query, chosen)
    found = store.items(db, actor.identity, layer, chosen, page, {**values, "limit": query.limit}, form)
    if not found.found:
        _check_places(db, actor, query)
    return _read_page(query, page, found, _matched(db, actor, layer, query, chosen, found.found))


def item(db: Database, actor: Actor, name: str, feature_id: str) -> bytes:
    """One feature in full, as GeoJSON.

    Raises
    ------
    NotFound
        There is none, or it is not this actor's to see: the two cannot be told apart.
    """
    layer = layer_for(actor, name)
    key, since = _key(layer, feature_id)
    found = None if key is None else store.ask_record(db, actor.identity, layer, key, since)
    if found is None:
        raise NotFound
    return found


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
    chosen = _filter(actor, layer, ItemQuery(bbox=bbox, span=span))
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
    chosen = _filter(actor, layer, ItemQuery(span=query.span, limit=query.limit), _area(query))
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


def _key(layer: Layer, text: str) -> tuple[str | int | None, str | None]:
    """A feature id in the key's own type, and the first day of a place no longer in force.

    None for what cannot be one.
    """
    if not layer.is_division:
        is_number = text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= layer.largest_key
        return int(text) if is_number else None, None
    code, _, since = text.partition("@")
    if not 0 < len(code) <= 40 or "\0" in code or (since and not _is_day(since)):
        return None, None
    return code, since or None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _area(query: AreaQuery) -> Area:
    box = BBox(*query.shape.bounds)
    return Area(
        box=box.widened(query.radius_m) if query.radius_m else box,
        shape_wkb=_wkb(query.shape),
        radius_m=query.radius_m,
    )


def _filter(actor: Actor, layer: Layer, query: ItemQuery, area: Area | None = None) -> Filter:
    """The question in the database's own terms."""
    if area is None and query.shape is not None:
        area = Area(BBox(*query.shape.bounds), shape_wkb=_wkb(query.shape))
    if area is None and query.bbox is not None:
        area = Area(query.bbox)
    for level in ("cell", "community"):
        if getattr(query, level) is not None and not getattr(layer, f"has_{level}"):
            raise InvalidInput(f"The layer {layer.name} cannot be chosen by {level}.", pointer=level)
    return Filter(
        area=area,
        by_quad=layer.is_point and not actor.sees_district,
        span=query.span,
        cell=_code(query.cell),
        community=_code(query.community),
        equals=_equals(layer, query.equals),
    )


def _code(text: str | None) -> str | None:
    return None if text is None else text[:41].replace("\0", " ")


def _page(actor: Actor, layer: Layer, query: ItemQuery, chosen: Filter) -> tuple[Page, Parameters]:
    """Which page is wanted, and the parameters of its cursor."""
    cursor = query.before if query.before is not None else query.after
    page = Page(
        has_cursor=cursor is not None,
        is_backward=query.before is not None,
        by_key_index=actor.sees_district and _is_wide(chosen),
    )
    if cursor is None:
        return page, {}
    values, key = unpacked(cursor, page.sorts)
    # A place's key is text of its own; any other is a number.
    at_key = key[:60].replace("\0", " ") if layer.is_division else _key(layer, key)[0]
    if at_key is None:
        raise InvalidInput("This is not the id of a feature.", pointer="after")
    return page, dict(cursor_values(values, at_key))


# Beyond so many square degrees (some 70 square kilometres here, half a district) a box is no small part.
_WIDE_DEG2 = 0.006


def _is_wide(chosen: Filter) -> bool:
    """Whether a filter leaves so much of a layer that walking it in order beats sorting what is found."""
    if chosen.cell or chosen.community or chosen.equals or chosen.extra:
        return False
    if chosen.area is None:
        return True
    box = chosen.area.box
    return chosen.area.shape_wkb is None and (box.east - box.west) * (box.north - box.south) > _WIDE_DEG2


def _read_page(query: ItemQuery, page: Page, found: Features, matched: int | None) -> FeaturePage:
    """What was read, with the places where the pages around it begin."""
    has_more = found.found > query.limit
    first = None if found.first is None else packed(found.first, page)
    last = packed(found.last, page) if has_more and found.last is not None else None
    following, previous = (first, last) if page.is_backward else (last, first if page.has_cursor else None)
    return FeaturePage(found.features, min(found.found, query.limit), following, previous, matched)


def _matched(  # noqa: PLR0913 - what was asked and what was found
    db: Database, actor: Actor, layer: Layer, query: ItemQuery, chosen: Filter, found: int
) -> int | None:
    """How many rows match, where that is known, cheap or asked for."""
    if found <= query.limit and query.after is None and query.before is None:
        return found
    if chosen.is_empty and actor.sees_district and not layer.is_division:
        return store.count_all(db, actor.identity, layer)
    return store.count(db, actor.identity, layer, chosen) if query.wants_matched else None


def _check_places(db: Database, actor: Actor, query: ItemQuery) -> None:
    """Tell a code that does not exist from a place that holds nothing."""
    if query.cell is None and query.community is None:
        return
    with db.transaction(actor.identity, read_only=True) as connection:
        for level, find in (("cell", store.find_cell_id), ("community", store.find_community_id)):
            code = _code(getattr(query, level))
            if code is not None and find(connection, code) is None:
                raise InvalidInput(f"There is no {level} of this code.", pointer=level, code="no-such-place")


def _wkb(shape: BaseGeometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))


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
