"""Keeping a layer whose rows are plain records: somebody with the permission adds, changes and removes them.

What differs from layer to layer is how a feature becomes a row; that it is locked, compared, audited and
given back as its new state does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.publish.draft import Draft, Members
from gis.publish.versions import Expected, Version, present, unchanged

_queries = load_queries(__file__)

Row = Callable[[Connection, Members, BaseGeometry], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """The writes of one layer.

    Attributes
    ----------
    layer : table in schema app and name in the catalogue; its rows have a unique `code`.
    writable : members that may be written; the others may only be read.
    queries : statements `insert_<layer>`, `lock_<layer>` (gives `geom`), `update_<layer>`, `delete_<layer>`.
    row : makes the columns besides `geom` from the members that shall hold and the shape in WGS84 degrees;
        raises `InvalidInput` with a pointer into the feature.
    """

    layer: str
    permission: Permission
    writable: Collection[str]
    queries: Any
    row: Row

    def create(self, db: Database, actor: Actor, draft: Draft, *, request_id: str = "") -> Version:
        """Store a new feature; cell and community are resolved here.

        Raises
        ------
        InvalidInput
            A member or the place is not valid.
        Conflict
            The code is taken.
        """
        actor.require(self.permission)
        if draft.geometry is None:
            raise InvalidInput("a geometry is needed", pointer="/geometry", code="missing")
        with db.transaction(actor.identity, request_id=request_id) as connection:
            row = self.row(connection, draft.members(), draft.geometry)
            feature_id: int = self._run("insert", connection, geom=_ewkb(draft.geometry), **row)
            self._audit(connection, actor, "create", feature_id, row["code"])
            return present(connection, actor, self.layer, feature_id)

    def change(
        self,
        db: Database,
        actor: Actor,
        feature_id: int,
        draft: Draft,
        *,
        expected: Expected,
        request_id: str = "",
    ) -> Version:
        """Replace a feature, or change some of its members.

        Raises
        ------
        NotFound
            There is none.
        PreconditionFailed
            Somebody changed it since.
        InvalidInput, Conflict
            As `create`.
        """
        actor.require(self.permission)
        with db.transaction(actor.identity, request_id=request_id) as connection:
            stored = self._locked(connection, feature_id)
            before = unchanged(connection, actor, self.layer, feature_id, expected)
            # Where a patch leaves the shape, the stored one stays to the last bit.
            geom = stored.geom if draft.geometry is None else _ewkb(draft.geometry)
            members = draft.over(before.properties, self.writable)
            row = self.row(connection, members, shapely.from_wkb(geom))
            self._run("update", connection, feature_id=feature_id, geom=geom, **row)
            self._audit(connection, actor, "change", feature_id, row["code"])
            return present(connection, actor, self.layer, feature_id)

    def delete(
        self, db: Database, actor: Actor, feature_id: int, *, expected: Expected, request_id: str = ""
    ) -> None:
        """Remove a feature.

        Raises
        ------
        NotFound, PreconditionFailed
            As `change`.
        Conflict
            Other records refer to it.
        """
        actor.require(self.permission)
        with db.transaction(actor.identity, request_id=request_id) as connection:
            self._locked(connection, feature_id)
            before = unchanged(connection, actor, self.layer, feature_id, expected)
            self._run("delete", connection, feature_id=feature_id)
            self._audit(connection, actor, "delete", feature_id, before.properties["code"])

    def _locked(self, connection: Connection, feature_id: int) -> Any:
        row = self._run("lock", connection, feature_id=feature_id)
        if row is None:
            raise NotFound
        return row

    def _run(self, verb: str, connection: Connection, **values: Any) -> Any:
        return getattr(self.queries, f"{verb}_{self.layer}")(connection, **values)

    def _audit(self, connection: Connection, actor: Actor, verb: str, feature_id: int, code: str) -> None:
        record_audit(connection, actor.account_id, f"{self.layer}.{verb}", str(feature_id), code=code)


def place_of(connection: Connection, shape: BaseGeometry, *, reach_m: float = 0.0) -> dict[str, Any]:
    """`cell_id` and `community_id` of a shape: those of its inner point, none beyond the district.

    Parameters
    ----------
    reach_m : how far outside the district the inner point may lie.

    Raises
    ------
    InvalidInput
        Farther outside.
    """
    inner = shapely.point_on_surface(shape)
    place = _queries.find_place(connection, lon=inner.x, lat=inner.y)
    if place.cell_id is None and (place.distance_m or 0.0) >= reach_m:
        raise InvalidInput(
            f"outside the district by {place.distance_m or 0.0:,.0f} m; {reach_m:,.0f} m at most",
            pointer="/geometry",
            code="outside",
        )
    return {"cell_id": place.cell_id, "community_id": place.community_id}


def _ewkb(shape: BaseGeometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))
