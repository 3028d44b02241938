"""The works measured: what is asked of whom, as paths of requests, and the goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from scripts.benchmark.questions import (
    GRADE,
    Box,
    Tile,
    Units,
    boxes,
    hexagons,
    ids,
    positions,
    tiles,
)

Kind = str
OURS, COLD = "ours", "ours, no caches"
_TIPG, _PYGEOAPI, _OURS = "/collections/bench.", "/collections/", "/ogc/collections/"


@dataclass(frozen=True)
class Work:
    """One work.

    Attributes
    ----------
    paths : paths of requests by server; every server is asked the same in the same order.
    person : who asks ours; the peers know no persons.
    kind : what an answer is, for `agree`.
    goal : requests/s as a multiple of the better peer's.
    limit_goal : requests/s as a share of pgbench's with the same SQL, see `statements`.
    revalidates : whether ours is asked with the ETag it gave before.
    beside : the work whose figures of the peers are compared with, where the peers would do the same twice.
    """

    name: str
    title: str
    kind: Kind
    paths: Mapping[str, tuple[str, ...]]
    person: str = "planner"
    goal: float | None = None
    limit_goal: float | None = None
    revalidates: bool = False
    beside: str | None = None
    boxes: tuple[Box, ...] = field(default=(), repr=False)
    keys: tuple[int, ...] = field(default=(), repr=False)
    places: tuple[tuple[float, float], ...] = field(default=(), repr=False)
    tiles: tuple[Tile, ...] = field(default=(), repr=False)


def all_works(units: Units, officer_cells: list[int]) -> list[Work]:
    """Every work, in the order of the report."""
    own = units.of_cells(officer_cells)
    return [
        _in_boxes("bbox-100", boxes(units, 100, 400), 1000, goal=10.0),
        _in_boxes("bbox-1000", boxes(units, 1000, 200), 2000, goal=18.0, limit_goal=0.85),
        _in_boxes("bbox-10000", boxes(units, 9_900, 30), 10_000, goal=60.0, limit_goal=0.85),
        _one("feature", ids(units, 4000), goal=6.0),
        _which_cell("cell", positions(units, 4000), _cell_items, goal=8.0),
        _which_cell("cell-locate", positions(units, 4000), _locate),
        _tile("tile-14", tiles(units, 14, 300), goal=2.5, limit_goal=0.9),
        _tile("tile-16", tiles(units, 16, 600)),
        _tile("tile-11", tiles(units, 11, 50), goal=40.0),
        _tile("tile-11-cut", tiles(units, 11, 50), peer_limit=10_000),
        *_warm(tiles(units, 14, 300)),
        _filtered("cql2", hexagons(units, 1000, 200), goal=15.0),
        _in_boxes("bbox-100-officer", boxes(units, 100, 40, within=own), 1000, person="officer"),
        _one("feature-officer", ids(units, 2000, within=own), person="officer"),
        _which_cell("cell-officer", positions(units, 2000, within=own), _cell_items, person="officer"),
    ]


def _in_boxes(
    name: str, where: list[Box], limit: int, *, person: str = "planner", goal: float | None = None,
    limit_goal: float | None = None,
) -> Work:  # fmt: skip
    queries = [f"bbox={','.join(map(_decimal, box))}&limit={limit}" for box in where]
    paths = {
        OURS: tuple(f"{_OURS}rental_unit/items?{query}" for query in queries),
        "tipg": tuple(f"{_TIPG}rental_unit/items?f=geojson&{query}" for query in queries),
        "pygeoapi": tuple(f"{_PYGEOAPI}unit/items?f=json&{query}" for query in queries),
    }
    if limit_goal is not None:  # wide boxes, which come from memory
        paths[COLD] = paths[OURS]
    title = f"features of a bbox, about {name.split('-')[1]}"
    return Work(
        name, title, "features", paths, person=person, goal=goal, limit_goal=limit_goal, boxes=tuple(where)
    )


def _one(name: str, keys: list[int], *, person: str = "planner", goal: float | None = None) -> Work:
    paths = {
        OURS: tuple(f"{_OURS}rental_unit/items/{key}" for key in keys),
        "tipg": tuple(f"{_TIPG}rental_unit/items/{key}?f=geojson" for key in keys),
        "pygeoapi": tuple(f"{_PYGEOAPI}unit/items/{key}?f=json" for key in keys),
    }
    return Work(name, "one feature by id", "feature", paths, person=person, goal=goal, keys=tuple(keys))


def _locate(lon: float, lat: float) -> str:
    return f"/api/v1/locate?lon={_decimal(lon)}&lat={_decimal(lat)}"


def _cell_items(lon: float, lat: float) -> str:
    return f"{_OURS}cell/items?bbox={_about(lon, lat)}"


def _about(lon: float, lat: float) -> str:
    """A box of two centimetres: the peers' polygons of no area meet nothing."""
    return ",".join(map(_decimal, (lon - 1e-7, lat - 1e-7, lon + 1e-7, lat + 1e-7)))


def _which_cell(
    name: str, places: list[tuple[float, float]], path: Callable[[float, float], str], *,
    person: str = "planner", goal: float | None = None,
) -> Work:  # fmt: skip
    paths = {
        OURS: tuple(path(*place) for place in places),
        "tipg": tuple(f"{_TIPG}cell/items?f=geojson&bbox={_about(*place)}" for place in places),
        "pygeoapi": tuple(f"{_PYGEOAPI}cell/items?f=json&bbox={_about(*place)}" for place in places),
    }
    title = "which cell is here, and who answers for it" if path is _locate else "which cell is here"
    return Work(name, title, "cell", paths, person=person, goal=goal, places=tuple(places))


def _tile(
    name: str, where: list[Tile], *, goal: float | None = None, limit_goal: float | None = None,
    peer_limit: int | None = None,
) -> Work:  # fmt: skip
    """Tiles; `peer_limit` cuts the peer's, whose default is 10,000 features: faster, but not the district."""
    z = where[0][0]
    cut = f"?limit={peer_limit}" if peer_limit else ""
    paths = {
        COLD: tuple(_tile_of_ours(tile) for tile in where),
        "tipg": tuple(f"{_TIPG}unit_slim/tiles/WebMercatorQuad/{z}/{x}/{y}{cut}" for z, x, y in where),
    }
    if z >= 16:  # pygeoapi looks the projection up for every row: a fuller tile takes it minutes
        head = f"{_PYGEOAPI}slim/tiles/WebMercatorQuad"
        paths["pygeoapi"] = tuple(f"{head}/{z}/{y}/{x}?f=mvt" for z, x, y in where)
    kind = "counts" if z < 14 else "tile"
    title = f"tile of zoom {z}, cold" + (", whole district" if z < 14 else "")
    if peer_limit:
        title += f"; the peer's cut at {peer_limit:,} units"
        kind = "cut"
    return Work(name, title, kind, paths, goal=goal, limit_goal=limit_goal, tiles=tuple(where))


def _warm(where: list[Tile]) -> list[Work]:
    paths = {OURS: tuple(dict.fromkeys(_tile_of_ours(tile) for tile in where))}
    return [
        Work("tile-hit", "tile of zoom 14, cached", "tile", paths, goal=50.0, beside="tile-14"),
        Work("tile-304", "tile of zoom 14, unchanged (304)", "tile", paths, goal=50.0, beside="tile-14",
             revalidates=True),
    ]  # fmt: skip


def _tile_of_ours(tile: Tile) -> str:
    z, x, y = tile
    return f"{_OURS}rental_unit/tiles/WebMercatorQuad/{z}/{y}/{x}"


def _filtered(name: str, rings: list[list[tuple[float, float]]], *, goal: float) -> Work:
    polygons = [f"POLYGON(({', '.join(f'{_decimal(x)} {_decimal(y)}' for x, y in ring)}))" for ring in rings]

    def paths(head: str, spatial: str, tail: str = "") -> tuple[str, ...]:
        filters = (f"{spatial}{polygon}) AND grade='{GRADE}'" for polygon in polygons)
        return tuple(f"{head}limit=2000{tail}&filter={quote(text, safe='')}" for text in filters)

    asked = {
        OURS: paths(f"{_OURS}rental_unit/items?", "S_INTERSECTS(geometry,", "&filter-lang=cql2-text"),
        "tipg": paths(f"{_TIPG}rental_unit/items?f=geojson&", "S_INTERSECTS(geom,", "&filter-lang=cql2-text"),
        # It reads ECQL, not CQL2.
        "pygeoapi": paths(f"{_PYGEOAPI}unit/items?f=json&", "INTERSECTS(geom,"),
    }
    return Work(name, "CQL2: polygon and grade, about 1000", "features", asked, goal=goal)


def _decimal(value: float) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".")
