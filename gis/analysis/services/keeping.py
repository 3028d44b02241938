"""What was measured is kept in memory, for each database and state of the data, so that playing is fast.

Whoever may look at coverage sees the rows of the whole district: all of them share what is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from weakref import WeakKeyDictionary

from gis.analysis.memory import Kept
from gis.analysis.result import Result
from gis.analysis.services.ground import Ground
from gis.analysis.services.loading import load_ground, version
from gis.database.pool import Connection, Database

_RESULTS = 32


class KeptGround:
    """The ground of the present state of the data, and results measured on it. Safe between threads."""

    def __init__(self) -> None:
        self._reading, self._making = threading.Lock(), threading.Lock()
        self._ground: Ground | None = None
        self._results: Kept[Result] = Kept(_RESULTS)

    def ground(self, open_transaction: Callable[[], AbstractContextManager[Connection]]) -> Ground:
        """The ground of the present state, read when it has changed; one at a time reads."""
        with self._reading, open_transaction() as connection:
            if self._ground is None or self._ground.version != version(connection):
                self._ground = load_ground(connection, before=self._ground)
            return self._ground

    def result(self, key: tuple[str, ...], make: Callable[[], Result]) -> Result:
        """A result made before under this key, or now: one at a time, as it takes a whole core."""
        with self._making:
            return self._results.one(key, make)


_by_database: WeakKeyDictionary[Database, KeptGround] = WeakKeyDictionary()
_lock = threading.Lock()


def kept_of(db: Database) -> KeptGround:
    """What is kept of a database."""
    with _lock:
        return _by_database.setdefault(db, KeptGround())
