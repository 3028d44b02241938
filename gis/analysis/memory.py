"""Values kept in the process by what they were made from, so that they are never stale."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[V]):
    """The last `most` values used, by key; shared between threads, none of which changes a value."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def one(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of a key, made if it is not kept."""
        return self.all({key: key}, lambda _: {key: make()})[key]

    def all(self, keys: Mapping[K, Hashable], read: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """Values by name, `keys` telling what each was made from; `read` makes those that are not kept.

        A name that `read` does not give has no value.
        """
        found: dict[K, V] = {}
        with self._lock:
            for name, key in keys.items():
                if key in self._values:
                    self._values.move_to_end(key)
                    found[name] = self._values[key]
        missing = [name for name in keys if name not in found]
        if missing:
            fresh = read(missing)
            with self._lock:
                for name, value in fresh.items():
                    found[name] = self._values[keys[name]] = value
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
        return found
