"""SQL for where and when the rows of a layer lie; see `gis.publish.composed`.

Row-level security holds as for any other read, so an extent is of the reader's own rows. Two ways:

* `exact` looks at every row the reader may see: few, where the database picks an officer's or a team's rows
  by integers, and few in any layer that is not of points.
* `by_cells` asks per cell whether it holds a row, and of rows in no cell where they lie: one step into an
  index for each cell, however many rows there are. The rectangle is that of the cells' outlines.

Both give one row: west, south, east, north (NULL where there is no row), first_at, last_at.
"""

from __future__ import annotations

from psycopg2.sql import SQL, Composable, Composed, Identifier

from gis.publish.layers import Layer

_CORNERS = SQL("ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north")


def exact(layer: Layer) -> Composed:
    """The extent of every row the reader may see."""
    return SQL(
        "SELECT {corners}, first_at, last_at FROM (SELECT ST_Extent(t.geom) AS box,"
        " {first} AS first_at, {last} AS last_at FROM {table} WHERE {condition}) AS whole"
    ).format(
        corners=_CORNERS,
        first=_first(layer),
        last=_last(layer),
        table=_table(layer),
        condition=SQL("t.valid_to IS NULL" if layer.is_division else "true"),
    )


def by_cells(layer: Layer) -> Composed:
    """The extent of the cells that hold a row, and of the rows that lie in none."""
    return SQL(
        """
WITH outside AS (
  SELECT ST_Extent(t.geom) AS box, {first} AS first_at, {last} AS last_at FROM {table} WHERE t.cell_id IS NULL
), inside AS (
  SELECT ST_Extent(place.geom) AS box, min(held.first_at) AS first_at, max(held.last_at) AS last_at
  FROM app.cell AS place CROSS JOIN LATERAL ({held}) AS held
)
SELECT {corners}, first_at, last_at FROM (
  SELECT ST_Extent(box::geometry) AS box, min(first_at) AS first_at, max(last_at) AS last_at
  FROM (SELECT * FROM inside UNION ALL SELECT * FROM outside) AS part
) AS whole
"""
    ).format(first=_first(layer), last=_last(layer), table=_table(layer), corners=_CORNERS, held=_held(layer))


def _held(layer: Layer) -> Composable:
    """First and last moment of a cell's rows, from both ends of the index; no row for an empty cell."""
    if layer.time is None:
        # LIMIT keeps the planner from joining the whole layer instead of asking cell by cell.
        return SQL(
            "SELECT NULL::timestamptz AS first_at, NULL::timestamptz AS last_at"
            " FROM {table} WHERE t.cell_id = place.cell_id LIMIT 1"
        ).format(table=_table(layer))
    return SQL(
        "SELECT first_at, last_at FROM (SELECT ({of_cell} ORDER BY t.{time} LIMIT 1) AS first_at,"
        " ({of_cell} ORDER BY t.{time} DESC LIMIT 1) AS last_at) AS ends WHERE first_at IS NOT NULL"
    ).format(
        time=Identifier(layer.time),
        of_cell=SQL("SELECT t.{} FROM {} WHERE t.cell_id = place.cell_id").format(
            Identifier(layer.time), _table(layer)
        ),
    )


def _table(layer: Layer) -> Composed:
    return SQL("app.{} AS t").format(Identifier(layer.name))


def _first(layer: Layer) -> Composable:
    if layer.time is None:
        return SQL("NULL::timestamptz")
    return SQL("min(t.{})").format(Identifier(layer.time))


def _last(layer: Layer) -> Composable:
    if layer.time is None:
        return SQL("NULL::timestamptz")
    names = [name for name in (layer.time_end, layer.time) if name is not None]
    return SQL("max(coalesce({}))").format(SQL(", ").join(SQL("t.{}").format(Identifier(n)) for n in names))
