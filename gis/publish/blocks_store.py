"""Reads behind the squares of features kept in memory, see `gis.publish.blocks`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg2.sql import SQL

from gis.database.pool import Database, Identity
from gis.database.question import Question
from gis.geometry.quad import QUAD_ZOOM
from gis.publish.composed import table_of
from gis.publish.layers import LAYERS, Layer

SQUARE_ZOOM = 17
"""Squares of some 280 m here; one of the zooms of app.layer_tally."""

_SHIFT = 2 * (QUAD_ZOOM - SQUARE_ZOOM)
# JSON writes a line break within a text as \n, so a bare one stands between features only.
_BREAK = ord("\n")


class Written(NamedTuple):
    """What tells one state of some squares, as one reader sees them, from every other.

    Attributes
    ----------
    scope : what the row policies let the reader see, as a key.
    day : today in the district.
    versions : how often each square was written; one never written is not among them.
    objects : how many objects each holds.
    """

    scope: bytes
    day: date
    versions: Mapping[int, int]
    objects: Mapping[int, int]


class Rows(NamedTuple):
    """Features of one square.

    Attributes
    ----------
    text : UTF-8 GeoJSON with commas between.
    offsets : where each feature begins, and where one after the last would.
    lon, lat : positions in degrees, EPSG:4326, in the same order.
    """

    text: bytes
    offsets: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


_WRITTEN = SQL(
    "app.reading_scope() AS scope, app.today() AS day, w.places, w.versions, w.objects"
    " {rows} FROM app.squares_written(%(layer)s, %(zoom)s::smallint, %(squares)s::bigint[]) AS w {source}"
)
_STATE = Question(SQL("SELECT ") + _WRITTEN.format(rows=SQL(""), source=SQL("")))


def written(db: Database, identity: Identity, layer: Layer, squares: Sequence[int]) -> Written:
    """The present state of squares (Morton numbers of `SQUARE_ZOOM`) for this reader."""
    row = db.ask(identity, _STATE, _asked(layer, squares))
    assert row is not None  # noqa: S101 (an aggregate has one row)
    return _written(row)


def read(
    db: Database, identity: Identity, layer: Layer, squares: Sequence[int], wanted: Sequence[int]
) -> tuple[Written, dict[int, Rows]]:
    """The state of squares, and what the reader may see in those wanted, both of one moment."""
    ranges = {"lows": [s << _SHIFT for s in wanted], "highs": [(s + 1) << _SHIFT for s in wanted]}
    row = db.ask(identity, rows_of(layer.name), {**_asked(layer, squares), **ranges})
    assert row is not None  # noqa: S101 (an aggregate has one row)
    texts, lons, lats, lows, numbers = row[5:]
    read = _cut(texts or b"", _degrees(lons), _degrees(lats), numbers)
    return _written(row), {low >> _SHIFT: rows for low, rows in zip(lows, read, strict=True)}


@lru_cache
def rows_of(name: str) -> Question:
    """State, and rows as columns, square after square, as they come by index.

    Features have a line break between, positions are big-endian doubles; then as arrays the first place code
    of each square and its number of rows. Needs `layer`, `zoom`, `squares`, and the ranges `lows` to `highs`.
    """
    layer = LAYERS[name]
    assert layer.told is not None  # noqa: S101 (only such layers are asked for)
    # A sum per square keeps its rows together without sorting them.
    source = SQL(
        """CROSS JOIN (
  SELECT string_agg(b.texts, E'\\n') AS texts, string_agg(b.lons, '') AS lons, string_agg(b.lats, '') AS lats,
         array_agg(s.low) AS lows, array_agg(b.number) AS numbers
  FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS s (low, high)
  CROSS JOIN LATERAL (
    SELECT string_agg({told}, E'\\n') AS texts, string_agg(float8send(ST_X(t.geom)), '') AS lons,
           string_agg(float8send(ST_Y(t.geom)), '') AS lats, count(*) AS number
    FROM {table} WHERE t.quad >= s.low AND t.quad < s.high
  ) AS b
) AS r"""
    ).format(told=SQL(layer.told), table=table_of(layer))
    rows = SQL(", r.texts, r.lons, r.lats, r.lows, r.numbers")
    return Question(SQL("SELECT ") + _WRITTEN.format(rows=rows, source=source))


def _asked(layer: Layer, squares: Sequence[int]) -> dict[str, Any]:
    return {"layer": layer.tally, "zoom": SQUARE_ZOOM, "squares": list(squares)}


def _written(row: tuple[Any, ...]) -> Written:
    scope, day, places, versions, objects = row[:5]
    known = places or ()
    return Written(
        scope,
        day,
        dict(zip(known, versions or (), strict=True)),
        dict(zip(known, objects or (), strict=True)),
    )


def _degrees(packed: Any) -> NDArray[np.float64]:
    return np.frombuffer(packed or b"", ">f8").astype(np.float64)


def _cut(
    texts: bytes, lon: NDArray[np.float64], lat: NDArray[np.float64], numbers: Sequence[int]
) -> Iterator[Rows]:
    """Rows of one square after another, of so many each; copies, so that none keeps the others' memory."""
    breaks = np.flatnonzero(np.frombuffer(texts, np.uint8) == _BREAK)
    assert len(breaks) == max(0, len(lon) - 1)  # noqa: S101 (no feature holds a bare line break)
    offsets = np.concatenate(([0], breaks + 1, [len(texts) + 1]))
    for number, stop in zip(numbers, np.cumsum(numbers).tolist(), strict=True):
        here = slice(stop - number, stop)
        begin, end = int(offsets[stop - number]), int(offsets[stop])
        text = texts[begin : max(begin, end - 1)].replace(b"\n", b",")
        yield Rows(text, offsets[stop - number : stop + 1] - begin, lon[here].copy(), lat[here].copy())
