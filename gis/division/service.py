"""Publishing a division (see `gis.division.publication`), and reading the one in force or that of a day.

Every read is open to everyone signed in, because outlines are common knowledge inside the district; only
`place`, which a map page stands on, answers as if places of others did not exist.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import shapely

from gis.database.pool import Connection, Database
from gis.division import store
from gis.division.model import (
    NEAR_BORDER_M,
    Level,
    Location,
    Place,
    PlaceName,
    Responsible,
    Revision,
)
from gis.division.publication import publish
from gis.errors import InvalidInput, NotFound
from gis.geometry.crs import find_crs, wgs84_from
from gis.geometry.validate import lon_lat
from gis.people.model import Actor, Permission, Role

__all__ = ["current_revision", "locate", "names", "outlines", "place", "publish"]

_METRES_PER_DEGREE = 111_320.0
_DECIMALS = 6
_MAX_SIMPLIFY_M = 1_000.0


def current_revision(db: Database, actor: Actor) -> Revision:
    """Tell which division is in force: its title, code scheme, source, and whether it is schematic.

    Raises
    ------
    NotFound
        No division was published yet.
    """
    actor.require(Permission.SEE_MAPS)
    with db.transaction(actor.identity, read_only=True) as connection:
        return _in_force(connection)


def locate(  # noqa: PLR0913 - the choices of one request
    db: Database,
    actor: Actor,
    lon: float,
    lat: float,
    *,
    crs: str = "wgs84",
    on_date: date | None = None,
    accuracy_m: float | None = None,
) -> Location:
    """Tell in which cell, community, subdistrict and district a position lies, and who answers for it.

    Parameters
    ----------
    lon, lat : longitude and latitude in degrees of `crs` (easting and northing for a metric one).
    on_date : the day whose division and duties are asked for; today unless told.
    accuracy_m : how far off the position may be; `near_border` tells if that reaches over the cell's
        border. `NEAR_BORDER_M` unless told.

    Raises
    ------
    InvalidInput
        Not a position, or an unknown coordinate system.
    NotFound
        No division was in force that day.
    """
    actor.require(Permission.SEE_MAPS)
    if find_crs(crs).is_degrees:
        lon, lat = lon_lat(lon, lat)
    x, y = wgs84_from([lon], [lat], crs)
    position = lon_lat(float(x[0]), float(y[0]))
    reach_m = NEAR_BORDER_M if accuracy_m is None else accuracy_m
    with db.transaction(actor.identity, read_only=True) as connection:
        day = on_date or store.today(connection)
        row = store.locate_point(connection, *position, day)
        if row is None:
            raise NotFound("No division was in force on that day.")
        people = store.responsible_for(connection, row.cell_id, day) if row.inside else []
    near = row.border_distance_m <= reach_m
    if not row.inside:
        return Location(*position, day, False, near, row.border_distance_m)
    return Location(
        *position,
        day,
        True,
        near,
        row.border_distance_m,
        district=_name(row, Level.DISTRICT),
        subdistrict=_name(row, Level.SUBDISTRICT),
        community=_name(row, Level.COMMUNITY),
        cell=_name(row, Level.CELL),
        responsible=tuple(Responsible(p.full_name, p.duty, p.phone_masked) for p in people),
    )


def outlines(
    db: Database,
    actor: Actor,
    level: Level | str,
    community_code: str | None = None,
    simplify_m: float = 0,
) -> dict[str, Any]:
    """Outlines of a level as a GeoJSON FeatureCollection (six decimals, 0.1 m), in order of code.

    A feature's properties are code, name, name_en, community_code and `mine`: whether the actor answers
    for the cell, patrols the community, or has a cell in it. The member `division` tells title, code
    scheme, first day and whether it is schematic. Simplified outlines are for display: neighbours keep
    their border in common, and bends whose triangle is smaller than about `simplify_m` squared go.

    Raises
    ------
    InvalidInput
        Unknown level, or `simplify_m` not between 0 and 1,000.
    NotFound
        No division yet.
    """
    actor.require(Permission.SEE_MAPS)
    wanted = _level(level)
    if not 0 <= simplify_m <= _MAX_SIMPLIFY_M:
        raise InvalidInput("simplify_m must lie between 0 and 1000", pointer="simplify_m")
    with db.transaction(actor.identity, read_only=True) as connection:
        revision = _in_force(connection)
        features = store.outline_features(
            connection,
            wanted,
            store.own_places(connection),
            community_code=community_code,
        )
    if simplify_m and features:
        _simplify(features, simplify_m / _METRES_PER_DEGREE)
    return {
        "type": "FeatureCollection",
        "division": {
            "title": revision.title,
            "code_scheme": revision.code_scheme,
            "is_schematic": revision.is_schematic,
            "valid_from": revision.valid_from.isoformat(),
        },
        "features": features,
    }


def names(db: Database, actor: Actor, level: Level | str) -> tuple[PlaceName, ...]:
    """The names of all communities or of all cells, in order of code; a cell's tell its community.

    Raises
    ------
    InvalidInput
        Neither communities nor cells were asked for.
    NotFound
        No division yet.
    """
    actor.require(Permission.SEE_MAPS)
    wanted = _level(level)
    if wanted not in (Level.COMMUNITY, Level.CELL):
        raise InvalidInput("Names are of communities or cells.", pointer="level")
    with db.transaction(actor.identity, read_only=True) as connection:
        schematic = _in_force(connection).is_schematic
        rows = store.names(connection, wanted)
    return tuple(PlaceName(row.code, row.name_zh, row.name_en or "", schematic) for row in rows)


def place(db: Database, actor: Actor, level: Level | str, code: str) -> Place:
    """A place of the division in force, if it is the actor's to look into.

    An officer has own cells and the communities they lie in, a patrol team the communities it patrols,
    whole or for a parcel, and their cells.

    Raises
    ------
    InvalidInput
        Unknown level.
    NotFound
        No such place, or not the actor's.
    """
    actor.require(Permission.SEE_MAPS)
    wanted = _level(level)
    with db.transaction(actor.identity, read_only=True) as connection:
        revision = _in_force(connection)
        row = store.find_place(connection, wanted, code)
        own = store.own_places(connection)
    mine = row is not None and _is_own(actor, wanted, row, own)
    if row is None or not (mine or actor.sees_district):
        raise NotFound
    schematic = revision.is_schematic
    return Place(
        level=wanted,
        place_id=row.place_id,
        code=row.code,
        name=row.name_zh,
        name_en=row.name_en,
        is_schematic=schematic,
        code_scheme=row.code_scheme,
        area_m2=row.area_m2,
        bounds=(row.bounds[0], row.bounds[1], row.bounds[2], row.bounds[3]),
        centre=(row.lon, row.lat),
        parts=row.parts,
        population=row.population,
        land_use=row.land_use,
        mine=mine,
        within=tuple(PlaceName(code, name, name_en, schematic) for code, name, name_en in row.within),
    )


def _simplify(features: list[dict[str, Any]], tolerance_deg: float) -> None:
    """Simplify borders once for both sides (coverage simplification, Visvalingam-Whyatt), in place."""
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    simple = shapely.coverage_simplify(shapes, tolerance_deg)
    rounded = shapely.transform(simple, lambda positions: positions.round(_DECIMALS))
    for feature, text in zip(features, shapely.to_geojson(rounded), strict=True):
        feature["geometry"] = json.loads(text)


def _is_own(actor: Actor, level: Level, row: Any, own: Any) -> bool:
    if level in (Level.DISTRICT, Level.SUBDISTRICT):
        return not actor.sees_district  # everyone's, nobody's own in particular
    if actor.role is Role.PATROL:
        return row.community_id in own.patrolled
    return row.place_id in (own.cells if level is Level.CELL else own.cell_communities)


def _level(level: Level | str) -> Level:
    try:
        return Level(level)
    except ValueError as error:
        raise InvalidInput(f"unknown level; known are {', '.join(Level)}", pointer="level") from error


def _name(row: Any, level: Level) -> PlaceName:
    return PlaceName(
        getattr(row, f"{level}_code"),
        getattr(row, f"{level}_name"),
        getattr(row, f"{level}_name_en"),
        row.is_schematic,
    )


def _in_force(connection: Connection) -> Revision:
    revision = store.current_revision(connection)
    if revision is None:
        raise NotFound("No division has been published yet.")
    return revision
