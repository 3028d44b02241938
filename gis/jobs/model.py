"""Periodic jobs: what they are and when one is due. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gis.database.pool import Connection

RETRY_AFTER = timedelta(minutes=5)


class Outcome(StrEnum):
    """How a run ended; `cut_off` is one whose process ended before it did."""

    DONE = "done"
    FAILED = "failed"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Job:
    """Work to be done every so often.

    Attributes
    ----------
    run : does it in one transaction of gis_migrator and tells in a few words what it did. It may be run
        again at any time: after a kill nothing of the last run is there.
    """

    name: str
    every: timedelta
    run: Callable[[Connection], str]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest run of a job that is not under way."""

    started_at: datetime
    outcome: Outcome


def is_due(job: Job, last: LastRun | None, now: datetime) -> bool:
    """Whether a job is to be run: its time has come, or the last run failed a while ago or was cut off."""
    if last is None or last.outcome is Outcome.CUT_OFF:
        return True
    wait = min(job.every, RETRY_AFTER) if last.outcome is Outcome.FAILED else job.every
    return now >= last.started_at + wait
