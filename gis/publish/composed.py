"""SQL put together per layer: identifiers from the catalogue alone, every value a bound parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2.sql import SQL, Composable, Composed, Identifier, Placeholder

from gis.errors import InvalidInput
from gis.publish.layers import Kind, Layer
from gis.publish.model import BBox, TimeSpan

Parameters = dict[str, Any]

_ENVELOPE = SQL("ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)")


@dataclass(frozen=True, slots=True)
class Area:
    """Where to look. `box` holds the shape with its margin; no shape means the box itself.

    `shape_wkb` is EWKB in hex, EPSG:4326; with `radius_m` everything within that distance of it counts.
    """

    box: BBox
    shape_wkb: str | None = None
    radius_m: float | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a layer's rows, ids already resolved.

    `near_cells` are the cells that can hold points of the area, for readers whose rows the database picks
    by cell; None leaves the choice to the spatial index.
    """

    area: Area | None = None
    near_cells: Sequence[int] | None = None
    span: TimeSpan | None = None
    cell_id: int | None = None
    community_id: int | None = None
    equals: Mapping[str, Any] = field(default_factory=dict)


def where(layer: Layer, chosen: Filter) -> tuple[Composable, Parameters]:
    """The WHERE clause over alias `t`, and its parameters."""
    parts: list[Composable] = []
    values: Parameters = {}
    if layer.is_division:
        parts.append(SQL("t.valid_to IS NULL"))
    if chosen.area is not None:
        parts += _in_area(layer, chosen.area, values)
    if chosen.near_cells is not None:
        # A b-tree on integers may be used below a row policy, a spatial index may not.
        parts.append(SQL("(t.cell_id = ANY (%(near_cells)s::integer[]) OR t.cell_id IS NULL)"))
        values["near_cells"] = list(chosen.near_cells)
    if chosen.span is not None:
        parts += _in_span(layer, chosen.span, values)
    for name in ("cell_id", "community_id"):
        if (value := getattr(chosen, name)) is not None:
            parts.append(SQL("t.{} = {}").format(Identifier(name), _value(name, value, values)))
    for column, value in chosen.equals.items():
        parts.append(SQL("t.{} = {}").format(Identifier(column), _value(f"is_{column}", value, values)))
    return (SQL(" AND ").join(parts) if parts else SQL("true")), values


def _value(name: str, value: Any, values: Parameters) -> Composable:
    values[name] = value
    return Placeholder(name)


def _in_area(layer: Layer, area: Area, values: Parameters) -> list[Composable]:
    box = area.box
    values |= {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
    parts: list[Composable] = [SQL("t.geom && ") + _ENVELOPE]
    if area.shape_wkb is not None:
        values["shape"] = area.shape_wkb
        if area.radius_m is None:
            parts.append(SQL("ST_Intersects(t.geom, %(shape)s::geometry)"))
        else:
            values["radius_m"] = area.radius_m
            parts.append(SQL("ST_DWithin(t.geom::geography, %(shape)s::geometry::geography, %(radius_m)s)"))
    elif layer.is_point:
        # && compares boxes of 32-bit floats, up to a metre too large. In a CASE, because the planner takes
        # two bare ranges to leave a 40,000th of the rows and then sorts a whole layer for its first page.
        parts.append(
            SQL(
                "CASE WHEN ST_X(t.geom) BETWEEN %(west)s AND %(east)s"
                " AND ST_Y(t.geom) BETWEEN %(south)s AND %(north)s THEN true ELSE false END"
            )
        )
    else:
        parts.append(SQL("ST_Intersects(t.geom, ") + _ENVELOPE + SQL(")"))
    return parts


def _in_span(layer: Layer, span: TimeSpan, values: Parameters) -> list[Composable]:
    if layer.time is None:
        raise InvalidInput(f"The layer {layer.name} has no time to filter by.", pointer="datetime")
    start = SQL("t.{}").format(Identifier(layer.time))
    end = SQL("coalesce(t.{}, {})").format(Identifier(layer.time_end), start) if layer.time_end else start
    parts: list[Composable] = []
    if span.before_at is not None:
        values["before_at"] = span.before_at
        parts.append(start + SQL(" < %(before_at)s"))
    if span.from_at is not None:
        values["from_at"] = span.from_at
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
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise InvalidInput(f"{column} is true or false.", pointer=column)
    if kind == "integer":
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return int(text)
        raise InvalidInput(f"{column} is a whole number.", pointer=column)
    if len(text) > 100 or "\0" in text:
        raise InvalidInput(f"{column} has 100 characters at most.", pointer=column)
    return text


def table_of(layer: Layer) -> Composed:
    """The layer's table as `t`."""
    return SQL("app.{} AS t").format(Identifier(layer.name))


def columns_of(names: Sequence[str]) -> Composed:
    """Columns of `t`."""
    return SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in names)


def _in_order(layer: Layer, *, by_key_index: bool) -> Composable:
    if layer.key != layer.serial:
        return SQL('t.{} COLLATE "C"').format(Identifier(layer.key))
    # `+ 0` keeps the planner from walking the primary key to the first few rows of a small area.
    return SQL("t.{}" if by_key_index else "t.{} + 0").format(Identifier(layer.key))


def feature_text(layer: Layer) -> Composed:
    """A GeoJSON feature as text, of alias `f` and the properties `p`."""
    return SQL(
        """'{{"type":"Feature","id":' || to_json(f.{key})::text || ',"geometry":' || ST_AsGeoJSON(f.geom, 7)
           || ',"properties":' || row_to_json(p)::text || '}}'"""
    ).format(key=Identifier(layer.key))


def properties_of(layer: Layer, extra: Composable | None = None) -> Composed:
    """A lateral join `p` of the public properties of a row `f`."""
    shown: list[Composable] = [SQL("f.{}").format(Identifier(name)) for name in layer.columns]
    shown += [
        SQL("{} AS {}").format(SQL(expression), Identifier(name)) for name, expression in layer.computed
    ]
    if extra is not None:
        shown.append(extra)
    return SQL("CROSS JOIN LATERAL (SELECT {}) AS p").format(SQL(", ").join(shown))


def joins_of(layer: Layer) -> SQL:
    """Joins to `f` that the computed properties read."""
    return SQL(layer.joins)


def items(layer: Layer, chosen: Filter, *, after: Any, by_key_index: bool) -> tuple[Composed, Parameters]:
    """One page: rows `features` (text), `found` (at most limit + 1) and `last_key`. Needs `limit`."""
    condition, values = where(layer, chosen)
    if after is not None:
        collated = SQL(' COLLATE "C"') if layer.key != layer.serial else SQL("")
        condition += SQL(" AND t.{}{} > %(after)s").format(Identifier(layer.key), collated)
        values["after"] = after
    statement = SQL(
        """
WITH found AS MATERIALIZED (
  SELECT {columns} FROM {table} WHERE {condition} ORDER BY {order} LIMIT %(limit)s + 1
), f AS (
  SELECT found.*, row_number() OVER (ORDER BY {key}) AS position FROM found
)
SELECT coalesce(string_agg({feature}, ',' ORDER BY f.position) FILTER (WHERE f.position <= %(limit)s), '')
         AS features,
       count(*) AS found,
       (array_agg(f.{name}::text ORDER BY f.position DESC) FILTER (WHERE f.position <= %(limit)s))[1]
         AS last_key
FROM f {joins} {properties}
"""
    ).format(
        columns=columns_of(layer.base_columns),
        table=table_of(layer),
        condition=condition,
        order=_in_order(layer, by_key_index=by_key_index),
        key=Identifier(layer.key) + (SQL("") if layer.key == layer.serial else SQL(' COLLATE "C"')),
        name=Identifier(layer.key),
        feature=feature_text(layer),
        joins=joins_of(layer),
        properties=properties_of(layer),
    )
    return statement, values


def matched_by_place(layer: Layer, chosen: Filter) -> tuple[Composed, Parameters]:
    """Rows (cell_id, community_id, number) of what matches; ids are NULL where the layer has none."""
    condition, values = where(layer, chosen)
    statement = SQL(
        "SELECT {cell} AS cell_id, {community} AS community_id, count(*) AS number FROM {table}"
        " WHERE {condition} GROUP BY 1, 2"
    ).format(
        cell=SQL("t.cell_id" if layer.has_cell else "NULL::integer"),
        community=SQL("t.community_id" if layer.has_community else "NULL::integer"),
        table=table_of(layer),
        condition=condition,
    )
    return statement, values


def clusters(layer: Layer, chosen: Filter) -> tuple[Composed, Parameters]:
    """Points gathered in squares of `size_deg`: `features` and `found`, the largest groups first.

    A group of one carries its id and slim properties, a larger one its mean position and count.
    """
    condition, values = where(layer, chosen)
    statement = SQL(
        """
WITH f AS (
  SELECT count(*) AS count, avg(ST_X(t.geom)) AS lon, avg(ST_Y(t.geom)) AS lat, min(t.{serial}) AS id,
         row_number() OVER (ORDER BY count(*) DESC, min(t.{serial})) AS position
  FROM {table} WHERE {condition}
  GROUP BY floor(ST_X(t.geom) / %(size_deg)s), floor(ST_Y(t.geom) / %(size_deg)s)
  ORDER BY position
  LIMIT %(cap)s + 1
)
SELECT coalesce(string_agg(
         '{{"type":"Feature",' || CASE WHEN f.count = 1 THEN '"id":' || f.id || ',' ELSE '' END
         || '"geometry":{{"type":"Point","coordinates":['
         || round(f.lon::numeric, 7) || ',' || round(f.lat::numeric, 7) || ']}},"properties":'
         || CASE WHEN f.count = 1 THEN row_to_json(p)::text ELSE '{{"count":' || f.count || '}}' END
         || '}}', ',' ORDER BY f.position) FILTER (WHERE f.position <= %(cap)s), '') AS features,
       count(*) AS found
FROM f LEFT JOIN LATERAL (
  SELECT 1 AS count, t.{serial} AS id, {slim} FROM {table} WHERE f.count = 1 AND t.{serial} = f.id
) AS p ON true
"""
    ).format(
        serial=Identifier(layer.serial),
        table=table_of(layer),
        condition=condition,
        slim=columns_of(layer.slim),
    )
    return statement, values


def single_points(layer: Layer, chosen: Filter) -> tuple[Composed, Parameters]:
    """Points one by one with slim properties: `features` and `found`, at most `cap` and one."""
    condition, values = where(layer, chosen)
    statement = SQL(
        """
WITH f AS MATERIALIZED (
  SELECT t.{serial} AS id, t.geom, {slim}, row_number() OVER (ORDER BY t.{serial}) AS position
  FROM {table} WHERE {condition} ORDER BY t.{serial} + 0 LIMIT %(cap)s + 1
)
SELECT coalesce(string_agg(
         '{{"type":"Feature","id":' || f.id || ',"geometry":' || ST_AsGeoJSON(f.geom, 7)
         || ',"properties":' || row_to_json(p)::text || '}}', ',' ORDER BY f.position)
         FILTER (WHERE f.position <= %(cap)s), '') AS features,
       count(*) AS found
FROM f CROSS JOIN LATERAL (SELECT 1 AS count, f.id, {shown}) AS p
"""
    ).format(
        serial=Identifier(layer.serial),
        table=table_of(layer),
        condition=condition,
        slim=columns_of(layer.slim),
        shown=SQL(", ").join(SQL("f.{}").format(Identifier(name)) for name in layer.slim),
    )
    return statement, values
