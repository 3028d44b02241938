"""Devices that send fixes as phones on patrol do (docs/tracks.md)."""

from __future__ import annotations

import random
import time
import uuid
from datetime import UTC, datetime

from scripts.field_load.client import Client
from scripts.field_load.tally import Tally

BATCH = 10


class Device:
    """One phone on its walk: a fix a second, ten at a time, what was not answered is sent again."""

    def __init__(self, client: Client, tally: Tally, number: int) -> None:
        self._client = client
        self._tally, self._dice = tally, random.Random(number)
        self._path = f"/api/v1/field/tracks/{uuid.uuid4()}"
        self._device_id = str(uuid.uuid4())
        self._place = [113.90 + self._dice.random() * 0.1, 22.72 + self._dice.random() * 0.06]
        self._taken: list[list[float]] = []
        self._stored = 0

    def run(self, until: float) -> None:
        """Walk and send until a moment, then send what is left; stored is what the last answer says."""
        time.sleep(self._dice.random() * BATCH)
        while time.monotonic() < until:
            started = time.monotonic()
            self._walk(BATCH)
            self._send(is_last=False)
            time.sleep(max(0.0, BATCH - (time.monotonic() - started)))
        self._send(is_last=True)
        with self._tally.lock:
            self._tally.sent += len(self._taken)
            self._tally.stored += self._stored

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
        status, answer = self._client.ask("POST", f"{self._path}/fixes", body)
        self._tally.add(
            time.perf_counter() - started, None if status == 200 else f"{status} {answer.get('type', '')}"
        )
        self._stored = answer.get("stored", self._stored)
