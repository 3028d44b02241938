"""A phone that sends its points until each is answered for, over a network that loses answers."""

from __future__ import annotations

import http.client
import json
import random
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

_PATH = "/api/v1/field/records"
_LARGEST_BATCH = 60
_LOST = 0.3
_WAIT_S = 0.1
_TIMEOUT_S = 20


class Phone(threading.Thread):
    """Sends in shuffled batches and repeats some of what it was answered for.

    Attributes
    ----------
    promised : outcome by client_id, of every answer that was read.
    waiting : records not answered for yet, by client_id.
    refused : what was answered otherwise than `created` or `duplicate`.
    """

    def __init__(self, port: int, token: str, points: int, *, seed: int) -> None:
        super().__init__(daemon=True)
        self._port, self._token = port, token
        self._dice = random.Random(seed)
        self._device = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        self._records = [self._record(number) for number in range(points)]
        self._ends = threading.Event()
        self.waiting = {record["client_id"]: record for record in self._records}
        self.promised: dict[str, str] = {}
        self.refused: list[str] = []
        self.requests = self.unread = self.failed = 0

    def run(self) -> None:
        """Send until nothing waits."""
        while self.waiting and not self._ends.is_set():
            self.requests += 1
            try:
                answer = self._send(self._batch())
            except (OSError, http.client.HTTPException, ValueError):
                self.failed += 1
                self._ends.wait(_WAIT_S)
                continue
            for result in answer:
                self._take(result)

    def give_up(self) -> None:
        """Send nothing more."""
        self._ends.set()
        self.join(_TIMEOUT_S)

    def _record(self, number: int) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        return {
            "type": "point",
            "client_id": str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            "lon": 113.88 + self._dice.random() * 0.08,
            "lat": 22.72 + self._dice.random() * 0.06,
            "device_at": now,
            "fix_at": now,
            "method": "gps",
            "accuracy_m": round(self._dice.uniform(3, 40), 1),
            "kind": "OK",
            "sequence": number,
        }

    def _batch(self) -> list[dict[str, Any]]:
        """Some that wait and, now and then, some that do not any more."""
        waiting = list(self.waiting.values())
        batch = self._dice.sample(waiting, min(len(waiting), self._dice.randint(1, _LARGEST_BATCH)))
        batch += self._dice.sample(self._records, min(len(self._records), self._dice.randint(0, 5)))
        self._dice.shuffle(batch)
        return batch

    def _send(self, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_S)
        body = {"sent_at": datetime.now(UTC).isoformat(), "device_id": self._device, "records": batch}
        try:
            connection.request(
                "POST",
                _PATH,
                json.dumps(body),
                {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            )
            if self._dice.random() < _LOST:  # sent, and perhaps stored, but the answer never arrives
                self.unread += 1
                return []
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise ValueError(f"HTTP {answer.status}")
            results: list[dict[str, Any]] = json.loads(text)["results"]
            return results
        finally:
            connection.close()

    def _take(self, result: dict[str, Any]) -> None:
        if result["outcome"] not in ("created", "duplicate"):
            self.refused.append(f"{result['outcome']} {result.get('code')} {result.get('detail')}")
        else:
            self.promised[result["client_id"]] = result["outcome"]
        self.waiting.pop(result["client_id"], None)
