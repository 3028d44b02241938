"""Slowing down whoever tries tokens: bad ones are counted by address, in each process."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

_REMEMBERED_S = 60.0
_MOST = 4096


class BadTokens:
    """Counts the different bad tokens of an address, and knows those seen within a minute.

    A program that repeats one expired token is answered from memory and counted once a minute, so it neither
    burdens the database nor locks out the colleagues behind the same address.

    Parameters
    ----------
    limit : in the notation of Flask-Limiter, e.g. "30 per 15 minutes".
    clock : seconds of a clock that never goes back.
    """

    def __init__(self, limit: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = parse(limit), clock
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, secret: str) -> bool:
        """Tell whether this secret was found bad a moment ago: a bad token never becomes a good one."""
        with self._lock:
            at = self._seen.get(_digest(secret))
        return at is not None and self._clock() - at < _REMEMBERED_S

    def seconds_to_wait(self, address: str) -> int:
        """How long an address that sent too many bad tokens has to wait; 0 for any other."""
        if self._limiter.test(self._limit, address):
            return 0
        ends_at = self._limiter.get_window_stats(self._limit, address).reset_time
        return max(1, math.ceil(ends_at - time.time()))

    def refuses(self, address: str, secret: str) -> bool:
        """Tell whether a token is not even looked up: it is known to be bad, or its address has to wait."""
        return self.knows(secret) or self.seconds_to_wait(address) > 0

    def remember(self, address: str, secret: str) -> None:
        """Count a bad token."""
        self._limiter.hit(self._limit, address)
        with self._lock:
            self._seen[_digest(secret)] = self._clock()
            self._seen.move_to_end(_digest(secret))
            if len(self._seen) > _MOST:
                self._seen.popitem(last=False)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
