"""A mixed load of several people at a steady rate, whether the server keeps up or not.

Open loop: every request has its moment, and its time counts from that moment. A server that stalls is not
spared the requests that come meanwhile (no coordinated omission).
"""

from __future__ import annotations

import http.client
import queue
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts.benchmark.ours import Headers
from scripts.benchmark.process import ServerProcess, family, memory_mb, open_files
from scripts.benchmark.questions import Units, boxes, ids, positions, tiles
from scripts.benchmark.table import percentile

RATE_PER_S = 40.0
P95_GOAL_MS = 100.0
_CLIENTS = 32


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks what."""

    path: str
    headers: Headers


_Due = queue.SimpleQueue[tuple[float, Request] | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """The server's processes at a moment, s after the start."""

    at_s: float
    memory_mb: float
    files: int


@dataclass
class Load:
    """What a mixed load showed; times in ms from the moment a request was due."""

    rate_per_s: float
    seconds: float
    spent_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0
    samples: list[Sample] = field(default_factory=list)

    @property
    def server_errors(self) -> int:
        """Answers 5xx, and requests without an answer."""
        return self.broken + sum(count for status, count in self.statuses.items() if status >= 500)

    @property
    def other_errors(self) -> int:
        """Answers that are neither wanted nor the server's fault."""
        return sum(n for status, n in self.statuses.items() if status not in (200, 204, 304) and status < 500)

    def p(self, share: float) -> float:
        """A percentile of the times."""
        return percentile(self.spent_ms, share)


def requests_of(units: Units, people: dict[str, Headers], count: int) -> list[Request]:
    """What people do in turn: look at maps, pan (items and tiles), open a record, read a figure."""
    rng = random.Random(11)
    items, layer = "/ogc/collections/rental_unit/items", "/ogc/collections/rental_unit/tiles/WebMercatorQuad"
    choices = {
        "box": [f"{items}?limit=1000&bbox={','.join(map(str, box))}" for box in boxes(units, 100, 60)],
        "tile": [f"{layer}/{z}/{y}/{x}" for zoom in (11, 14, 15, 16) for z, x, y in tiles(units, zoom, 60)],
        "cell": [f"/api/v1/locate?lon={lon}&lat={lat}" for lon, lat in positions(units, 200)],
        "map": ["/map", "/map?figure=rental_units", "/"],
        "figure": ["/api/v1/figures/rental_units", "/api/v1/figures/rental_units?level=cell",
                   "/api/v1/counts/incident"],
    }  # fmt: skip
    kinds, weights = ("box", "tile", "cell", "map", "figure"), (30, 45, 15, 5, 5)
    names = list(people)
    drawn = rng.choices(kinds, weights, k=count)
    made = [Request(rng.choice(choices[kind]), people[rng.choice(names)]) for kind in drawn]
    if "planner" in people:  # a record must be one's own: only who sees the district opens any
        keys = ids(units, count)
        for place in range(0, count, 10):
            made[place] = Request(f"{items}/{keys[place]}", people["planner"])
    return made


def run(port: int, process: ServerProcess, asked: Sequence[Request], *, seconds: float, rate: float) -> Load:
    """Ask at `rate` for `seconds`, repeating `asked`."""
    load = Load(rate, seconds)
    due: queue.SimpleQueue[tuple[float, Request] | None] = queue.SimpleQueue()
    lock = threading.Lock()
    clients = [
        threading.Thread(target=_client, args=(port, due, load, lock), daemon=True) for _ in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    begun, next_sample = time.perf_counter(), 0.0
    try:
        for number in range(round(seconds * rate)):
            moment = begun + number / rate
            if moment - begun >= next_sample:
                pids = family(process.pid)
                load.samples.append(Sample(moment - begun, memory_mb(pids), open_files(pids)))
                next_sample += max(5.0, seconds / 60)
            time.sleep(max(0.0, moment - time.perf_counter()))
            due.put((moment, asked[number % len(asked)]))
    finally:
        for _ in clients:
            due.put(None)
        for client in clients:
            client.join(70)
    pids = family(process.pid)
    load.samples.append(Sample(time.perf_counter() - begun, memory_mb(pids), open_files(pids)))
    return load


def _client(
    port: int, due: queue.SimpleQueue[tuple[float, Request] | None], load: Load, lock: threading.Lock
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while (item := due.get()) is not None:
        moment, request = item
        status = _ask(connection, request)
        spent = (time.perf_counter() - moment) * 1000
        with lock:
            load.spent_ms.append(spent)
            if status is None:
                load.broken += 1
            else:
                load.statuses[status] = load.statuses.get(status, 0) + 1
    connection.close()


def _ask(connection: http.client.HTTPConnection, request: Request) -> int | None:
    """Status of the answer, None without one. A kept connection that was closed meanwhile is opened again."""
    for is_first in (True, False):
        try:
            connection.request("GET", request.path, headers=dict(request.headers))
            answer = connection.getresponse()
            answer.read()
        except (ConnectionError, http.client.RemoteDisconnected):
            connection.close()
            if not is_first:
                return None
        except (OSError, http.client.HTTPException):
            connection.close()
            return None
        else:
            return answer.status
    return None


def markdown(load: Load) -> str:
    """What is told of a load."""
    first, last = load.samples[0], load.samples[-1]
    middle = load.samples[len(load.samples) // 2]
    met = load.p(0.95) <= P95_GOAL_MS and not load.server_errors and not load.other_errors
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(load.statuses.items()))
    return (
        f"{load.rate_per_s:g} requests/s for {load.seconds:,.0f} s, {len(load.spent_ms):,} requests: "
        f"p50 {load.p(0.5):.1f} ms, p95 {load.p(0.95):.1f} ms (goal ≤ {P95_GOAL_MS:g}), "
        f"p99 {load.p(0.99):.1f} ms; 5xx or no answer: {load.server_errors}; answers {statuses}. "
        f"Memory of the app's processes {first.memory_mb:.0f} MB at the start, "
        f"{middle.memory_mb:.0f} in the middle, {last.memory_mb:.0f} at the end; "
        f"open files {first.files}, {middle.files}, {last.files}. "
        f"{'Met.' if met else '**Not met.**'}\n"
    )
