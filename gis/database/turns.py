"""Reads one after another, so that fewer backends are at work at once and share the processors' caches."""

from __future__ import annotations

import threading

LONGEST_S = 0.03


class Turns:
    """Lets one read of a process at a time to the database, for as long as reads are short.

    Whoever has waited for `LONGEST_S` opens a queue of his own, and all who come later stand in that one: a
    long read keeps those waiting who came with it, for no longer than that, and nobody after.
    """

    def __init__(self) -> None:
        self._queue = threading.Lock()

    def begin(self) -> threading.Lock:
        """Wait for a turn; what comes back is what `end` wants."""
        queue = self._queue
        if queue.acquire(timeout=LONGEST_S):
            return queue
        own = threading.Lock()
        own.acquire()
        self._queue = own
        return own

    @staticmethod
    def end(turn: threading.Lock) -> None:
        """Let the next one go."""
        turn.release()
