"""Keeping the service facilities: planners and administrators add, change and remove them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shapely.geometry.base import BaseGeometry

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.division.codes import pinyin_initials
from gis.errors import InvalidInput
from gis.exchange.layers import NEAR_M
from gis.facility.model import WRITABLE, Facility
from gis.people.model import Permission
from gis.publish.draft import Members
from gis.publish.keeping import Keeper, place_of

_queries = load_queries(__file__, "store")


def _row(connection: Connection, members: Members, shape: BaseGeometry) -> dict[str, Any]:
    facility = Facility.read(members)
    if facility.kind not in {row.code for row in _queries.list_kinds(connection)}:
        raise InvalidInput(
            "There is no such kind of facility.", pointer="/properties/kind", code="unknown-kind"
        )
    # As in files: what lies a little outside may serve people inside.
    place = place_of(connection, shape, reach_m=NEAR_M)
    return asdict(facility) | place | {"pinyin_initials": pinyin_initials(facility.name_zh)}


_keeper = Keeper("facility", Permission.MANAGE_FACILITIES, WRITABLE, _queries, _row)
create_facility = _keeper.create
change_facility = _keeper.change
delete_facility = _keeper.delete
