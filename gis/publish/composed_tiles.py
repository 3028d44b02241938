"""SQL for vector tiles and for what is nearest; see `gis.publish.composed`."""

from __future__ import annotations

from psycopg2.sql import SQL, Composed, Identifier

from gis.publish.composed import (
    Filter,
    Parameters,
    columns_of,
    feature_text,
    joins_of,
    properties_of,
    table_of,
    where,
)
from gis.publish.layers import Layer

_EXTENT = 4096
_BUFFER = 64
MARGIN = _BUFFER / _EXTENT

# 3857 and 4326 as integers: the text form of ST_Transform looks a projection up for every row.
_IN_TILE = SQL("ST_AsMVTGeom(ST_Transform({}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true)")
_POINT = SQL("ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)")


def tile_of_features(layer: Layer, chosen: Filter) -> tuple[Composed, Parameters]:
    """A tile of the features themselves, with slim properties. Needs `z`, `x`, `y`, `layer`."""
    condition, values = where(layer, chosen)
    statement = SQL(
        """
SELECT ST_AsMVT(tile, %(layer)s, 4096, 'shape', 'feature_id') AS tile
FROM (
  SELECT {shape} AS shape, t.{serial} AS feature_id, t.{key} AS id, {words}
  FROM {table} WHERE {condition}
) AS tile
WHERE tile.shape IS NOT NULL
"""
    ).format(
        shape=_IN_TILE.format(SQL("t.geom::geometry(Geometry, 4326)")),
        serial=Identifier(layer.serial),
        key=Identifier(layer.key),
        words=columns_of(layer.tile_columns),
        table=table_of(layer),
        condition=condition,
    )
    return statement, values


def tile_of_counts(layer: Layer, *, of_all_cells: bool) -> Composed:
    """A tile of one point per cell with its count, for low zooms.

    Needs `z`, `x`, `y`, `layer`, the corners of its box, `size_deg`, and `cells` unless `of_all_cells`.
    Rows that lie in no cell are gathered in squares of `size_deg`.
    """
    return SQL(
        """
WITH counted AS (
  SELECT t.cell_id, count(*)::integer AS count FROM {table}
  WHERE {in_cells}
  GROUP BY t.cell_id
)
SELECT ST_AsMVT(tile, %(layer)s, 4096, 'shape', 'feature_id') AS tile
FROM (
  SELECT {cell_point} AS shape, place.cell_id AS feature_id, place.code AS cell, counted.count
  FROM counted JOIN app.cell AS place USING (cell_id)
  UNION ALL
  SELECT {outside_point}, NULL, NULL, count(*)::integer
  FROM {table}
  WHERE t.cell_id IS NULL AND t.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
  GROUP BY floor(ST_X(t.geom) / %(size_deg)s), floor(ST_Y(t.geom) / %(size_deg)s)
) AS tile
WHERE tile.shape IS NOT NULL
"""
    ).format(
        table=table_of(layer),
        in_cells=SQL("t.cell_id IS NOT NULL" if of_all_cells else "t.cell_id = ANY (%(cells)s::integer[])"),
        cell_point=_IN_TILE.format(SQL("ST_PointOnSurface(place.geom)")),
        outside_point=_IN_TILE.format(
            SQL("ST_SetSRID(ST_MakePoint(avg(ST_X(t.geom)), avg(ST_Y(t.geom))), 4326)")
        ),
    )


def nearest(layer: Layer, chosen: Filter, *, by_spatial_index: bool) -> tuple[Composed, Parameters]:
    """The `k` features nearest to (`lon`, `lat`) with `distance_m`, nearest first: `features`, `found`.

    The index orders by degrees, which are unequal east and north. So the k nearest in degrees give a
    distance in metres, and what lies within it is then ordered truly.

    Without `by_spatial_index` the rows a policy lets through are sorted instead: walking the index from
    the position would pass every row of others on the way to the first own one.
    """
    condition, values = where(layer, chosen)
    statement = SQL(
        """
WITH close AS MATERIALIZED (
  SELECT t.geom FROM {table} WHERE {condition} ORDER BY {closeness} LIMIT %(k)s
), reach AS MATERIALIZED (
  SELECT max(ST_Distance(close.geom::geography, {point}::geography)) * 1.01 + 1 AS metres FROM close
), f AS MATERIALIZED (
  SELECT {columns}, ST_Distance(t.geom::geography, {point}::geography) AS distance_m
  FROM {table}
  WHERE {condition} AND t.geom && (
    SELECT ST_Expand({point}, metres / (110500 * greatest(0.01, cos(radians(%(lat)s)))), metres / 110500)
    FROM reach)
  ORDER BY distance_m, t.{serial}
  LIMIT %(k)s
)
SELECT coalesce(string_agg({feature}, ',' ORDER BY f.distance_m, f.{serial}), '') AS features,
       count(*) AS found
FROM f {joins} {properties}
"""
    ).format(
        table=table_of(layer),
        condition=condition,
        closeness=SQL("t.geom <-> {}" if by_spatial_index else "ST_Distance(t.geom, {})").format(_POINT),
        point=_POINT,
        columns=columns_of(layer.base_columns),
        serial=Identifier(layer.serial),
        feature=feature_text(layer),
        joins=joins_of(layer),
        properties=properties_of(layer, SQL("round(f.distance_m::numeric, 1) AS distance_m")),
    )
    return statement, values
