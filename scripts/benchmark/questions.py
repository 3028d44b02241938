"""Where and what to ask: boxes of a wanted number of units, ids, positions, tiles, polygons.

Everything is drawn with a fixed seed from the units themselves: people look where something is.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.benchmark.database import Base
from scripts.benchmark.ours import PEOPLE

Box = tuple[float, float, float, float]
Tile = tuple[int, int, int]
Position = tuple[float, float]
GRADE = "watch"
_SEED = 7
_HEXAGON = tuple((math.cos(math.radians(a)), math.sin(math.radians(a))) for a in range(0, 360, 60))


@dataclass(frozen=True)
class Units:
    """All rental units as columns: id, degrees east and north, grade, cell."""

    unit_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    grade: NDArray[np.str_]
    cell_id: NDArray[np.int64]

    def of_cells(self, cells: list[int]) -> NDArray[np.intp]:
        """Row numbers of the units in some cells."""
        return np.flatnonzero(np.isin(self.cell_id, cells))


def read_units(base: Base) -> Units:
    """Read the units of a database."""
    rows = base.rows(
        "SELECT rental_unit_id, ST_X(geom), ST_Y(geom), grade, coalesce(cell_id, 0)"
        " FROM app.rental_unit ORDER BY 1"
    )
    ids, lon, lat, grade, cell = zip(*rows, strict=True)
    return Units(np.array(ids), np.array(lon), np.array(lat), np.array(grade), np.array(cell))


def cells_of_officer(base: Base) -> list[int]:
    """Cells the demo's officer answers for today."""
    rows = base.rows(
        "SELECT s.cell_id FROM app.assignment AS s JOIN app.account AS a USING (account_id)"
        " WHERE a.username = %s AND app.today() BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')",
        (PEOPLE["officer"],),
    )
    return [cell_id for (cell_id,) in rows]


def boxes(units: Units, hits: int, count: int, *, within: NDArray[np.intp] | None = None) -> list[Box]:
    """Squares about units that hold about `hits` units; with `within`, only of the units of these rows."""
    rng = random.Random(_SEED + hits)
    centres = np.arange(len(units.lon)) if within is None else within
    allowed = None if within is None else set(within.tolist())
    found: list[Box] = []
    for _ in range(count if within is None else count * 40):
        centre = int(rng.choice(centres))
        distance = np.maximum(abs(units.lon - units.lon[centre]), abs(units.lat - units.lat[centre]))
        half = _half(distance, hits)
        inside = np.flatnonzero(distance <= half)
        if allowed is None or allowed.issuperset(inside.tolist()):
            lon, lat = float(units.lon[centre]), float(units.lat[centre])
            found.append((lon - half, lat - half, lon + half, lat + half))
        if len(found) == count:
            break
    if not found:
        raise ValueError(f"no square of {hits} units lies in the chosen cells")
    return [rounded(box) for box in found]


def _half(distance: NDArray[np.float64], hits: int) -> float:
    """Half a side that takes in `hits`, and ends between two units so that no border touches one."""
    last = float(np.partition(distance, hits - 1)[hits - 1])
    beyond = distance[distance > last + 4e-7]
    return (last + float(beyond.min())) / 2 if len(beyond) else last + 1e-6


def rounded(box: Box) -> Box:
    """The box with corners as a client writes them: eight decimals, about a millimetre."""
    west, south, east, north = (round(value, 8) for value in box)
    return west, south, east, north


def ids(units: Units, count: int, *, within: NDArray[np.intp] | None = None) -> list[int]:
    """Ids of units."""
    rng = random.Random(_SEED)
    chosen = units.unit_id if within is None else units.unit_id[within]
    return [int(rng.choice(chosen)) for _ in range(count)]


def positions(
    units: Units, count: int, *, within: NDArray[np.intp] | None = None
) -> list[tuple[float, float]]:
    """Positions a few metres about units (EPSG:4326)."""
    rng = random.Random(_SEED)
    rows = range(len(units.lon)) if within is None else within.tolist()
    chosen = [rng.choice(rows) for _ in range(count)]
    return [
        (
            round(float(units.lon[row]) + rng.uniform(-3e-5, 3e-5), 7),
            round(float(units.lat[row]) + rng.uniform(-3e-5, 3e-5), 7),
        )
        for row in chosen
    ]


def tiles(units: Units, z: int, count: int, *, within: NDArray[np.intp] | None = None) -> list[Tile]:
    """Tiles (z, x, y) of WebMercatorQuad about units."""
    return [tile_of(lon, lat, z) for lon, lat in positions(units, count, within=within)]


def tile_of(lon: float, lat: float, z: int) -> Tile:
    """The tile a position lies in."""
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * 2**z), int(row * 2**z)


def hexagons(units: Units, hits: int, count: int) -> list[list[tuple[float, float]]]:
    """Closed rings about units that hold about `hits` units of grade `GRADE`."""
    rng = random.Random(_SEED)
    graded = np.flatnonzero(units.grade == GRADE)
    lon, lat = units.lon[graded], units.lat[graded]
    rings = []
    for _ in range(count):
        centre = int(rng.choice(graded))
        east, north = lon - units.lon[centre], lat - units.lat[centre]
        # Within a hexagon of this inner radius: its sides face 30, 90, … degrees.
        facing = [math.radians(a) for a in (30, 90, 150)]
        distance = np.max([abs(east * math.cos(a) + north * math.sin(a)) for a in facing], axis=0)
        outer = _half(distance, hits) / math.cos(math.radians(30))
        ring = [
            (round(float(units.lon[centre]) + outer * x, 8), round(float(units.lat[centre]) + outer * y, 8))
            for x, y in _HEXAGON
        ]
        rings.append([*ring, ring[0]])
    return rings
