"""What planners ask of patrol coverage: figures of a period, its trend, what is behind a place, other radii.

The kernels are imported where something is computed: a process that serves maps starts without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import shapely
from psycopg2 import Binary

from gis.analysis.memory import Kept
from gis.analysis.patrol.kept import READ_MS, one_at_a_time
from gis.analysis.patrol.model import PatrolQuestion, PlaceKind, Target
from gis.analysis.patrol.reading import read_places
from gis.analysis.result import Result, Table
from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import NotFound
from gis.geometry.crs import to_wgs84
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

if TYPE_CHECKING:
    from gis.analysis.patrol.loading import Material

_queries = load_queries(__file__)
_MOST_ROWS = 60
_results: Kept[Result] = Kept(24)


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of a period, and whether they are all there.

    Attributes
    ----------
    version : of the data; equal texts mean equal figures.
    not_painted : days that have no layer of the radius yet; the figures are then None.
    waiting : days that changed and are about to be painted anew.
    behind_since : since when the longest of them waits; None where they wait for new outlines alone.
    """

    result: Result | None
    version: str
    not_painted: int
    waiting: tuple[date, ...]
    behind_since: datetime | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Shares of places over time: `shares[n][m]` is that of `codes[m]` in the period from `starts[n]` on."""

    codes: tuple[str, ...]
    starts: tuple[date, ...]
    shares: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Windows:
    """Shares by time, one list for each start, in the order of `communities` and of `cells`."""

    starts: tuple[date, ...]
    communities: tuple[str, ...]
    cells: tuple[str, ...]
    of_communities: list[list[float]]
    of_cells: list[list[float]]


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind a cell's figures: tracks and points by team and day, without people."""

    name: str
    tracks: Sequence[Any]
    points: Sequence[Any]


def patrol_coverage(db: Database, actor: Actor, question: PatrolQuestion) -> Found:
    """Give figures of communities, cells and parcels from days that are painted.

    A radius that is not kept for all days gives none: `paint_radius` paints it.

    Raises
    ------
    NotFound
        There is no division yet.
    """
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
        material = _load(connection, question)
    both = [material, material.other] if material.other else [material]
    missing = sum(one.not_painted for one in both)
    result = (
        None if missing else _results.one((material.version, question), lambda: _measure(material, question))
    )
    waiting = tuple(sorted({day for one in both for day in one.waiting}))
    since = min((one.behind_since for one in both if one.behind_since), default=None)
    return Found(result, material.version, missing, waiting, since)


def trend(db: Database, actor: Actor, question: PatrolQuestion, *, days: int = 1, cell: str = "") -> Trend:
    """Share of each community, or of one cell, covered in each run of so many days of the period.

    Raises `NotFound` if there is no such cell. Days without a layer of the radius count as not covered.
    """
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
        material = _load(connection, question)
    if cell and cell not in {place.code for place in material.places.cells}:
        raise NotFound
    return _trend(material, question, days, cell)


def windows(db: Database, actor: Actor, question: PatrolQuestion, *, days: int = 1) -> Windows:
    """Share of every community and cell covered in each run of so many days, rounded to a thousandth."""
    from gis.analysis.patrol.areas import shares_over_time

    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
        material = _load(connection, question)
    starts = question.days[::days]
    shares = shares_over_time(material, [(start, start + timedelta(days=days)) for start in starts])
    return Windows(
        tuple(starts),
        material.places.communities,
        tuple(cell.code for cell in material.places.cells),
        shares.of_communities.round(3).tolist(),
        shares.of_cells.round(3).tolist(),
    )


def parcel_outlines(db: Database, actor: Actor) -> dict[str, Any]:
    """Outlines of the parcels as GeoJSON (EPSG:4326), simplified by 2 m, with code and name."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        places = read_places(connection)
    polygons = shapely.simplify(places.polygons[len(places.cells) :], 2.0)
    shapes = shapely.set_precision(to_wgs84(polygons), 1e-6) if len(polygons) else polygons
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(shape),
                "properties": {"code": parcel.code, "name": parcel.name},
            }
            for parcel, shape in zip(places.parcels, shapes, strict=True)
        ],
    }


def behind(db: Database, actor: Actor, question: PatrolQuestion, cell: str) -> Behind:
    """Count the tracks that touch a cell and the points logged in it, by team and day. Raises `NotFound`."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        material = _load(connection, question)
        number = cell_number(material, cell)
        outline = shapely.to_wkb(to_wgs84(material.places.polygons[number]))
        period = {"from_on": question.from_on, "to_on": question.to_on, "most": _MOST_ROWS}
        tracks = list(_queries.tracks_by_team(connection, **period, outline=Binary(outline)))
        points = list(_queries.points_by_team(connection, **period, code=cell))
    return Behind(material.places.cells[number].name, tracks, points)


def paint_radius(db: Database, actor: Actor, question: PatrolQuestion) -> int:
    """Paint the days of a period with a radius that is not kept, and keep them; returns how many days.

    Raises
    ------
    Forbidden
        The actor may not compute.
    Busy
        Another coverage is being measured.
    """
    from gis.analysis.patrol.painting import pack_legs, paint_legs
    from gis.geometry.footprint.grid import pack

    actor.require(Permission.RUN_COVERAGE)
    painted = 0
    with one_at_a_time():
        with db.transaction(actor.identity, read_only=True, timeout_ms=READ_MS) as connection:
            material = _load(connection, question)
        grid, both = material.grid, [material, *([material.other] if material.other else [])]
        columns = {name: getattr(grid, name) for name in ("res_m", "x_m", "y_m", "columns", "rows")}
        for day, legs in [(day, day.legs) for one in both for day in one.days]:
            if legs is None:
                continue
            made = paint_legs(grid, legs, question.radius_m)
            key = {"on_day": day.on_day, "radius_m": question.radius_m, "version": day.version}
            with db.transaction(actor.identity) as connection:
                _queries.drop_layer(connection, **key, **columns)
                painted += _queries.put_layer(
                    connection,
                    **key,
                    **columns,
                    bits=Binary(pack(made.layer)),
                    needed=Binary(pack_legs(made.needed)),
                )
        with db.transaction(actor.identity) as connection:
            record_audit(
                connection, actor.account_id, "coverage.paint", "", radius_m=question.radius_m, days=painted
            )
    return painted


def list_targets(db: Database, actor: Actor) -> list[Any]:
    """What levels of cells and parcels are to reach, with the names of the parcels' levels."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.targets(connection))


def save_target(db: Database, actor: Actor, target: Target, *, request_id: str = "") -> None:
    """Change what a level is to reach. Raises `NotFound` if there is no such level."""
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        values = {"place": target.place, "level": target.level, "share": target.share, "days": target.days}
        if not _queries.update_target(connection, **values):
            raise NotFound
        record_audit(
            connection, actor.account_id, "patrol_target.change", f"{target.place} {target.level}",
            share=target.share, days=target.days,
        )  # fmt: skip


def cell_number(material: Material, code: str) -> int:
    """The number of a cell in `Places`. Raises `NotFound`."""
    for number, cell in enumerate(material.places.cells):
        if cell.code == code:
            return number
    raise NotFound


def target_of(place: str, level: str, share: float, days: int) -> Target:
    """A target of a kind of place as somebody typed it. Raises `InvalidInput` or `NotFound`."""
    kinds: dict[str, PlaceKind] = {"cell": "cell", "parcel": "parcel"}
    if place not in kinds:
        raise NotFound
    return Target(kinds[place], level, share, days)


def _load(connection: Any, question: PatrolQuestion) -> Material:
    from gis.analysis.patrol.loading import load

    return load(connection, question)


def _measure(material: Material, question: PatrolQuestion) -> Result:
    from gis.analysis.patrol.measuring import measure_places, tables_of
    from gis.analysis.patrol.tables import findings

    now = measure_places(material, question.radius_m)
    than = measure_places(material.other, question.radius_m) if material.other else None
    found: tuple[Table, ...] = tables_of(material, question, now, than)
    return Result(found, findings(material, found[0]))


def _trend(material: Material, question: PatrolQuestion, days: int, cell: str) -> Trend:
    from gis.analysis.patrol.areas import shares_over_time

    starts = question.days[::days]
    windows = [(start, start + timedelta(days=days)) for start in starts]
    shares = shares_over_time(material, windows)
    if cell:
        number = cell_number(material, cell)
        return Trend((cell,), tuple(starts), tuple((float(row[number]),) for row in shares.of_cells))
    rows = tuple(tuple(float(value) for value in row) for row in shares.of_communities)
    return Trend(material.places.communities, tuple(starts), rows)
