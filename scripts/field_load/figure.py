"""From a phone's upload to the planner's figure: how many seconds until a patrol shows."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import shapely

from gis.zone import ZONE, local_today
from scripts.field_load.client import Client
from scripts.field_load.planner import Planner

PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.2
_FIXES, _SECONDS, _STEP_DEG = 20, 5, 5e-5  # a fix every 5 s and 5 m, eastwards

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds from sending a walk until its receipt, until it shows, and that the last answer took."""

    stored_s: float
    shown_s: float
    answer_s: float


def show(phone: Client, planner: Planner, place: Place) -> Shown:
    """Upload a short walk from a place nobody has covered today, and ask for the figure until it has grown.

    Raises
    ------
    ConnectionError
        The server does not answer as it should.
    TimeoutError
        The walk has not shown within `PATIENCE_S`.
    """
    began = time.time() - _FIXES * _SECONDS
    day = str(datetime.fromtimestamp(began, ZONE).date())
    before = sum(planner.covered_m2(day).values())
    started = time.monotonic()
    _upload(phone, place, began)
    stored_s = time.monotonic() - started
    while True:
        asked = time.monotonic()
        is_shown = sum(planner.covered_m2(day).values()) > before
        now = time.monotonic()
        if is_shown:
            return Shown(stored_s, now - started, now - asked)
        if now - started > PATIENCE_S:
            raise TimeoutError(f"the walk did not show within {PATIENCE_S:.0f} s")
        time.sleep(_LOOK_EVERY_S)


def places_in_gaps(planner: Planner, number: int) -> list[Place]:
    """Places in the largest gaps of today."""
    gaps = planner.gaps(str(local_today()))
    gaps.sort(key=lambda gap: -gap["properties"]["area_m2"])
    inside = [shapely.geometry.shape(gap["geometry"]).representative_point() for gap in gaps[:number]]
    return [(point.x, point.y) for point in inside]


def lines(shown: Sequence[Shown]) -> list[str]:
    """Medians and the worst, for the terminal."""
    seconds = [one.shown_s for one in shown]
    return [
        f"uploads {len(shown)}: " + " ".join(f"{one:.1f}" for one in seconds) + " s",
        f"until it shows: median {statistics.median(seconds):.1f} s, worst {max(seconds):.1f} s",
        f"until the receipt {statistics.median(one.stored_s for one in shown):.2f} s,"
        f" an answer of the figure {statistics.median(one.answer_s for one in shown):.2f} s (medians)",
    ]


def _upload(phone: Client, place: Place, began: float) -> None:
    lon, lat = place
    fixes = [
        [round((began + n * _SECONDS) * 1000), round(lon + n * _STEP_DEG, 7), lat, 5.0, 1.0, 90.0]
        for n in range(_FIXES)
    ]
    body = {
        "sent_at": datetime.now(UTC).isoformat(),
        "device_id": str(uuid.uuid4()),
        "first": 0,
        "fixes": fixes,
        "is_last": True,
    }
    status, answer = phone.ask("POST", f"/api/v1/field/tracks/{uuid.uuid4()}/fixes", body)
    if status != 200:
        raise ConnectionError(f"the upload: {status} {answer.get('type', '')}")
