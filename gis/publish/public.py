"""What everybody may see, signed in or not: how many objects each community holds, where switched on.

Off by default. The database counts (app.public_counts) and tells no count below the profile's smallest, so
that no answer points at a person; the actor of such a question is nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import InvalidInput, NotFound
from gis.people.model import ANONYMOUS, Actor, Permission
from gis.people.service import record_audit
from gis.publish.layers import LAYERS, Layer
from gis.publish.model import MAX_ITEMS, BBox, FeaturePage

_queries = load_queries(__file__)

PUBLISHABLE = ("building", "rental_unit", "incident", "parcel", "facility", "patrol_point")
SMALLEST, LARGEST = 3, 10_000
_SUFFIX = "_by_community"


@dataclass(frozen=True, slots=True)
class PublicCollection:
    """The counts of a layer by community, as a collection of its own."""

    layer: Layer
    is_schematic: bool

    @property
    def name(self) -> str:
        """The collection's name in addresses."""
        return f"{self.layer.name}{_SUFFIX}"


@dataclass(frozen=True, slots=True)
class PublicQuery:
    """Which communities: in a box, after a code, at most so many."""

    bbox: BBox | None = None
    after: str | None = None
    limit: int = 100


def profiles(db: Database, actor: Actor) -> list[Any]:
    """List every profile that can be switched, for the administrator."""
    actor.require(Permission.MANAGE_PUBLICATION)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.profiles(connection))


def set_profile(db: Database, actor: Actor, layer: str, *, is_on: bool, smallest: int) -> None:
    """Switch a layer's public counts on or off, and say the smallest count told.

    Raises
    ------
    NotFound
        There is no such profile.
    InvalidInput
        The smallest count is not 3 to 10,000.
    """
    actor.require(Permission.MANAGE_PUBLICATION)
    if layer not in PUBLISHABLE:
        raise NotFound
    if not SMALLEST <= smallest <= LARGEST:
        raise InvalidInput("The smallest count is a number from 3 to 10,000.", pointer="smallest")
    with db.transaction(actor.identity) as connection:
        _queries.set_profile(connection, layer=layer, is_on=is_on, smallest=smallest)
        record_audit(
            connection, actor.account_id, "public_profile.set", layer, is_on=is_on, smallest=smallest
        )


def public_collections(db: Database) -> Mapping[str, PublicCollection]:
    """The collections everybody may read today, by name; empty unless an administrator switched one on."""
    with db.transaction(ANONYMOUS.identity, read_only=True) as connection:
        rows = list(_queries.public_profiles(connection))
    found = (PublicCollection(LAYERS[row.layer], row.is_schematic) for row in rows)
    return MappingProxyType({collection.name: collection for collection in found})


def public_collection(db: Database, name: str) -> PublicCollection:
    """One of them. Raises `NotFound` for a profile that is off and for a name that never was one alike."""
    found = public_collections(db).get(name)
    if found is None:
        raise NotFound
    return found


def public_features(db: Database, name: str, query: PublicQuery) -> FeaturePage:
    """A page of communities with their counts, by code, as GeoJSON in longitude and latitude (WGS84).

    Raises
    ------
    NotFound
        The profile is off.
    """
    rows = _rows(db, name, query, code=None)
    shown = rows[: query.limit]
    features = b",".join(row.feature.encode() for row in shown)
    return FeaturePage(features, len(shown), shown[-1].code if len(rows) > len(shown) else None)


def public_feature(db: Database, name: str, code: str) -> bytes:
    """One community with its count, as GeoJSON.

    Raises
    ------
    NotFound
        The profile is off, or there is no such community today.
    """
    rows = [] if "\0" in code else _rows(db, name, PublicQuery(limit=1), code=code)
    if not rows:
        raise NotFound
    feature: str = rows[0].feature
    return feature.encode()


def _rows(db: Database, name: str, query: PublicQuery, *, code: str | None) -> list[Any]:
    collection = public_collection(db, name)
    box = query.bbox
    with db.transaction(ANONYMOUS.identity, read_only=True) as connection:
        return list(
            _queries.public_features(
                connection,
                layer=collection.layer.name,
                west=box and box.west,
                south=box and box.south,
                east=box and box.east,
                north=box and box.north,
                code=code,
                after=query.after,
                most=min(query.limit, MAX_ITEMS) + 1,
            )
        )
