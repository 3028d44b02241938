"""SQL for vector tiles and for what is nearest; see `gis.publish.composed`."""

from __future__ import annotations

from functools import lru_cache

from psycopg2.sql import SQL, Composable, Composed, Identifier

from gis.database.question import Question
from gis.publish.composed import (
    columns_of,
    feature_text,
    joins_of,
    key_of,
    properties_of,
    table_of,
)
from gis.publish.filters import Filter, where
from gis.publish.layers import LAYERS, Layer
from gis.publish.mvt import EXTENT

_BUFFER = 64
MARGIN = _BUFFER / EXTENT
"""How far a shape's tile reaches beyond its edge, as a share of its side; a point's does not."""

# 3857 and 4326 as integers: the text form of ST_Transform looks a projection up for every row.
_SHAPE = SQL(
    "ST_AsMVTGeom(ST_Transform(t.geom::geometry(Geometry, 4326), 3857),"
    " ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true)"
)
_POINT = SQL("ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)")


# A mean position in the tile's own 4096 units. Needs `side`, the tiles in a row at that zoom. Spherical
# Mercator (EPSG method 1024) written out: a tenth of what transforming and clipping cost.
_PIXEL = SQL(
    "ST_MakePoint(floor(((s.lon + 180) / 360 * %(side)s - %(x)s) * 4096),"
    " floor(((0.5 - asinh(tan(radians(s.lat))) / (2 * pi())) * %(side)s - %(y)s) * 4096))"
)


@lru_cache
def tile_of_shapes(name: str) -> Question:
    """A tile of features that are no points, with slim properties.

    Needs `z`, `x`, `y`, `layer` and the corners of the tile's box.
    """
    layer = LAYERS[name]
    words = [SQL("t.{} AS feature_id").format(Identifier(layer.serial)), columns_of(layer.tile_columns)]
    if layer.is_division:  # elsewhere the feature's own id says it
        words.append(SQL("{} AS id").format(key_of(layer).column))
    condition = SQL(
        "{} AND {} AND t.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
    ).format(where(layer, Filter()), SQL(layer.in_tile_if))
    return Question(
        SQL(
            "SELECT ST_AsMVT(tile, %(layer)s, 4096, 'shape', 'feature_id') AS tile"
            " FROM (SELECT {shape} AS shape, {words} FROM {table} WHERE {condition}) AS tile"
            " WHERE tile.shape IS NOT NULL"
        ).format(shape=_SHAPE, words=SQL(", ").join(words), table=table_of(layer), condition=condition)
    )


@lru_cache
def tile_of_points(name: str) -> Question:
    """The points of a tile by what they look like, for `gis.publish.mvt`. Needs `low` and `high`.

    One row: of all points their ids (big-endian, 8 bytes each), longitudes and latitudes (big-endian
    doubles), points with equal tile columns one after the other; then as arrays how many are equal, and
    their columns. NULLs where there are no points.
    """
    layer = LAYERS[name]
    shown = columns_of(layer.tile_columns)
    alike = SQL(
        "SELECT {shown}, count(*) AS points, string_agg(int8send(t.{serial}), '') AS ids,"
        " string_agg(float8send(ST_X(t.geom)), '') AS lons,"
        " string_agg(float8send(ST_Y(t.geom)), '') AS lats"
        " FROM {table} WHERE t.quad >= %(low)s AND t.quad < %(high)s GROUP BY {shown}"
    ).format(shown=shown, serial=Identifier(layer.serial), table=table_of(layer))
    return Question(
        SQL(
            "SELECT string_agg(alike.ids, ''), string_agg(alike.lons, ''), string_agg(alike.lats, ''),"
            " array_agg(alike.points), {columns} FROM ({alike}) AS alike"
        ).format(
            columns=SQL(", ").join(
                SQL("array_agg(alike.{})").format(Identifier(column)) for column in layer.tile_columns
            ),
            alike=alike,
        )
    )


@lru_cache
def tile_of_counts(name: str, *, by_tally: bool) -> Question:
    """A tile of one point per square of the quadtree, at the mean of its points, with their `count`.

    Needs `x`, `y`, `side`, `layer`; by tally `zoom`, `low` and `high` at that zoom, otherwise `low` and
    `high` of place codes and `shift`, the bits of a place code below the square's.
    """
    layer = LAYERS[name]
    if by_tally:
        squares: Composable = SQL(
            "SELECT place AS square, sum(objects)::integer AS count, sum(lon_sum) / sum(objects) AS lon,"
            " sum(lat_sum) / sum(objects) AS lat FROM app.layer_tally"
            " WHERE layer = %(layer)s AND zoom = %(zoom)s AND place >= %(low)s AND place < %(high)s"
            " GROUP BY place HAVING sum(objects) > 0"
        )
    else:
        squares = SQL(
            "SELECT t.quad >> %(shift)s::integer AS square, count(*)::integer AS count,"
            " avg(ST_X(t.geom)) AS lon, avg(ST_Y(t.geom)) AS lat FROM {}"
            " WHERE t.quad >= %(low)s AND t.quad < %(high)s GROUP BY 1"
        ).format(table_of(layer))
    return Question(
        SQL(
            "SELECT ST_AsMVT(tile, %(layer)s, 4096, 'shape') AS tile"
            " FROM (SELECT {point} AS shape, s.count FROM ({squares}) AS s) AS tile"
        ).format(point=_PIXEL, squares=squares)
    )


TILE_VERSION = Question(
    SQL("SELECT app.layer_version(%(layer)s, %(zoom)s::smallint, %(low)s, %(high)s), app.reading_scope()")
)
"""How often the rows of a tile were written, and what the reader may see of them."""


def nearest(layer: Layer, chosen: Filter, *, by_spatial_index: bool) -> Composed:
    """The `k` features nearest to (`lon`, `lat`) with `distance_m`, nearest first: `features`, `found`.

    The index orders by degrees, which are unequal east and north. So the k nearest in degrees give a
    distance in metres, and what lies within it is then ordered truly.

    Without `by_spatial_index` the rows a policy lets through are sorted instead: walking the index from
    the position would pass every row of others on the way to the first own one.
    """
    return SQL(
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
        condition=where(layer, chosen),
        closeness=SQL("t.geom <-> {}" if by_spatial_index else "ST_Distance(t.geom, {})").format(_POINT),
        point=_POINT,
        columns=columns_of(layer.base_columns),
        serial=Identifier(layer.serial),
        feature=feature_text(layer),
        joins=joins_of(layer),
        properties=properties_of(layer, SQL("round(f.distance_m::numeric, 1) AS distance_m")),
    )
