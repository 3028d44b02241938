"""Drafts of new sites, kept with a name, what was asked and how good they are; lists of candidates too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from psycopg2.extras import Json

from gis.analysis.result import Result
from gis.analysis.services.candidates import SitesGround, listed_places
from gis.analysis.services.keeping import kept_of
from gis.analysis.services.place_list import read_places
from gis.analysis.services.service import Answered, present_ground
from gis.analysis.services.sites import SITES
from gis.analysis.services.sites_model import NamedPlace, SitesParameters
from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.exchange.source import shown_name
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "drafts")
MAX_NAME = 200
_LISTED = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of sites; `outcome` is the row of the solution by figure, empty for a list of places."""

    site_draft_id: int
    name: str
    kind: str
    parameters: dict[str, Any]
    outcome: dict[str, Any]
    data_version: str
    created_at: datetime
    sites: int

    @property
    def is_list(self) -> bool:
        """Whether it is a list of places to choose from, and no proposal."""
        return not self.outcome


def sites(db: Database, actor: Actor, asked: SitesParameters) -> Answered:
    """Where new facilities belong, quickly; the exact answer takes up to a minute and is a job's.

    Raises
    ------
    Forbidden
        The actor may not look at coverage.
    NotFound
        There is no division yet.
    InvalidInput
        There is no such list of places.
    """
    ground = present_ground(db, actor)
    quick = asked.model_copy(update={"exact": False})

    def make() -> Result:
        with db.transaction(actor.identity, read_only=True) as connection:
            if asked.candidates == "list":
                _find(connection, asked.list_id)
            listed = listed_places(connection, quick)
        return SITES.measure(SitesGround(ground, listed), quick, lambda _done, _of: None)

    return Answered(kept_of(db).result((ground.version, SITES.name, quick.model_dump_json()), make), ground)


def drafts(db: Database, actor: Actor) -> tuple[Draft, ...]:
    """The drafts and lists there are, the latest first."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return tuple(Draft(**row._asdict()) for row in _queries.list_drafts(connection, limit=_LISTED))


def keep_draft(db: Database, actor: Actor, name: str, asked: SitesParameters, *, request_id: str = "") -> int:
    """Keep the sites chosen for what was asked, under a name; gives the draft's number.

    Raises
    ------
    Forbidden
        The actor may not.
    InvalidInput
        No name, or too long a one.
    Conflict
        No site was chosen.
    """
    actor.require(Permission.RUN_COVERAGE)
    named = _checked(name)
    answered = sites(db, actor, asked)
    rows = answered.result.table("sites").rows
    if not rows:
        raise Conflict("There is no site to keep.", code="no-site")
    solution = answered.result.table("solution")
    outcome = dict(zip((figure.name for figure in solution.figures), solution.rows[0], strict=True))
    places = [NamedPlace(str(row[1]), float(str(row[4])), float(str(row[5]))) for row in rows]
    with db.transaction(actor.identity, request_id=request_id) as connection:
        return _insert(
            connection,
            actor,
            {
                "name": named,
                "kind": asked.kind,
                "parameters": Json(asked.model_dump(mode="json")),
                "outcome": Json(outcome),
                "data_version": answered.version,
            },
            places,
            [float(row[2] or 0) for row in rows],
        )


def keep_list(
    db: Database, actor: Actor, file_name: str, data: bytes, *, kind: str, request_id: str = ""
) -> int:
    """Keep the places of a file as candidates, under the file's name: see `gis.analysis.services.place_list`.

    Raises
    ------
    Forbidden
        The actor may not.
    InvalidInput
        The file or a row of it is unusable: nothing is kept.
    """
    actor.require(Permission.RUN_COVERAGE)
    named = _checked(shown_name(Path(file_name)))
    places = read_places(file_name, data)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        values = {
            "name": named,
            "kind": kind,
            "parameters": Json({}),
            "outcome": Json({}),
            "data_version": "",
        }
        return _insert(connection, actor, values, places, [0.0] * len(places))


def draft_shapes(db: Database, actor: Actor, site_draft_id: int) -> dict[str, Any]:
    """The sites of a draft as a GeoJSON FeatureCollection (EPSG:4326). Raises `NotFound`."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        draft = _queries.find_draft(connection, site_draft_id=site_draft_id)
        if draft is None:
            raise NotFound
        rows = list(_queries.sites_of_draft(connection, site_draft_id=site_draft_id))
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shapely.Point(row.lon, row.lat)),
            "properties": {
                "position": row.position,
                "name": row.name,
                "reached": round(row.reached),
                "cell": row.cell,
                "kind": draft.kind,
                "draft": draft.name,
            },
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def delete_draft(db: Database, actor: Actor, site_draft_id: int, *, request_id: str = "") -> None:
    """Forget a draft. Raises `NotFound`, `Forbidden`."""
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        if _queries.delete_draft(connection, site_draft_id=site_draft_id) is None:
            raise NotFound
        record_audit(connection, actor.account_id, "site_draft.delete", str(site_draft_id))


def _find(connection: Connection, list_id: int | None) -> None:
    if _queries.find_draft(connection, site_draft_id=list_id) is None:
        raise InvalidInput("There is no such list of places.", pointer="list_id", code="no-such-list")


def _insert(
    connection: Connection,
    actor: Actor,
    values: dict[str, Any],
    places: list[NamedPlace],
    reached: list[float],
) -> int:
    number: int = _queries.insert_draft(connection, **values)
    _queries.insert_sites(
        connection,
        site_draft_id=number,
        names=[place.name for place in places],
        reached=reached,
        lons=[place.lon for place in places],
        lats=[place.lat for place in places],
    )
    record_audit(connection, actor.account_id, "site_draft.keep", str(number), sites=len(places))
    return number


def _checked(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise InvalidInput("Give it a name.", pointer="name", code="missing-name")
    if len(cleaned) > MAX_NAME:
        raise InvalidInput("The name is too long.", pointer="name", code="too-long")
    return cleaned
