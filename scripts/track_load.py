"""Devices that send fixes as phones on patrol do: how long uploads take, and whether every fix is stored.

    TRACK_TOKEN=gg_… python -m scripts.track_load http://127.0.0.1:8000 --devices 200 --seconds 600

Each device takes a fix a second and sends ten at a time, repeating what was not answered (docs/tracks.md).
The token is that of a person who may log patrols. Exit status 0 when nothing failed or was lost.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

BATCH = 10
_TIMEOUT_S = 30


@dataclass
class Tally:
    """What all devices saw."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    taken: int = 0
    stored: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Device:
    """One phone on its walk through the district."""

    def __init__(self, address: str, token: str, tally: Tally, number: int) -> None:
        place = urlsplit(address)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(place.hostname or "", place.port, timeout=_TIMEOUT_S)
        # nginx holds idle connections; held open here, they would keep each other from the server.
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Connection": "close",
        }
        self._tally, self._dice = tally, random.Random(number)
        self._path = f"/api/v1/field/tracks/{uuid.uuid4()}"
        self._device_id = str(uuid.uuid4())
        self._place = [113.90 + self._dice.random() * 0.1, 22.72 + self._dice.random() * 0.06]
        self._taken: list[list[float]] = []
        self._stored = 0

    def run(self, until: float) -> None:
        """Walk and send until a moment, then send what is left and ask what is stored."""
        time.sleep(self._dice.random() * BATCH)
        while time.monotonic() < until:
            started = time.monotonic()
            self._walk(BATCH)
            self._send(is_last=False)
            time.sleep(max(0.0, BATCH - (time.monotonic() - started)))
        self._send(is_last=True)
        status, answer = self._ask("GET", f"{self._path}?limit=0")
        with self._tally.lock:
            self._tally.taken += len(self._taken)
            self._tally.stored += answer.get("stored", 0) if status == 200 else 0

    def _walk(self, seconds: int) -> None:
        now = time.time() * 1000
        for second in range(seconds):
            self._place[0] += self._dice.gauss(0, 1e-5)
            self._place[1] += self._dice.gauss(0, 1e-5)
            taken_ms = round(now - 1000 * (seconds - second))
            self._taken.append([taken_ms, round(self._place[0], 7), round(self._place[1], 7), 6.0, 1.2, 90.0])

    def _send(self, *, is_last: bool) -> None:
        body = {
            "sent_at": datetime.now(UTC).isoformat(),
            "device_id": self._device_id,
            "first": self._stored,
            "fixes": self._taken[self._stored : self._stored + 1000],
            "is_last": is_last,
        }
        started = time.perf_counter()
        status, answer = self._ask("POST", f"{self._path}/fixes", json.dumps(body))
        took = time.perf_counter() - started
        with self._tally.lock:
            self._tally.seconds.append(took)
            if status != 200:
                self._tally.failures.append(f"{status} {answer.get('type', '')}")
        self._stored = answer.get("stored", self._stored)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, dict[str, int]]:
        try:
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            return 0, {"type": type(error).__name__}  # type: ignore[dict-item]


def main(arguments: list[str] | None = None) -> int:
    """Run the devices and tell what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address")
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600)
    chosen = parser.parse_args(arguments)
    tally, until = Tally(), time.monotonic() + chosen.seconds
    token = os.environ["TRACK_TOKEN"]
    devices = [Device(chosen.address, token, tally, number) for number in range(chosen.devices)]
    threads = [threading.Thread(target=device.run, args=(until,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _tell(tally)


def _tell(tally: Tally) -> int:
    milliseconds = sorted(1000 * second for second in tally.seconds)
    p95 = milliseconds[int(0.95 * (len(milliseconds) - 1))]
    print(f"uploads {len(milliseconds)}, failed {len(tally.failures)}")
    print(
        f"p50 {statistics.median(milliseconds):.0f} ms, p95 {p95:.0f} ms, longest {milliseconds[-1]:.0f} ms"
    )
    print(f"fixes taken {tally.taken}, stored {tally.stored}, lost {tally.taken - tally.stored}")
    for reason in sorted(set(tally.failures)):
        print(f"  {reason}: {tally.failures.count(reason)}")
    return 0 if tally.taken == tally.stored and not tally.failures else 1


if __name__ == "__main__":
    sys.exit(main())
