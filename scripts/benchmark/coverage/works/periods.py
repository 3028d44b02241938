"""Any period from layers of days: shares of all cells and parcels, without painting anew."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import shapely

from gis.geometry.footprint.ages import days_covered, last_day
from gis.geometry.footprint.grid import Grid, pack, unpack
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.zones import Zones
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row, alternate, check
from scripts.benchmark.coverage.works.shares import by_geopandas

TITLE = "Any period from layers of days"
ORDER = 20

_DAYS, _PEER_DAYS = 31, 10


def rows(data: Data, rounds: int) -> list[Row]:
    """The shares of periods beside a recompute, a trend, and days since."""
    grid = Grid.around(data.district.bounds)
    zones = Zones.prepare(grid, np.concatenate([data.cells, data.parcels]))
    legs, start = data.legs(range(_DAYS))
    layers = [paint(grid, legs[a:b], [], RADIUS_M) for a, b in pairwise(start)]
    check(bool((paint(grid, legs, [], RADIUS_M) == np.bitwise_or.reduce(layers)).all()), "bits of a period")
    packed = [pack(layer) for layer in layers]
    lines = shapely.linestrings(legs[: start[_PEER_DAYS]].reshape(-1, 2, 2))
    days = [(day, day + 1) for day in range(_DAYS)]
    times = alternate(
        rounds,
        once=("geopandas",),
        month=lambda: zones.covered_m2(layers),
        ten=lambda: zones.covered_m2(layers[:_PEER_DAYS]),
        trend=lambda: zones.series(layers, days),
        since=lambda: last_day(zones, layers),
        number=lambda: days_covered(zones, layers),
        inflate=lambda: [unpack(one, grid) for one in packed],
        geopandas=lambda: by_geopandas(data, lines),
    )
    size = sum(map(len, packed)) / len(packed) / 1e6
    speed = sum(layer.nbytes for layer in layers) / times["month"].seconds / 1e9
    return [
        Row(
            "period of 31 days, beside 10 by the peer", times["month"], "geopandas", times["geopandas"],
            at_least=1000.0,
            note=f"{speed:.1f} GB of layers a second; copying memory reaches {_copying():.1f} GB",
        ),
        Row("period of 10 days", times["ten"], "geopandas", times["geopandas"], at_least=1000.0),
        Row("31 days, each for itself", times["trend"]),
        Row("days since, by zone", times["since"]),
        Row("numbers of days, by zone", times["number"]),
        Row("31 layers from their bytes", times["inflate"], note=f"a day takes {size:.2f} MB"),
    ]  # fmt: skip


def _copying() -> float:
    """Gigabytes a second that one thread reads and writes."""
    source = np.ones(1 << 24)
    target = np.empty_like(source)
    best = np.inf
    for _ in range(9):
        begun = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - begun)
    return 2 * source.nbytes / best / 1e9
