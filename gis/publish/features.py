"""Features of a layer: a page at a time or one in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import shapely
from psycopg2.sql import SQL
from shapely.geometry.base import BaseGeometry

from gis.database.pool import Database
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor
from gis.publish import store
from gis.publish.blocks import BlockCache, features_within
from gis.publish.cql2 import compiled
from gis.publish.crs import PLAIN, Form, to_lonlat
from gis.publish.equals import as_filter
from gis.publish.filters import Area, Extra, Filter, Parameters, coerce
from gis.publish.layers import Layer, layer_for
from gis.publish.model import BBox, FeaturePage, ItemQuery
from gis.publish.order import MAX_SORTS, Page, Sort, cursor_values, packed, unpacked
from gis.publish.outlines import Outlines
from gis.publish.properties import sortables
from gis.publish.store import Features


def items(  # noqa: PLR0913 - one read, whole
    db: Database,
    actor: Actor,
    name: str,
    query: ItemQuery,
    form: Form = PLAIN,
    *,
    outlines: Outlines | None = None,
    blocks: BlockCache | None = None,
) -> FeaturePage:
    """One page of a layer's features, in the order asked for or of their ids; all that match, in any order.

    Places of the division in a box, all of them, come from `outlines` where that is given, features of a
    wide box of points from `blocks`.

    Raises
    ------
    NotFound, Forbidden
        No such layer, or not for this role.
    InvalidInput
        A filter or order the layer does not have, or a cell or community that does not exist.
    """
    layer = layer_for(actor, name)
    known = _from_memory(db, actor, layer, query, outlines, blocks) if form == PLAIN else None
    if known is not None:
        return known
    chosen = filter_of(actor, layer, query)
    page, values = _page(actor, layer, query, chosen)
    if not page.has_cursor and not page.sorts and not page.by_key_index:
        found = store.all_items(db, actor.identity, layer, chosen, limit=query.limit, form=form)
        if not found.found:
            _check_places(db, actor, query)
        if found.found <= query.limit:
            return FeaturePage(found.features, found.found, matched=found.found)
    found = store.items(db, actor.identity, layer, chosen, page, {**values, "limit": query.limit}, form)
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


def _from_memory(
    db: Database,
    actor: Actor,
    layer: Layer,
    query: ItemQuery,
    outlines: Outlines | None,
    blocks: BlockCache | None,
) -> FeaturePage | None:
    """Everything in a box, where memory holds it; None where the database has to say."""
    box = query.box_alone
    if box is None:
        return None
    if outlines is not None and layer.is_division and box.has_area:
        found = outlines.meeting(db, actor, layer, box)
        return _page_of(found, len(found)) if len(found) <= query.limit else None
    if blocks is not None and layer.told_for is not None:
        inside = features_within(db, actor, layer, box, limit=query.limit, cache=blocks)
        return _page_of(*inside) if inside is not None else None
    return None


def _page_of(texts: Sequence[bytes], number: int) -> FeaturePage:
    """All that match, as one page."""
    return FeaturePage(b",".join(texts), number, matched=number)


def filter_of(actor: Actor, layer: Layer, query: ItemQuery, area: Area | None = None) -> Filter:
    """The question in the database's own terms."""
    if area is None and query.shape is not None:
        area = Area(BBox(*query.shape.bounds), shape_wkb=wkb_of(query.shape))
    if area is None and query.bbox is not None:
        area = Area(query.bbox)
    equals, extra = _asked(layer, query)
    if (
        area is None
        and extra is not None
        and extra.box is not None
        and layer.is_point
        and not actor.sees_district
    ):
        area = Area(extra.box)  # so that place codes can find the rows
    for level in ("cell", "community"):
        if getattr(query, level) is not None and not getattr(layer, f"has_{level}"):
            raise InvalidInput(f"The layer {layer.name} cannot be chosen by {level}.", pointer=level)
    return Filter(
        area=area,
        by_quad=layer.is_point and not actor.sees_district,
        span=query.span,
        cell=_code(query.cell),
        community=_code(query.community),
        equals=equals,
        extra=extra,
    )


def _asked(layer: Layer, query: ItemQuery) -> tuple[dict[str, Any], Extra | None]:
    """What is asked of properties: values of indexed columns, and any other condition."""
    columns = {
        name: coerce(layer.filters[name], name, text)
        for name, text in query.equals.items()
        if name in layer.filters
    }
    others = {name: text for name, text in query.equals.items() if name not in columns}
    parts = []
    if query.filter is not None:
        asked = query.filter
        parts.append(compiled(layer.name, asked.text, lang=asked.language, to_lonlat=to_lonlat(asked.form)))
    if others:
        parts.append(compiled(layer.name, as_filter(layer.name, others), lang="cql2-json", prefix="q"))
    if not parts:
        return columns, None
    condition = SQL(" AND ").join(part.condition for part in parts)
    return columns, Extra(condition, {**parts[0].values, **parts[-1].values}, parts[0].box)


def _code(text: str | None) -> str | None:
    return None if text is None else text[:41].replace("\0", " ")


def _page(actor: Actor, layer: Layer, query: ItemQuery, chosen: Filter) -> tuple[Page, Parameters]:
    """Which page is wanted, and the parameters of its cursor."""
    cursor = query.before if query.before is not None else query.after
    sorts = _sorts(layer, query.sortby)
    if cursor is None:
        return Page(sorts=sorts, by_key_index=_goes_by_key(actor, query, chosen)), {}
    values, key = unpacked(cursor, sorts)
    page = Page(
        sorts=sorts,
        nulls=tuple(value is None for value in values),
        has_cursor=True,
        is_backward=query.before is not None,
        by_key_index=_goes_by_key(actor, query, chosen),
    )
    # A place's key is text of its own; any other is a number.
    at_key = key[:60].replace("\0", " ") if layer.is_division else _key(layer, key)[0]
    if at_key is None:
        raise InvalidInput("This is not the id of a feature.", pointer="after")
    return page, dict(cursor_values(values, at_key))


# Beyond so many square degrees (some 70 square kilometres here, half a district) a box is no small part.
_WIDE_DEG2 = 0.006


def _goes_by_key(actor: Actor, query: ItemQuery, chosen: Filter) -> bool:
    """Whether to walk a layer in the order of its keys rather than sort what is found.

    That pays where a filter leaves much of a layer. A CQL2 filter without a place is planned with its own
    values, so PostgreSQL may choose.
    """
    if not actor.sees_district or query.sortby or chosen.cell or chosen.community or chosen.equals:
        return False
    if chosen.extra is not None:
        return chosen.area is None and chosen.extra.box is None
    if chosen.area is None:
        return True
    box = chosen.area.box
    return chosen.area.shape_wkb is None and (box.east - box.west) * (box.north - box.south) > _WIDE_DEG2


_CASTS = {
    "text": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
}


def _sorts(layer: Layer, names: tuple[str, ...]) -> tuple[Sort, ...]:
    """What to sort by, from names with an optional sign."""
    if not names:
        return ()
    if len(names) > MAX_SORTS:
        raise InvalidInput(f"Sort by {MAX_SORTS} properties at most.", pointer="sortby")
    known = {property_.name: property_ for property_ in sortables(layer.name)}
    sorts = []
    for text in names:
        name = text.strip().removeprefix("-" if text.strip().startswith("-") else "+")
        if name not in known:
            raise InvalidInput(
                f"Sort by one of these: {', '.join(known)}.", pointer="sortby", code="unknown-property"
            )
        column = known[name]
        cast = "real" if column.is_single else _CASTS[column.kind]
        sorts.append(Sort(name, column.column, cast, is_descending=text.strip().startswith("-")))
    return tuple(sorts)


def _read_page(query: ItemQuery, page: Page, found: Features, matched: int | None) -> FeaturePage:
    """What was read, with the places where the pages around it begin."""
    has_more = found.found > query.limit
    first = None if found.first is None else packed(found.first, page)
    last = packed(found.last, page) if has_more and found.last is not None else None
    following, previous = (first, last) if page.is_backward else (last, first if page.has_cursor else None)
    return FeaturePage(found.features, min(found.found, query.limit), following, previous, matched)


def _matched(
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


def wkb_of(shape: BaseGeometry) -> str:
    """A geometry in EPSG:4326 as EWKB in hex."""
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))


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
