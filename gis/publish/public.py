"""What everybody may see, signed in or not: how many objects each community holds, where switched on.

Off by default. The database counts (app.public_counts) and tells no count below the profile's smallest, so
that no answer points at a person; the actor of such a question is nobody. Counting reads a whole table, and
everybody may ask: each process counts a layer once a minute at most.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import shapely
from shapely.geometry.base import BaseGeometry

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
KEPT_S = 60.0
_SUFFIX = "_by_community"


@dataclass(frozen=True, slots=True)
class PublicCollection:
    """The counts of a layer by community, as a collection of its own."""

    layer: Layer
    changed_at: datetime
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
        rows = list(_queries.public_layers(connection))
    found = (PublicCollection(LAYERS[row.layer], row.changed_at, row.is_schematic) for row in rows)
    return MappingProxyType({collection.name: collection for collection in found})


def public_collection(db: Database, name: str) -> PublicCollection:
    """One of them. Raises `NotFound` for a profile that is off and for a name that never was one alike."""
    found = public_collections(db).get(name)
    if found is None:
        raise NotFound
    return found


def public_features(db: Database, name: str, query: PublicQuery) -> FeaturePage:
    """A page of communities with their counts, by code, as GeoJSON in longitude and latitude (WGS84).

    Counts are at most a minute old; `as_of` is the day they were counted.

    Raises
    ------
    NotFound
        The profile is off.
    """
    box = None if query.bbox is None else shapely.box(*_bounds(query.bbox))
    found = [
        community
        for community in _counted(db, name)
        if (query.after is None or community.code > query.after)
        and (box is None or box.intersects(community.shape))
    ]
    shown = found[: min(query.limit, MAX_ITEMS)]
    features = b",".join(community.feature for community in shown)
    return FeaturePage(features, len(shown), shown[-1].code if len(found) > len(shown) else None)


def public_feature(db: Database, name: str, code: str) -> bytes:
    """One community with its count, as GeoJSON.

    Raises
    ------
    NotFound
        The profile is off, or there is no such community today.
    """
    for community in _counted(db, name):
        if community.code == code:
            return community.feature
    raise NotFound


@dataclass(frozen=True, slots=True)
class Community:
    """A community of today: its outline in degrees and its feature as UTF-8 GeoJSON."""

    code: str
    shape: BaseGeometry
    feature: bytes


class KeptCounts:
    """Counts by layer and the moment its profile was last changed, for a minute; one is counted at a time.

    Parameters
    ----------
    clock : seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._kept: dict[str, tuple[float, datetime, tuple[Community, ...]]] = {}

    def get(
        self, layer: str, changed_at: datetime, count: Callable[[], tuple[Community, ...]]
    ) -> tuple[Community, ...]:
        """Give what is kept, or count and keep it."""
        with self._lock:
            at, version, communities = self._kept.get(layer, (0.0, None, ()))
            now = self._clock()
            if version != changed_at or now - at >= KEPT_S:
                communities = count()
                self._kept[layer] = (now, changed_at, communities)
            return communities


_kept: WeakKeyDictionary[Database, KeptCounts] = WeakKeyDictionary()


def _counted(db: Database, name: str) -> tuple[Community, ...]:
    collection = public_collection(db, name)

    def count() -> tuple[Community, ...]:
        with db.transaction(ANONYMOUS.identity, read_only=True) as connection:
            rows = list(_queries.public_features(connection, layer=collection.layer.name))
        return tuple(
            Community(row.code, shapely.from_wkb(bytes(row.geom)), row.feature.encode()) for row in rows
        )

    return _kept.setdefault(db, KeptCounts()).get(collection.layer.name, collection.changed_at, count)


def _bounds(box: BBox) -> tuple[float, float, float, float]:
    return box.west, box.south, box.east, box.north
