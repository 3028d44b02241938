"""SQL put together per layer: pages of features, counts, points gathered in squares.

Identifiers come from the catalogue alone and every value is a bound parameter, so a statement depends on the
layer and on which filters are given; it is kept and prepared (`gis.database.question`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from psycopg2.sql import SQL, Composable, Composed, Identifier

from gis.database.question import Question
from gis.publish.crs import PLAIN, Form
from gis.publish.filters import Filter, in_ranges, where
from gis.publish.layers import LAYERS, Layer
from gis.publish.order import Key, Page, cursor_of, in_order, past_cursor

# What is kept of a statement's forms: far more than clients use, and bounded.
_KEPT = 2_000


def table_of(layer: Layer) -> Composed:
    """The layer's table as `t`."""
    return SQL("app.{} AS t").format(Identifier(layer.name))


def columns_of(names: Sequence[str]) -> Composed:
    """Columns of `t`."""
    return SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in names)


def key_of(layer: Layer, alias: str = "t") -> Key:
    """What identifies a row: of a place no longer in force, its code and first day."""
    if not layer.is_division:
        return Key(SQL("{}.{}").format(Identifier(alias), Identifier(layer.key)), is_text=False)
    column = SQL("(CASE WHEN {0}.valid_to IS NULL THEN {0}.code ELSE {0}.code || '@' || {0}.valid_from END)")
    return Key(column.format(Identifier(alias)), is_text=True)


def feature_text(layer: Layer, form: Form = PLAIN) -> Composed:
    """A GeoJSON feature as text, of alias `f` and the properties `p`."""
    shape: Composable = SQL("f.geom::geometry")
    if form.srid not in (None, 4326, 4490):
        shape = SQL("ST_Transform({}, {})").format(shape, SQL(str(form.srid)))
    if form.is_flipped:
        shape = SQL("ST_FlipCoordinates({})").format(shape)
    return SQL(
        """'{{"type":"Feature","id":' || to_json({key})::text
           || ',"geometry":' || ST_AsGeoJSON({shape}, {digits}, 0)
           || ',"properties":' || row_to_json(p)::text || '}}'"""
    ).format(key=key_of(layer, "f").column, shape=shape, digits=SQL(str(form.decimals)))


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


def items(layer: Layer, chosen: Filter, page: Page, form: Form = PLAIN) -> Question:
    """One page: `features` (text), `found` (at most limit + 1), cursors of the first and the last row.

    Needs `limit`, the values of the filter and those of the page's cursor.
    """
    if chosen.extra is not None or page.is_variable:
        return Question(_items(layer, chosen, page, form), is_fixed=False)
    return _kept_items(layer.name, _Shaped(chosen), page, form)


class _Shaped:
    """A filter that equals every other one of the same shape."""

    __slots__ = ("chosen", "shape")

    def __init__(self, chosen: Filter) -> None:
        self.chosen, self.shape = chosen, chosen.shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shaped) and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)


@lru_cache(_KEPT)
def _kept_items(name: str, shaped: _Shaped, page: Page, form: Form) -> Question:
    return Question(_items(LAYERS[name], shaped.chosen, page, form))


def _items(layer: Layer, chosen: Filter, page: Page, form: Form) -> Composed:
    key = key_of(layer)
    order = in_order(key, page)
    rows = SQL("FROM {table} WHERE {condition} AND {past} ORDER BY {order} LIMIT %(limit)s + 1").format(
        table=table_of(layer), condition=where(layer, chosen), past=past_cursor(key, page), order=order
    )
    place = SQL("{} AS cursor, row_number() OVER (ORDER BY {}) AS n").format(cursor_of(key, page), order)
    if layer.told is not None and form == PLAIN:
        # The rows come in order; PostgreSQL aggregates them as they come (aggregate functions, 9.21).
        found = SQL("SELECT {} AS feature, {} {}").format(SQL(layer.told), place, rows)
        in_turn = SQL(" ORDER BY x.n DESC" if page.is_backward else "")
    else:
        found = SQL("SELECT {feature} AS feature, f.cursor, f.n FROM (SELECT {columns}, {place} {rows}) AS f"
                    " {joins} {properties}").format(
            feature=feature_text(layer, form), columns=columns_of(layer.base_columns), place=place, rows=rows,
            joins=joins_of(layer), properties=properties_of(layer),
        )  # fmt: skip
        in_turn = SQL(" ORDER BY x.n DESC" if page.is_backward else " ORDER BY x.n")
    return SQL(
        "SELECT coalesce(string_agg(x.feature, ','{in_turn}) FILTER (WHERE x.n <= %(limit)s), '')"
        " AS features, count(*) AS found, max(x.cursor) FILTER (WHERE x.n = 1) AS first,"
        " max(x.cursor) FILTER (WHERE x.n = %(limit)s) AS last FROM ({found}) AS x"
    ).format(in_turn=in_turn, found=found)


def whole(layer: Layer, chosen: Filter, form: Form = PLAIN) -> Question:
    """All that matches, in no order: `features` and `found`, at most limit and one. Needs `limit`.

    An answer that holds everything needs no order, and sorting takes a third of its time.
    """
    if chosen.extra is not None:
        return Question(_whole(layer, chosen, form), is_fixed=False)
    return _kept_whole(layer.name, _Shaped(chosen), form)


@lru_cache(_KEPT)
def _kept_whole(name: str, shaped: _Shaped, form: Form) -> Question:
    return Question(_whole(LAYERS[name], shaped.chosen, form))


def _whole(layer: Layer, chosen: Filter, form: Form) -> Composed:
    rows = SQL("FROM {} WHERE {} LIMIT %(limit)s + 1").format(table_of(layer), where(layer, chosen))
    if layer.told is not None and form == PLAIN:
        found = SQL("SELECT {} AS feature {}").format(SQL(layer.told), rows)
    else:
        found = SQL(
            "SELECT {feature} AS feature FROM (SELECT {columns} {rows}) AS f {joins} {properties}"
        ).format(
            feature=feature_text(layer, form), columns=columns_of(layer.base_columns), rows=rows,
            joins=joins_of(layer), properties=properties_of(layer),
        )  # fmt: skip
    return SQL(
        "SELECT coalesce(string_agg(x.feature, ','), '') AS features, count(*) AS found FROM ({}) AS x"
    ).format(found)


def matched(layer: Layer, chosen: Filter) -> Question:
    """The number of rows that match."""
    statement = SQL("SELECT count(*) AS number FROM {} WHERE {}").format(
        table_of(layer), where(layer, chosen)
    )
    return Question(statement, is_fixed=False)


MATCHED_BY_TALLY = Question(
    SQL("SELECT coalesce(sum(objects), 0)::bigint FROM app.layer_tally WHERE layer = %(layer)s AND zoom = 0")
)
"""The number of all rows of a layer, for readers who see them all. Needs `layer`."""


def matched_by_place(layer: Layer, chosen: Filter) -> Composed:
    """Rows (cell_id, community_id, number) of what matches; ids are NULL where the layer has none."""
    return SQL(
        "SELECT {cell} AS cell_id, {community} AS community_id, count(*) AS number FROM {table}"
        " WHERE {condition} GROUP BY 1, 2"
    ).format(
        cell=SQL("t.cell_id" if layer.has_cell else "NULL::integer"),
        community=SQL("t.community_id" if layer.has_community else "NULL::integer"),
        table=table_of(layer),
        condition=where(layer, chosen),
    )


def clusters(layer: Layer, chosen: Filter, *, by_tally: bool) -> Question:
    """`_clusters`, kept."""
    return _kept_clusters(layer.name, _Shaped(chosen), by_tally)


@lru_cache(_KEPT)
def _kept_clusters(name: str, shaped: _Shaped, by_tally: bool) -> Question:
    return Question(_clusters(LAYERS[name], shaped.chosen, by_tally=by_tally))


def _clusters(layer: Layer, chosen: Filter, *, by_tally: bool) -> Composed:
    """Points gathered in squares of the quadtree: `features` and `found`, the largest groups first.

    A group of one carries its id and slim properties, a larger one its mean position and count. Needs
    `shift`, the bits of a place code below the square's, and `cap`; by tally also `layer` and `zoom`.
    """
    if by_tally:
        gathered = SQL(
            "SELECT place >> %(shift)s::integer AS square, sum(objects) AS count,"
            " sum(lon_sum) / sum(objects) AS lon, sum(lat_sum) / sum(objects) AS lat"
            " FROM (SELECT place, sum(objects) AS objects, sum(lon_sum) AS lon_sum, sum(lat_sum) AS lat_sum"
            "       FROM app.layer_tally WHERE layer = %(layer)s AND zoom = %(zoom)s AND ({ranges})"
            "       GROUP BY place HAVING sum(objects) > 0) AS s"
            " WHERE lon_sum / objects BETWEEN %(west)s AND %(east)s"
            " AND lat_sum / objects BETWEEN %(south)s AND %(north)s GROUP BY 1"
        ).format(ranges=_TALLY_RANGES)
        single: Composable = SQL("t.quad >= f.square << %(below)s AND t.quad < (f.square + 1) << %(below)s")
    else:
        gathered = SQL(
            "SELECT t.quad >> %(shift)s::integer AS square, count(*) AS count, avg(ST_X(t.geom)) AS lon,"
            " avg(ST_Y(t.geom)) AS lat, min(t.{serial}) AS id FROM {table} WHERE {condition} GROUP BY 1"
        ).format(serial=Identifier(layer.serial), table=table_of(layer), condition=where(layer, chosen))
        single = SQL("t.{0} = f.id").format(Identifier(layer.serial))
    return SQL(
        """
WITH f AS (
  SELECT gathered.*, row_number() OVER (ORDER BY count DESC, square) AS position FROM ({gathered}) AS gathered
  ORDER BY position
  LIMIT %(cap)s + 1
)
SELECT coalesce(string_agg(
         '{{"type":"Feature",' || CASE WHEN p.id IS NOT NULL THEN '"id":' || p.id || ',' ELSE '' END
         || '"geometry":{{"type":"Point","coordinates":['
         || round(f.lon::numeric, 7) || ',' || round(f.lat::numeric, 7) || ']}},"properties":'
         || CASE WHEN p.id IS NOT NULL THEN row_to_json(p)::text ELSE '{{"count":' || f.count || '}}' END
         || '}}', ',' ORDER BY f.position) FILTER (WHERE f.position <= %(cap)s), '') AS features,
       count(*) AS found
FROM f LEFT JOIN LATERAL (
  SELECT 1 AS count, t.{serial} AS id, {slim} FROM {table} WHERE f.count = 1 AND {single} LIMIT 1
) AS p ON true
"""
    ).format(
        gathered=gathered,
        serial=Identifier(layer.serial),
        table=table_of(layer),
        slim=columns_of(layer.slim),
        single=single,
    )


_TALLY_RANGES = in_ranges("place")


def single_points(layer: Layer, chosen: Filter) -> Question:
    """`_single_points`, kept."""
    return _kept_single_points(layer.name, _Shaped(chosen))


@lru_cache(_KEPT)
def _kept_single_points(name: str, shaped: _Shaped) -> Question:
    return Question(_single_points(LAYERS[name], shaped.chosen))


def _single_points(layer: Layer, chosen: Filter) -> Composed:
    """Points one by one with slim properties: `features` and `found`, at most `cap` and one."""
    return SQL(
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
        condition=where(layer, chosen),
        slim=columns_of(layer.slim),
        shown=SQL(", ").join(SQL("f.{}").format(Identifier(name)) for name in layer.slim),
    )
