"""Codes that stand at check points: listed, printed and replaced by planners and administrators.

A code proves presence to whoever knows it, so each printing and each replacement leaves an audit row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound, TooLarge
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__)
MOST_SHOWN = 500
MOST_LABELS = 120
"""So many labels in one printing: 20 pages, which take some seconds."""


@dataclass(frozen=True, slots=True)
class CodeQuery:
    """Which check points: None is any. `community` is its code; a plan is one of the plans in use."""

    community: str | None = None
    parcel_id: int | None = None
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """Check points in order, at most `MOST_SHOWN`, without what their codes say; and what one may choose."""

    check_points: tuple[Any, ...]
    has_more: bool
    communities: tuple[Any, ...]
    parcels: tuple[Any, ...]
    plans: tuple[Any, ...]


def list_codes(db: Database, actor: Actor, asked: CodeQuery) -> CodeList:
    """List check points whose codes may be printed."""
    actor.require(Permission.MANAGE_LAND)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = tuple(
            _queries.check_points(
                connection,
                community=asked.community,
                parcel_id=asked.parcel_id,
                plan_id=asked.plan_id,
                most=MOST_SHOWN + 1,
            )
        )
        return CodeList(
            rows[:MOST_SHOWN],
            has_more=len(rows) > MOST_SHOWN,
            communities=tuple(_queries.communities(connection)),
            parcels=tuple(_queries.parcels(connection)),
            plans=tuple(_queries.plans(connection)),
        )


def print_labels(
    db: Database, actor: Actor, check_points: Sequence[int], *, request_id: str = ""
) -> list[Any]:
    """Give what labels of check points say, `token` being what the code says; leaves an audit row.

    Raises
    ------
    InvalidInput
        None are named, or one is not there any more.
    TooLarge
        More than `MOST_LABELS`.
    """
    actor.require(Permission.MANAGE_LAND)
    wanted = sorted(set(check_points))
    if not wanted:
        raise InvalidInput("Choose at least one check point.", pointer="check_point")
    if len(wanted) > MOST_LABELS:
        raise TooLarge("At most 120 labels are printed at once.")
    with db.transaction(actor.identity, request_id=request_id) as connection:
        rows = list(_queries.labels(connection, check_points=wanted))
        if len(rows) < len(wanted):
            raise InvalidInput("One of the check points is not there any more.", pointer="check_point")
        record_audit(connection, actor.account_id, "check_point.print_code", "", check_points=wanted)
    return rows


def replace_code(db: Database, actor: Actor, check_point_id: int, *, request_id: str = "") -> str:
    """Give a check point a new code in place of one that was lost or photographed; gives its short code.

    The old code counts no more, but for visits that were made before and are told later.

    Raises
    ------
    NotFound
        There is no such check point.
    """
    actor.require(Permission.MANAGE_LAND)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        code: str | None = _queries.replace_code(connection, check_point_id=check_point_id)
        if code is None:
            raise NotFound
        record_audit(connection, actor.account_id, "check_point.replace_code", str(check_point_id))
    return code
