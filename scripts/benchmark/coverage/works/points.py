"""10 million points into cells, and points on corners, on edges and a nanometre beside them."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.division.locator import CellLocator
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Points into cells"
ORDER = 70

_POINTS = 10_000_000
_CRS = "EPSG:4547"

Floats = NDArray[np.float64]


def rows(data: Data, rounds: int) -> list[Row]:
    """Ours beside GeoPandas' join and SedonaDB's; all three have to agree on every point."""
    cells = np.asarray(data.cells, dtype=object)
    codes = [f"{number:04d}" for number in range(len(cells))]
    west, south, east, north = shapely.total_bounds(cells)
    generator = np.random.default_rng(70)
    x, y = generator.uniform(west, east, _POINTS), generator.uniform(south, north, _POINTS)
    locator = CellLocator(range(len(cells)), codes, cells)
    answers: dict[str, NDArray[np.int64]] = {}

    def ours() -> None:
        answers["ours"] = locator.locate(x, y)

    def geopandas() -> None:
        answers["geopandas"] = _joined(cells, x, y)

    def sedonadb() -> None:
        answers["sedonadb"] = _by_sedona(cells, x, y)

    times = alternate(rounds, once=("geopandas",), ours=ours, geopandas=geopandas, sedonadb=sedonadb)
    for peer in ("geopandas", "sedonadb"):
        check(np.array_equal(answers["ours"], answers[peer]), f"points in other cells than {peer}'s")
    name = f"10 M points into {len(cells)} cells"
    return [
        Row(name, times["ours"], "geopandas.sjoin", times["geopandas"], at_least=100.0, note="0 mismatches"),
        Row(name, times["ours"], "SedonaDB", times["sedonadb"], at_least=25.0, note="0 mismatches"),
        _build(cells, codes, x, y),
        _adversarial(locator, cells),
    ]


def _build(cells: NDArray[np.object_], codes: list[str], x: Floats, y: Floats) -> Row:
    """How long making the table takes, told beside finding."""
    few = slice(0, 50_000)
    fresh = CellLocator(range(len(cells)), codes, cells)
    start = time.perf_counter()
    fresh.locate(x[few], y[few])
    return Row("the table, made once", value=time.perf_counter() - start)


def _adversarial(locator: CellLocator, cells: NDArray[np.object_]) -> Row:
    """Points on corners and middles of edges and a nanometre beside: by the exact predicate, lowest code."""
    corners = shapely.get_coordinates(cells)
    middles = (corners[1:] + corners[:-1]) / 2
    hard = np.vstack([corners, middles])
    moves = [(0, 0), (1e-9, 0), (-1e-9, 0), (0, 1e-9), (0, -1e-9)]
    points = np.vstack([hard + move for move in moves])
    pairs, cell = shapely.STRtree(cells).query(shapely.points(points), predicate="intersects")
    expected = np.full(len(points), len(cells))
    np.minimum.at(expected, pairs, cell)
    expected[expected == len(cells)] = -1
    wrong = int((locator.locate(*points.T) != expected).sum())
    return Row(f"wrong of {len(points):,} points on edges", value=wrong, unit="points", at_most=0)


def _joined(cells: NDArray[np.object_], x: Floats, y: Floats) -> NDArray[np.int64]:
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(gpd.points_from_xy(x, y), crs=_CRS))
    found = frame.sjoin(gpd.GeoDataFrame(geometry=list(cells), crs=_CRS), predicate="within")
    answer = np.full(len(x), -1, dtype=np.int64)
    answer[found.index.to_numpy()] = found["index_right"].to_numpy()
    return answer


def _by_sedona(cells: NDArray[np.object_], x: Floats, y: Floats) -> NDArray[np.int64]:
    import pyarrow
    import sedonadb

    context = sedonadb.connect()
    points = pyarrow.table({"point": np.arange(len(x)), "x": x, "y": y})
    zones = pyarrow.table({"cell": np.arange(len(cells)), "wkb": shapely.to_wkb(cells).tolist()})
    context.create_data_frame(points).to_view("points", overwrite=True)
    context.create_data_frame(zones).to_view("cells", overwrite=True)
    joined = context.sql(
        "SELECT p.point, c.cell FROM (SELECT point, ST_Point(x, y) AS geometry FROM points) AS p"
        " JOIN (SELECT cell, ST_GeomFromWKB(wkb) AS geometry FROM cells) AS c"
        " ON ST_Within(p.geometry, c.geometry)"
    )
    found = pyarrow.table(joined)  # its own conversion wants geometry types that no column here has
    answer = np.full(len(x), -1, dtype=np.int64)
    answer[found["point"].to_numpy()] = found["cell"].to_numpy()
    return answer
