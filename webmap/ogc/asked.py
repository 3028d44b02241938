"""The parameters of a read of features, from a query string to what the core is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict, Field
from shapely import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geometry.validate import number
from gis.publish.cql2.draft import from_draft
from gis.publish.crs import CRS84, PLAIN, Form, box_shape, form_of
from gis.publish.layers import LAYERS, Layer
from gis.publish.model import MAX_ITEMS, BBox, CqlFilter, ItemQuery
from gis.publish.properties import properties_of
from webmap.http.params import checked
from webmap.http.schemas import WithBox

_FILTERS = "; ".join(
    f"{layer.name}: {', '.join(layer.filters)}" for layer in LAYERS.values() if layer.filters
)


class ItemParameters(WithBox):
    """How one feature is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    crs: str = Field(default=CRS84, max_length=80, description="URI of the coordinate system of the answer")
    f: Literal["json", "geojson", "html"] | None = Field(
        default=None, description="Media type of the answer, whatever the Accept header says"
    )


class ItemsParameters(ItemParameters):
    """Which features, and how many at once."""

    bbox_crs: str | None = Field(
        default=None, alias="bbox-crs", max_length=80, description="URI of the coordinate system of bbox"
    )
    limit: int = Field(
        default=100, ge=1, description=f"Most features in one answer; more than {MAX_ITEMS:,} count as that"
    )
    after: str | None = Field(
        default=None, max_length=400, description="Where the page begins; see the next link"
    )
    before: str | None = Field(
        default=None, max_length=400, description="Where the page ends; see the prev link"
    )
    cell: str | None = Field(default=None, max_length=40, description="Code of a cell")
    community: str | None = Field(default=None, max_length=40, description="Code of a community")
    filter: str | None = Field(default=None, max_length=4096, description="CQL2 filter over the queryables")
    filter_lang: Literal["cql2-text", "cql2-json", "cql-text"] = Field(
        default="cql2-text", alias="filter-lang", description="cql-text is the draft of CQL2 that GDAL writes"
    )
    filter_crs: str = Field(
        default=CRS84,
        alias="filter-crs",
        max_length=80,
        description="URI of the system of the filter's geometries",
    )
    sortby: str | None = Field(
        default=None,
        max_length=200,
        description="Properties to sort by, with commas between; - before one: descending",
    )
    count: bool = Field(default=False, description="Give numberMatched even where counting costs a scan")


ItemsParameters.__doc__ = f"Which features. Besides, a layer's own properties for equality: {_FILTERS}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the core, and how the answer is written."""

    query: ItemQuery
    form: Form


def items_wanted(layer: Layer, pairs: Iterable[tuple[str, str]]) -> Wanted:
    """Read the parameters of a request for features.

    Raises
    ------
    InvalidInput, pydantic.ValidationError
        An unknown, repeated, overlong or bad parameter.
    """
    arguments = checked(pairs)
    known = {name: arguments.pop(name) for name in list(arguments) if name in _NAMES}
    asked = ItemsParameters.model_validate(known)
    bbox, shape = _box(asked)
    span = asked.span()
    query = ItemQuery(
        bbox=bbox,
        shape=shape,
        # OGC API Features, 7.15.4: what has no time matches any.
        span=span if layer.time or layer.is_division else None,
        limit=min(asked.limit, MAX_ITEMS),
        after=asked.after,
        before=asked.before,
        cell=asked.cell,
        community=asked.community,
        equals=arguments,
        filter=_filter(layer, asked),
        sortby=tuple(asked.sortby.split(",")) if asked.sortby else (),
        wants_matched=asked.count,
    )
    return Wanted(query, form_of(asked.crs, "crs"))


def item_wanted(pairs: Sequence[tuple[str, str]]) -> Form:
    """Read the parameters of a request for one feature: how it is written."""
    if not pairs:
        return PLAIN
    asked = ItemParameters.model_validate(checked(pairs))
    return form_of(asked.crs, "crs")


_NAMES = frozenset(field.alias or name for name, field in ItemsParameters.model_fields.items())


def _box(asked: ItemsParameters) -> tuple[BBox | None, BaseGeometry | None]:
    form = PLAIN if asked.bbox_crs is None else form_of(asked.bbox_crs, "bbox-crs")
    if asked.bbox is None:
        return None, None
    numbers = [number(part, pointer="bbox") for part in asked.bbox.split(",")]
    if len(numbers) == 6:
        del numbers[5], numbers[2]
    if len(numbers) != 4:
        raise InvalidInput("A bounding box is four numbers.", pointer="bbox")
    if form.srid in (4326, 4490):
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    elif form != PLAIN:
        return None, box_shape((numbers[0], numbers[1], numbers[2], numbers[3]), form)
    west, south, east, north = numbers
    if west <= east:
        return BBox(west, south, east, north), None
    # OGC API Features, 7.15.3: such a box crosses the 180th meridian.
    halves = BBox(west, south, 180, north), BBox(-180, south, east, north)
    return None, MultiPolygon([box(half.west, half.south, half.east, half.north) for half in halves])


def _filter(layer: Layer, asked: ItemsParameters) -> CqlFilter | None:
    form = form_of(asked.filter_crs, "filter-crs")
    if asked.filter is None:
        return None
    if asked.filter_lang == "cql-text":
        return CqlFilter(from_draft(asked.filter, properties_of(layer.name)), "cql2-text", form)
    return CqlFilter(asked.filter, asked.filter_lang, form)
