"""Which state of a feature its reader has seen, so that nobody overwrites what another has changed since.

A state's tag is a hash of the feature as `gis.publish.service.item` gives it to this reader, to the byte.
A write locks its row, makes that representation anew in its own transaction and compares.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from gis.database.pool import Connection, Database
from gis.errors import NotFound, PreconditionFailed
from gis.people.model import Actor
from gis.publish import store
from gis.publish.layers import LAYERS, layer_for

Expected = frozenset[str] | None
"""Tags of the states a write may meet; None for any."""

_FORM = "."


def feature_tag(reader: Actor, body: bytes, form: str = "") -> str:
    """Tag of one feature's state, without quotes: a strong entity tag for exactly these bytes.

    Parameters
    ----------
    body : the feature as `gis.publish.service.item` gives it, also where another form of it goes out.
    form : names that other form (`gis.publish.crs.Form.name`): its bytes differ, so its tag must.
    """
    digest = hashlib.sha256(f"{reader.account_id}|{reader.role}|".encode() + body).hexdigest()[:32]
    return f"{digest}{_FORM}{form}" if form else digest


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a feature as its reader sees it: GeoJSON and its tag."""

    feature_id: int
    body: bytes
    tag: str

    @property
    def properties(self) -> dict[str, Any]:
        """The members of the feature."""
        properties: dict[str, Any] = json.loads(self.body)["properties"]
        return properties


def seen(db: Database, reader: Actor, layer: str, feature_id: int) -> Version:
    """The state a feature has now.

    Raises
    ------
    NotFound
        There is none, or it is not this reader's to see.
    """
    layer_for(reader, layer)
    with db.transaction(reader.identity, read_only=True) as connection:
        return present(connection, reader, layer, feature_id)


def present(connection: Connection, reader: Actor, layer: str, feature_id: int) -> Version:
    """The state a feature has in this transaction.

    Raises
    ------
    NotFound
        There is none, or it is not this reader's to see.
    """
    text = store.record(connection, LAYERS[layer], feature_id)
    if text is None:
        raise NotFound
    body = text.encode()
    return Version(feature_id, body, feature_tag(reader, body))


def unchanged(
    connection: Connection, reader: Actor, layer: str, feature_id: int, expected: Expected
) -> Version:
    """The present state of a row this transaction has locked, if it is one the client has seen.

    Raises
    ------
    PreconditionFailed
        It is another.
    """
    version = present(connection, reader, layer, feature_id)
    if expected is not None and version.tag not in {tag.partition(_FORM)[0] for tag in expected}:
        raise PreconditionFailed
    return version
