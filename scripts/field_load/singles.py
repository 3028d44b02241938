"""Points that come one by one at a steady rate, whether the server keeps up or not."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from scripts.field_load.client import Client
from scripts.field_load.tally import Tally


def send_singles(make_client: Callable[[], Client], tally: Tally, *, rate: float, seconds: float) -> None:
    """Send `rate` points a second for `seconds`, each at its moment in a thread of its own."""
    begun, number = time.monotonic(), round(rate * seconds)
    threads = [
        threading.Thread(target=_send, args=(make_client(), tally, begun + turn / rate))
        for turn in range(number)
    ]
    for turn, thread in enumerate(threads):
        time.sleep(max(0.0, begun + turn / rate - time.monotonic()))
        thread.start()
    for thread in threads:
        thread.join()


def _send(client: Client, tally: Tally, due: float) -> None:
    now = datetime.now(UTC).isoformat()
    body = {"sent_at": now, "device_id": str(uuid.uuid4()), "records": [_point(now)]}
    status, answer = client.ask("POST", "/api/v1/field/records", body)
    took = time.monotonic() - due  # from the moment it was due: waiting to begin counts
    outcome = answer["results"][0]["outcome"] if status == 200 else str(status)
    with tally.lock:
        tally.sent += 1
        tally.stored += outcome == "created"
    tally.add(took, None if outcome == "created" else f"{outcome} {answer.get('type', '')}")


def _point(now: str) -> dict[str, Any]:
    return {
        "type": "point",
        "client_id": str(uuid.uuid4()),
        "lon": 113.90 + random.random() * 0.1,
        "lat": 22.72 + random.random() * 0.06,
        "device_at": now,
        "fix_at": now,
        "method": "gps",
        "accuracy_m": 8.0,
        "kind": "OK",
        "sequence": 0,
    }
