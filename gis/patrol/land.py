"""Keeping the state land: planners and administrators add, change and remove parcels and check points.

What a patrol, a team or a point refers to cannot be removed.
"""

from __future__ import annotations

from typing import Any

from shapely.geometry.base import BaseGeometry

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.geometry.crs import area_m2
from gis.people.model import Permission
from gis.publish.draft import Members
from gis.publish.keeping import Keeper, place_of

_queries = load_queries(__file__)

LEVELS = ("key", "ordinary", "remote")
_MAX_CODE = 100
_MAX_NAME = 500
_RADIUS_M = (5.0, 500.0)
_USUAL_RADIUS_M = 40.0
_MAX_DWELL_S = 1_800
_USUAL_DWELL_S = 60


def _parcel(connection: Connection, members: Members, shape: BaseGeometry) -> dict[str, Any]:
    row = {
        "code": members.text("code", _MAX_CODE, is_required=True),
        "name_zh": members.text("name_zh", _MAX_NAME, is_required=True),
        "level": members.choice("level", LEVELS),
        "area_m2": float(area_m2([shape])[0]),
    }
    members.end()
    return row | place_of(connection, shape)


def _check_point(connection: Connection, members: Members, shape: BaseGeometry) -> dict[str, Any]:
    dwell_s = members.whole("dwell_s", 0, _MAX_DWELL_S)
    row = {
        "code": members.text("code", _MAX_CODE, is_required=True),
        "name_zh": members.text("name_zh", _MAX_NAME, is_required=True),
        "dwell_s": _USUAL_DWELL_S if dwell_s is None else dwell_s,
        "parcel_id": members.whole("parcel_id", 1, 2**31 - 1),
        "radius_m": members.decimal("radius_m", *_RADIUS_M) or _USUAL_RADIUS_M,
    }
    members.end()
    parcel_id = row["parcel_id"]
    if parcel_id is not None and _queries.find_parcel(connection, parcel_id=parcel_id) is None:
        raise InvalidInput("There is no such parcel.", pointer="/properties/parcel_id", code="unknown-parcel")
    return row | place_of(connection, shape)


_parcels = Keeper(
    "parcel", Permission.MANAGE_LAND, frozenset({"code", "name_zh", "level"}), _queries, _parcel
)
create_parcel = _parcels.create
change_parcel = _parcels.change
delete_parcel = _parcels.delete

_check_points = Keeper(
    "check_point",
    Permission.MANAGE_LAND,
    frozenset({"code", "name_zh", "parcel_id", "radius_m", "dwell_s"}),
    _queries,
    _check_point,
)
create_check_point = _check_points.create
change_check_point = _check_points.change
delete_check_point = _check_points.delete
