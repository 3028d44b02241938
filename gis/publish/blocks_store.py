"""Reads behind the squares of features kept in memory, see `gis.publish.blocks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
# A point as ST_AsBinary writes it: byte order and kind, then two doubles.
_POINT = np.dtype({"names": ["lon", "lat"], "formats": ["<f8", "<f8"], "offsets": [5, 13], "itemsize": 21})
# JSON writes a line break within a text as \n, so a bare one stands between features only.
_BETWEEN = b"\n"


class Written(NamedTuple):
    """What tells one state of some squares, as one reader sees them, from every other.

    Attributes
    ----------
    scope : what the row policies let the reader see, as a key.
    day : today in the district.
    versions : how often each square was written; one never written is not among them.
    objects : how many objects each holds, for all readers together; None for who may not know.
    """

    scope: bytes
    day: date
    versions: Mapping[int, int]
    objects: Mapping[int, int] | None


class Rows(NamedTuple):
    """Features of one square: their texts as UTF-8, and their positions in degrees, EPSG:4326."""

    texts: list[bytes]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


_WRITTEN = SQL(
    "app.reading_scope() AS scope, app.today() AS day, w.places, w.versions, w.objects"
    " {rows} FROM app.squares_written(%(layer)s, %(zoom)s::smallint, %(squares)s::bigint[]) AS w {source}"
)
_STATE = Question(SQL("SELECT ") + _WRITTEN.format(rows=SQL(""), source=SQL("")))


def written(db: Database, identity: Identity, layer: Layer, squares: Sequence[int]) -> Written:
    """The present state of squares (Morton numbers of `SQUARE_ZOOM`) for this reader."""
    return _written(db.ask(identity, _STATE, _asked(layer, squares)))


def read(
    db: Database,
    identity: Identity,
    layer: Layer,
    squares: Sequence[int],
    wanted: Sequence[int],
    *,
    most: int,
) -> tuple[Written, dict[int, Rows]] | None:
    """The state of squares, and what the reader may see in those wanted, both of one moment.

    None where that is more than `most` features.
    """
    ranges = {"lows": [s << _SHIFT for s in wanted], "highs": [(s + 1) << _SHIFT for s in wanted]}
    values = {**_asked(layer, squares), **ranges, "most": most}
    row = db.ask(identity, _rows_of(layer.name), values)
    state, (texts, points, lows) = _written(row), row[5:] if row else (None, None, None)
    if texts is None:
        return state, dict.fromkeys(wanted, _EMPTY)
    features = bytes(texts).split(_BETWEEN)
    if len(features) > most:
        return None
    places = np.frombuffer(points, _POINT)
    at = np.frombuffer(lows, ">i8") >> _SHIFT
    return state, _by_square(wanted, features, places, at)


@lru_cache
def _rows_of(name: str) -> Question:
    """State, and rows as columns: features with `_BETWEEN` between, points as WKB, first code of the square.

    Needs `layer`, `zoom`, `squares`, the ranges `lows` to `highs` of place codes, and `most`.
    """
    layer = LAYERS[name]
    assert layer.told is not None  # noqa: S101 (only such layers are asked for)
    source = SQL(
        """CROSS JOIN (
  SELECT string_agg(x.told, E'\\n') AS texts, string_agg(ST_AsBinary(x.geom, 'NDR'), '') AS points,
         string_agg(int8send(x.low), '') AS lows
  FROM (SELECT {told} AS told, t.geom, s.low
        FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS s (low, high)
        JOIN {table} ON t.quad >= s.low AND t.quad < s.high
        LIMIT %(most)s + 1) AS x
) AS b"""
    ).format(told=SQL(layer.told), table=table_of(layer))
    return Question(SQL("SELECT ") + _WRITTEN.format(rows=SQL(", b.texts, b.points, b.lows"), source=source))


def _asked(layer: Layer, squares: Sequence[int]) -> dict[str, Any]:
    return {"layer": layer.tally, "zoom": SQUARE_ZOOM, "squares": list(squares)}


def _written(row: tuple[Any, ...] | None) -> Written:
    assert row is not None  # noqa: S101 (an aggregate has one row)
    scope, day, places, versions, objects = row[:5]
    known = places or ()
    is_counted = bool(objects) and None not in objects
    return Written(
        scope,
        day,
        dict(zip(known, versions or (), strict=True)),
        dict(zip(known, objects, strict=True)) if is_counted else None,
    )


_EMPTY = Rows([], np.empty(0), np.empty(0))


def _by_square(
    wanted: Sequence[int], features: list[bytes], places: NDArray[Any], at: NDArray[np.int64]
) -> dict[int, Rows]:
    """Rows of each square, in the order they came in."""
    order = np.argsort(at, kind="stable")
    starts = np.searchsorted(at[order], wanted)
    stops = np.searchsorted(at[order], wanted, side="right")
    found = {}
    for square, start, stop in zip(wanted, starts, stops, strict=True):
        rows = order[start:stop]
        # Copied, so that a square kept does not keep the others' positions.
        lon, lat = places["lon"][rows].astype(np.float64), places["lat"][rows].astype(np.float64)
        found[square] = Rows([features[row] for row in rows], lon, lat)
    return found
