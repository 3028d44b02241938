"""What of a round was not as it should be. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from gis.monthly.model import Entry, Fault, NonConformity
from gis.patrol.evidence import SANE, Grade, stepped_back
from gis.patrol.rounds import State

_OVER = frozenset({State.PARTLY_DONE, State.EXCUSED})
_Found = tuple[Fault, str, str, int, int | None, datetime | None, str]


def judge(
    plan: Any,
    points: Sequence[Any],
    entries: Sequence[Entry],
    findings: Sequence[Any],
    refused: Sequence[Any],
) -> list[NonConformity]:
    """Tell all non-conformities of a round, numbered from 1.

    Parameters
    ----------
    plan, points, findings, refused : rows of store.sql: the round, its check points, incidents that patrol
        points of the round became, and records that named the round and were refused.

    Notes
    -----
    A round nobody walked is one non-conformity, not one for each of its points; that it was excused is a
    correction and takes nothing away. Late is later than the plan allows, as on every page.
    """
    found = [
        *_of_time(plan, points),
        *_of_points(plan, points),
        *_of_grades(plan, entries),
        *_of_clocks(entries),
        *((Fault.RECORD_REFUSED, row.code, str(row.quarantine_id), 1, None, row.received_at, "")
          for row in refused),
        *((Fault.FINDING, row.violation, str(row.incident_id), 1, None, row.occurred_at, row.description)
          for row in findings),
    ]  # fmt: skip
    return [
        NonConformity(plan.patrol_round_id, number, *fault) for number, fault in enumerate(found, start=1)
    ]


def _of_time(plan: Any, points: Sequence[Any]) -> Iterator[_Found]:
    if plan.state == State.MISSED or (plan.state == State.EXCUSED and plan.started_at is None):
        yield Fault.ROUND_MISSED, "", "", len(points), None, plan.planned_to, ""
    allowed = timedelta(minutes=plan.overdue_after_min)
    if plan.started_at is not None and plan.started_at > plan.planned_from + allowed:
        late = (plan.started_at - plan.planned_from) // timedelta(minutes=1)
        yield Fault.LATE_START, "", "", 1, late, plan.started_at, ""


def _of_points(plan: Any, points: Sequence[Any]) -> Iterator[_Found]:
    if plan.state not in _OVER or plan.started_at is None:
        return
    for point in points:
        if point.visited_at is None:
            kind = Fault.STAY_TOO_SHORT if point.dwell_s_done else Fault.POINT_MISSED
            yield kind, point.code or "", str(point.position), 1, point.dwell_s_done, None, ""


def _of_grades(plan: Any, entries: Sequence[Entry]) -> Iterator[_Found]:
    """Visits and points of grade D, together: by hand, a mocked position, a clock that jumped."""
    low = [entry for entry in entries if entry.grade == Grade.D and entry.counts is not False]
    if low:
        places = sorted({entry.place_code for entry in low if entry.place_code})
        yield Fault.LOW_GRADE, " ".join(places), "", len(low), None, None, ""


def _of_clocks(entries: Sequence[Entry]) -> Iterator[_Found]:
    told = [entry for entry in entries if entry.sequence is not None and entry.device_at is not None]
    off = [abs(entry.clock_offset_s or 0) for entry in told]
    wrong = [seconds for seconds in off if seconds > SANE.total_seconds()]
    if wrong:
        yield Fault.WRONG_CLOCK, "", "", len(wrong), max(wrong), None, ""
    # Points and events are counted up apart.
    phones: dict[tuple[int | None, str | None, bool], list[tuple[int | None, datetime]]] = {}
    for entry in told:
        if entry.device_at is not None:
            key = (entry.account_id, entry.device, entry.kind == "point")
            phones.setdefault(key, []).append((entry.sequence, entry.device_at))
    back = sum(sum(stepped_back(counted)) for counted in phones.values())
    if back:
        yield Fault.CLOCK_SET_BACK, "", "", back, None, None, ""
