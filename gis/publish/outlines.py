"""The places of the division in force, kept in memory to tell which of them meet a box.

One copy serves every reader. Outlines are common knowledge inside the district: the row policies of the
division tables are plainly true for each role that signs in, so what was read in one actor's name is what any
other would be given (tests/gis/publish/test_outlines.py fails if that changes). Who may ask at all is decided
before, by `layer_for`.

A copy is trusted for a second after its version was last asked for; then the next reader asks the database
again, in his own name. Nothing has to be emptied, and no answer is older than that second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import shapely
from shapely import STRtree

from gis.database.pool import Database, Identity
from gis.people.model import Actor
from gis.publish import store
from gis.publish.layers import Layer
from gis.publish.model import BBox

TRUSTED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The places of one level.

    Attributes
    ----------
    asked_at : when the database was asked for what it then said; the places were in force no earlier.
    features : GeoJSON texts in the order of codes, as UTF-8.
    tree : their geometries (lon, lat, EPSG:4326) in the same order. Built when made and only read since, so
        threads may share it.
    """

    version: bytes
    asked_at: float
    features: tuple[bytes, ...]
    tree: STRtree


class Outlines:
    """The division's places by level, shared by the threads of a process.

    Parameters
    ----------
    clock : seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sheets: dict[str, _Sheet] = {}
        self._lock = threading.Lock()

    def meeting(self, db: Database, actor: Actor, layer: Layer, box: BBox) -> list[bytes]:
        """Features of the places in force that a box meets, edges and corners included, in order of code.

        The box has an area: what a polygon without one meets depends on the version of GEOS.

        Raises
        ------
        Busy, GisError
            As `Database.ask` does.
        """
        sheet = self._sheet(db, actor, layer)
        # A list of one: NumPy takes longer to wrap a single geometry than the tree to answer.
        boxes = [shapely.box(box.west, box.south, box.east, box.north)]
        found = sheet.tree.query(boxes, predicate="intersects")[1]
        return [sheet.features[place] for place in sorted(found.tolist())]

    def _sheet(self, db: Database, actor: Actor, layer: Layer) -> _Sheet:
        """A sheet that was true less than a second ago.

        Readers who come at the same moment all ask: a question this small is not worth waiting for another's.
        """
        kept = self._sheets.get(layer.name)
        now = self._clock()
        if kept is not None and now - kept.asked_at < TRUSTED_SECONDS:
            return kept
        if kept is not None and store.outlines_version(db, actor.identity) == kept.version:
            fresh = replace(kept, asked_at=now)
        else:
            fresh = _read(db, actor.identity, layer, now)
        with self._lock:
            newest = self._sheets.get(layer.name)
            if newest is None or newest.asked_at <= now:
                self._sheets[layer.name] = fresh
        return fresh


def _read(db: Database, identity: Identity, layer: Layer, now: float) -> _Sheet:
    version, features, shapes = store.outlines(db, identity, layer)
    return _Sheet(version, now, features, STRtree(shapely.from_wkb(shapes)))
