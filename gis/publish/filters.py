"""Which rows of a layer are wanted, as SQL conditions: identifiers from the catalogue, every value bound.

The text of a condition depends on which filters are given, never on their values, so that statements can be
kept and prepared.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2.sql import SQL, Composable, Identifier, Placeholder

from gis.errors import InvalidInput
from gis.geometry.quad import RANGES, box_ranges
from gis.publish.equals import boolean
from gis.publish.layers import Kind, Layer
from gis.publish.model import BBox, TimeSpan

Parameters = dict[str, Any]

_ENVELOPE = SQL("ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)")


def in_ranges(column: str) -> Composable:
    """That a number lies in one of the ranges `lows` to `highs` (`gis.geometry.quad.box_ranges`)."""
    return SQL(" OR ").join(
        SQL(f"{column} >= (%(lows)s::bigint[])[{n}] AND {column} < (%(highs)s::bigint[])[{n}]")
        for n in range(1, RANGES + 1)
    )


_IN_QUADS = in_ranges("t.quad")
_PLACES = {
    "cell": SQL(
        "t.cell_id = (SELECT c.cell_id FROM app.cell AS c WHERE c.code = %(cell)s AND c.valid_to IS NULL)"
    ),
    "community": SQL(
        "t.community_id = (SELECT m.community_id FROM app.community AS m"
        " WHERE m.code = %(community)s AND m.valid_to IS NULL)"
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """Where to look. `box` holds the shape with its margin; no shape means the box itself.

    `shape_wkb` is EWKB in hex, EPSG:4326; with `radius_m` everything within that distance of it counts.
    """

    box: BBox
    shape_wkb: str | None = None
    radius_m: float | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A condition over `t` from elsewhere, a compiled CQL2 filter, and the box it can be true in."""

    condition: Composable
    values: Mapping[str, Any]
    box: BBox | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a layer's rows.

    Attributes
    ----------
    by_quad : find the points of the area by their place codes. For readers whose rows a policy picks: below
        one, PostgreSQL may use an index on integers but not the spatial one.
    cell, community : codes of the present division.
    equals : allow-listed columns and the value each must have.
    """

    area: Area | None = None
    by_quad: bool = False
    span: TimeSpan | None = None
    cell: str | None = None
    community: str | None = None
    equals: Mapping[str, Any] = field(default_factory=dict)
    extra: Extra | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every row of the layer is wanted."""
        return self == Filter(by_quad=self.by_quad)

    @property
    def shape(self) -> Hashable:
        """What the text of the conditions depends on; only for a filter without `extra`."""
        span = None if self.span is None else (self.span.from_at is None, self.span.before_at is None)
        area = None if self.area is None else (self.area.shape_wkb is None, self.area.radius_m is None)
        return area, self.by_quad, span, self.cell is None, self.community is None, tuple(self.equals)


def where(layer: Layer, chosen: Filter) -> Composable:
    """The WHERE clause over alias `t`; `values_of` gives its parameters.

    Raises
    ------
    InvalidInput
        A period where the layer has no time.
    """
    parts: list[Composable] = []
    if layer.is_division:
        parts.append(_in_force(chosen.span))
    elif chosen.span is not None:
        parts += _in_span(layer, chosen.span)
    if chosen.area is not None:
        parts += _in_area(layer, chosen.area, by_quad=chosen.by_quad)
    parts += [_PLACES[level] for level in ("cell", "community") if getattr(chosen, level) is not None]
    parts += [SQL("t.{} = {}").format(Identifier(name), Placeholder(f"is_{name}")) for name in chosen.equals]
    if chosen.extra is not None:
        parts.append(SQL("({})").format(chosen.extra.condition))
    return SQL(" AND ").join(parts) if parts else SQL("true")


def values_of(chosen: Filter) -> Parameters:
    """The parameters of a filter's conditions."""
    values: Parameters = {f"is_{column}": value for column, value in chosen.equals.items()}
    if chosen.area is not None:
        box = chosen.area.box
        values |= {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
        values |= {"shape": chosen.area.shape_wkb, "radius_m": chosen.area.radius_m}
        if chosen.by_quad:
            lows, highs = box_ranges(box.west, box.south, box.east, box.north)
            values["lows"], values["highs"] = _array(lows), _array(highs)
    if chosen.span is not None:
        values |= {"from_at": chosen.span.from_at, "before_at": chosen.span.before_at}
    values |= {"cell": chosen.cell, "community": chosen.community}
    return values | dict(chosen.extra.values) if chosen.extra else values


def _array(numbers: Sequence[int]) -> str:
    """An array as PostgreSQL writes it: as one text it is sent and read faster than number by number."""
    return f"{{{','.join(map(str, numbers))}}}"


def _in_force(span: TimeSpan | None) -> Composable:
    """Places of today, or those in force at some moment of a period; days are the district's."""
    if span is None:
        return SQL("t.valid_to IS NULL")
    parts = [SQL("true")]
    if span.before_at is not None:
        parts.append(SQL("t.valid_from::timestamp AT TIME ZONE 'Asia/Shanghai' < %(before_at)s"))
    if span.from_at is not None:
        parts.append(
            SQL("(t.valid_to IS NULL OR t.valid_to::timestamp AT TIME ZONE 'Asia/Shanghai' > %(from_at)s)")
        )
    return SQL(" AND ").join(parts)


def _in_area(layer: Layer, area: Area, *, by_quad: bool) -> list[Composable]:
    parts: list[Composable] = [SQL("({})").format(_IN_QUADS)] if by_quad else [SQL("t.geom && ") + _ENVELOPE]
    if area.shape_wkb is not None:
        if area.radius_m is None:
            parts.append(SQL("ST_Intersects(t.geom, %(shape)s::geometry)"))
        else:
            parts.append(SQL("ST_DWithin(t.geom::geography, %(shape)s::geometry::geography, %(radius_m)s)"))
    elif layer.is_point:
        parts.append(IN_BOX)
    else:
        parts.append(SQL("ST_Intersects(t.geom, ") + _ENVELOPE + SQL(")"))
    return parts


# && compares boxes of 32-bit floats, up to a metre too large. In a CASE, because the planner takes two bare
# ranges to leave a 40,000th of the rows and then sorts a whole layer for its first page.
IN_BOX = SQL(
    "CASE WHEN ST_X(t.geom) BETWEEN %(west)s AND %(east)s"
    " AND ST_Y(t.geom) BETWEEN %(south)s AND %(north)s THEN true ELSE false END"
)


def _in_span(layer: Layer, span: TimeSpan) -> list[Composable]:
    if layer.time is None:
        raise InvalidInput(f"The layer {layer.name} has no time to filter by.", pointer="datetime")
    start = SQL("t.{}").format(Identifier(layer.time))
    end = SQL("coalesce(t.{}, {})").format(Identifier(layer.time_end), start) if layer.time_end else start
    parts: list[Composable] = []
    if span.before_at is not None:
        parts.append(start + SQL(" < %(before_at)s"))
    if span.from_at is not None:
        parts.append(end + SQL(" >= %(from_at)s"))
    return parts or [start + SQL(" IS NOT NULL")]


def coerce(kind: Kind, column: str, text: str) -> Any:
    """A filter's value in the column's own type.

    Raises
    ------
    InvalidInput
        It cannot be one.
    """
    if kind == "boolean":
        return boolean(text, column)
    if kind == "integer":
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return int(text)
        raise InvalidInput(f"{column} is a whole number.", pointer=column)
    if len(text) > 100 or "\0" in text:
        raise InvalidInput(f"{column} has 100 characters at most.", pointer=column)
    return text
