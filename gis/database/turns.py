"""Reads one after another, so that fewer backends are at work at once and share the processors' caches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST_S, PATIENCE_S = 0.03, 0.1


class Turns:
    """Lets one read of a process at a time to the database, for as long as reads are short.

    A read that takes longer than `LONGEST_S` loses its turn: the others go on beside it, so a long read
    keeps nobody waiting for longer than that, and only once. Whoever came and was passed by others until
    `PATIENCE_S` were over goes too.

    Parameters
    ----------
    clock : seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free = threading.Condition(threading.Lock())
        self._number = 0
        self._ends_at: float | None = None

    def begin(self) -> int:
        """Wait for a turn; its number is what `end` wants."""
        with self._free:
            patient_until = self._clock() + PATIENCE_S
            while self._ends_at is not None:
                left_s = min(self._ends_at, patient_until) - self._clock()
                if left_s <= 0:
                    break
                self._free.wait(left_s)
            self._number += 1
            self._ends_at = self._clock() + LONGEST_S
            return self._number

    def end(self, number: int) -> None:
        """Let the next one go, if nobody went already."""
        with self._free:
            if number == self._number:
                self._ends_at = None
                self._free.notify()
