"""From legs in memory to the share of every cell within 50 m of them, in squares of 2 m and of 5 m.

And in squares of 2 m, with cells too small for that measured by rows of half a metre.

geopandas: buffer, union_all, overlay with the cells. PostGIS: ST_Union of ST_Buffer, ST_Subdivide, an index,
then the intersections; its legs stand in a table already. Both draw circles with 16 chords to the quarter.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.database import cluster
from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.measured import covered_within_m2
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.zones import Zones
from scripts.benchmark.coverage.data import RADIUS_M, Data, days_of
from scripts.benchmark.coverage.row import Row, Timing, alternate, check
from scripts.benchmark.database import CLUSTER_HOME, Base

TITLE = "Fixes to the share of every cell"
ORDER = 10

Floats = NDArray[np.float64]

QUAD_SEGS = 16
_SMALL, _MIDDLE, _LARGE = 100_000, 1_000_000, 10_000_000
_KINDS = ("2 m", "5 m", "2 m and rows")
_NEAR_PP = 1.5  # 5 m in cells of a hectare
_DRAW = (
    "DROP TABLE IF EXISTS drawn",
    "CREATE UNLOGGED TABLE drawn AS"
    " SELECT ST_Subdivide(ST_Union(ST_Buffer(geom, 50, 'quad_segs=16')), 128) AS geom FROM leg",
    "CREATE INDEX ON drawn USING gist (geom)",
    "ANALYZE drawn",
)
_AREAS = """
SELECT cell, sum(ST_Area(ST_Intersection(cell.geom, drawn.geom)))
FROM cell JOIN drawn ON ST_Intersects(cell.geom, drawn.geom) GROUP BY cell ORDER BY cell
"""


def rows(data: Data, rounds: int) -> list[Row]:
    """Ours at three sizes, the peers at two."""
    base = _open(data)
    found = []
    for fixes, once in ((_SMALL, ()), (_MIDDLE, ("geopandas", "PostGIS"))):
        legs = data.legs(days_of(fixes))[0]
        lines = np.asarray(shapely.linestrings(legs.reshape(-1, 2, 2)), dtype=object)
        _load(base, lines)
        answers: dict[str, Floats] = {}
        peers = {
            "geopandas": partial(by_geopandas, data, lines),
            "PostGIS": partial(_by_postgis, data, base),
        }
        times = alternate(
            rounds,
            once=once,
            **_ours(data, legs),
            **{name: _kept(answers, name, call) for name, call in peers.items()},
        )
        _agree(in_squares(data, legs, 2.0), answers)
        found += _rows(fixes, times)
    times = alternate(rounds, **_ours(data, data.legs(days_of(_LARGE))[0]))
    return found + [Row(f"{_LARGE:,} fixes, {kind}", times[kind], fixes=_LARGE) for kind in _KINDS]


def _ours(data: Data, legs: Floats) -> dict[str, Callable[[], Floats]]:
    return {
        "2 m": partial(in_squares, data, legs, 2.0),
        "5 m": partial(in_squares, data, legs, 5.0),
        "2 m and rows": partial(_within, data, legs),
    }


def _rows(fixes: int, times: Mapping[str, Timing]) -> list[Row]:
    """A row for each way of ours and each peer; goals are for a million."""
    # PostgreSQL's memory is its own.
    times = {**times, "PostGIS": replace(times["PostGIS"], memory_mb=None)}
    return [
        Row(
            f"{fixes:,} fixes, {kind}", times[kind], peer, times[peer],
            at_least=goal if fixes == _MIDDLE and kind != "5 m" else None, fixes=fixes,
        )
        for kind in _KINDS
        for peer, goal in (("geopandas", 30.0), ("PostGIS", 20.0))
    ]  # fmt: skip


def in_squares(data: Data, legs: Floats, res_m: float) -> Floats:
    """Shares (cells,) by painting; preparing the cells is part of it."""
    grid = Grid.around(data.district.bounds, res_m)
    return Zones.prepare(grid, data.cells).share([paint(grid, legs, [], RADIUS_M)])


def _within(data: Data, legs: Floats) -> Floats:
    zones = Zones.prepare(Grid.around(data.district.bounds), data.cells)
    return covered_within_m2(zones, legs, [], RADIUS_M) / zones.area_m2


def by_geopandas(data: Data, lines: NDArray[np.object_]) -> Floats:
    """Shares (cells,) by polygons."""
    import geopandas

    legs = geopandas.GeoSeries(lines, crs=4547)
    drawn = geopandas.GeoDataFrame(
        geometry=[legs.buffer(RADIUS_M, resolution=QUAD_SEGS).union_all()], crs=4547
    )
    cells = geopandas.GeoDataFrame({"cell": np.arange(len(data.cells))}, geometry=data.cells, crs=4547)
    parts = geopandas.overlay(cells, drawn, keep_geom_type=True)
    covered = parts.geometry.area.groupby(parts["cell"]).sum()
    return np.asarray(covered.reindex(cells["cell"], fill_value=0.0)) / np.asarray(cells.area)


def _by_postgis(data: Data, base: Base) -> Floats:
    """Shares (cells,) by SQL."""
    base.run(*_DRAW)
    areas = dict(base.rows(_AREAS))
    covered = np.array([areas.get(cell, 0.0) for cell in range(len(data.cells))])
    return covered / shapely.area(data.cells)


def _kept(answers: dict[str, Floats], name: str, call: Callable[[], Floats]) -> Callable[[], None]:
    def work() -> None:
        answers[name] = call()

    return work


def _agree(ours: Floats, answers: Mapping[str, Floats]) -> None:
    """Everybody answers the same, but for squares and chords."""
    for peer, theirs in answers.items():
        check(float(np.abs(ours - theirs).max()) * 100 < _NEAR_PP, f"shares of {peer}")


def _open(data: Data) -> Base:
    """A database of the benchmark's cluster with the cells."""
    base = Base("coverage", cluster.create_database(cluster.start(CLUSTER_HOME), "coverage"))
    base.run(
        "CREATE EXTENSION IF NOT EXISTS postgis",
        "DROP TABLE IF EXISTS cell, leg, drawn",
        "CREATE TABLE cell (cell int PRIMARY KEY, geom geometry(Polygon, 4547))",
        "CREATE UNLOGGED TABLE leg (geom geometry(LineString, 4547))",
    )
    _copy(base, "cell", [f"{at}\t{wkb}" for at, wkb in enumerate(_hex(data.cells))])
    base.run("CREATE INDEX ON cell USING gist (geom)", "ANALYZE cell")
    return base


def _load(base: Base, lines: Any) -> None:
    base.run("TRUNCATE leg")
    _copy(base, "leg", list(_hex(lines)))
    base.run("ANALYZE leg")


def _hex(shapes: Any) -> Any:
    return shapely.to_wkb(shapely.set_srid(shapes, 4547), hex=True, include_srid=True)


def _copy(base: Base, table: str, lines: list[str]) -> None:
    import psycopg2

    connection = psycopg2.connect(base.url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
    finally:
        connection.close()
