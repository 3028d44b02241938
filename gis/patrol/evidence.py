"""What a record is worth as evidence, and when it was made by a clock that may be wrong. Rules only, no I/O.

Grades, best first:

- A: a position of at most 10 m, at most 30 s old, by satellite or network, not mocked, on a sane clock;
- B: the same within 30 m;
- C: anything worse: a stale or coarse position, one chosen on the map or by a QR code, a clock that is off;
- D: typed by hand, a mocked position, or a clock that jumped.

A grade is shown, never used to refuse a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

GOOD_M = 10.0
FAIR_M = 30.0
FRESH = timedelta(seconds=30)
SANE = timedelta(minutes=5)
"""How far a phone's clock may be off and still be believed."""
TOO_FAR_AHEAD = timedelta(hours=24)
STEP_BACK = timedelta(seconds=30)
"""How far a clock may be set back between two records, as phones do when they find a time server."""


class Method(StrEnum):
    """How a position came about."""

    GPS = "gps"
    QR = "qr"
    MAP = "map"
    TYPED = "typed"


class Grade(StrEnum):
    """Worth as evidence, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a record was made.

    Attributes
    ----------
    at : the best estimate; it may lie up to a day after the record was received.
    clock_offset_s : seconds added to the phone's time; None where its clock was believed.
    has_jumped : the clock was set between two records, or stood more than a day ahead.
    """

    at: datetime
    clock_offset_s: int | None = None
    has_jumped: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A position: how it came about, when (None: nobody said), its accuracy in metres."""

    method: Method | None
    fix_at: datetime | None
    accuracy_m: float | None
    is_mock: bool


def clock_offset(sent_at: datetime, received_at: datetime) -> timedelta | None:
    """What is to be added to a phone's clock; None where it is believed.

    Parameters
    ----------
    sent_at : what the phone's clock showed as it sent what arrived at `received_at`.
    """
    offset = received_at - sent_at
    return offset if abs(offset) > SANE else None


def read_clock(device_at: datetime, sent_at: datetime | None, received_at: datetime) -> Moment:
    """Tell when a record was made.

    The phone says what its clock showed as it sent the records; how far that is from the moment they
    arrived is how far the clock is off.

    Parameters
    ----------
    device_at, sent_at : what the phone's clock showed at the record and at sending; None if it did not say.
    received_at : what the server's clock shows.
    """
    offset_s = None
    has_jumped = False
    if sent_at is not None:
        # A record made after it was sent: the clock was set back in between.
        has_jumped = device_at > sent_at + SANE
        offset = clock_offset(sent_at, received_at)
        offset_s = None if offset is None else _seconds(offset)
    at = device_at + timedelta(seconds=offset_s or 0)
    if at > received_at + TOO_FAR_AHEAD:
        return Moment(received_at, _seconds(received_at - device_at), has_jumped=True)
    return Moment(at, offset_s, has_jumped)


def happened(device_at: datetime, sent_at: datetime | None, received_at: datetime) -> Moment:
    """Tell when something was that is over when it is told: as `read_clock`, never after it was received."""
    moment = read_clock(device_at, sent_at, received_at)
    return replace(moment, at=min(moment.at, received_at))


def stepped_back(
    counted: Sequence[tuple[int | None, datetime]], before: datetime | None = None
) -> list[bool]:
    """Tell of each record of one device whether its clock had been set back before it.

    Parameters
    ----------
    counted : `sequence`, which counts up on the device, and what its clock showed, in any order. A record
        without a sequence tells nothing.
    before : what the clock showed at the last record before all these.
    """
    found = [False] * len(counted)
    latest = before
    numbered = [(sequence, at, place) for place, (sequence, at) in enumerate(counted) if sequence is not None]
    for _, at, place in sorted(numbered):
        if latest is not None and at < latest - STEP_BACK:
            found[place] = True
        latest = at if latest is None else max(latest, at)
    return found


def grade_of(fix: Fix, device_at: datetime, moment: Moment) -> Grade:
    """Grade a record; `device_at` and the fix's time are by the phone's clock."""
    if fix.method == Method.TYPED or fix.is_mock or moment.has_jumped:
        return Grade.D
    is_fresh = fix.fix_at is not None and abs(device_at - fix.fix_at) <= FRESH
    if (
        fix.method != Method.GPS
        or not is_fresh
        or fix.accuracy_m is None
        or moment.clock_offset_s is not None
    ):
        return Grade.C
    if fix.accuracy_m <= GOOD_M:
        return Grade.A
    return Grade.B if fix.accuracy_m <= FAIR_M else Grade.C


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
