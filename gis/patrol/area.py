"""The surroundings somebody patrols, as a phone keeps them for where there is no network."""

from __future__ import annotations

import json

from gis.database.pool import Database
from gis.database.sql import load_queries
from gis.errors import TooLarge
from gis.people.model import Actor, Permission

_queries = load_queries(__file__)

AROUND_M = 500.0
MAX_BYTES = 15_000_000


def own_area(db: Database, actor: Actor) -> bytes:
    """Collect the actor's area and what lies within `AROUND_M` of it, as a GeoJSON FeatureCollection.

    The area: own cells, the cells of communities the actor's teams patrol, their single parcels. Each
    feature, in WGS84 degrees with six decimals, has the properties layer (community, cell, parcel,
    check_point, facility), id, code, name and name_en. Parcels and check points are those the actor may see.
    Nobody's personal data is in it. Somebody without an area gets an empty collection.

    Raises
    ------
    TooLarge
        More than `MAX_BYTES`.
    """
    actor.require(Permission.LOG_PATROL)
    with db.transaction(actor.identity, read_only=True) as connection:
        zone = _queries.own_zone(connection, around_m=AROUND_M)
        features = (
            [] if zone is None else [row.feature for row in _queries.features_in(connection, zone=zone)]
        )
    body = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    if len(body) > MAX_BYTES:
        raise TooLarge("Your area is too large to be kept on a phone.")
    return body
