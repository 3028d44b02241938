"""Typed access to the division tables; the statements stand in store.sql."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import geopandas
import psycopg2
import shapely

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.division.draft import COLUMNS, Division
from gis.division.model import Level, Revision
from gis.geometry.crs import STORAGE_EPSG, area_m2

_queries = load_queries(__file__)


def today(connection: Connection) -> date:
    """The calendar day in the district."""
    day: date = _queries.today(connection)
    return day


def current_revision(connection: Connection) -> Revision | None:
    """The revision in force, if any."""
    row = _queries.current_revision(connection)
    return Revision(*row) if row else None


def locate_point(connection: Connection, lon: float, lat: float, on_date: date) -> Any:
    """Cell and upper places of a WGS84 position on a day; None if no division was in force that day."""
    return _queries.locate_point(connection, lon=lon, lat=lat, on_date=on_date)


def responsible_for(connection: Connection, cell_id: int, on_date: date) -> list[Any]:
    """Who answers for a cell on a day, primary first."""
    return list(_queries.responsible_for(connection, cell_id=cell_id, on_date=on_date))


def own_places(connection: Connection) -> Any:
    """Ids of what the actor answers for: `cells`, `cell_communities`, `patrolled` communities."""
    return _queries.own_places(connection)


def outline_features(
    connection: Connection, level: Level, own: Any, *, community_code: str | None
) -> list[dict[str, Any]]:
    """GeoJSON features of a level of the division in force, in order of code."""
    query = getattr(_queries, f"outlines_of_{level}")
    features: list[dict[str, Any]] = query(
        connection,
        community_code=community_code,
        my_cells=own.cells,
        my_communities=own.cell_communities + own.patrolled,
        patrolled=own.patrolled,
    )
    return features


def names(connection: Connection, level: Level) -> list[Any]:
    """Code, name and English name of the communities or cells in force, in order of code."""
    return list(getattr(_queries, f"names_of_{level}")(connection))


def find_place(connection: Connection, level: Level, code: str) -> Any:
    """A place of the division in force by its code; None if there is none."""
    return getattr(_queries, f"find_{level}")(connection, code=code)


def lock_for_publishing(connection: Connection) -> None:
    """Keep other publications and the writers of every layer waiting until the transaction ends."""
    _queries.lock_for_publishing(connection)


def read_level(connection: Connection, revision_id: int, level: Level) -> geopandas.GeoDataFrame:
    """The rows of one level of a revision, in the form of a completed draft."""
    rows = list(getattr(_queries, f"rows_of_{level}")(connection, revision_id=revision_id))
    columns = {name: [getattr(row, name) for row in rows] for name in COLUMNS[level]}
    shapes = shapely.from_wkb([bytes(row.wkb) for row in rows])
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=STORAGE_EPSG)


def close_revision(connection: Connection, revision_id: int, day: date) -> None:
    """End a revision: `day` is the first on which it no longer holds."""
    _queries.close_revision(connection, revision_id=revision_id, day=day)


def retitle(connection: Connection, revision_id: int, division: Division) -> None:
    """Keep the title and source last given for an unchanged division."""
    draft = division.draft
    _queries.retitle_revision(connection, revision_id=revision_id, title=draft.title, source=draft.source)


def insert_division(connection: Connection, division: Division) -> tuple[int, dict[str, float]]:
    """Insert a revision with all its places; gives its id and the area in m² of each level.

    Raises
    ------
    ValueError
        A place was not stored because its parent is not there: the check before let it pass.
    """
    draft = division.draft
    revision_id = _queries.insert_revision(
        connection,
        title=draft.title,
        code_scheme=draft.code_scheme,
        source=draft.source,
        is_schematic=draft.is_schematic,
        valid_from=draft.valid_from,
    )
    areas = {}
    for level in Level:
        frame = division.frames[level]
        level_areas = area_m2(frame.geometry.to_numpy())
        stored = getattr(_queries, f"insert_{level}")(
            connection,
            revision_id=revision_id,
            area_m2=level_areas.tolist(),
            wkb=[psycopg2.Binary(shape) for shape in shapely.to_wkb(frame.geometry.to_numpy())],
            **{name: frame[name].tolist() for name in COLUMNS[level]},
        )
        if stored != len(frame):
            raise ValueError(f"{stored} of {len(frame)} rows of {level} stored")
        areas[str(level)] = float(level_areas.sum())
    return revision_id, areas


def record_publication(connection: Connection, revision_id: int, detail: dict[str, Any]) -> None:
    """Write the audit row of a publication."""
    _queries.insert_audit(connection, subject=str(revision_id), detail=json.dumps(detail))
