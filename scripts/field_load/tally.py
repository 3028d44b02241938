"""What the senders of a load saw, and what they say of it."""

from __future__ import annotations

import statistics
import threading
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Seconds each upload took, faults, and how much was sent and is stored."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    sent: int = 0
    stored: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, failure: str | None) -> None:
        """Count one upload."""
        with self.lock:
            self.seconds.append(seconds)
            if failure:
                self.failures.append(failure)

    @property
    def is_good(self) -> bool:
        """Nothing failed and nothing was lost."""
        return self.sent == self.stored and not self.failures

    def lines(self) -> list[str]:
        """What came of it, for the terminal."""
        milliseconds = sorted(1000 * second for second in self.seconds)
        p50, p95 = statistics.median(milliseconds), milliseconds[int(0.95 * (len(milliseconds) - 1))]
        return [
            f"uploads {len(milliseconds)}, failed {len(self.failures)}",
            f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {milliseconds[-1]:.0f} ms",
            f"sent {self.sent}, stored {self.stored}, lost {self.sent - self.stored}",
            *(f"  {reason}: {self.failures.count(reason)}" for reason in sorted(set(self.failures))),
        ]
