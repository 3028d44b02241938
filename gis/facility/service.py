"""Keeping the service facilities: planners and administrators add, change and remove them."""

from __future__ import annotations

from typing import Any

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.division.codes import pinyin_initials
from gis.errors import InvalidInput, NotFound
from gis.exchange.layers import NEAR_M
from gis.facility.model import WRITABLE, Facility
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.publish.draft import Draft
from gis.publish.versions import Expected, Version, present, unchanged

_queries = load_queries(__file__, "store")


def create_facility(db: Database, actor: Actor, draft: Draft, *, request_id: str = "") -> Version:
    """Store a facility; cell and community are resolved here.

    Raises
    ------
    InvalidInput
        A member is not valid, or the place is more than `NEAR_M` metres outside the district.
    Conflict
        The code is taken.
    """
    actor.require(Permission.MANAGE_FACILITIES)
    facility = Facility.read(draft.members())
    with db.transaction(actor.identity, request_id=request_id) as connection:
        row = _row(connection, facility, draft.position())
        facility_id: int = _queries.insert_facility(connection, **row)
        record_audit(connection, actor.account_id, "facility.create", str(facility_id), code=facility.code)
        return present(connection, actor, "facility", facility_id)


def change_facility(
    db: Database,
    actor: Actor,
    facility_id: int,
    draft: Draft,
    *,
    expected: Expected,
    request_id: str = "",
) -> Version:
    """Replace a facility, or change some of its members.

    Raises
    ------
    NotFound
        There is none.
    PreconditionFailed
        Somebody changed it since.
    InvalidInput, Conflict
        As `create_facility`.
    """
    actor.require(Permission.MANAGE_FACILITIES)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        stored = _locked(connection, facility_id)
        before = unchanged(connection, actor, "facility", facility_id, expected)
        facility = Facility.read(draft.over(before.properties, WRITABLE))
        position = (stored.lon, stored.lat) if draft.geometry is None else draft.position()
        row = _row(connection, facility, position)
        _queries.update_facility(connection, facility_id=facility_id, **row)
        record_audit(connection, actor.account_id, "facility.change", str(facility_id), code=facility.code)
        return present(connection, actor, "facility", facility_id)


def delete_facility(
    db: Database, actor: Actor, facility_id: int, *, expected: Expected, request_id: str = ""
) -> None:
    """Remove a facility. Raises `NotFound` or `PreconditionFailed`."""
    actor.require(Permission.MANAGE_FACILITIES)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        _locked(connection, facility_id)
        before = unchanged(connection, actor, "facility", facility_id, expected)
        _queries.delete_facility(connection, facility_id=facility_id)
        code = before.properties["code"]
        record_audit(connection, actor.account_id, "facility.delete", str(facility_id), code=code)


def _locked(connection: Connection, facility_id: int) -> Any:
    row = _queries.lock_facility(connection, facility_id=facility_id)
    if row is None:
        raise NotFound
    return row


def _row(connection: Connection, facility: Facility, position: tuple[float, float]) -> dict[str, Any]:
    """The columns of a facility at a position in degrees."""
    if facility.kind not in {row.code for row in _queries.list_kinds(connection)}:
        raise InvalidInput(
            "There is no such kind of facility.", pointer="/properties/kind", code="unknown-kind"
        )
    lon, lat = position
    place = _queries.find_place(connection, lon=lon, lat=lat)
    if place.cell_id is None and place.distance_m is not None and place.distance_m > NEAR_M:
        raise InvalidInput(
            f"{place.distance_m:,.0f} m outside the district; {NEAR_M:,.0f} m at most for a facility",
            pointer="/geometry",
            code="outside",
        )
    return {
        "code": facility.code,
        "kind": facility.kind,
        "name_zh": facility.name_zh,
        "name_en": facility.name_en,
        "pinyin_initials": pinyin_initials(facility.name_zh),
        "address": facility.address,
        "capacity": facility.capacity,
        "cell_id": place.cell_id,
        "community_id": place.community_id,
        "lon": lon,
        "lat": lat,
    }
