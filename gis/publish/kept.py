"""What was asked for last, kept in memory up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Something that knows how many bytes it takes, about."""

    @property
    def size(self) -> int:
        """Bytes."""


Thing = TypeVar("Thing", bound=Sized)


class Kept(Generic[Thing]):
    """Things under keys, up to a number of bytes; shared by the threads of a process."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._things: OrderedDict[Hashable, Thing] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Thing | None:
        """What is kept under a key."""
        with self._lock:
            thing = self._things.get(key)
            if thing is not None:
                self._things.move_to_end(key)
            return thing

    def keep(self, key: Hashable, thing: Thing) -> None:
        """Keep a thing; the ones asked for longest ago make room."""
        if thing.size > self._max_bytes:
            return
        with self._lock:
            known = self._things.pop(key, None)
            self._bytes += thing.size - (known.size if known else 0)
            self._things[key] = thing
            while self._bytes > self._max_bytes:
                _, oldest = self._things.popitem(last=False)
                self._bytes -= oldest.size
