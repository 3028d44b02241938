"""Rows of the report, and how they are timed."""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from scripts.benchmark.process import family, memory_mb
from scripts.commands.machine import MachineError, say

_LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Timing:
    """Median of the seconds of all rounds, and the most memory in MB a round took beyond what was held.

    Memory is None for a peer that works in a process of its own.
    """

    seconds: float
    memory_mb: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the report: a work by ours, and by a peer or measured by a value.

    `at_least` is how many times as fast as the peer ours should be; `at_most` is the most that its time in
    seconds, or `value` where there is one, should be. `value` is in `unit`. `fixes` puts both into the chart
    of growth.
    """

    name: str
    ours: Timing | None = None
    peer: str = ""
    theirs: Timing | None = None
    at_least: float | None = None
    value: float | None = None
    unit: str = "s"
    at_most: float | None = None
    fixes: int | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the peer ours is."""
        if self.ours is None or self.theirs is None:
            return None
        return self.theirs.seconds / self.ours.seconds

    @property
    def is_met(self) -> bool | None:
        """Whether the goals are met; None without a goal."""
        checks = []
        if self.at_least is not None:
            checks.append(self.ratio is not None and self.ratio >= self.at_least)
        if self.at_most is not None:
            reached = self.value if self.value is not None else self.ours and self.ours.seconds
            checks.append(reached is not None and reached <= self.at_most)
        return all(checks) if checks else None


def alternate(
    rounds: int, /, *, once: Collection[str] = (), **calls: Callable[[], object]
) -> dict[str, Timing]:
    """Time calls by turns: each once to warm up, then in as many rounds, in an order that changes.

    Memory is that of this process and its children. Those named in `once`, which take minutes, are called in
    the first round only and not warmed up.
    """
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for name in calls.keys() - set(once):
        calls[name]()
    for turn in range(rounds):
        for name in random.Random(turn).sample(sorted(calls), len(calls)):
            if turn and name in once:
                continue
            seconds, peak_mb = _timed(calls[name])
            found[name].append((seconds, peak_mb))
            say(f"  {name:24} {seconds:9.4f} s  {peak_mb:8.1f} MB")
    return {
        name: Timing(median(seconds for seconds, _ in runs), max(peak_mb for _, peak_mb in runs))
        for name, runs in found.items()
    }


def check(is_so: bool, what: str) -> None:
    """Stop the benchmark where an answer is wrong: a wrong answer has no speed."""
    if not is_so:
        raise MachineError(f"wrong answer: {what}")


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds and MB."""
    gc.collect()
    with _memory() as peak:
        start = time.perf_counter()
        call()
        seconds = time.perf_counter() - start
    return seconds, peak["mb"]


@contextmanager
def _memory() -> Iterator[Mapping[str, float]]:
    """The most memory of this process and its children beyond what they hold at the start."""
    start = memory_mb(family(os.getpid()))
    peak = {"mb": 0.0}
    done = threading.Event()

    def look() -> None:
        while not done.wait(_LOOK_EVERY_S):
            peak["mb"] = max(peak["mb"], memory_mb(family(os.getpid())) - start)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()
        peak["mb"] = max(peak["mb"], memory_mb(family(os.getpid())) - start)
